"""The page Compare: questions and runs side by side."""

import pytest

from dashboard.compare import answers
from dashboard.parts.comparison import MOST_COMPARED, comparison_complaint
from dashboard.server.session import search_task
from engine import SearchConfig, SearchResult, search
from tests.dashboard.conftest import small, texts, wait_for
from tests.paths import FILES

OWN = SearchResult.from_json((FILES / "search-result-1.json").read_text())
COMPARE = "pages/compare.py"


def test_the_page_compares_what_ships_and_searches_the_rest(app):
    at = app("pages/compare.py")
    assert any(text.startswith("**2 answers agree on ") for text in texts(at))
    assert len(at.get("plotly_chart")) == 2
    assert not at.info
    at.multiselect(key="recipes").set_value(["released"]).run()
    at.multiselect(key="compare_seeds").set_value([0, 11]).run()
    assert any("Not searched yet: 1 of 2." in text for text in texts(at))
    at.button(key="compare").click().run()
    wait_for(at, "comparison")
    assert not at.info
    expected = search(SearchConfig(recipe="released", seed=11))
    table = at.dataframe[0].value
    assert table["question"].tolist() == ["seed 0", "seed 11"]
    assert table["parameters [M]"].tolist()[1] == pytest.approx(expected.cost["params"] / 1e6)


def test_what_cannot_be_searched_is_said_and_the_others_stay(app):
    at = app("pages/compare.py")
    at.session_state["CompareState"].failures = {search_task(SearchConfig(seed=12)): "it broke"}
    at.multiselect(key="recipes").set_value(["synaptic"]).run()
    at.multiselect(key="compare_seeds").set_value([0, 12]).run()
    assert any("seed 12: it broke" in text for text in texts(at))
    assert len(at.get("plotly_chart")) == 1
    at.multiselect(key="recipes").set_value([]).run()
    assert not at.exception


def test_runs_are_compared_by_their_link(app, store):
    first, second = store.add(small(51), name="one"), store.add(small(52, banned=["0-1:nor_conv_3x3"]), name="*two*")
    assert comparison_complaint([first, second]) == ""
    assert answers.run_labels([first, second], [small(51), small(52)]) == ["one", "*two*"]
    at = app(COMPARE, run=[first.id, second.id])
    assert [*at.dataframe[0].value["question"]] == ["one", "*two*"]
    assert r"**\*two\***" in [each.value for each in at.markdown]
    at.button(key="compare questions").click().run()
    assert not at.exception
    assert at.selectbox(key="compare_space").value == "nas-bench-201"


def test_what_cannot_be_compared_is_told(app, store):
    first, own = store.add(small(51)), store.add(OWN)
    assert comparison_complaint([first]) == f"Choose 2 to {MOST_COMPARED} runs in one space."
    assert comparison_complaint([first, own]) == "These runs are in different spaces: nas-bench-201, my-cells."
    at = app(COMPARE, run=[first.id, own.id])
    assert any(said.startswith("This link opens no runs: These runs are in different spaces") for said in texts(at))
    again = store.add(small(51))
    titles = answers.run_labels([first, again], [small(51), small(51)])
    assert titles == [f"synaptic, freeflow, seed 51 ({run.id[:6]})" for run in (first, again)]
