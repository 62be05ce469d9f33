"""The pictures of the evidence, on a small table made here."""

import numpy as np
import pytest

from dashboard.evidence import charts
from engine.genotypes.population import Population
from engine.measures import MEASURES
from engine.studies.evidence import EvidenceQuestion, evidence
from engine.studies.found_cells import CellGroup, RecipeCells
from engine.studies.statistics import summary
from engine.tables.table import AccuracyTable, Column, Report

EVIL = '<a href="http://evil.example">acc</a> %{x}'


@pytest.fixture(scope="module")
def table():
    population = Population.sample("nas-bench-201", 60, 3)
    params = MEASURES["params"].of(population, None)
    accuracy = 90 + params / params.max() + np.random.default_rng(0).normal(size=60)
    values = np.stack([accuracy, np.append(accuracy[:40], [np.nan] * 20)])
    return AccuracyTable("t.csv", population, (Column("acc", True, EVIL), Column(EVIL, False)), values, Report(60))


@pytest.fixture(scope="module")
def found_evidence(table):
    return evidence(
        table, EvidenceQuestion(column="acc", measures=("flow", "params", "macs"), columns=(EVIL,), resamples=20)
    )


def test_curves_are_those_of_the_evidence_with_random_search_dashed(found_evidence):
    *scores, random = charts.curve_figure(found_evidence, "params").data
    assert tuple(random.y) == found_evidence.random
    assert random.line.dash == "dash"
    for trace, score in zip(scores, found_evidence.scores, strict=True):
        assert tuple(trace.y) == score.curve
        assert tuple(trace.x) == found_evidence.ks[: len(score.curve)]
        assert trace.line.dash == ("dot" if score.name in ("params", "macs") else "solid")
    widths = {score.name: trace.line.width for trace, score in zip(scores, found_evidence.scores, strict=True)}
    assert [name for name, width in widths.items() if width == max(widths.values())] == ["params"]


def test_a_score_looks_the_same_whatever_stands_beside_it(found_evidence):
    alone = charts.score_looks(found_evidence.scores[2:3])
    assert alone == charts.score_looks(found_evidence.scores)[2:3]
    assert len(set(charts.score_looks(found_evidence.scores))) == 4


def test_nothing_that_a_user_named_is_markup(found_evidence):
    figure = charts.curve_figure(found_evidence, EVIL)
    shown = [figure.layout.yaxis.title.text or "", *(trace.name or "" for trace in figure.data)]
    assert not any("<a" in text for text in shown)
    assert any("&lt;a" in text for text in shown)
    assert not any("evil" in (trace.hovertemplate or "") for trace in figure.data)


def test_labels_break_and_end():
    assert charts.wrapped_label("one") == "one"
    assert charts.wrapped_label("a & b <c>", 4) == "a &amp;<br>b<br>&lt;c&gt;"
    assert charts.wrapped_label("word " * 60).count("<br>") == 2
    assert max(map(len, charts.wrapped_label("x" * 500).split("<br>"))) <= 24


def cells(name, values, among):
    values = np.asarray(values, dtype=float)
    return CellGroup(name, values, summary(values, among))


@pytest.fixture
def found():
    among = np.linspace(10, 94, 1001)
    recipes = (cells("synaptic, 3 seeds", [93, 93, np.nan], among), cells("other, 2 seeds", [np.nan] * 2, among))
    return RecipeCells(
        "acc", recipes, (cells("random cells", among, among), cells("convolutions only", [90, 91], among))
    )


def test_found_cells_are_drawn_where_they_are(found):
    figure = charts.recipe_figure(found)
    assert list(figure.layout.yaxis.ticktext) == ["synaptic, 3 seeds", "random cells", "convolutions only"]
    boxes = {trace.y[0]: trace for trace in figure.data if trace.type == "box"}
    random = boxes[1]
    assert (random.lowerfence[0], random.q1[0], random.median[0], random.q3[0], random.upperfence[0]) == pytest.approx(
        (10, 31, 52, 73, 94)
    )
    dots = [trace for trace in figure.data if trace.type == "scatter"]
    assert [sorted(trace.x.tolist()) for trace in dots] == [[93, 93], [90, 91]]
    for trace, row in zip(dots, (0, 2), strict=True):
        assert (abs(np.asarray(trace.y) - row) < 0.25).all()


def test_the_picture_begins_at_a_quartile_of_the_groups_of_the_table(found):
    low, high = charts.recipe_window(found)
    assert 25 < low < 31
    assert 94 < high < 97
    assert tuple(charts.recipe_figure(found).layout.xaxis.range) == (low, high)


def test_pictures_say_what_they_show(found_evidence, found):
    assert f"random search {found_evidence.random[0]:.2f} to" in charts.curve_alt(found_evidence)
    said = charts.recipe_alt(found)
    assert "random cells 10.00 to 94.00, median 52.00" in said
    assert "other, 2 seeds, none in the table" in said
