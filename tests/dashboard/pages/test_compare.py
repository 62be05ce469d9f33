"""The page Compare: questions, runs and architectures side by side."""

import json

import pytest

from dashboard.server.session import search_task
from engine import SearchConfig, SearchResult, search
from tests.dashboard.atlas.conftest import CONVOLUTIONS, SKIPS
from tests.dashboard.conftest import headline, small, texts, wait_for
from tests.paths import FILES

OWN = SearchResult.from_json((FILES / "search-result-1.json").read_text())
COMPARE = "pages/compare.py"


def heatmaps(at):
    return [part.proto.body for part in at.get("html") if part.proto.body.startswith("<table")]


def costs(at):
    """The table of costs, a row for every answer."""
    table = next(part.proto.json for part in at.get("bidi_component") if '"Cost"' in part.proto.json)
    return [[cell["text"] for cell in row] for row in json.loads(table)["rows"]]


def test_the_page_compares_what_ships_and_searches_the_rest(app):
    at = app(COMPARE)
    assert headline(at) == "2 answers agree on 3 of 6 connections"
    assert len(heatmaps(at)) == 2
    assert not at.info
    at.multiselect(key="recipes").set_value(["released"]).run()
    at.multiselect(key="compare_seeds").set_value([0, 11]).run()
    assert any("Not searched yet: 1 of 2 (seed 11)." in text for text in texts(at))
    at.button(key="compare").click().run()
    wait_for(at, "comparison")
    assert not at.info
    expected = search(SearchConfig(recipe="released", seed=11))
    assert [row[0] for row in costs(at)] == ["seed 0", "seed 11"]
    assert float(costs(at)[1][1]) == pytest.approx(expected.cost["params"] / 1e6, abs=5e-4)


def test_what_cannot_be_searched_is_said_and_the_others_stay(app):
    at = app(COMPARE)
    at.session_state["CompareState"].failures = {search_task(SearchConfig(seed=12)): "it broke"}
    at.multiselect(key="recipes").set_value(["synaptic"]).run()
    at.multiselect(key="compare_seeds").set_value([0, 12]).run()
    assert any("seed 12: it broke" in text for text in texts(at))
    assert len(heatmaps(at)) == 1
    at.multiselect(key="recipes").set_value([]).run()
    assert not at.exception


def test_runs_and_architectures_of_a_link_are_taken_away_and_questions_asked_instead(app, store):
    first, second = store.add(small(51), name="one"), store.add(small(52, banned=["0-1:nor_conv_3x3"]), name="*two*")
    at = app(COMPARE, run=[first.id, second.id], genotype=[CONVOLUTIONS, SKIPS])
    assert headline(at).startswith("4 answers agree on ")
    assert [row[0] for row in costs(at)] == ["one", "*two*", "architecture 1", "architecture 2"]
    assert len(heatmaps(at)) == 2
    at.button(key="remove 2").click().run()
    assert at.query_params["genotype"] == SKIPS
    assert len(costs(at)) == 3
    at.segmented_control(key="compare_what").set_value("asked").run()
    assert not at.exception
    assert at.selectbox(key="compare_space").value == "nas-bench-201"
    assert "run" not in at.query_params
    at.segmented_control(key="compare_what").set_value("chosen").run()
    at.button(key="clear comparison").click().run()
    assert headline(at) == "2 answers agree on 3 of 6 connections"


def test_answers_of_several_spaces_are_shown_a_space_at_a_time(app, store):
    first, own = store.add(small(51)), store.add(OWN)
    at = app(COMPARE, run=[first.id, own.id])
    assert headline(at) == "One answer in NAS-Bench-201"
    at.segmented_control(key="chosen_space").set_value("my-cells (yours)").run()
    assert headline(at).startswith("One answer in ")
    assert at.query_params["run"] == [first.id, own.id]


def test_a_question_of_a_link_is_searched_when_asked_for(app):
    at = app(COMPARE, question='{"seed":13}', genotype=SKIPS)
    assert any("Not searched yet: 1 of 2 (synaptic, FreeFlow, seed 13)." in text for text in texts(at))
    assert len(costs(at)) == 1
