"""Evidence on small tables made here, against scipy and counting by hand."""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
from dataclasses import astuple, replace

import numpy as np
import pytest
from scipy import stats

from engine import SearchConfig, SearchStopped, flow, parse_genotype
from engine.common.work import Work
from engine.data.images import Data
from engine.genotypes.population import Population
from engine.measures import MEASURES, Measure
from engine.networks.cost import network_cost
from engine.studies.evidence import Evidence, EvidenceQuestion, all_convolutional, evidence, recipe_cells
from engine.studies.published import PUBLISHED
from engine.studies.report import report_text
from engine.studies.seeds import SeedStudy
from engine.tables.table import AccuracyTable, Column, Report

CONVS = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|"
NOT_THERE = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"


def made(population: Population, missing: int = 0) -> AccuracyTable:
    """A table whose accuracies follow the parameters, with noise; the first `missing` have none."""
    generator = np.random.default_rng(4)
    params = MEASURES["params"].of(population, None)
    accuracy = (90 + 4 * stats.rankdata(params) / len(params) + generator.normal(size=len(params))).round(2)
    accuracy[:missing] = np.nan
    proxy = accuracy + generator.normal(size=len(params))
    proxy[-3:] = np.nan
    columns = Column("acc", True, "CIFAR-10", "test", 200), Column("proxy|log", False), Column("one", False)
    values = np.stack([accuracy, proxy, np.ones(len(params))])
    return AccuracyTable("made.csv", population, columns, values, Report(len(params), foreign=2, first_foreign=("x",)))


@pytest.fixture(scope="module")
def table():
    rows = np.random.default_rng(0).choice(np.arange(1, 15624), 199, replace=False)
    whole = Population.whole("nas-bench-201")
    convs = int(whole.rows_of(Population.of("nas-bench-201", [whole.genotype(0), *_parsed(CONVS)]))[1])
    return made(whole.take(np.append(rows[rows != convs], convs)), missing=9)


@pytest.fixture(scope="module")
def measured(table):
    return evidence(
        table,
        EvidenceQuestion(column="acc", measures=("flow", "params"), columns=("proxy|log", "one"), seed=2, resamples=40),
    )


def _parsed(*notations):
    return [parse_genotype(notation) for notation in notations]


def known(table):
    return table.population.take(slice(9, None)), table.of("acc")[9:]


def test_what_is_said_of_the_table(table, measured):
    population, accuracies = known(table)
    assert (measured.table, measured.space, measured.column) == ("made.csv", "nas-bench-201", "acc")
    assert measured.description == table.column("acc").description
    assert (measured.architectures, measured.left_out) == (len(accuracies), 9)
    assert measured.notes == tuple(table.report.sentences) != ()
    assert measured.best == accuracies.max()
    assert measured.best_notation == population.genotype(int(accuracies.argmax())).notation
    assert (measured.seed, measured.resamples, measured.ks) == (2, 40, (1, 3, 10, 30, 100))
    assert measured.search_size == measured.evaluation_size == (16, 5)


def test_every_score_is_judged_as_scipy_and_sorting_say(table, measured):
    population, accuracies = known(table)
    values = {
        "flow": flow("nas-bench-201", population, 2),
        "params": np.array([network_cost(genotype).params for genotype in population.genotypes()], dtype=float),
        "proxy|log": table.of("proxy|log")[9:],
    }
    for score in measured.scores[:3]:
        scores = values[score.name]
        there = ~np.isnan(scores)
        assert (score.architectures, score.left_out) == (there.sum(), (~there).sum())
        finite = np.where(np.isinf(scores), -1e9, scores)[there]
        assert score.spearman.value == pytest.approx(stats.spearmanr(finite, accuracies[there]).statistic)
        assert score.kendall.value == pytest.approx(stats.kendalltau(finite, accuracies[there]).statistic)
        assert score.spearman.low < score.spearman.value < score.spearman.high
        best = np.flatnonzero(accuracies == accuracies.max())
        ranks = stats.rankdata(-finite)[np.isin(np.flatnonzero(there), best)]
        assert score.rank_of_best.expected == ranks.min()
        first = accuracies[there][finite == finite.max()]
        assert score.accuracy == pytest.approx(first.mean())
        assert score.regret == pytest.approx(accuracies.max() - first.mean())
    proxy = measured.scores[2]
    ordered = accuracies[np.lexsort((np.arange(len(accuracies)), -np.nan_to_num(values["proxy|log"], nan=-1e9)))]
    assert proxy.curve == pytest.approx([ordered[:k].max() for k in measured.ks])  # without ties, plainly the first k


def test_gains_are_those_over_random_search(table, measured):
    _, accuracies = known(table)
    random = dict(zip(measured.ks, measured.random, strict=True))
    assert random[1] == pytest.approx(accuracies.mean())
    draws = np.random.default_rng(0).choice(accuracies, (20000, 10)).max(axis=1)
    assert random[10] == pytest.approx(draws.mean(), abs=0.05)
    for score in measured.scores:
        curve = dict(zip(measured.ks, score.curve, strict=True))
        for pick in score.picks:
            assert pick.best == pytest.approx(curve[pick.k])
            assert pick.gain == pytest.approx(curve[pick.k] - random[pick.k])
            assert (pick.random_trainings > pick.k) == (pick.gain > 1e-9)
    constant = measured.scores[3]
    assert constant.curve == pytest.approx(measured.random)
    assert np.isnan(astuple(constant.spearman) + astuple(constant.kendall)).all()


def test_evidence_survives_json(measured):
    text = measured.to_json()
    again = Evidence.from_json(text)
    assert again.to_json() == text
    assert again.scores[:3] == measured.scores[:3]
    assert math.isnan(again.scores[3].kendall.low)
    assert json.loads(text)["scores"][3]["kendall"]["low"] is None
    assert again.search_size.channels == 16
    for wrong, message in (
        ('{"schema": "x"}', "schema: 'x' found, 'freenas/evidence@1' expected"),
        ("[]", "schema"),
        (text.replace('"ks":[1,', '"ks":["a",'), "ks.0: "),
        ("{", "not JSON: line 1"),
    ):
        with pytest.raises(ValueError, match=message):
            Evidence.from_json(wrong)


def test_architectures_without_a_score_are_left_out_and_all_without_give_nothing(table, monkeypatch):
    def few(population, setting):
        values = np.full(len(population), np.nan)
        values[:5] = np.arange(5)
        return values

    for name, of in (("few", few), ("none", lambda population, setting: np.full(len(population), np.nan))):
        monkeypatch.setitem(MEASURES, name, Measure(name, name, "", "", "", of))
    found = evidence(table, EvidenceQuestion(column="acc", measures=("few", "none"), resamples=5))
    some, nothing = found.scores
    _, accuracies = known(table)
    assert (some.architectures, some.left_out) == (5, len(accuracies) - 5)
    assert some.curve == (accuracies[4], accuracies[2:5].max())  # of the first 1 and 3; there are no 10
    assert [pick.k for pick in some.picks] == [1]
    assert (nothing.architectures, nothing.curve, nothing.picks) == (0, (), ())
    assert math.isnan(nothing.accuracy)
    assert math.isnan(nothing.regret)
    assert math.isnan(some.rank_of_best.expected)  # the best has no score
    assert Evidence.from_json(found.to_json()).to_json() == found.to_json()
    rows = [line.split() for line in report_text(found, None, "text").split("\n") if line.startswith("none ")]
    assert rows == [["none", *"-----", "0"], ["none", *["-"] * 5], ["none", *"---"]]


def test_all_measures_are_taken_that_the_images_allow(table, monkeypatch):
    seen = []

    def note(population, setting):
        seen.append((setting.seed, setting.device, setting.data))
        return np.arange(len(population), dtype=float)

    made = {
        name: Measure(name, name, "", "", "", note, needs_labels=labels)
        for name, labels in (("free", False), ("labelled", True))
    }
    monkeypatch.setattr("engine.measures.MEASURES", made)
    monkeypatch.setattr("engine.studies.evidence.MEASURES", made)
    images = np.zeros((4, 3, 8, 8), dtype=np.float32)
    plain, labelled = Data("plain", images), Data("labelled", images, np.arange(4))
    taken = [
        [
            score.name
            for score in evidence(
                table, EvidenceQuestion(column="acc", seed=7, device="cpu", resamples=1), images=data
            ).scores
        ]
        for data in (None, plain, labelled)
    ]
    assert taken == [["free"], ["free"], ["free", "labelled"]]
    assert seen == [(7, "cpu", None), (7, "cpu", plain), (7, "cpu", labelled), (7, "cpu", labelled)]
    assert evidence(table, EvidenceQuestion(column="acc", resamples=1)).data == "Gaussian noise"
    assert evidence(table, EvidenceQuestion(column="acc", resamples=1), images=labelled).data == "labelled"


def test_progress_grows_to_its_total_and_stop_ends_the_work(table):
    seen = []
    evidence(
        table,
        EvidenceQuestion(column="acc", measures=("flow", "macs"), columns=("one",), resamples=7),
        work=Work(seen.append),
    )
    done = [each.done for each in seen]
    assert done == sorted(done)
    assert {each.total for each in seen} == {3 * (known(table)[1].size + 14)}
    assert done[-1] < seen[-1].total  # nothing was drawn for the constant column
    seen.clear()
    evidence(table, EvidenceQuestion(column="acc", measures=("flow",), resamples=7), work=Work(seen.append))
    assert seen[-1].done == seen[-1].total
    with pytest.raises(SearchStopped):
        evidence(table, EvidenceQuestion(column="acc", measures=("params",)), work=Work(should_stop=lambda: True))


def test_wrong_names_are_named_before_any_work(table, monkeypatch):
    monkeypatch.setitem(MEASURES, "flow", replace(MEASURES["flow"], of=None))
    with pytest.raises(ValueError, match="unknown measure 'x'"):
        evidence(table, EvidenceQuestion(column="acc", measures=("flow", "x")))
    for columns in ({"column": "y"}, {"column": "acc", "columns": ("y",)}):
        with pytest.raises(ValueError, match="unknown column 'y'"):
            evidence(table, EvidenceQuestion(**columns, measures=("flow",)))
    empty = replace(table, values=np.full_like(table.values, np.nan))
    with pytest.raises(ValueError, match=r"column 'acc' of made\.csv holds no number"):
        evidence(empty, EvidenceQuestion(column="acc", measures=("flow",)))


def study(notations, space="nas-bench-201", **parts):
    config = SearchConfig.model_validate({"space": space, **parts})
    return SeedStudy(config, tuple(range(len(notations))), {}, {}, tuple(notations), 0.0)


@pytest.mark.parametrize("space", ["nas-bench-201", "darts"])
def test_convolutional_cells_are_those_without_another_operation(space):
    drawn = Population.sample(space, 300, seed=1)
    names = np.array([*drawn.space.operations, ""])  # ABSENT finds the empty text
    others = ~np.isin(names, [*(name for name in names if "conv" in name), ""])
    conv = next(place for place, name in enumerate(names) if "conv" in name)
    replaced = np.where(others[drawn.operations], conv, drawn.operations).astype(np.int8)
    population = Population(drawn.space, np.concatenate([drawn.operations, replaced], axis=1))
    expected = [
        all("conv" in gene.operation for _, genes in genotype.genes for gene in genes)
        for genotype in population.genotypes()
    ]
    assert all_convolutional(population).tolist() == expected
    assert 300 <= sum(expected) < 600


def test_there_are_64_convolutional_cells_in_nas_bench_201():
    assert all_convolutional(Population.whole("nas-bench-201")).sum() == 2**6


def test_found_cells_beside_the_table(table):
    population, accuracies = known(table)
    genotypes = population.genotypes()
    found = recipe_cells(
        [
            study([genotypes[5].notation, CONVS, NOT_THERE, CONVS], recipe="synaptic"),
            study([CONVS], normalisation="bypass", alpha="noise"),
            study([NOT_THERE] * 2, recipe="released"),
        ],
        table,
        "acc",
    )
    first, second, third = found.recipes
    best_params = accuracies[genotypes.index(_parsed(CONVS)[0])]
    expected = np.array([accuracies[5], best_params, best_params])
    assert first.accuracies == pytest.approx([expected[0], best_params, np.nan, best_params], nan_ok=True)
    assert (first.name, first.summary.count, first.summary.missing) == ("synaptic, 4 seeds", 4, 1)
    assert first.summary.mean == pytest.approx(expected.mean())
    assert first.summary.sd == pytest.approx(stats.tstd(expected))
    assert (first.summary.median, first.summary.best) == (np.median(expected), expected.max())
    assert first.summary.worst == expected.min()
    ranks = stats.rankdata(-accuracies, "min")
    places = [ranks[accuracies == value][0] for value in expected]
    assert first.summary.median_rank == np.median(places)
    assert first.summary.regret == pytest.approx(accuracies.max() - expected.mean())
    assert first.summary.random_trainings >= 1
    assert second.name == "custom (bypass, noise, iterative), 1 seed"
    assert math.isnan(second.summary.sd)
    assert (third.summary.count, third.summary.missing) == (2, 2)
    assert math.isnan(third.summary.mean)
    random, convs, largest = found.references
    assert random.accuracies == pytest.approx(accuracies)
    assert random.summary.random_trainings == 1
    only = [value for value, genotype in zip(accuracies, genotypes, strict=True) if _only_convs(genotype.notation)]
    assert convs.accuracies == pytest.approx(only)
    assert best_params in only
    assert largest.accuracies == pytest.approx([best_params])
    with pytest.raises(ValueError, match="those looked up are of NAS-Bench-201"):
        recipe_cells([study([CONVS])], made(Population.sample("darts", 9, 0)), "acc")


def _only_convs(notation):
    return not any(other in notation for other in ("none", "skip", "pool"))


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
    with pytest.raises(ValueError, match="unknown form 'html'; allowed: text, markdown, latex, csv"):
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
    assert cells[3:5] == [f"{score.accuracy:.2f}", f"{score.regret:.2f}"]
    nothing = next(
        line
        for line in report_text(measured, None, "markdown").split("\n")
        if line.startswith("| one (from the table)")
    )
    assert [cell.strip() for cell in nothing.strip("|").split("|")][1:3] == ["-", "-"]
