"""The architecture that is chosen in an atlas, with its numbers and ranks, and the first ones in a table."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.atlas.charts import Picture
from dashboard.atlas.quantities import Quantity, QuantityRank, RowIndices, quantity_rank
from dashboard.atlas.state import Viewpoint
from dashboard.parts import downloads
from dashboard.parts.links import genotype_text
from dashboard.server.navigation import open_page
from engine.genotypes.genotype import Genotype
from engine.genotypes.population import Population

_TOP = 20
"""The most architectures in the table of the first ones."""


def architecture_view(
    genotype: Genotype, row: int, quantities: Mapping[str, Quantity], picture: Picture, view: Viewpoint
) -> None:
    """Draw the architecture in a row: its notation, its numbers and ranks, and what can be done with it."""
    st.code(genotype.notation, language=None, wrap_lines=True)
    st.markdown(_number_table(quantities, row))
    st.caption(
        f"{_place_sentence(picture, row)} Rank 1 is the least of a cost or an error, the most of all else; "
        "a range of ranks is shared."
    )
    with st.container(horizontal=True):
        pinned = row in view.pins
        if st.button("Open in the viewer", icon=":material/account_tree:", key="atlas open"):
            open_page("viewer", {"genotype": genotype_text(genotype)})
        st.button(
            "Unpin" if pinned else "Pin",
            icon=":material/keep_off:" if pinned else ":material/keep:",
            key="atlas pin",
            on_click=view.pin,
            args=[row],
            help="A pinned architecture stays marked, and stands in the link.",
        )
        _export_menu(genotype, downloads.file_stem(genotype.space_name, row))


def _place_sentence(picture: Picture, row: int) -> str:
    """Say where the chosen architecture is in the picture; "" where it is alone at its point."""
    if not picture.passing[row]:
        return ":material/filter_alt: The filters leave this one out."
    if not picture.drawn[row]:
        return ":material/visibility_off: It has no place in the picture."
    x, y = picture.x.values, picture.y.values
    others = int((picture.drawn & (x == x[row]) & (y == y[row])).sum()) - 1
    return f"{others:,} other{'s' if others > 1 else ''} at the same point." if others else ""


def _export_menu(genotype: Genotype, name: str) -> None:
    menu = st.popover("Export", icon=":material/download:", key="atlas export", on_change="rerun")
    if menu.open:
        with menu:
            downloads.genotype_buttons(genotype, name)


def _number_table(quantities: Mapping[str, Quantity], row: int) -> str:
    """Return a table in Markdown: every number of an architecture, and its rank."""
    lines = ["| | value | rank |", "| --- | ---: | ---: |"]
    for quantity in quantities.values():
        rank = quantity_rank(quantity, row)
        value = "none" if rank is None else f"{quantity.values[row]:.5g}".replace("-inf", "−∞")
        lines.append(f"| {quantity.label} | {value} | {_rank_text(rank)} |")
    return "\n".join(lines)


def _rank_text(rank: QuantityRank | None) -> str:
    if rank is None:
        return ""
    shared = f"–{rank.place + rank.equal:,}" if rank.equal else ""
    return f"{rank.place:,}{shared} of {rank.of:,}"


def top_view(population: Population, quantities: Mapping[str, Quantity], y: Quantity, order: RowIndices) -> None:
    """Draw the table of the first architectures in `order`, which is by `y`; closed at first."""
    title = f"The first {min(_TOP, len(order))} by {y.title}"
    with st.expander(title, icon=":material/table:", on_change="rerun", key="atlas top") as table:
        if table.open:
            st.dataframe(
                [
                    {"place": place, "architecture": population.genotype(int(row)).notation}
                    | {quantity.label: float(quantity.values[row]) for quantity in quantities.values()}
                    for place, row in enumerate(order[:_TOP], start=1)
                ],
                hide_index=True,
                column_config={
                    quantity.label: st.column_config.NumberColumn(format="%.5g") for quantity in quantities.values()
                },
                alt=f"The first architectures by {y.title}, of those shown",
            )
