"""The cost of a network in words, as pages share it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from engine.spaces import SearchSpace


def cost_lines(space: SearchSpace, cost: Mapping[str, Any]) -> None:
    """Draw parameters and MACs of a network, a report of `engine.networks.cost`, and the sizes they are of."""
    search = cost["at_search_size"]
    st.markdown(
        f"**Cost**  \n{cost['params'] / 1e6:.3f} M parameters  \n{cost['macs'] / 1e6:,.1f} M MACs",
        help=f"Of the network at its evaluation size: {cost['channels']} channels, {cost['cells']} "
        f"{space.cells_meaning}, {cost['classes']} classes, one {cost['image_size']}² image. At the search "
        f"size ({search['channels']} channels, {search['cells']}): {search['params'] / 1e6:.3f} M parameters, "
        f"{search['macs'] / 1e6:,.1f} M MACs.",
    )
