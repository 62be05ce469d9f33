"""Parameters and MACs as measures, against networks that are built and counted."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from engine import SPACES, parse_genotype
from engine.genotypes.population import Population
from engine.measures import MeasureSetting
from engine.measures.cost import LIVE_PARAMS, MACS, PARAMS
from engine.networks.derived import build
from engine.spaces import SearchSpace


@pytest.mark.slow
@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_scores_are_those_of_the_networks_at_the_evaluation_size(space: SearchSpace):
    population = Population.sample(space, 1, seed=8)
    with torch.device("meta"):
        networks = [build(genotype).eval() for genotype in population.genotypes()]
        images, macs = torch.ones(1, 3, 32, 32), []
        for network in networks:
            with FlopCounterMode(display=False) as counter, torch.no_grad():
                network(images)
            macs.append(counter.get_total_flops() / 2)
    params = [sum(parameter.numel() for parameter in network.parameters()) for network in networks]
    assert PARAMS.of(population, MeasureSetting()).tolist() == params
    assert MACS.of(population, MeasureSetting()).tolist() == macs


def test_published_costs_of_the_most_accurate_cell():
    """Dong & Yang, ICLR 2020: 1.53 M parameters and 220 M multiply-accumulates."""
    best = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|"
    population = Population.of("nas-bench-201", [parse_genotype(best)])
    assert PARAMS.of(population, MeasureSetting()) / 1e6 == pytest.approx([1.53], abs=0.005)
    assert MACS.of(population, MeasureSetting()) / 1e6 == pytest.approx([220.12], abs=0.005)


def test_live_parameters_are_those_without_edges_that_lead_nowhere():
    """The 3x3 convolutions from node 1 and of node 2 hang in the air."""
    texts = [
        "|none~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_1x1~0|nor_conv_3x3~1|none~2|",
        "|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|",
    ]
    population = Population.of("nas-bench-201", [parse_genotype(text) for text in texts])
    alone = PARAMS.of(population, MeasureSetting())[1]
    assert LIVE_PARAMS.of(population, MeasureSetting()).tolist() == [alone, alone]
    drawn = Population.sample("darts", 9, seed=0)  # in which every edge leads to the output
    assert LIVE_PARAMS.of(drawn, MeasureSetting()).tolist() == PARAMS.of(drawn, MeasureSetting()).tolist()


def test_less_of_both_is_better():
    assert PARAMS.cost
    assert MACS.cost
