"""A genotype on its page: its cost, its notation, its picture, and the files that it can be taken away as."""

from __future__ import annotations

import streamlit as st

from dashboard.parts import downloads, space_picker
from dashboard.parts.cell import genotype_picture
from dashboard.parts.text import plain
from dashboard.server.navigation import open_page
from engine.genotypes.genotype import UNDERIVABLE, Genotype
from engine.networks.cost import network_cost


def genotype_view(genotype: Genotype) -> None:
    """Draw a genotype, its cost, and what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _cost_metrics(genotype)
        if st.button("Open as a search of this space", icon=":material/search:", key="open"):
            open_page("explore", {"space": space_picker.offer_space(genotype.space)})
    st.code(genotype.notation, language=None, wrap_lines=True)
    if not genotype.derivable:
        st.caption(plain(UNDERIVABLE))
    genotype_picture(genotype)
    with st.container(horizontal=True):
        downloads.genotype_buttons(genotype, downloads.file_stem(genotype.space_name, "genotype"))


def _cost_metrics(genotype: Genotype) -> None:
    space = genotype.space
    evaluation, search = network_cost(genotype), network_cost(genotype, space.search_size)
    size = space.evaluation_size
    st.metric("Search space", space.title, width="content")
    st.metric(
        "Parameters",
        f"{evaluation.params / 1e6:.3f} M",
        width="content",
        help=f"At the evaluation size: {size.channels} channels, {size.cells} {space.cells_meaning}, 10 classes. "
        f"At the search size: {search.params / 1e6:.3f} M.",
    )
    st.metric(
        "MACs",
        f"{evaluation.macs / 1e6:.1f} M",
        width="content",
        help=f"Multiply-accumulates of one 32² image. At the search size: {search.macs / 1e6:.1f} M.",
    )
