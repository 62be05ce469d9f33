"""The sections of the page Learn that are words and tables."""

from __future__ import annotations

import streamlit as st

from dashboard.learn import words
from dashboard.learn.neighbours import NEIGHBOURS
from dashboard.parts.table import TextColumn, text_table


def score_view() -> None:
    """Draw the score in formulas."""
    st.header("The score")
    for text in (
        words.MIXED_EDGE,
        words.MIXED_EDGE_FORMULA,
        words.SALIENCY,
        words.SALIENCY_FORMULA,
        words.FLOW,
    ):
        st.markdown(text)


def neighbour_view() -> None:
    """Draw the neighbours of FreeNAS as a table."""
    st.header("The neighbours", anchor="neighbours")
    st.markdown(words.NEIGHBOURS_MATTER)
    titles = ("work", "scores or chooses", "data", "labels", "training", "source")
    text_table("The neighbours of FreeNAS", [TextColumn(title) for title in titles], NEIGHBOURS, "neighbours")


def recipe_view() -> None:
    """Draw the recipes side by side."""
    st.header("Two recipes", anchor="recipes")
    st.markdown(words.RECIPES_MATTER)
    for column, text in zip(st.columns(2, gap="large"), words.RECIPE_TEXTS, strict=True):
        with column:
            st.markdown(text)
    st.markdown(words.PRUNING)


def trap_view() -> None:
    """Draw the traps, each under its heading."""
    st.header("Traps, and what the warnings mean", anchor="traps-and-what-the-warnings-mean")
    for heading, text in words.TRAPS.items():
        st.markdown(f"### {heading}\n{text}")


def source_view() -> None:
    """Draw the sources."""
    st.header("Sources")
    st.markdown(words.SOURCES)
