from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from engine import Genotype, SearchConfig, SearchStopped, parse_genotype
from engine.genotypes.population import Population
from engine.proxies.freeflow import score_masks
from engine.spaces import get_space
from engine.supernets.flow import flow, parallel_seeds
from engine.supernets.supernet import Supernet
from tests.engine.reference import Reference
from tests.engine.strategies import THREEFOLD, gene_counts
from tests.engine.strategies import genotypes as architectures

SIZES = {
    "nas-bench-201": {"channels": 4, "cells": 2},
    "darts": {"channels": 4, "cells": 5},
    "nas-bench-macro": {"channels": 4},
    "mobilenet": {"channels": 4},
    "nas-bench-1shot1-1": {"channels": 4, "cells": 2},
}
DISCONNECTED = "|none~0|+|none~0|nor_conv_3x3~1|+|none~0|nor_conv_3x3~1|nor_conv_3x3~2|"


def masks_of(genotypes: list[Genotype]) -> list[np.ndarray]:
    """The mask of the supernet that leaves nothing but a genotype."""
    described = genotypes[0].space
    table = Population.of(described.name, genotypes).operations
    return [(chosen[..., None] == np.arange(len(described.operations))) for chosen in np.moveaxis(table, 1, 0)]


def some_genotypes(name: str, count: int) -> list[Genotype]:
    """Random genotypes that have a path."""
    drawn = Population.sample(name, 2 * count, seed=5).genotypes()
    finite = np.isfinite(flow(name, drawn, **SIZES[name]))
    return [genotype for genotype, there in zip(drawn, finite, strict=True) if there][:count]


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("seed", [0, 3])
def test_the_flow_of_a_genotype_is_that_of_the_supernet_with_its_mask(name: str, seed: int):
    genotypes = some_genotypes(name, 40)
    supernet = Supernet(SearchConfig(space=name, seed=seed, field="interior", **SIZES[name]).supernet)
    expected = [scores.log_flow for scores in score_masks(supernet, masks_of(genotypes))]
    np.testing.assert_allclose(flow(name, genotypes, seed, **SIZES[name]), expected, atol=1e-4)


@pytest.mark.parametrize("name", SIZES)
def test_flow_is_that_of_an_image_without_a_border(name: str):
    """Padded around the border, a constant image stays constant: the whole image then acts as its interior."""
    genotypes = some_genotypes(name, 5)
    plain = Reference(name, **SIZES[name], wrap=True)
    expected = [np.log(float(plain.flow(plain.alpha, mask))) for mask in masks_of(genotypes)]
    np.testing.assert_allclose(flow(name, genotypes, **SIZES[name]), expected, atol=1e-4)


@pytest.mark.slow
def test_flow_ranks_cells_as_the_whole_image_does():
    genotypes = some_genotypes("nas-bench-201", 300)
    supernet = Supernet(SearchConfig(space="nas-bench-201", image_size=32, **SIZES["nas-bench-201"]).supernet)
    whole = []
    for mask in masks_of(genotypes):
        alpha = supernet.architecture_parameters([mask])
        total, log_scale = supernet(alpha, mask)
        whole.append(float(total.log() + log_scale))
    assert spearmanr(flow("nas-bench-201", genotypes, **SIZES["nas-bench-201"]), whole)[0] >= 0.999


def test_a_genotype_without_a_path_has_no_flow():
    genotypes = [
        parse_genotype(DISCONNECTED),
        parse_genotype(DISCONNECTED.replace("none~0|+|none~0", "none~0|+|skip_connect~0", 1)),
    ]
    found = flow("nas-bench-201", genotypes, **SIZES["nas-bench-201"])
    assert found[0] == -np.inf
    assert np.isfinite(found[1])


def test_flow_stays_finite_at_a_hundred_cells_a_stage():
    genotypes = [
        parse_genotype(
            "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|skip_connect~2|"
        )
    ]
    (found,) = flow("nas-bench-201", genotypes, channels=4, cells=100)
    assert 300 < found < 3000


def test_flow_does_not_depend_on_the_company():
    """More genotypes than are computed together, in another order: each has the value it has alone."""
    genotypes = some_genotypes("nas-bench-201", 7) * 400
    found = flow("nas-bench-201", genotypes, **SIZES["nas-bench-201"])
    alone = [flow("nas-bench-201", [genotype], **SIZES["nas-bench-201"])[0] for genotype in genotypes[:7]]
    np.testing.assert_allclose(found, np.tile(alone, 400), atol=1e-5)
    assert flow("nas-bench-201", []).shape == (0,)


def test_flow_reports_progress_and_stops():
    genotypes = some_genotypes("nas-bench-201", 5) * 1000
    done: list[tuple[int, int]] = []
    sizes = SIZES["nas-bench-201"]
    flow("nas-bench-201", genotypes, **sizes, on_progress=lambda progress: done.append((progress.done, progress.total)))
    assert done[-1] == (5000, 5000)
    assert done == sorted(done)
    with pytest.raises(SearchStopped):
        flow("nas-bench-201", genotypes, **sizes, should_stop=lambda: True)


def test_a_genotype_of_another_space_is_refused():
    with pytest.raises(ValueError, match="genotype 2 is one of darts; nas-bench-201 expected"):
        flow("nas-bench-201", [some_genotypes("nas-bench-201", 1)[0], some_genotypes("darts", 1)[0]])
    with pytest.raises(ValueError, match="those of darts; nas-bench-201 expected"):
        flow("nas-bench-201", Population.sample("darts", 1, 0))


@pytest.mark.parametrize("name", ["darts", "robust-darts-s1", "robust-darts-s3"])
@settings(max_examples=4)
@given(data=st.data())
def test_flows_of_parallel_operations_are_added_and_none_passes_nothing(name: str, data: st.DataObject):
    drawn = data.draw(st.lists(architectures(get_space(name), derivable=False), min_size=1, max_size=3))
    size = {"channels": 4, "cells": 3, "wrap": True}
    for genotype, found in zip(drawn, flow(name, drawn, 7, channels=4, cells=3), strict=True):
        counts, (first, second) = gene_counts(genotype), parallel_seeds(7, 2)
        plain = Reference(name, seed=first, **size)
        plain.double(Reference(name, seed=second, **size), counts == 2)
        with np.errstate(divide="ignore"):
            expected = np.log(float(plain.flow(plain.alpha, counts > 0)))
        assert found == pytest.approx(expected, abs=1e-4)


def test_seeds_of_parallel_operations_begin_with_that_of_the_supernet_and_differ():
    seeds = parallel_seeds(2**32 - 1, 3)
    assert seeds[:1] == parallel_seeds(2**32 - 1, 1) == [2**32 - 1]
    assert seeds[:2] == parallel_seeds(2**32 - 1, 2)
    assert len(set(seeds) | set(parallel_seeds(0, 3))) == 6
    assert all(0 <= seed < 2**32 for seed in seeds)


@settings(max_examples=4)
@given(data=st.data())
def test_parallel_operations_in_company_change_no_other_flow(data: st.DataObject):
    """Three of an operation on an edge flow as well; what stands beside an architecture makes no difference."""
    drawn = data.draw(st.lists(architectures(THREEFOLD, derivable=False), min_size=2, max_size=4))
    alone = [flow(THREEFOLD, [genotype])[0] for genotype in drawn]
    np.testing.assert_allclose(flow(THREEFOLD, drawn), alone, atol=1e-5)
