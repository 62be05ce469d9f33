"""The evidence on its page: rows of its tables, drawn by itself."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.evidence.view import _correlation_row, _gain_rows, _order_title
from dashboard.server import limits
from engine.studies.evidence import RecipeCells
from engine.studies.published import PUBLISHED
from engine.studies.report import report_text
from engine.studies.statistics import RankRange
from tests.dashboard.evidence.test_words import group, made, score
from tests.waiting import PATIENCE


def test_a_row_of_correlations_has_intervals_and_the_rank_of_the_best():
    evidence = made(score())
    row = _correlation_row(score(rank_of_best=RankRange(12, 20)), evidence)
    assert row["score"] == "log-flow"
    assert (row["Spearman"], row["95 % interval"]) == (pytest.approx(0.75), "0.700 to 0.800")
    assert row["rank of the best"] == "12 to 28"
    assert _correlation_row(score(rank_of_best=RankRange(12, 12)), evidence)["rank of the best"] == "12"
    assert _correlation_row(score("mine", from_table=True), evidence)["score"] == "mine (from the table)"


def test_gains_stand_beside_what_random_search_expects():
    first, second = _gain_rows(score(), made(score()))
    assert (first["trainings"], first["best by score (%)"], first["best at random (%)"]) == (1, 93.0, 87.0)
    assert (second["trainings"], second["gain"]) == (10, 0.5)


def test_losses_have_no_unit_and_random_search_has_more_of_them():
    evidence = made(score(), quantity="value", unit="", lower_is_better=True)
    first, _ = _gain_rows(score(), evidence)
    assert (first["best by score"], first["best at random"], first["gain"]) == (93.0, 99.0, 6.0)
    assert _correlation_row(score(), evidence)["value of its first"] == 93.0


def page(name, arguments):
    from dashboard.evidence import view

    getattr(view, name)(*arguments)


def draw(name, *arguments):
    at = AppTest.from_function(page, kwargs={"name": name, "arguments": arguments}, default_timeout=PATIENCE).run()
    assert not at.exception
    return at


def test_the_title_of_correlations_with_an_error_says_that_the_lowest_is_first():
    assert _order_title(made(score())) == "Order: rank correlation with the accuracy"
    turned = made(score(), quantity="error", lower_is_better=True)
    assert _order_title(turned) == "Order: rank correlation with the error, the lowest first"


def test_what_to_bring_has_the_size_that_the_server_takes(monkeypatch):
    monkeypatch.setattr(limits, "upload_megabytes", lambda most: min(most, 7))
    assert "at most 7 MB as an upload" in draw("empty_view").caption[0].value


def test_published_figures_stand_in_a_table_a_space_or_not_at_all():
    at = draw("published_view", list(PUBLISHED))
    assert len(at.dataframe) == len(PUBLISHED)
    assert not draw("published_view", ["robust-darts-s1"]).markdown


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
