"""The report of evidence in every form."""

from __future__ import annotations

import csv
import io
import itertools
from dataclasses import replace

import pytest

from engine.studies.found_cells import recipe_cells
from engine.studies.published import PUBLISHED
from engine.studies.report import report_text, time_text, weighed_place
from tests.engine.studies.made import CONVS, study


def test_a_report_says_the_same_in_every_form_with_what_others_published_last(table, measured):
    found = recipe_cells([study([CONVS] * 2)], table, "acc")
    numbers = list(csv.DictReader(io.StringIO(report_text(measured, found, "csv"))))
    spearman = next(row for row in numbers if (row["row"], row["quantity"]) == ("params", "spearman"))
    assert float(spearman["low"]) == pytest.approx(measured.scores[1].spearman.low, rel=1e-5)
    written = [f"{float(spearman[name]):.3f}" for name in ("value", "low", "high")]
    for form in ("text", "markdown", "latex"):
        text = report_text(measured, found, form)
        assert "{} [{}, {}]".format(*written) in text
        titles = ["Measured: how well", "Measured: best", "Measured: gain", "Found by the recipes", "not measured here"]
        places = [text.index(title) for title in titles]
        assert places == sorted(places)
        assert all(peer.method in text[places[-1] :] for peer in PUBLISHED["nas-bench-201"].peers)
        assert "NASWOT, N" not in text[: places[-1]]
        assert "Found" not in report_text(measured, None, form)
    assert "(from the table)" in report_text(measured, None, "text")
    assert [part for part, _ in itertools.groupby(row["part"] for row in numbers)] == [
        "measured",
        "table",
        "found",
        "published",
    ]
    assert r"proxy\|log" in report_text(measured, None, "markdown")
    with pytest.raises(ValueError, match="unknown format 'html'; allowed: text, markdown, latex, csv"):
        report_text(measured, None, "html")


@pytest.mark.parametrize(("count", "said"), [(1, "1 architecture with"), (2, "2 architectures with")])
def test_a_report_counts_one_architecture_as_one(measured, count, said):
    assert f"made.csv: {said} a number in column 'acc', " in report_text(
        replace(measured, architectures=count), None, "text"
    )


def test_numbers_are_rounded_only_where_they_are_written(measured):
    rows = list(csv.DictReader(io.StringIO(report_text(measured, None, "csv"))))
    flows = {(row["quantity"], row["k"]): row for row in rows if row["row"] == "flow"}
    score = measured.scores[0]
    assert float(flows["kendall", ""]["value"]) == pytest.approx(score.kendall.value, rel=1e-5)
    assert float(flows["rank_of_best", ""]["low"]) == score.rank_of_best.best
    for k, value in zip(measured.ks, score.curve, strict=True):
        assert float(flows["best_of_first", str(k)]["value"]) == pytest.approx(value, rel=1e-5)
    for pick in score.picks:
        assert float(flows["gain_over_random", str(pick.k)]["value"]) == pytest.approx(pick.gain, rel=1e-5)
        assert float(flows["random_trainings", str(pick.k)]["value"]) == pick.random_trainings
    line = next(line for line in report_text(measured, None, "markdown").split("\n") if line.startswith("| log-flow"))
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[1].split(" ")[0] == f"{score.spearman.value:.3f}"
    ten = score.pick(10)
    assert cells[2] == f"{ten.best:.2f} ({measured.best - ten.best:.2f} off)"
    assert cells[4:6] == [f"{score.accuracy:.2f}", f"{score.regret:.2f}"]
    nothing = next(
        line
        for line in report_text(measured, None, "markdown").split("\n")
        if line.startswith("| one (from the table)")
    )
    assert [cell.strip() for cell in nothing.strip("|").split("|")][1:4:2] == ["-", "-"]


def test_freenas_stands_among_published_methods_where_the_whole_space_was_weighed(measured):
    flow = measured.scores[0]
    whole = replace(measured, scores=(replace(flow, architectures=15625, accuracy=93.76),))
    assert "is above 11 of the 14 on CIFAR-10" in weighed_place(whole)
    assert weighed_place(whole) in report_text(whole, None, "text")
    assert weighed_place(measured) == ""
    assert weighed_place(replace(whole, dataset=None)) == ""
    assert weighed_place(replace(whole, scores=measured.scores[1:])) == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (float("nan"), "-"),
        (2e-7, "under 1 µs"),
        (8.04e-6, "8 µs"),
        (0.00123, "1.2 ms"),
        (0.04, "40 ms"),
        (3.46, "3.5 s"),
        (119, "2 min"),
        (7300, "2 h"),
    ],
)
def test_a_time_is_written_in_the_unit_that_it_is_read_in(seconds, text):
    assert time_text(seconds) == text
