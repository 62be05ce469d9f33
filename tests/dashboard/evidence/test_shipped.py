"""The evidence that ships."""

from streamlit.testing.v1 import AppTest

from dashboard.evidence.shipped import finding_row, ranking_rows, shipped_place
from dashboard.parts.table import TableCell
from engine.studies.worth_document import space_figures
from tests.dashboard.conftest import texts
from tests.waiting import PATIENCE

BENCH, DARTS = space_figures("nas-bench-201"), space_figures("darts")


def page():
    from dashboard.evidence.shipped import shipped_view

    shipped_view()


def test_rankings_stand_in_their_order_beside_that_by_parameters():
    values = [float(row[1].text) for row in ranking_rows(DARTS.rankings)]
    assert values == sorted(values, reverse=True)
    rows = {row[0].text: row for row in ranking_rows(DARTS.rankings)}
    assert rows["log-flow"][2].text == "worse"
    assert rows["Parameters"][2] == TableCell("-")


def test_what_a_limited_search_finds_has_its_limit():
    limited = next(finding for finding in BENCH.findings if finding.max_params)
    row = finding_row(limited, BENCH)
    assert row[0] == TableCell("FreeFlow, synaptic", "at most 0.9 M parameters")
    assert row[1] == TableCell("93.89 %", "0.48 below the best")
    assert row[2] == TableCell("77", "of 15,625")


def test_freenas_stands_among_published_methods_where_its_accuracy_was_measured():
    assert "93.76 %, is above 11 of the 14 on CIFAR-10" in shipped_place(BENCH)
    assert shipped_place(BENCH.model_copy(update={"findings": []})) == ""
    assert shipped_place(DARTS) == ""


def test_every_space_with_figures_says_on_what_they_rest():
    at = AppTest.from_function(page, default_timeout=PATIENCE).run()
    assert not at.exception
    shown = " ".join(texts(at))
    for figures in (BENCH, DARTS):
        assert f"{figures.table.architectures:,} architectures, the best with" in shown
