"""Latency with seconds that are counted: then the sums must be exact. Nothing here depends on how fast anything is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import platformdirs
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from engine.common.errors import DeviceMemoryExhausted, SearchStopped
from engine.common.work import Progress, Work
from engine.genotypes.genotype import parse_genotype
from engine.genotypes.population import Population
from engine.networks import latency
from engine.networks.cost import EdgeCosts, network_cost
from engine.networks.derived import build
from engine.networks.latency import LONG, REFERENCES, LatencyTable, latency_table, measure_latency
from engine.networks.timing import Call, LatencySetup
from engine.spaces import SPACES, Size, get_space
from tests.engine.strategies import genotypes

NAMES = list(SPACES)
CELL = parse_genotype("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_1x1~1|none~2|")
TINY = {"size": Size(4, 1), "image_size": 8, "device": "cpu"}


class Features(TorchDispatchMode):
    """Counts the numbers in everything that is computed."""

    numbers = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        found = func(*args, **(kwargs or {}))
        self.numbers += sum(each.numel() for each in tree_leaves(found) if isinstance(each, torch.Tensor))
        return found


def features(call: Call, setup: LatencySetup | None = None, seconds: float = 0) -> list[float]:
    with Features() as counter:
        call()
    return [float(counter.numbers)]


def macs(call: Call, setup: LatencySetup | None = None, seconds: float = 0) -> list[float]:
    with FlopCounterMode(display=False) as counter:
        call()
    return [counter.get_total_flops() / 2]


def never(call: Call, setup: LatencySetup, seconds: float) -> list[float]:
    raise AssertionError("nothing should be timed")


def no_work(call: Call, setup: LatencySetup, seconds: float) -> list[float]:
    return [1.0]


@pytest.fixture(scope="module", autouse=True)
def one_round() -> Iterator[None]:
    """What is counted need not be repeated."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latency, "ROUNDS", 1)
        yield


@st.composite
def sizes(draw: st.DrawFn, name: str) -> Size:
    low, high = SPACES[name].cells_range
    return Size(2 * draw(st.integers(2, 4)), draw(st.integers(low, min(4, high))))


@pytest.mark.slow
@settings(max_examples=2)
@given(st.data())
@pytest.mark.parametrize("name", NAMES)
def test_with_macs_for_seconds_the_sum_is_the_counted_cost(name: str, tmp_path_factory, data: st.DataObject):
    size, image_size = data.draw(sizes(name)), data.draw(st.sampled_from([8, 12, 16]))
    folder = tmp_path_factory.mktemp("cache")
    table = latency_table(name, size=size, image_size=image_size, device="cpu", cache=folder, time_call=macs)
    population = Population.sample(name, 4, seed=data.draw(st.integers(0, 100)))
    expected = [network_cost(each, size, image_size).macs for each in population.genotypes()]
    assert table.costs.of(population).tolist() == expected
    assert table.scale == 1


@settings(max_examples=2)
@given(st.data())
@pytest.mark.parametrize("name", NAMES)
def test_with_computed_numbers_for_seconds_the_sum_is_that_of_the_network(
    name: str, tmp_path_factory, data: st.DataObject
):
    """Sums, concatenations, poolings and what passes nothing count here, which have no MACs."""
    size, batch = data.draw(sizes(name)), data.draw(st.integers(1, 3))
    folder = tmp_path_factory.mktemp("cache")
    table = latency_table(name, size=size, image_size=16, batch=batch, device="cpu", cache=folder, time_call=features)
    population = Population.sample(name, 3, seed=data.draw(st.integers(0, 100)))
    with torch.inference_mode():
        images = torch.ones(batch, 3, 16, 16)
        networks = [build(each, size).eval() for each in population.genotypes()]
        expected = [features(partial(network, images))[0] for network in networks]
    assert table.costs.of(population).tolist() == expected
    assert table.scale == 1


@pytest.mark.slow
@settings(max_examples=2)
@given(data=st.data())
@pytest.mark.parametrize("name", ["darts", "robust-darts-s3"])
def test_none_and_parallel_operations_take_what_they_take_in_the_network(
    name: str, tmp_path_factory, data: st.DataObject
):
    drawn = data.draw(st.lists(genotypes(SPACES[name], derivable=False), min_size=1, max_size=3))
    size, folder = Size(4, 3), tmp_path_factory.mktemp("cache")
    table = latency_table(name, size=size, image_size=16, device="cpu", cache=folder, time_call=features)
    with torch.inference_mode():
        networks = [build(genotype, size).eval() for genotype in drawn]
        expected = [features(partial(network, torch.ones(1, 3, 16, 16)))[0] for network in networks]
    assert table.costs.of(Population.of(name, drawn)).tolist() == expected


def test_a_table_is_scaled_to_whole_networks(tmp_path: Path):
    factors = iter([1.25, 0.5, 1.25, 9.0, 1.25])  # the median counts

    def slower_whole(call: Call, setup: LatencySetup, seconds: float) -> list[float]:
        return [macs(call)[0] * (next(factors) if seconds == LONG else 1)]

    table = latency_table("nas-bench-201", **TINY, cache=tmp_path, time_call=slower_whole)
    assert table.scale == pytest.approx(1.25)
    population = Population.sample("nas-bench-201", 5, seed=1)
    expected = [1.25 * network_cost(each, TINY["size"], 8).macs for each in population.genotypes()]
    assert table.costs.of(population) == pytest.approx(expected)


@pytest.mark.slow
def test_one_bad_moment_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(latency, "ROUNDS", 3)
    calls = 0

    def busy_at_first(call: Call, setup: LatencySetup, seconds: float) -> list[float]:
        nonlocal calls
        calls += 1
        return [macs(call)[0] * (100 if calls < 25 else 1)]

    plain = latency_table("nas-bench-201", **TINY, cache=tmp_path / "a", time_call=macs)
    found = latency_table("nas-bench-201", **TINY, cache=tmp_path / "b", time_call=busy_at_first)
    assert found.to_dict() == plain.to_dict()


def test_a_measurement_says_what_and_where():
    found = measure_latency(CELL, size=Size(4, 2), image_size=8, batch=3, device="cpu", threads=2, time_call=times_of)
    assert (found.median, found.least, found.largest, found.repeats) == (2.5, 1.0, 7.0, 4)
    setup = found.setup
    assert (setup.size, setup.image_size, setup.batch) == ((4, 2), 8, 3)
    assert (setup.device, setup.threads, setup.torch) == ("cpu", 2, torch.__version__)
    assert setup.device_name


def times_of(call: Call, setup: LatencySetup, seconds: float) -> list[float]:
    result = call()
    assert isinstance(result, torch.Tensor)
    assert result.shape == (3, 10)
    return [7.0, 1.0, 2.0, 3.0]


def test_networks_are_timed_at_inference(tmp_path: Path):
    training: set[bool] = set()

    def inference(call: Call, setup: LatencySetup, seconds: float) -> list[float]:
        assert torch.is_inference_mode_enabled()
        call()
        return [1.0]

    handle = register_module_forward_pre_hook(lambda module, inputs: training.add(module.training))
    try:
        measure_latency(CELL, **TINY, time_call=inference)
        latency_table("nas-bench-201", **TINY, cache=tmp_path, time_call=inference)
    finally:
        handle.remove()
    assert training == {False}
    assert not torch.is_inference_mode_enabled()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nas-bench-201", "robust-darts-s4"])  # the last draws noise as it runs
def test_nothing_global_changes(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(latency, "SHORT", 1e-4)
    monkeypatch.setattr(latency, "LONG", 1e-4)

    def state() -> tuple[object, ...]:
        drawn, position = np.random.get_state(legacy=True)[1:3]  # noqa: NPY002
        flags = torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.backends.cudnn.benchmark
        return torch.get_rng_state().tolist(), drawn.tolist(), position, torch.get_num_threads(), flags

    before, size = state(), TINY | {"size": Size(4, SPACES[name].cells_range.low)}
    found = measure_latency(Population.sample(name, 1, seed=0).genotype(0), **size, seconds=1e-3)
    table = latency_table(name, **size, cache=tmp_path)
    assert state() == before
    assert 0 < found.least <= found.median <= found.largest
    assert table.costs.base > 0
    assert (table.costs.parts > 0).all()


@pytest.mark.slow
def test_a_table_is_measured_once_for_a_setup(tmp_path: Path):
    first = latency_table("darts", size=Size(4, 3), image_size=8, device="cpu", cache=tmp_path, time_call=macs)
    again = latency_table("darts", size=Size(4, 3), image_size=8, device="cpu", cache=tmp_path, time_call=never)
    assert again.to_dict() == first.to_dict()
    assert (again.space, again.setup) == (first.space, first.setup)
    (path,) = tmp_path.iterdir()
    assert LatencyTable.from_dict(json.loads(path.read_text())).to_dict() == first.to_dict()


@pytest.mark.parametrize(
    "other", [{"batch": 2}, {"threads": 3}, {"image_size": 12}, {"size": Size(6, 1)}, {"size": Size(4, 2)}], ids=str
)
def test_another_setup_is_another_table(other: dict[str, object], tmp_path: Path):
    latency_table("nas-bench-201", **TINY, cache=tmp_path, time_call=no_work)
    with pytest.raises(AssertionError, match="nothing should be timed"):
        latency_table("nas-bench-201", **(TINY | other), cache=tmp_path, time_call=never)
    latency_table("nas-bench-201", **(TINY | other), cache=tmp_path, time_call=no_work)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("changed", ["device", "device_name", "torch", "engine"])
def test_another_device_or_version_is_another_table(changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    latency_table("nas-bench-201", **TINY, cache=tmp_path, time_call=no_work)
    known = LatencySetup.of(get_space("nas-bench-201"), **TINY)
    monkeypatch.setattr(LatencySetup, "of", lambda *_: replace(known, **{changed: "another"}))
    with pytest.raises((AssertionError, RuntimeError)):  # the other device is not there to build anything on
        latency_table("nas-bench-201", **TINY, cache=tmp_path, time_call=never)


def stored(tmp_path: Path) -> tuple[Path, dict[str, object]]:
    latency_table("nas-bench-201", **TINY, cache=tmp_path, time_call=macs)
    (path,) = tmp_path.iterdir()
    return path, json.loads(path.read_text())


DAMAGE: dict[str, Callable[[dict], str | bytes]] = {
    "empty": lambda data: "",
    "cut": lambda data: json.dumps(data)[:-20],
    "binary": lambda data: b"\xff\xfe\x00",
    "deep": lambda data: "[" * 100_000,
    "a list": lambda data: "[]",
    "schema": lambda data: json.dumps(data | {"schema": "freenas/latency-table@0"}),
    "no setup": lambda data: json.dumps({name: value for name, value in data.items() if name != "setup"}),
    "space": lambda data: json.dumps(data | {"space": "nowhere"}),
    "other space": lambda data: json.dumps(data | {"space": "darts"}),
    "other setup": lambda data: json.dumps(data | {"setup": data["setup"] | {"threads": 64}}),
    "not a number": lambda data: json.dumps(data | {"base": float("nan")}),
    "negative": lambda data: json.dumps(data | {"base": -1.0}),
    "shape": lambda data: json.dumps(data | {"parts": [[[1.0]]]}),
    "ragged": lambda data: json.dumps(data | {"parts": [[*data["parts"][0][:-1], [1.0]]]}),
    "more": lambda data: json.dumps(data | {"more": 1}),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_table_is_measured_again(damage: Callable[[dict], str | bytes], tmp_path: Path):
    path, data = stored(tmp_path)
    text = damage(data)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    again = latency_table("nas-bench-201", **TINY, cache=tmp_path, time_call=macs)
    assert again.to_dict() == data
    assert json.loads(path.read_text()) == data
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_a_table_that_cannot_be_kept_is_still_given(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        table = latency_table("nas-bench-201", **TINY, cache=folder, time_call=macs)
        assert table.scale == 1
    path, data = stored(tmp_path / "cache")
    path.unlink()
    path.mkdir()
    (path / "full").touch()
    assert latency_table("nas-bench-201", **TINY, cache=path.parent, time_call=macs).to_dict() == data


def test_where_tables_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FREENAS_CACHE", str(tmp_path / "mine"))
    latency_table("nas-bench-201", **TINY, time_call=no_work)
    assert len(list((tmp_path / "mine").iterdir())) == 1
    monkeypatch.delenv("FREENAS_CACHE")
    assert latency.cache_folder() == Path(platformdirs.user_cache_dir("freenas"))


def test_progress_counts_up_to_its_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(latency, "ROUNDS", 2)
    heard: list[Progress] = []
    latency_table("nas-bench-201", **TINY, cache=tmp_path, time_call=no_work, work=Work(heard.append))
    total = 2 * (22 + REFERENCES)
    assert [(each.done, each.total) for each in heard] == [(done, total) for done in range(1, total + 1)]
    latency_table("nas-bench-201", **TINY, cache=tmp_path, time_call=never, work=Work(heard.append))
    assert len(heard) == total


def test_a_stopped_measurement_keeps_nothing(tmp_path: Path):
    timings = 0

    def count(call: Call, setup: LatencySetup, seconds: float) -> list[float]:
        nonlocal timings
        timings += 1
        return [1.0]

    with pytest.raises(SearchStopped, match="the work was stopped"):
        latency_table(
            "nas-bench-201", **TINY, cache=tmp_path, time_call=count, work=Work(should_stop=lambda: timings == 20)
        )
    assert timings == 20
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"batch": 0}, "batch: 0 is out of range; whole numbers from 1 to 1024 are allowed"),
        ({"batch": -3}, "batch: -3 is out of range"),
        ({"batch": 1025}, "batch: 1025 is out of range"),
        ({"batch": 1.5}, "batch: 1.5 is out of range"),
        ({"batch": True}, "batch: True is out of range"),
        ({"batch": "8"}, "batch: '8' is out of range"),
        ({"threads": 0}, "threads: 0 is out of range"),
        ({"device": "gpu"}, "unknown device 'gpu'; allowed: auto, cpu"),
        ({"device": "cuda:99"}, "device 'cuda:99' is not available here"),
        ({"image_size": 30}, "image_size: input should be a multiple of 4, 30 given"),
        ({"size": Size(4, 0)}, "cells: 0 is out of range; nas-bench-201 takes 1 to 100"),
        ({"size": Size(2, 1)}, "channels: input should be greater than or equal to 4, 2 given"),
    ],
)
def test_what_is_out_of_range_is_named_in_a_sentence(wrong: dict[str, object], message: str, tmp_path: Path):
    for measure in (
        partial(latency_table, "nas-bench-201", cache=tmp_path),
        partial(measure_latency, CELL),
    ):
        with pytest.raises(ValueError, match=message) as raised:
            measure(**(TINY | wrong), time_call=never)
        assert "\n" not in str(raised.value)


def test_an_unknown_space_is_named(tmp_path: Path):
    with pytest.raises(ValueError, match="unknown search space 'nowhere'; allowed: nas-bench-201, darts"):
        latency_table("nowhere", cache=tmp_path, time_call=never)


@pytest.mark.parametrize(
    "error",
    [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("DefaultCPUAllocator: can't allocate memory")],
    ids=["device", "cpu"],
)
def test_too_little_memory_is_said(error: Exception):
    def exhausted(call: Call, setup: LatencySetup, seconds: float) -> Sequence[float]:
        raise error

    with pytest.raises(DeviceMemoryExhausted, match="cpu has too little memory for a batch of 512; take a smaller one"):
        measure_latency(CELL, **TINY, batch=512, time_call=exhausted)


def test_other_errors_are_left_as_they_are():
    def broken(call: Call, setup: LatencySetup, seconds: float) -> Sequence[float]:
        raise RuntimeError("something else")

    with pytest.raises(RuntimeError, match="something else"):
        measure_latency(CELL, **TINY, time_call=broken)


@pytest.mark.parametrize("name", NAMES)
def test_a_table_survives_its_plain_data(name: str):
    described, generator = get_space(name), np.random.default_rng(0)
    shape = (len(described.cell_types), len(described.edges), len(described.operations))
    setup = LatencySetup.of(described, device="cpu")
    table = LatencyTable(described, setup, EdgeCosts(0.125, generator.random(shape)), 1.1)
    again = LatencyTable.from_dict(json.loads(json.dumps(table.to_dict())))
    assert (again.space, again.setup, again.scale, again.costs.base) == (described, setup, 1.1, 0.125)
    assert (again.costs.parts == table.costs.parts).all()
    with pytest.raises(ValueError, match=r"parts: a table of shape .* expected"):
        LatencyTable.from_dict(table.to_dict() | {"parts": [[[1.0]]]})
