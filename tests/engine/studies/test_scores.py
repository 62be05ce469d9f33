"""Scores of lists: those of an atlas, in parts that go on where they were stopped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine import SearchStopped, load_space, parse_genotype, score
from engine.data.images import smooth
from engine.genotypes.population import Population
from engine.measures import MEASURES
from engine.studies import scores
from engine.studies.atlas import AtlasTask, compute_atlas
from tests.engine.documents import SMALL

CELL = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_3x3~2|"
NETWORKS = ("naswot", "spread")


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of two networks, and then of one."""
    monkeypatch.setattr(scores, "_FIRST_NETWORKS", 2)
    monkeypatch.setattr(scores, "_PART_SECONDS", 0)


@pytest.fixture
def cells() -> Population:
    return Population.sample("nas-bench-201", 6, seed=1)


@pytest.mark.slow
@pytest.mark.usefixtures("small_parts")
def test_every_measure_in_parts_has_the_numbers_of_an_atlas(tmp_path: Path):
    names = (*(name for name in MEASURES if name != "latency"), "flow+expressivity", "az-nas+flow")
    question = {"space": "nas-bench-201", "count": 3, "seed": 3, "sample_seed": 1, "device": "cpu"}
    images = replace(smooth(seed=0, batch=20), labels=np.arange(20) % 10)
    atlas = compute_atlas(AtlasTask.model_validate({**question, "measures": names}), images=images)
    table = score("nas-bench-201", atlas.population, names, seed=3, device="cpu", data=images, parts=tmp_path / "parts")
    assert tuple(table) == names
    assert len([*tmp_path.glob("parts/*.npy")]) == sum(not MEASURES[name].one_by_one for name in names[:-2]) + 3
    for name in names:
        np.testing.assert_array_equal(table[name], atlas.values[name], name)


@pytest.mark.slow
@pytest.mark.usefixtures("small_parts")
def test_what_was_stopped_goes_on_where_it_was(cells: Population, tmp_path: Path):
    parts = tmp_path / "parts"
    question = {"genotypes": cells, "measures": ("flow", *NETWORKS), "parts": parts}
    with pytest.raises(SearchStopped):
        score("nas-bench-201", **question, should_stop=lambda: len([*parts.glob("*.npy")]) > 2)
    done = {path: path.stat().st_mtime_ns for path in parts.glob("*.npy")}
    assert len(done) == 3
    reports = []
    table = score("nas-bench-201", **question, on_progress=reports.append)
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert (reports[0].done, reports[-1].done, reports[-1].total) == (6 + 3 * 2, 18, 18)
    whole = score("nas-bench-201", cells, ("flow", *NETWORKS))
    for name in whole:
        np.testing.assert_array_equal(table[name], whole[name])


def test_parts_of_another_question_are_refused_until_it_begins_anew(cells: Population, tmp_path: Path):
    parts = tmp_path / "parts"
    table = score("nas-bench-201", cells, ["params"], parts=parts)
    for other, difference in (
        ({"seed": 1}, "seed 0 in place of 1"),
        ({"net_size": "full"}, "net_size 'small' in place of 'full'"),
        ({"measures": ("params", "macs")}, "measures"),
        ({"genotypes": cells.take(slice(1, None))}, "architectures '6, "),
        ({"data": smooth(seed=0, batch=2)}, "data 'Gaussian noise' in place of 'smooth noise, digest "),
    ):
        question = {"genotypes": cells, "measures": ["params"]} | other
        with pytest.raises(ValueError, match=difference):
            score("nas-bench-201", **question, parts=parts)
    again = score("nas-bench-201", cells, "params", parts=parts)
    np.testing.assert_array_equal(again["params"], table["params"])
    assert score("nas-bench-201", cells, "macs", parts=parts, fresh=True).keys() == {"macs"}


def test_parts_that_do_not_fit_are_damaged(cells: Population, tmp_path: Path):
    score("nas-bench-201", cells, "params", parts=tmp_path / "parts")
    np.save(tmp_path / "parts" / "000000.npy", np.zeros((5, 1)))
    with pytest.raises(ValueError, match="damaged; begin anew"):
        score("nas-bench-201", cells, "params", parts=tmp_path / "parts")


def test_a_list_is_scored_in_its_order_and_as_often_as_it_says(tmp_path: Path):
    space = load_space(json.dumps(SMALL))
    drawn = Population.sample(space, 9, seed=0).genotypes()
    listed = [*(genotype.notation for genotype in drawn), *reversed(drawn)]
    table = score(space, listed, ("params", "macs"), parts=tmp_path / "parts")
    for values in table.values():
        assert values.tolist() == values[::-1].tolist()
        assert len(set(values)) > 1
    assert len(score("nas-bench-201", None, "params")["params"]) == 15_625


def test_wrong_questions_are_one_sentence(cells: Population):
    with pytest.raises(ValueError, match="unknown measure 'widht'"):
        score("nas-bench-201", cells, "widht")
    with pytest.raises(ValueError, match="Spread is a measure of cells"):
        score("mobilenet", Population.sample("mobilenet", 1, seed=0), "flow+spread")
    with pytest.raises(ValueError, match="architectures of NAS-Bench-201 given; DARTS expected"):
        score("darts", cells, "params")
    with pytest.raises(ValueError, match="genotype 1 is one of nas-bench-201; darts expected"):
        score("darts", [parse_genotype(CELL)], "params")
    with pytest.raises(ValueError, match="too many to list"):
        score("darts", None, "params")
