"""The choice of architecture-level proxies and of the images that some of them look at, as pages share it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.parts import links
from engine.data.images import DATA
from engine.measures import MEASURES

_IMAGES = {"gaussian": "Gaussian noise", "digits": "digits of scikit-learn"}


def titles(*keys: str) -> links.Titles:
    """How the controls with these keys, and that of the images, call their options."""
    return {"data": _IMAGES, **{key: {name: each.title for name, each in MEASURES.items()} for key in keys}}


def measures(label: str, offered: Sequence[str], key: str, help: str) -> list[str]:
    """Draw the choice of measures; `help` stands before what each of them is."""
    return st.multiselect(
        label,
        offered,
        key=key,
        bind="query-params",
        format_func=lambda name: MEASURES[name].title,
        placeholder="none",
        help="\n".join([help, *(f"- **{MEASURES[name].title}**: {MEASURES[name].summary}" for name in offered)]),
    )


def images(chosen: Sequence[str]) -> str:
    """Draw the choice of images where one of the `chosen` measures looks at some; their name."""
    looking = [MEASURES[name] for name in chosen if MEASURES[name].needs_data]
    if not looking:
        return DATA[0]
    labelled = [each.title for each in looking if each.needs_labels]
    why = f"{' and '.join(labelled)}: only with labels." if labelled else "Gaussian noise needs no data at all."
    return str(
        st.selectbox(
            "Images",
            DATA[1:] if labelled else DATA,
            key="data",
            bind="query-params",
            format_func=_IMAGES.__getitem__,
            help=f"For {', '.join(each.title for each in looking)}. {why} Images of yours: on the command line.",
        )
    )
