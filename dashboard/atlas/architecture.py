"""The architecture that is chosen in an atlas: its cell, its numbers and ranks, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from dashboard.atlas.charts import Picture, axis_ends
from dashboard.atlas.quantities import Quantity
from dashboard.atlas.ranks import RANK_WORDS, rank_table
from dashboard.atlas.state import Viewpoint
from dashboard.parts import downloads
from dashboard.parts.cell import still_picture
from dashboard.parts.comparison import compare_button
from dashboard.parts.links import genotype_text
from dashboard.server.navigation import open_page
from engine.exports.drawing import cell_title, gene_arrows
from engine.genotypes.genotype import Genotype


def architecture_view(
    genotype: Genotype, row: int, quantities: Mapping[str, Quantity], picture: Picture, view: Viewpoint
) -> None:
    """Draw the architecture in a row: its cells, its numbers with their ranks, and what can be done with it."""
    for kind, genes in genotype.genes:
        if len(genotype.genes) > 1:
            st.markdown(f"**{cell_title(kind)}**")
        still_picture(genotype.space, kind, gene_arrows(genes), f"atlas {kind}")
    st.html(rank_table(quantities, row))
    st.caption(" ".join(part for part in (_place_sentence(picture, row), RANK_WORDS) if part))
    with st.container(horizontal=True):
        if st.button("Open in the viewer", icon=":material/account_tree:", key="atlas open"):
            open_page("viewer", {"genotype": genotype_text(genotype)})
        marked = row in view.marked
        st.button(
            "Unmark" if marked else "Mark",
            icon=":material/bookmark_remove:" if marked else ":material/bookmark_add:",
            key="mark",
            on_click=view.mark,
            args=[row],
            help="A marked architecture stays in sight, and stands in the link.",
        )
        compare_button([genotype], "atlas compare")
        stem = downloads.file_stem(genotype.space_name, row)
        downloads.export_menu("atlas export", partial(downloads.genotype_buttons, genotype, stem))
    st.code(genotype.notation, language=None, wrap_lines=True)


def _place_sentence(picture: Picture, row: int) -> str:
    """Say where the chosen architecture is in the picture; "" where it is alone at its point."""
    if not picture.passing[row]:
        return ":material/filter_alt: The filters leave this one out."
    if not picture.drawn[row]:
        return ":material/visibility_off: It has no place in the picture."
    if _is_beyond(picture, row):
        return ":material/open_in_full: It lies beyond the axis: double-click the picture to see all."
    x, y = picture.x.values, picture.y.values
    others = int((picture.drawn & (x == x[row]) & (y == y[row])).sum()) - 1
    return f"{others:,} other{'s' if others > 1 else ''} at the same point." if others else ""


def _is_beyond(picture: Picture, row: int) -> bool:
    ends = {quantity: axis_ends(quantity, picture.drawn) for quantity in (picture.x, picture.y)}
    return any(end is not None and not end[0] <= axis.values[row] <= end[1] for axis, end in ends.items())
