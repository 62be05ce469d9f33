"""The sections of the page Learn, each drawn by itself."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.learn import words
from dashboard.learn.toy import Toy
from tests.waiting import PATIENCE


def page(name):
    from dashboard.learn import view

    getattr(view, name)()


def section(name):
    at = AppTest.from_function(page, kwargs={"name": name}, default_timeout=PATIENCE).run()
    assert not at.exception
    return at


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("score_view", [words.MIXED_EDGE_FORMULA, words.SALIENCY_FORMULA]),
        ("recipe_view", [*words.RECIPE_TEXTS, words.PRUNING]),
        ("trap_view", [f"###### {heading}\n{text}" for heading, text in words.TRAPS.items()]),
    ],
)
def test_a_section_holds_its_texts_in_their_order(name, texts):
    drawn = [element.value.strip() for element in section(name).markdown]
    places = [drawn.index(text.strip()) for text in texts]
    assert places == sorted(places)


def test_the_table_of_the_toy_has_the_shares_that_its_flow_gives():
    at = section("toy_view")
    rows = at.dataframe[0].value
    toy = Toy(at.slider(key="toy_a").value, at.slider(key="toy_b").value)
    assert rows["S"].sum() == pytest.approx(2 * toy.flow)  # every path passes through two operations
    assert rows["F = S / R"].sum() == pytest.approx(2)
