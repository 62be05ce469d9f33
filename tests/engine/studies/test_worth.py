"""The worth of scores and results: the rules on figures made here, and what ships."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from engine import SearchConfig, parse_genotype
from engine.searches.result import Notice
from engine.studies import worth as worth_module
from engine.studies.statistics import Interval
from engine.studies.worth import (
    Correlations,
    evidence_correlations,
    evidence_question,
    known_finding,
    result_worth,
    standing,
    worth,
)
from engine.studies.worth_document import Benchmark, Correlation, Finding, Ranking, SpaceFigures
from engine.tables.table import AccuracyTable, Column, Report
from tests.engine.studies.made import CONVS, NOT_THERE, parsed

TABLE = Benchmark(
    title="Made",
    source="here",
    dataset="SVHN",
    split="test",
    epochs=12,
    surrogate=False,
    architectures=15625,
    best=95.0,
    random=[80.0, 90.0, 92.0],
)


def ranked(measure: str, *values: float, params: float = 0.5, architectures: int = 15625, data: str | None = None):
    """A ranking whose correlation and its interval are these values."""
    value, low, high = values
    return Ranking(
        measure=measure,
        data=data,
        seed=0,
        architectures=architectures,
        spearman=Correlation(value=value, low=low, high=high),
        params=Correlation(value=params, low=params, high=params),
        date="2026-01-01",
    )


def found(proxy: str, mean: float, recipe: str = "plain", sd: float = 0.0, limit: int | None = None, **parts: object):
    """A finding whose accuracies lie around a mean."""
    about = {"data": None, "max_params": limit, "seeds": 4, "rounding": 0, "rank": 77.0, "date": "2026-01-01"}
    numbers = {"mean": mean, "sd": sd, "least": mean - sd, "largest": mean + sd}
    return Finding.model_validate(about | numbers | {"proxy": proxy, "recipe": recipe} | parts)


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch):
    """Ship these figures, of every space, in place of our own."""

    def ship(*one: Ranking | Finding) -> None:
        shipped = SpaceFigures(
            space="nas-bench-201",
            table=TABLE,
            rankings=[figure for figure in one if isinstance(figure, Ranking)],
            findings=[figure for figure in one if isinstance(figure, Finding)],
        )
        monkeypatch.setattr(worth_module, "space_figures", lambda space: shipped)

    return ship


def result(*codes: str, **question: object):
    """The parts of a result that its worth rests on."""
    notices = [Notice(code, "") for code in codes]
    return SimpleNamespace(config=SearchConfig.model_validate(question), notices=notices)


@pytest.mark.parametrize(
    ("values", "verdict", "words"),
    [
        ((0.6, 0.55, 0.65), "supported", "ranks better than counting parameters: 0.60 against 0.50"),
        ((0.6, 0.45, 0.75), "supported", "ranks as well as counting parameters"),
        ((0.49, 0.45, 0.55), "weak", "counting parameters ranks as well or better: 0.49 against 0.50"),
        ((0.4, 0.35, 0.45), "weak", "counting parameters ranks better: 0.40 against 0.50"),
    ],
)
def test_a_score_is_judged_by_its_order_beside_the_parameters(figures, values, verdict, words):
    figures(ranked("flow", *values))
    known = worth("nas-bench-201")
    assert (known.verdict, known.weak, known.cause) == (verdict, verdict == "weak", "ranking")
    assert words in known.sentence
    assert known.sentence.endswith("(15,625 cells, SVHN test, 12 epochs).")


def test_an_order_that_may_be_chance_is_weak(figures):
    figures(ranked("flow", 0.1, -0.1, 0.3, params=-0.2, architectures=40))
    known = worth("nas-bench-201")
    assert known.headline == "weak: perhaps chance"
    assert known.basis == "40 of 15,625 cells, SVHN test, 12 epochs"
    assert known.strength == 0


def test_what_is_known_of_other_images_is_not_said(figures):
    figures(ranked("naswot", 0.9, 0.8, 1.0, data="digits"))
    assert worth("nas-bench-201", "zero-cost-pt-naswot", "digits").verdict == "supported"
    assert worth("nas-bench-201", "zero-cost-pt-naswot").verdict == "nothing known"


@pytest.mark.parametrize("code", ["rounding", "collapse"])
def test_a_result_that_means_nothing_is_weak_whatever_ranks_well(figures, code):
    figures(ranked("flow", 0.9, 0.8, 1.0))
    known = result_worth(result("tie", code))
    assert (known.verdict, known.cause) == ("weak", code)
    assert known.spearman == "Spearman 0.90 (parameters 0.50)"
    assert result_worth(result("tie")).verdict == "supported"


def test_a_proxy_without_a_measure_is_judged_by_what_it_finds(figures):
    figures(found("params", 93.0), found("grasp", 92.5, sd=1.0, data="gaussian"), found("grasp", 94, data="digits"))
    noise, digits = (worth("nas-bench-201", "grasp", data) for data in ("gaussian", "digits"))
    assert (noise.headline, digits.headline) == ("weak: counting parameters does better", "supported")
    assert "92.50 % on average against 93.00 % (4 seeds, SVHN test, 12 epochs)" in noise.sentence
    assert noise.accuracy == "92.50 ± 1.00 % over 4 seeds"
    assert (digits.accuracy, digits.accuracy_basis) == ("94.00 %, rank 77 of 15,625", "SVHN test, 12 epochs")


def test_only_the_question_that_was_measured_has_its_accuracy(figures):
    figures(found("freeflow", 93.9, "synaptic", limit=900_000))
    limited = {"max_params": 900_000}
    for same in ({}, {"seed": 9}, {"field": "interior"}):
        assert known_finding(SearchConfig.model_validate(limited | same)).mean == 93.9
    for other in ({"max_params": None}, {"max_params": 800_000}, {"channels": 8}, {"banned": ["0-1:none"]}):
        assert known_finding(SearchConfig.model_validate(limited | other)) is None


def small_table(**facts: object) -> AccuracyTable:
    """The cell of convolutions, which has most parameters, between two others."""
    from engine.genotypes.population import Population

    skip = CONVS.replace("nor_conv_3x3~0|+", "skip_connect~0|+", 1)
    genotypes = parsed(skip, CONVS, NOT_THERE, CONVS.replace("nor_conv_3x3", "nor_conv_1x1"))
    column = Column("acc", True, "SVHN", "test", 12, **facts)
    values = np.array([[92.0, 93.0, np.nan, 94.0]])
    return AccuracyTable("mine.csv", Population.of("nas-bench-201", genotypes), (column,), values, Report(4))


def test_a_cell_has_a_place_in_the_users_table():
    table = small_table()
    ranks = {92.0: 3, 93.0: 2, 94.0: 1}
    for genotype, accuracy in zip(table.population.genotypes(), table.of("acc"), strict=True):
        place = standing(table, "acc", genotype)
        if np.isnan(accuracy):
            assert place is None
            continue
        assert (place.accuracy, place.rank.best, place.architectures) == (accuracy, ranks[accuracy], 3)
        assert (place.best, place.counted, place.random) == (94.0, 93.0, 93.0)
        assert place.supports == (accuracy >= 93.0)
        assert place.text == f"{accuracy:.2f} %, rank {ranks[accuracy]} of 3"
        assert place.basis == "SVHN test accuracy (%), 12 epochs, table mine.csv"
    assert standing(table, "acc", parse_genotype(CONVS.replace("nor_conv_3x3~1", "none~1"))) is None


def test_of_errors_the_least_comes_first():
    table = small_table(lower_is_better=True)
    least = standing(table, "acc", table.population.genotype(0))
    assert (least.rank.best, least.best, least.supports) == (1, 92.0, True)
    assert not standing(table, "acc", table.population.genotype(3)).supports


def test_where_nothing_ships_the_users_table_decides(monkeypatch):
    monkeypatch.setattr(worth_module, "space_figures", lambda space: None)
    table = small_table()
    weak, supported = (standing(table, "acc", table.population.genotype(row)) for row in (0, 3))
    assert result_worth(result()).headline == "nothing known: bring a table, or train it"
    assert result_worth(result(), weak).headline == "weak: counting parameters does better"
    assert "92.00 % against 93.00 %" in result_worth(result(), weak).sentence
    assert result_worth(result(), supported).verdict == "supported"
    own = Correlations(Interval(0.4, 0.3, 0.5), Interval(0.6, 0.5, 0.7), "3 cells")
    assert result_worth(result(), supported, own).verdict == "weak"


def test_evidence_tells_the_worth_on_the_users_table(table, measured):
    flow, params = measured.scores[:2]
    known = evidence_correlations(measured, "freeflow")
    assert (known.spearman, known.params) == (flow.spearman, params.spearman)
    assert known.basis == f"{measured.architectures} cells, CIFAR-10 test accuracy (%), 200 epochs, table made.csv"
    assert evidence_correlations(measured, "snip") is None
    assert evidence_question(SearchConfig(), "acc").measures == ("flow", "params")


def test_no_question_of_evidence_without_its_images():
    assert evidence_question(SearchConfig(proxy="snip"), "acc") is None
    assert evidence_question(SearchConfig(proxy="snip", data="own:cats"), "acc") is None
    assert evidence_question(SearchConfig(proxy="snip", data="digits"), "acc").sample == worth_module.SLOW_SAMPLE
    assert evidence_question(SearchConfig(proxy="grasp"), "acc") is None
