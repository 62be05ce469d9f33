"""The choice of architecture-level proxies and of the images that some of them look at, as pages share it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.parts import links
from engine.data.images import DATA, NOISE
from engine.measures import MEASURES

IMAGE_TITLES = {"gaussian": "Gaussian noise", "smooth": "smooth noise", "digits": "digits of scikit-learn"}
"""The images that come with FreeNAS, by their names."""


def option_titles(*keys: str) -> links.Titles:
    """Return the titles of the options in the controls with these keys, and in that of the images."""
    return {"data": IMAGE_TITLES, **{key: {name: measure.title for name, measure in MEASURES.items()} for key in keys}}


def choose_measures(label: str, names: Sequence[str], key: str, help: str) -> list[str]:
    """Draw the choice of measures and return the chosen names; `help` stands before the summary of each of them."""
    return st.multiselect(
        label,
        names,
        key=key,
        bind="query-params",
        format_func=lambda name: MEASURES[name].title,
        placeholder="none",
        help="\n".join([help, *(f"- **{MEASURES[name].title}**: {MEASURES[name].summary}" for name in names)]),
    )


def choose_images(chosen: Sequence[str]) -> str:
    """Draw the choice of images where one of the `chosen` measures looks at some, and return their name."""
    looking = [MEASURES[name] for name in chosen if MEASURES[name].needs_data]
    if not looking:
        return DATA[0]
    labelled = [measure.title for measure in looking if measure.needs_labels]
    why = f"{' and '.join(labelled)}: only with labels." if labelled else "Gaussian noise needs no data at all."
    return str(
        st.selectbox(
            "Images",
            [name for name in DATA if name not in NOISE] if labelled else DATA,
            key="data",
            bind="query-params",
            format_func=IMAGE_TITLES.__getitem__,
            help=f"For {', '.join(measure.title for measure in looking)}. {why} Images of yours: on the command line.",
        )
    )
