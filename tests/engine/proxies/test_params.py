"""The baseline of parameters, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine import SPACES, SearchConfig, search
from engine.proxies import get_proxy
from engine.proxies.base import ProxySetting


def raw(config: SearchConfig) -> np.ndarray:
    (found,) = get_proxy("params").open(ProxySetting(config.supernet))([config.live])
    return found.shares * np.exp(found.log_flow)


def test_parameters_of_nas_bench_201():
    """Two cells a stage of 8, 16 and 32 channels: a kernel, and the two numbers a channel of its batch norm."""
    found = raw(SearchConfig(proxy="params", channels=8, cells=2))
    small = sum(2 * (c * c + 2 * c) for c in (8, 16, 32))
    large = sum(2 * (9 * c * c + 2 * c) for c in (8, 16, 32))
    np.testing.assert_allclose(found, np.broadcast_to([0, 0, small, large, 0], (1, 6, 5)))


def test_parameters_of_darts():
    """Eight cells of 16, 16, 32, 32, 32, 64, 64, 64 channels, the third and the sixth reducing."""
    found = raw(SearchConfig(space="darts", proxy="params"))
    for kind, channels in enumerate([(16, 16, 32, 32, 64, 64), (32, 64)]):
        sep3, sep5 = (sum(2 * (k * k * c + c * c + 2 * c) for c in channels) for k in (3, 5))
        dil3, dil5 = sep3 / 2, sep5 / 2
        expected = np.broadcast_to([0, 0, 0, 0, sep3, sep5, dil3, dil5], (14, 8)).copy()
        if kind == 1:  # a skip of stride 2 is a factorised reduction
            from_inputs = [edge for edge, (source, _) in enumerate(SPACES["darts"].edges) if source < 2]
            expected[from_inputs, 3] = sum(c * c + 2 * c for c in channels)
        np.testing.assert_allclose(found[kind], expected)


@pytest.mark.parametrize("method", ["one-shot", "iterative"])
@pytest.mark.parametrize(("space", "largest"), [("nas-bench-201", "nor_conv_3x3"), ("darts", "sep_conv_5x5")])
def test_the_largest_operations_are_chosen_whatever_the_seed(space: str, largest: str, method: str):
    one, other = (search(SearchConfig(space=space, proxy="params", method=method, seed=seed)) for seed in (0, 1))
    assert one.genotype == other.genotype
    assert {gene.operation for _, genes in one.genotype.genes for gene in genes} == {largest}


def test_operations_without_parameters_score_nothing_and_are_still_chosen_from():
    edges = ("0-1", "0-2", "1-2", "0-3", "1-3", "2-3")
    banned = [f"{edge}:{name}" for edge in edges for name in ("nor_conv_1x1", "nor_conv_3x3")]
    result = search(SearchConfig(proxy="params", banned=banned))
    assert not result.shares["cell"].any()
    assert {gene.operation for gene in result.genotype.cells["cell"]} == {"avg_pool_3x3"}
    assert result.has("collapse")
