"""The spaces of Robust-DARTS: operations by edge, noise, and what FreeFlow makes of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import SPACES, Genotype, SearchConfig, SearchResult, explain, flow, parse_genotype, search
from engine.genotypes.population import ABSENT, Population
from engine.networks.cost import network_cost
from engine.proxies.base import Scores
from engine.proxies.freeflow import score_masks
from engine.searches.constraints import candidate_operations, parse_edge_operation
from engine.searches.pruning import EQUAL
from engine.searches.result import Pass
from engine.spaces import Size, get_space
from engine.studies.seeds import closed_form
from engine.supernets.supernet import Supernet
from tests.conftest import tiny
from tests.engine import reference
from tests.engine.reference import Reference
from tests.engine.strategies import FIELDS, genotypes, masks

NAMES = [f"robust-darts-s{number}" for number in (1, 2, 3, 4)]
ROBUST_FIELDS = [(name, field) for name, field in FIELDS if name in NAMES]
SEP3 = "sep_conv_3x3"


def plain_of(config: SearchConfig) -> Reference:
    sizes = {"channels": config.channels, "cells": config.cells, "image_size": config.image_size}
    recipe = {"normalisation": config.normalisation, "alpha": config.alpha}
    return Reference(config.space, seed=config.seed, wrap=config.field == "interior", **sizes, **recipe)


def scores(config: SearchConfig, live: np.ndarray) -> Scores:
    supernet = Supernet(config.supernet, "cpu", getattr(torch, config.dtype))
    (found,) = score_masks(supernet, [live])
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_edge_has_the_published_operations(name: str):
    described = get_space(name)
    assert described.edges == get_space("darts").edges
    assert list(described.operations) == reference.OPERATIONS[name]
    for kind, cell in enumerate(described.cell_types):
        for edge, expected in enumerate(reference.operations_on(name, kind)):
            there = described.candidates[kind, edge]
            assert {described.operations[index] for index in np.flatnonzero(there)} == set(expected), (cell, edge)
    assert described.plan(Size(16, 8)) == get_space("darts").plan(Size(16, 8))


def test_how_many_architectures_there_are():
    """Two operations, or two besides none, on every edge; DARTS has seven."""
    for name in NAMES:
        assert get_space(name).architectures() * (7 / 2) ** 16 == pytest.approx(get_space("darts").architectures())


@settings(max_examples=3)
@given(st.data())
@pytest.mark.parametrize(("name", "field"), ROBUST_FIELDS)
def test_shares_of_what_pruning_leaves_are_those_of_plain_autograd(name: str, field: str, data: st.DataObject):
    """With noise alone into a node its features are negative in part, and the rectifiers work."""
    alpha = data.draw(st.sampled_from(["ones", "noise"]))
    config = tiny(name, field=field, alpha=alpha, dtype="float64", seed=data.draw(st.integers(0, 999)))
    live = data.draw(masks(SPACES[name]))
    plain = plain_of(config)
    found, (expected, total) = scores(config, live), plain.saliencies(live)
    tolerance = 1e-8 if field == "full" else 1e-5
    np.testing.assert_allclose(found.shares, abs(expected / total), rtol=tolerance, atol=1e-13)
    assert found.log_flow == pytest.approx(np.log(abs(total)), abs=tolerance)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("alpha", ["ones", "noise"])
def test_shares_with_batch_norm_are_those_of_plain_autograd(name: str, alpha: str):
    """True gradients are 0 but for noise, so raw saliencies are compared to a fraction of the flow of features."""
    config = tiny(name, normalisation="batch", alpha=alpha, dtype="float64")
    supernet = Supernet(config.supernet, "cpu", torch.float64)
    live = get_space(name).candidates
    weights = supernet.architecture_parameters([live]).requires_grad_()
    total, _ = supernet(weights, live)
    (gradient,) = torch.autograd.grad(total.sum(), weights)
    expected, plain_total = plain_of(config).saliencies()
    np.testing.assert_allclose((weights * gradient)[0].detach(), expected, atol=1e-9)
    assert float(total.detach()) == pytest.approx(plain_total, abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_a_search_removes_what_a_plain_one_removes(name: str):
    config = tiny(name, dtype="float64", seed=2)
    result = search(config)
    plain = plain_of(config)
    removals, live, shares = reference.prune(plain, EQUAL)
    described = result.space
    steps = [
        (described.cell_types.index(step.cell), step.edge, described.operations.index(step.operation))
        for step in result.steps
    ]
    assert steps == removals
    genes = [[tuple(gene) for gene in cell] for _, cell in result.genotype.genes]
    assert genes == reference.derived_genes(name, live, shares)


@pytest.mark.parametrize("name", NAMES)
def test_a_result_never_holds_what_is_no_candidate(name: str, tiny_results: dict[str, SearchResult]):
    result, described = tiny_results[name], get_space(name)
    for kind, cell in enumerate(described.cell_types):
        assert (result.live(cell, 0) == described.candidates[kind]).all()
        assert (result.live(cell, len(result.steps)).sum(axis=1) == 1).all()
        assert not result.shares[cell][~described.candidates[kind]].any()
    assert {(step.cell, described.edges[step.edge], step.operation) for step in result.steps} <= {
        (place.cell, place.edge, place.operation)
        for place in (parse_edge_operation(text, described) for text in candidate_operations(described))
    }


def test_a_result_with_a_step_that_is_no_candidate_is_refused(tiny_results: dict[str, SearchResult]):
    result = tiny_results["robust-darts-s1"]
    wrong = dataclasses.replace(result.steps[0], cell="normal", edge=0, operation="max_pool_3x3")
    broken = dataclasses.replace(result, steps=(wrong, *result.steps[1:]))
    with pytest.raises(ValueError, match=r"steps\[0\]: no such live operation"):
        SearchResult.from_json(broken.to_json())


# What a user may write.

S1_TEXT = (
    "Genotype(normal=[('dil_conv_3x3', 0), ('dil_conv_5x5', 1), ('sep_conv_3x3', 1), ('skip_connect', 2), "
    "('max_pool_3x3', 0), ('skip_connect', 2), ('dil_conv_3x3', 3), ('dil_conv_5x5', 4)], normal_concat=range(2, 6), "
    "reduce=[('max_pool_3x3', 0), ('dil_conv_3x3', 1), ('avg_pool_3x3', 1), ('dil_conv_5x5', 2), ('avg_pool_3x3', 0), "
    "('sep_conv_3x3', 1), ('dil_conv_5x5', 3), ('skip_connect', 4)], reduce_concat=range(2, 6))"
)


def test_a_text_alone_is_one_of_darts_and_one_of_s1_where_that_is_said():
    plain, robust = parse_genotype(S1_TEXT), parse_genotype(S1_TEXT, "robust-darts-s1")
    assert (plain.space.name, robust.space.name) == ("darts", "robust-darts-s1")
    assert plain.genes == robust.genes
    assert plain != robust
    assert plain.notation == robust.notation == S1_TEXT
    assert parse_genotype(robust.to_json()) == parse_genotype(robust.to_json(), get_space("robust-darts-s1")) == robust
    size = Size(36, 20)
    assert network_cost(plain, size) == network_cost(robust, size)


def test_an_operation_of_another_edge_is_refused_with_those_allowed():
    swapped = S1_TEXT.replace("('dil_conv_3x3', 0)", "('max_pool_3x3', 0)", 1)
    parse_genotype(swapped)
    with pytest.raises(
        ValueError, match="normal, edge 1: unknown operation 'max_pool_3x3'; allowed: skip_connect, dil_"
    ):
        parse_genotype(swapped, "robust-darts-s1")
    with pytest.raises(ValueError, match="normal, edge 1: unknown operation 'dil_conv_3x3'; allowed: skip_connect, s"):
        parse_genotype(S1_TEXT, "robust-darts-s2")


def test_json_of_another_space_is_refused():
    text = parse_genotype(S1_TEXT).to_json()
    with pytest.raises(ValueError, match="a genotype of DARTS found, one of Robust-DARTS S1 expected"):
        parse_genotype(text, "robust-darts-s1")


@pytest.mark.parametrize("name", NAMES)
def test_places_are_the_candidates(name: str):
    described = get_space(name)
    assert len(candidate_operations(described)) == described.candidates.sum() == 28 * (3 if name.endswith("s3") else 2)
    for text in candidate_operations(described):
        assert parse_edge_operation(text, described).text(described) == text


def test_a_place_that_is_no_candidate_is_refused():
    for part in ("banned", "pinned"):
        with pytest.raises(
            ValueError, match=r"'normal:0-2:max_pool_3x3': 'max_pool_3x3' is no candidate on this edge of"
        ):
            SearchConfig(space="robust-darts-s1", **{part: ("normal:0-2:max_pool_3x3",)})
    config = SearchConfig(
        space="robust-darts-s1", pinned=("reduce:1-2:max_pool_3x3",), banned=("normal:0-2:skip_connect",)
    )
    assert config.live.sum() == 56 - 2


@given(genotypes(get_space("robust-darts-s1")))
def test_genotypes_keep_to_their_edges(genotype: Genotype):
    for kind, genes in genotype.genes:
        kinds = {"normal": 0, "reduce": 1}
        for source, target, name in genes:
            edge = reference.edges_of("darts").index((source, target))
            assert name in reference.operations_on("robust-darts-s1", kinds[kind])[edge]


@pytest.mark.parametrize("name", NAMES)
def test_samples_are_candidates(name: str):
    drawn = Population.sample(name, 400, seed=0)
    for kind, table in enumerate(drawn.operations):
        for edge, chosen in enumerate(table.T):
            allowed = [
                drawn.space.operations.index(each)
                for each in reference.operations_on(name, kind)[edge]
                if each != "none"
            ]
            assert set(chosen.tolist()) - {ABSENT} == set(allowed)


# Noise.


def test_noise_has_no_closed_form_and_everything_that_needs_one_says_so():
    reason = "Robust-DARTS S4 has no closed form: the maps that 'noise' passes are not constant"
    assert get_space("robust-darts-s4").no_closed_form == reason
    assert all(described.no_closed_form is None for described in SPACES.values() if described.name[-2:] != "s4")
    for asked in ({"field": "interior"}, {"max_params": 10**6}):
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            SearchConfig(space="robust-darts-s4", **asked)
        assert explain(caught.value).endswith(reason)
    with pytest.raises(ValueError, match=reason):
        flow("robust-darts-s4", Population.sample("robust-darts-s4", 2, seed=0))
    config = SearchConfig(space="robust-darts-s4")
    assert closed_form(config) == config


def shares_of(found: Pass | SearchResult, name: str) -> np.ndarray:
    """The shares of one operation, `(cell types, edges)`."""
    column = get_space("robust-darts-s4").operations.index(name)
    return np.stack([table[:, column] for table in found.shares.values()])


@pytest.mark.parametrize("seed", [0, 1])
def test_the_share_of_noise_vanishes(seed: int):
    """At the default size flow grows by e^100 on its way, and noise does not: it is the first to go, everywhere."""
    result = search(SearchConfig(space="robust-darts-s4", seed=seed, per_round=4, device="cpu"))
    noise, convolution = (shares_of(result, name) for name in ("noise", SEP3))
    assert (noise < 1e-3 * convolution).all()
    assert noise.sum() < 1e-3
    assert noise[1].sum() < 1e-9, "the cells that reduce come after others, where flow is larger by many orders"
    assert all(step.operation == "noise" for step in result.steps)
    assert {gene.operation for _, genes in result.genotype.genes for gene in genes} == {SEP3}


def test_noise_loses_with_every_cell_before_it():
    """The cells that reduce come later in a longer network."""
    totals = [
        shares_of(search(tiny("robust-darts-s4", cells=cells, method="one-shot")), "noise")[1].sum()
        for cells in (3, 6, 12)
    ]
    assert totals[0] > 10 * totals[1] > 100 * totals[2] > 0


def test_the_released_recipe_takes_noise_and_says_that_this_is_a_collapse():
    """Batch norm leaves convolutions a mean of 0, so noise alone reaches the logits, in the last, normal, cell."""
    result = search(tiny("robust-darts-s4", recipe="released", cells=4))
    noise, convolution = (shares_of(result, name) for name in ("noise", SEP3))
    assert np.median(noise[0]) > 1000 * convolution.max()  # noise may cancel on one edge or another
    assert result.has("collapse")
    assert {gene.operation for gene in result.genotype.cells["normal"]} == {"noise"}
