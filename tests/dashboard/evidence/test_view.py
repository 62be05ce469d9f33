"""The evidence on its page: rows of its tables, drawn by itself."""

import numpy as np
from streamlit.testing.v1 import AppTest

from dashboard.evidence.view import gain_rows, selected_score
from dashboard.server import limits
from engine.studies.found_cells import RecipeCells
from engine.studies.report import report_text
from engine.studies.statistics import Pick
from tests.dashboard.evidence.test_words import group, made, score
from tests.waiting import PATIENCE


def test_the_score_whose_row_is_selected_is_the_one_asked_for_or_no_baseline():
    evidence = made(score("params"), score("flow"), score("macs"))
    assert selected_score(evidence, "macs").name == "macs"
    assert selected_score(evidence, "gone").name == selected_score(evidence, "").name == "flow"
    assert selected_score(made(score("params")), "").name == "params"


def test_gains_stand_beside_what_random_search_expects():
    first, second = gain_rows(score(), made(score()))
    assert first == ["the first", "93.00 %", "87.00 %", "+6.00", "40"]
    assert second == ["the first 10", "93.50 %", "93.00 %", "+0.50", "90"]
    assert gain_rows(score(picks=(Pick(1, 86.0, -1.0, 1.0),)), made())[0][3] == "-1.00"


def test_losses_have_no_unit_and_random_search_has_more_of_them():
    evidence = made(score(), quantity="value", unit="", lower_is_better=True)
    assert gain_rows(score(), evidence)[0] == ["the first", "93", "99", "+6", "40"]


def page(name, arguments):
    from dashboard.evidence import view

    getattr(view, name)(*arguments)


def draw(name, *arguments):
    at = AppTest.from_function(page, kwargs={"name": name, "arguments": arguments}, default_timeout=PATIENCE).run()
    assert not at.exception
    return at


def test_what_to_bring_has_the_size_that_the_server_takes(monkeypatch):
    monkeypatch.setattr(limits, "upload_megabytes", lambda most: min(most, 7))
    assert "at most 7 MB as an upload" in draw("empty_view").caption[0].value


def test_tables_are_there_to_paste_when_asked_for():
    among = np.linspace(80, 94, 15)
    cells = RecipeCells("acc", (), (group("random cells", among, among),))
    evidence = made(score(), score("params"))
    at = draw("paste_view", evidence, cells)
    assert not at.code
    at.session_state["evidence_text"] = True
    at.run()
    assert at.code[0].value.strip() == report_text(evidence, cells, "markdown").strip()
    at.segmented_control(key="evidence_form").set_value("latex").run()
    assert at.code[0].value.strip() == report_text(evidence, cells, "latex").strip()
