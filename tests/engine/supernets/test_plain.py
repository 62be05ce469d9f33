"""The plain supernet against the reference written out by hand, and the fast path against the plain supernet."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from engine import SPACES, SearchConfig, load_space
from engine.operations.layers import Conv, Norm, Pool, Relu, Residual
from engine.proxies.freeflow import score_masks
from engine.spaces import Plan, SearchSpace, Size
from engine.supernets.plain import Interior, PlainSupernet, weighted_module
from engine.supernets.spec import SupernetSpec
from engine.supernets.supernet import Supernet
from engine.supernets.weights import WeightedLayers, WeightStream
from tests.conftest import tiny
from tests.engine.documents import SMALL, documents
from tests.engine.reference import PUBLISHED, Reference
from tests.engine.strategies import FIELDS, NORMALISED, masks

NOISY = "robust-darts-s4"
"""A space in which R may be a small difference of large numbers: noise has either sign."""

HEADED = [name for name in PUBLISHED if SPACES[name].plan(Size(4, SPACES[name].cells_range.low)).head]
RECIPES = [*((name, "synaptic") for name in PUBLISHED), *((name, "released") for name in HEADED)]
"""Batch norm leaves no flow in a space without a head."""


def rectified(space: SearchSpace) -> SearchSpace:
    """The space with a ReLU before its global pooling, if it has no head: with batch norm nothing would flow."""

    class Rectified(type(space)):
        def plan(self, size: Size) -> Plan:
            plan = super().plan(size)
            return plan if plan.head else replace(plan, head=(Relu(),))

    return Rectified(**{field.name: getattr(space, field.name) for field in fields(space)})


def assert_same_scores(spec: SupernetSpec, several: list[np.ndarray], dtype: torch.dtype, tolerance: float):
    plain, fast = PlainSupernet(spec, dtype), Supernet(spec, "cpu", dtype)
    for one, other in zip(plain.scores(several), score_masks(fast, several), strict=True):
        np.testing.assert_allclose(other.shares, one.shares, rtol=tolerance, atol=tolerance * 1e-6)
        assert other.log_flow == pytest.approx(one.log_flow, abs=tolerance)


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_the_fast_path_has_the_scores_of_the_plain_one_without_normalisation(name: str, field: str):
    @settings(max_examples=2)
    @given(live=masks(SPACES[name]), alpha=st.sampled_from(["ones", "noise"]), seed=st.integers(0, 99))
    def check(live: np.ndarray, alpha: str, seed: int):
        spec = tiny(name, field=field, alpha=alpha, seed=seed).supernet
        assert_same_scores(spec, [SPACES[name].candidates, live], torch.float64, 1e-4 if name == NOISY else 1e-6)

    check()


@pytest.mark.parametrize(("name", "field"), [(name, field) for name, field in FIELDS if name != NOISY])
def test_single_precision_is_enough_without_normalisation(name: str, field: str):
    assert_same_scores(tiny(name, field=field, seed=4).supernet, [SPACES[name].candidates], torch.float32, 1e-4)


@pytest.mark.parametrize("name", SPACES)
def test_the_fast_path_has_the_scores_of_the_plain_one_with_batch_norm(name: str):
    """In double precision, small differences of large numbers being what batch norm leaves."""
    candidates = SPACES[name].candidates
    live = candidates & (np.random.default_rng(0).random(candidates.shape) < 0.7)
    live |= candidates & ~live.any(axis=2, keepdims=True)
    config = tiny(name, recipe="released", **NORMALISED[name])
    spec = config.supernet.model_copy(update={"space": rectified(SPACES[name])})
    assert_same_scores(spec, [candidates, live], torch.float64, 1e-4)


@pytest.mark.slow
@settings(max_examples=15)
@given(st.data())
def test_the_fast_path_has_the_scores_of_the_plain_one_in_own_spaces(data: st.DataObject):
    space = load_space(json.dumps(data.draw(documents())))
    fields = ["full"] if space.no_closed_form else ["full", "interior"]
    spec = SupernetSpec(space=space, channels=4, cells=1, image_size=16, field=data.draw(st.sampled_from(fields)))
    assert_same_scores(spec, [space.candidates], torch.float64, 1e-6)


def test_noise_in_an_own_space_is_the_same_by_both_paths():
    spec = SupernetSpec(space=load_space(json.dumps(SMALL)), channels=6, cells=2, image_size=12, seed=8)
    assert_same_scores(spec, [spec.space.candidates], torch.float64, 1e-4)


@pytest.mark.parametrize(("name", "recipe"), RECIPES)
def test_the_plain_supernet_has_the_scores_of_the_reference(name: str, recipe: str):
    config = tiny(name, recipe=recipe, seed=2, **NORMALISED[name])
    (scores,) = PlainSupernet(config.supernet, torch.float64).scores([SPACES[name].candidates])
    parts = {"channels": 4, "cells": config.cells, "image_size": config.image_size}
    recipes = {"normalisation": config.normalisation, "alpha": config.alpha}
    reference = Reference(name, seed=2, **parts, **recipes)
    expected, flow = reference.saliencies()
    np.testing.assert_allclose(scores.shares, np.abs(expected / flow), rtol=1e-6, atol=1e-12)
    assert scores.log_flow == pytest.approx(np.log(abs(flow)), abs=1e-6)


def test_the_pooled_shares_of_a_cell_count_its_cells():
    """Without normalisation R is homogeneous in α: the shares into the last node add up to the number of cells."""
    spec = SearchConfig(space="nas-bench-201", channels=4, cells=2, image_size=8).supernet
    (scores,) = PlainSupernet(spec, torch.float64).scores([spec.space.candidates])
    assert scores.shares[0, 3:].sum() == pytest.approx(6)


def test_a_supernet_without_flow_has_scores_that_are_no_numbers():
    spec = tiny("nas-bench-201").supernet
    (scores,) = PlainSupernet(spec).scores([np.zeros_like(spec.space.candidates)])
    assert scores.log_flow == -np.inf
    assert np.isnan(scores.shares).all()


def test_a_module_has_the_weights_that_were_drawn_in_the_order_of_its_layers():
    layers = (Residual((Conv(3, strided=True), Relu(6), Conv(1)), (Pool("avg", 2), Conv(1))), Norm(), Conv(1))
    drawn = WeightStream(0).layers(layers, 4, 6, 2)
    module = weighted_module(drawn, True, torch.float64)
    assert [tuple(p.shape) for p in module.parameters()] == [tuple(weight.shape) for weight in drawn.weights]
    assert all(torch.equal(p, w.double()) for p, w in zip(module.parameters(), drawn.weights, strict=True))
    assert not any(parameter.requires_grad for parameter in module.parameters())


def test_norms_and_bounds_are_kept_with_normalisation_only():
    drawn = WeightStream(0).layers((Conv(1), Norm(), Relu(6)), 4, 4)
    normalised, plain = (weighted_module(drawn, normalised, torch.float32) for normalised in (True, False))
    assert [type(child) for child in normalised] == [nn.Conv2d, nn.BatchNorm2d, nn.Hardtanh]
    assert [type(child) for child in plain] == [nn.Conv2d, nn.Identity, nn.ReLU]


@pytest.mark.parametrize("wrong", ["fewer", "more", "other"])
def test_weights_that_do_not_fit_a_module_are_refused(wrong: str):
    kernel = torch.ones(4, 4, 3, 3)
    weights = {"fewer": (), "more": (kernel, kernel), "other": (torch.ones(1, 4, 3, 3),)}[wrong]
    with pytest.raises(ValueError, match="weights"):
        weighted_module(WeightedLayers((Conv(3),), 4, 4, 1, weights), False, torch.float32)


def test_building_a_plain_supernet_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    PlainSupernet(tiny("darts").supernet)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("stride", [1, 2])
def test_in_the_interior_a_kernel_acts_as_the_sum_of_its_taps(stride: int):
    module = nn.Conv2d(3, 5, 5, stride=stride, padding=4, dilation=2, bias=False)
    x = torch.rand(1, 3, 1, 1)
    expected = (module.weight.sum((2, 3)) @ x[0, :, 0, 0])[None, :, None, None]
    torch.testing.assert_close(Interior(module)(x), expected)
    for pool in (nn.MaxPool2d(3, stride, 1), nn.AvgPool2d(3, stride, 1, count_include_pad=False)):
        torch.testing.assert_close(Interior(pool)(x), x)
