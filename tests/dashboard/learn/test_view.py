"""The sections of the page Learn that are words and tables, each drawn by itself."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.learn import words
from tests.waiting import PATIENCE


def page(name):
    from dashboard.learn import view

    getattr(view, name)()


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("score_view", [words.MIXED_EDGE_FORMULA, words.SALIENCY_FORMULA]),
        ("recipe_view", [*words.RECIPE_TEXTS, words.PRUNING]),
        ("trap_view", [f"### {heading}\n{text}" for heading, text in words.TRAPS.items()]),
        ("neighbour_view", [words.NEIGHBOURS_MATTER]),
        ("source_view", [words.SOURCES]),
    ],
)
def test_a_section_holds_its_texts_in_their_order(name, texts):
    at = AppTest.from_function(page, kwargs={"name": name}, default_timeout=PATIENCE).run()
    assert not at.exception
    assert len(at.header) == 1
    drawn = [element.value.strip() for element in at.markdown]
    places = [drawn.index(text.strip()) for text in texts]
    assert places == sorted(places)
