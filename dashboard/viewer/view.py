"""A genotype on its page: its picture first, then what it is worth and costs, and what can be done with it."""

from __future__ import annotations

import streamlit as st

from dashboard.parts import downloads, space_picker
from dashboard.parts.accuracy_table import chosen_column, reading_table, table_query
from dashboard.parts.cell import genotype_picture
from dashboard.parts.comparison import compare_button
from dashboard.parts.genotype_finding import genotype_finding
from dashboard.parts.text import plain
from dashboard.server.navigation import PAGES, open_page
from engine.genotypes.genotype import UNDERIVABLE, Genotype
from engine.genotypes.population import listable
from engine.networks.cost import network_cost
from engine.studies.worth import standing
from engine.tables.numbers import amount


def genotype_view(genotype: Genotype, current: bool = True) -> None:
    """Draw everything about a genotype; `current` is False where the text above it is another that cannot be read."""
    with st.container(horizontal=True, key="answer"):
        with st.container(key="shown", gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", key="title"):
                st.title(plain(genotype_finding(genotype)), anchor=False)
            _status_line(genotype, current)
            genotype_picture(genotype)
            st.code(genotype.notation, language=None, wrap_lines=True)
        with st.container(key="rail", width=232, gap="small"):
            _worth_view(genotype)
            _cost_view(genotype)
            _next_view(genotype)


def _status_line(genotype: Genotype, current: bool) -> None:
    """Draw the space of a genotype, what is to be known of it, and the ways out."""
    with st.container(horizontal=True, vertical_alignment="center", key="ways out"):
        st.caption(plain(_status(genotype, current)), width="stretch")
        compare_button([genotype], "viewer compare")
        export = st.popover("Export", icon=":material/download:", key="viewer export", on_change="rerun")
        if export.open:
            with export:
                downloads.genotype_buttons(genotype, downloads.file_stem(genotype.space_name, "genotype"))


def _status(genotype: Genotype, current: bool) -> str:
    sentences = [genotype.space.title if current else f"{genotype.space.title}, the last genotype that could be read."]
    return " · ".join(sentences + ([] if genotype.derivable else [UNDERIVABLE]))


def _worth_view(genotype: Genotype) -> None:
    """Draw the place of a genotype in the table of the header, or the reason why it has none."""
    with st.container(border=True, gap="xsmall", key="worth"):
        st.markdown("**Worth**")
        column = chosen_column(genotype.space)
        place = standing(column.table, column.name, genotype) if column is not None else None
        if place is None:
            st.caption(plain(_unknown(genotype)))
            return
        st.markdown(f"**{plain(place.text)}**  \n:small[{plain(place.basis)}]")
        best, counted, random = (
            amount(value, place.column.unit) for value in (place.best, place.counted, place.random)
        )
        st.caption(plain(f"The best: {best}. Those with the most parameters: {counted}. At random: {random}."))


def _unknown(genotype: Genotype) -> str:
    """Return the reason why a genotype has no place in a table."""
    column = chosen_column()
    if column is None:
        name = reading_table()
        return f"Reading {name}." if name else "Nothing known: bring a table in the header, or train it."
    if column.table.population.space != genotype.space:
        return f"Nothing known: the table {column.table.name} is of {column.table.population.space.title}."
    return f"Nothing known: it is not in the table {column.table.name}."


def _cost_view(genotype: Genotype) -> None:
    space, cost, search = genotype.space, network_cost(genotype), network_cost(genotype, genotype.space.search_size)
    size = space.evaluation_size
    with st.container(border=True, gap="xsmall", key="cost"):
        st.markdown(
            f"**Cost**  \n{cost.params / 1e6:.3f} M parameters  \n{cost.macs / 1e6:,.1f} M MACs",
            help=f"Of the network at its evaluation size: {size.channels} channels, {size.cells} "
            f"{space.cells_meaning}, 10 classes, one 32² image. At the search size ({space.search_size.channels} "
            f"channels, {space.search_size.cells}): {search.params / 1e6:.3f} M parameters, "
            f"{search.macs / 1e6:,.1f} M MACs.",
        )


def _next_view(genotype: Genotype) -> None:
    """Draw the questions that a genotype leads to."""
    space = genotype.space
    with st.container(border=True, gap="xsmall", key="next"):
        st.markdown("**What next**")
        if st.button("Search this space", icon=":material/search:", type="tertiary", key="open"):
            open_page("explore", {"space": space_picker.offer_space(space)})
        if isinstance(space.reference, str):
            among = f"Among all {space.architectures():,}" if listable(space) else "Among many others"
            query = {"space": space.name, **table_query()}
            st.page_link(PAGES["atlas"].script, label=among, icon=":material/scatter_plot:", query_params=query)
