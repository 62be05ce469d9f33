"""Evidence on small tables made here, against scipy and counting by hand."""

from __future__ import annotations

import json
import math
from dataclasses import astuple, replace

import numpy as np
import pytest
from scipy import stats

from engine import SearchStopped, flow
from engine.common.work import Work
from engine.data.images import Data
from engine.genotypes.population import Population
from engine.measures import MEASURES, Measure
from engine.networks.cost import network_cost
from engine.studies.evidence import LEAST, Evidence, EvidenceQuestion, evidence
from engine.studies.report import report_text
from engine.tables.table import AccuracyTable, Column
from tests.engine.studies.made import known, made, mirrored


def test_what_is_said_of_the_table(table, measured):
    population, accuracies = known(table)
    assert (measured.table, measured.space, measured.column) == ("made.csv", "nas-bench-201", "acc")
    assert measured.description == table.column("acc").description
    assert (measured.architectures, measured.left_out) == (len(accuracies), 9)
    assert measured.notes == tuple(table.report.sentences) != ()
    assert measured.best == accuracies.max()
    assert measured.best_notation == population.genotype(int(accuracies.argmax())).notation
    assert (measured.dataset, measured.split) == ("CIFAR-10", "test")
    assert (measured.seed, measured.resamples, measured.ks) == (2, 40, (1, 3, 10, 30, 100))
    assert measured.search_size == measured.evaluation_size == (16, 5)


def test_every_score_is_judged_as_scipy_and_sorting_say(table, measured):
    population, accuracies = known(table)
    flows = flow("nas-bench-201", population, 2)
    first_as_large = np.isclose(flows[:, None], flows, rtol=0, atol=2e-5).argmax(axis=1)
    values = {
        "flow": flows[first_as_large],
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


def test_the_time_of_a_measure_is_known_and_that_of_a_column_is_not(measured):
    assert all(score.seconds > 0 for score in measured.scores[:2])
    assert all(math.isnan(score.seconds) for score in measured.scores[2:])


def test_a_measure_whose_networks_were_all_run_for_another_has_no_time_of_its_own(table, monkeypatch):
    def remembered(population, setting):
        setting.work.begin(len(population))
        setting.work.finish()
        return np.arange(len(population), dtype=float)

    def run(population, setting):
        setting.work.begin(len(population))
        for _ in range(len(population)):
            setting.work.step()
        return np.arange(len(population), dtype=float)

    for name, of in (("remembered", remembered), ("run", run)):
        monkeypatch.setitem(MEASURES, name, Measure(name, name, "", "", "", of, one_by_one=True))
    question = EvidenceQuestion(column="acc", measures=("run", "remembered"), resamples=2, sample=30)
    one, other = evidence(table, question).scores
    assert one.seconds > 0
    assert math.isnan(other.seconds)


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
            assert measured.regret(pick) == pytest.approx(measured.best - pick.best)
            assert score.pick(pick.k) is pick
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
    assert json.loads(text)["said"] == again.description == measured.description
    assert again.net_size == "small"
    assert Evidence.from_json(text.replace(',"net_size":"small"', "")).net_size == "full"
    for wrong, message in (
        ('{"schema": "x"}', "schema: 'x' found, 'freenas/evidence@1' expected"),
        ("[]", "schema"),
        (text.replace('"ks":[1,', '"ks":["a",'), r"ks\[0\]: "),
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
    assert [row[:8] for row in rows] == [["none", *"------", "0"], ["none", *["-"] * 5], ["none", *"---"]]


def test_all_measures_are_taken_that_the_images_allow(table, monkeypatch):
    seen = []

    def note(population, setting):
        seen.append((setting.seed, setting.device, setting.data))
        assert setting.net_size == "small"
        return np.arange(len(population), dtype=float)

    own = {
        name: Measure(name, name, "", "", "", note, needs_labels=labels)
        for name, labels in (("free", False), ("labelled", True))
    }
    monkeypatch.setattr("engine.measures.MEASURES", own)
    monkeypatch.setattr("engine.studies.evidence.MEASURES", own)
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


def test_measures_of_cells_are_not_taken_of_chains_of_layers(monkeypatch):
    small = {name: MEASURES[name] for name in ("params", "width")}
    monkeypatch.setattr("engine.studies.evidence.MEASURES", small)
    table = made(Population.sample("nas-bench-macro", 20, seed=0).distinct())
    question = EvidenceQuestion(column="acc", resamples=1)
    assert [score.name for score in evidence(table, question).scores] == ["params"]
    with pytest.raises(ValueError, match="Effective width is a measure of cells"):
        evidence(table, question.model_copy(update={"measures": ("width",)}))


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
    with pytest.raises(ValueError, match=r"column 'acc' of made\.csv has a number for 0 architectures; at least 3"):
        evidence(empty, EvidenceQuestion(column="acc", measures=("flow",)))


@pytest.mark.parametrize("seed", range(4))
def test_the_last_bits_of_a_measure_change_no_number(table, measured, monkeypatch, seed):
    flows = MEASURES["flow"]

    def noisy(population, setting):
        values = flows.of(population, setting)
        return values * (1 + 1e-7 * np.random.default_rng(seed).uniform(-1, 1, len(values)))

    monkeypatch.setitem(MEASURES, "flow", replace(flows, of=noisy))
    question = EvidenceQuestion(column="acc", measures=("flow",), columns=("proxy|log",), seed=2, resamples=40)
    assert evidence(table, question).scores == (measured.scores[0], measured.scores[2])


def test_columns_of_a_table_are_exact(table):
    population, accuracies = known(table)
    values = np.stack([np.append(np.full(9, np.nan), accuracies), np.append(np.full(9, 1.0), 1 + 1e-12 * accuracies)])
    columns = (Column("acc", True, "CIFAR-10", "test", 200), Column("near", False))
    close = AccuracyTable("close.csv", table.population, columns, values, table.report)
    (score,) = evidence(close, EvidenceQuestion(column="acc", measures=(), columns=("near",), resamples=5)).scores
    assert score.spearman.value == pytest.approx(1)
    assert len(population) == score.architectures


def test_errors_are_weighed_as_the_accuracies_that_they_are_the_rest_of(table):
    question = EvidenceQuestion(column="acc", measures=("params", "macs"), columns=("proxy|log",), resamples=20)
    right, turned = evidence(table, question), evidence(mirrored(table), question)
    assert (turned.quantity, turned.unit, turned.lower_is_better) == ("error", "%", True)
    assert turned.description == "CIFAR-10 test error (%), 200 epochs, less is better"
    assert turned.best == pytest.approx(100 - right.best)
    assert turned.best_notation == right.best_notation
    assert turned.random == pytest.approx([100 - value for value in right.random])
    for score, expected in zip(turned.scores, right.scores, strict=True):
        assert (score.rank_of_best, score.left_out) == (expected.rank_of_best, expected.left_out)
        assert vars(score.spearman) == pytest.approx(vars(expected.spearman))
        assert vars(score.kendall) == pytest.approx(vars(expected.kendall))
        assert score.accuracy == pytest.approx(100 - expected.accuracy)
        assert score.regret == pytest.approx(expected.regret)
        assert score.curve == pytest.approx([100 - value for value in expected.curve])
        for pick, same in zip(score.picks, expected.picks, strict=True):
            assert (pick.best, pick.gain) == pytest.approx((100 - same.best, same.gain), abs=1e-9)
            assert turned.at_random(pick) == pytest.approx(100 - right.at_random(same))
    assert Evidence.from_json(turned.to_json()).lower_is_better


def test_a_loss_as_a_score_ranks_the_least_first(table):
    turned = mirrored(table)
    both = replace(
        table,
        columns=(*table.columns, Column("val_loss", False, lower_is_better=True)),
        values=np.vstack([table.values, turned.values[:1]]),
    )
    (score,) = evidence(both, EvidenceQuestion(column="acc", measures=(), columns=("val_loss",), resamples=5)).scores
    assert score.spearman.value == pytest.approx(1)
    assert (score.title, score.rank_of_best.best) == ("val_loss, less is better", 1)


def test_a_direction_against_the_name_is_said(table):
    errors = replace(mirrored(table), columns=(replace(table.columns[0], name="test_err"), *table.columns[1:]))
    notes = evidence(errors, EvidenceQuestion(column="test_err", measures=("params",), resamples=5)).notes
    assert "Column 'test_err' was declared, against its name: more is better." in notes


@pytest.mark.parametrize("count", range(LEAST))
def test_too_few_architectures_end_in_a_sentence(table, count):
    rows = slice(20, 20 + count)
    few = replace(table, population=table.population.take(rows), values=table.values[:, rows])
    with pytest.raises(ValueError, match=rf"has a number for {count} architectures?; at least 3 are needed"):
        evidence(few, EvidenceQuestion(column="acc", measures=("params",)))


@pytest.mark.parametrize("constant", [False, True])
def test_three_architectures_are_enough(table, constant):
    values = table.values[:, 20:23].copy()
    values[0] = 90 if constant else values[0]
    few = replace(table, population=table.population.take(slice(20, 23)), values=values)
    found = evidence(few, EvidenceQuestion(column="acc", measures=("flow", "params"), columns=("one",), resamples=20))
    assert Evidence.from_json(found.to_json()).architectures == 3


def test_what_is_not_known_of_a_column_is_said(table):
    bare = replace(table, columns=(Column("acc", True), *table.columns[1:]))
    notes = evidence(bare, EvidenceQuestion(column="acc", measures=(), resamples=5)).notes
    assert "Not stated of column 'acc': dataset, split, epochs." in notes
    notes = evidence(bare, EvidenceQuestion(column="proxy|log", measures=(), resamples=5)).notes
    assert "Column 'proxy|log' does not say its better direction: more is taken as better." in notes
