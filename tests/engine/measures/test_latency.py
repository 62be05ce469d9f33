"""The latency measure with multiply-accumulates in place of seconds."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from torch.utils.flop_counter import FlopCounterMode

from engine.common.errors import SearchStopped
from engine.common.work import Progress, Work
from engine.genotypes.population import Population
from engine.measures.base import MeasureSetting
from engine.measures.latency import MEASURE
from engine.networks.cost import network_cost
from engine.networks.latency import latency_table
from engine.networks.timing import Call, LatencySetup


def macs(call: Call, setup: LatencySetup | None = None, seconds: float = 0) -> list[float]:
    with FlopCounterMode(display=False) as counter:
        call()
    return [counter.get_total_flops() / 2]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nas-bench-201", "darts"])
def test_the_measure_gives_milliseconds(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    faked = partial(latency_table, cache=tmp_path, time_call=macs)
    monkeypatch.setattr("engine.measures.latency.latency_table", faked)
    heard: list[Progress] = []
    population = Population.sample(name, 3, seed=0)
    found = MEASURE.of(population, MeasureSetting(device="cpu", work=Work(heard.append)))
    expected = [1e3 * network_cost(each).macs for each in population.genotypes()]
    assert found == pytest.approx(expected, rel=1e-12)
    assert {each.total for each in heard} == {3}
    assert [each.done for each in heard] == sorted(each.done for each in heard)
    assert heard[-1].done == 3
    assert MEASURE.cost
    (path,) = tmp_path.iterdir()
    path.unlink()
    with pytest.raises(SearchStopped):
        MEASURE.of(population, MeasureSetting(device="cpu", work=Work(should_stop=lambda: True)))
