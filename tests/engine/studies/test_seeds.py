import json
import re
from dataclasses import replace

import numpy as np
import pytest

from engine import SearchConfig, SearchStopped, search
from engine.common.processes import computing_processes
from engine.common.work import Work
from engine.studies.seeds import MAX_SEEDS, SeedStudy, closed_form, study_seeds
from tests.conftest import tiny


@pytest.fixture(scope="module")
def study():
    return study_seeds(tiny("darts"), [3, 1, 4])


@pytest.mark.slow
def test_a_study_is_one_search_for_every_seed(study):
    for index, seed in enumerate(study.seeds):
        result = search(tiny("darts", field="interior", seed=seed))
        assert study.notations[index] == result.genotype.notation
        for kind in result.shares:
            assert study.shares[kind][index] == pytest.approx(result.shares[kind])
            names = [study.space.operations[winner] for winner in study.winners[kind][index]]
            assert names == [result.chosen(kind)[edge] for edge in range(len(names))]


def test_mean_spread_and_wins_are_those_of_the_seeds(study):
    for kind, table in study.shares.items():
        assert study.mean(kind) == pytest.approx(sum(table) / 3)
        variance = sum((each - sum(table) / 3) ** 2 for each in table) / 3
        assert study.spread(kind) == pytest.approx(np.sqrt(variance))
        assert study.wins(kind).sum(axis=1) == pytest.approx(1)
        edge, winner = 0, study.winners[kind][0, 0]
        assert study.wins(kind)[edge, winner] == pytest.approx((study.winners[kind][:, edge] == winner).mean())
    assert sum(count for _, count in study.genotype_counts()) == 3


def test_a_study_survives_json(study):
    again = SeedStudy.from_json(study.to_json())
    assert again.to_json() == study.to_json()
    assert again.config == study.config
    assert again.mean("normal") == pytest.approx(study.mean("normal"), abs=1e-6)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        *(('{"schema": "x"}', "schema: 'x' found, 'freenas/seed-study@1' expected"), ("[]", "schema: [] found, ")),
        *(("null", "schema: None found, "), ("1", "schema: 1 found, "), ("{", "not JSON: line 1, column 2: ")),
        ('{"schema": "freenas/seed-study@1"}', "config: field required"),
    ],
)
def test_a_text_that_is_no_study_is_one_sentence(text, sentence):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}") as caught:
        SeedStudy.from_json(text)
    assert "\n" not in str(caught.value)


def test_the_document_of_a_study_is_this():
    shares, winners = np.array([[[1 / 3, 2 / 3]], [[0.125, 0.875]]]), np.array([[1], [0]])
    config = SearchConfig(space="nas-bench-201", seed=4)
    study = SeedStudy(config, (4, 5), {"cell": shares}, {"cell": winners}, ("a", "b"), 1.5)
    assert json.loads(study.to_json()) == {
        "schema": "freenas/seed-study@1",
        "config": config.to_dict(),
        "seeds": [4, 5],
        "shares": {"cell": [[[0.333333, 0.666667]], [[0.125, 0.875]]]},
        "winners": {"cell": [[1], [0]]},
        "genotypes": ["a", "b"],
        "seconds": 1.5,
        "rounding": 0,
        "precision": 0,
    }


def test_the_closed_form_is_taken_where_there_is_one():
    assert closed_form(SearchConfig()).field == "interior"
    assert closed_form(SearchConfig(recipe="released")) == SearchConfig(recipe="released")


def test_progress_counts_seeds_and_stop_ends_a_study():
    seen = []
    study_seeds(tiny("nas-bench-201"), range(3), Work(seen.append))
    assert [(each.done, each.total) for each in seen] == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(SearchStopped):
        study_seeds(tiny("nas-bench-201"), range(3), Work(should_stop=lambda: True))


@pytest.mark.slow
def test_two_processes_find_what_one_finds(monkeypatch):
    monkeypatch.setattr("engine.common.threads.cores", lambda: 4)
    monkeypatch.setattr("engine.common.processes.WORTH", 0.0)
    seen, question = [], tiny("nas-bench-201", proxy="snip", batch=4)
    alone = study_seeds(question, range(4))
    with computing_processes(2):
        together = study_seeds(question, range(4), Work(seen.append))
    assert replace(together, seconds=0).to_json() == replace(alone, seconds=0).to_json()
    assert [(each.done, each.total) for each in seen] == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("count", [0, MAX_SEEDS + 1])
def test_the_number_of_seeds_is_bounded(count):
    with pytest.raises(ValueError, match=f"{count} seeds given; 1 to {MAX_SEEDS} are allowed"):
        study_seeds(tiny("nas-bench-201"), range(count))


@pytest.mark.slow
def test_a_study_counts_what_is_rounding_error():
    study = study_seeds(tiny("darts", recipe="released"), range(2))
    assert study.rounding == SeedStudy.from_json(study.to_json()).rounding == 2
    assert study_seeds(tiny("nas-bench-201", recipe="released"), range(2)).rounding == 0


@pytest.mark.slow
def test_a_study_counts_where_rounding_decides():
    single, double = (
        study_seeds(tiny("nas-bench-201", proxy="grasp", cells=5, batch=4, dtype=dtype), range(2))
        for dtype in ("float32", "float64")
    )
    assert (single.precision, double.precision) == (2, 0)
