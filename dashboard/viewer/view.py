"""A genotype on its page: its picture first, then what it is worth and costs, and what can be done with it."""

from __future__ import annotations

import streamlit as st

from dashboard.parts import downloads, space_picker
from dashboard.parts.accuracy_table import chosen_column, reading_table, table_query
from dashboard.parts.cell import genotype_picture
from dashboard.parts.comparison import compare_button
from dashboard.parts.cost import cost_lines
from dashboard.parts.genotype_finding import genotype_finding
from dashboard.parts.text import plain
from dashboard.server.navigation import PAGES, open_page
from engine.genotypes.genotype import UNDERIVABLE, Genotype
from engine.genotypes.population import listable
from engine.networks.cost import cost_report
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
            with st.container(border=True, gap="xsmall", key="cost"):
                cost_lines(genotype.space, cost_report(genotype))
            _next_view(genotype)


def _status_line(genotype: Genotype, current: bool) -> None:
    """Draw the space of a genotype, what is to be known of it, and the ways out."""
    with st.container(horizontal=True, vertical_alignment="center", key="ways out"):
        st.caption(plain(_status(genotype, current)), width="stretch")
        compare_button([genotype], "viewer compare")
        name = downloads.file_stem(genotype.space_name, "genotype")
        downloads.export_menu("viewer export", lambda: downloads.genotype_buttons(genotype, name))


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
