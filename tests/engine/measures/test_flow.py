"""log-flow as a measure, against the flow that the public function computes."""

from __future__ import annotations

import numpy as np
import pytest

from engine import flow, parse_genotype
from engine.common.work import Progress, Work
from engine.genotypes.population import Population
from engine.measures import MeasureSetting
from engine.measures.flow import MEASURE

NOTHING = parse_genotype("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")
SKIP = parse_genotype("|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|")


@pytest.mark.parametrize("space", ["nas-bench-201", "darts", "nas-bench-macro"])
def test_the_score_is_the_flow_of_the_same_seed(space: str):
    population, reports = Population.sample(space, 4, seed=2), list[Progress]()
    scores = MEASURE.of(population, MeasureSetting(seed=3, device="cpu", work=Work(reports.append)))
    np.testing.assert_allclose(scores, flow(space, population.genotypes(), 3, device="cpu"), rtol=1e-6)
    assert not np.allclose(scores, MEASURE.of(population, MeasureSetting(seed=4, device="cpu")))
    assert reports[-1].done == reports[-1].total


def test_nothing_flows_where_every_edge_is_none():
    population = Population.of("nas-bench-201", [NOTHING, SKIP])
    nothing, skip = MEASURE.of(population, MeasureSetting(device="cpu"))
    assert nothing == -np.inf
    assert np.isfinite(skip)


def test_more_flows_through_more_edges():
    more = parse_genotype("|skip_connect~0|+|none~0|none~1|+|skip_connect~0|skip_connect~1|none~2|")
    population = Population.of("nas-bench-201", [SKIP, more])
    one, two = MEASURE.of(population, MeasureSetting(device="cpu"))
    cells = SKIP.space.plan(SKIP.space.search_size).cells  # each passes twice as much
    assert two - one == pytest.approx(len(cells) * np.log(2), rel=1e-5)
