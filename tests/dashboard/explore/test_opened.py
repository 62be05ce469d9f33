"""The link of a run opens it on Explore as it was."""

import zlib

import pytest
from sqlalchemy import create_engine, text

from dashboard.server import session
from engine import SearchResult
from tests.dashboard.conftest import small, texts, wait_for
from tests.paths import FILES

OWN = SearchResult.from_json((FILES / "search-result-1.json").read_text())
COMPARE = "pages/compare.py"


def test_a_link_opens_a_run_as_it_was_without_computing(app, store, monkeypatch):
    result = small(41, recipe="custom", method="one-shot", per_round=3, banned=["0-3:none"])
    run = store.add(result, name="mine")
    monkeypatch.setattr(session, "start", lambda *_: pytest.fail("something is computed"))
    at = app(run=run.id)
    assert at.session_state["LastResult"].shown.result.to_json() == result.to_json()
    assert any(said.startswith("Run **mine**, kept on 20") for said in texts(at))
    assert at.number_input(key="seed").value == 41
    assert at.multiselect(key="banned").value == ["0-3:none"]
    assert at.segmented_control(key="method").value == "one-shot"
    assert at.session_state["ExploreState"].run_question == result.config


def test_a_link_opens_a_constrained_run_in_an_own_space(app, store, monkeypatch):
    run = store.add(OWN)
    monkeypatch.setattr(session, "start", lambda *_: pytest.fail("something is computed"))
    at = app(run=run.id)
    assert at.session_state["LastResult"].shown.result.to_json() == OWN.to_json()
    assert at.selectbox(key="space").value == "my-cells (yours)"
    assert at.session_state["ExploreState"].run_question == OWN.config


def test_another_question_closes_the_run(app, store):
    at = app(run=store.add(small(42)).id)
    at.number_input(key="seed").set_value(43).run()
    wait_for(at, "preview")
    assert at.session_state["LastResult"].shown.result.config.seed == 43
    assert "run" not in at.query_params
    assert at.session_state["ExploreState"].run is None


def test_a_run_that_is_open_is_searched_for_anew(app, store):
    run = store.add(small(44, field="full"))
    at = app(run=run.id)
    at.button(key="search").click().run()
    wait_for(at)
    assert any(said.endswith("computed here just now") for said in texts(at))
    assert "run" not in at.query_params
    assert {each.seed for each in store.find()} == {44}
    assert store.count() == 2


@pytest.mark.parametrize("run_id", ["0123456789abcdef", "x" * 300, "<script>", "%00"])
def test_a_link_to_no_run_says_so(app, store, run_id):
    at = app(run=run_id)
    assert any("This link opens no run: no run '" in said for said in texts(at))


def test_another_question_follows_no_link_to_a_run(app, store):
    at = app(run="x")
    at.number_input(key="seed").set_value(43).run()
    assert not any("This link opens no run" in said for said in texts(at))
    assert "run" not in at.query_params


def test_a_run_of_a_newer_version_says_so(app, store, store_url):
    run = store.add(small(1))
    newer = small(1).to_json().replace("search-result@1", "search-result@2")
    engine = create_engine(store_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE run_results SET document = :it"), {"it": zlib.compress(newer.encode())})
    engine.dispose()
    at = app(run=run.id)
    assert any("was written by a newer FreeNAS, this one reads" in said for said in texts(at))
