"""The sections of the page Learn: the score in formulas and by hand, the recipes, the traps."""

from __future__ import annotations

import streamlit as st

from dashboard.learn import words
from dashboard.learn.toy import Toy, toy_bars


def score_view() -> None:
    """Draw the score in formulas."""
    st.markdown("##### The score")
    for text in (
        words.MIXED_EDGE,
        words.MIXED_EDGE_FORMULA,
        words.SALIENCY,
        words.SALIENCY_FORMULA,
        words.FLOW,
    ):
        st.markdown(text)


def toy_view() -> None:
    """Draw the score by hand: a toy with two weights to move."""
    st.markdown("##### By hand: two edges")
    st.markdown(words.TOY)
    with st.container(horizontal=True):
        a = st.slider("Weight a (edge A)", 0.1, 5.0, 3.0, 0.1, key="toy_a")
        b = st.slider("Weight b (edge B)", 0.1, 5.0, 2.0, 0.1, key="toy_b")
    toy = Toy(a, b)
    st.markdown(f"$R = (1 + a)(1 + b) = 1 + a + b + ab = {toy.flow:.4g}$")
    st.plotly_chart(
        toy_bars(toy),
        config={"displayModeBar": False},
        key="toy",
        alt="Flow shares of the toy's four operations",
    )
    st.dataframe(
        [
            {
                "edge": score.edge,
                "operation": score.operation,
                "paths through it": score.paths,
                "S": score.saliency,
                "F = S / R": score.share,
            }
            for score in toy.scores()
        ],
        hide_index=True,
        alt="Saliency and share of the toy's four operations",
    )
    first, second = toy.pruned()
    st.caption(f"Pruned first: {first}; then {second}. The shares of each edge sum to 1.")


def recipe_view() -> None:
    """Draw the recipes side by side."""
    st.markdown("##### Two recipes")
    st.markdown(words.RECIPES_MATTER)
    for column, text in zip(st.columns(2, gap="large"), words.RECIPE_TEXTS, strict=True):
        with column:
            st.markdown(text)
    st.markdown(words.PRUNING)


def trap_view() -> None:
    """Draw the traps, each under its heading."""
    st.markdown("##### Traps, and what the warnings mean")
    for heading, text in words.TRAPS.items():
        st.markdown(f"###### {heading}\n{text}")
