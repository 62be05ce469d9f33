from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch

from engine.operations.layers import Conv, Noise, Norm, Pool, Relu, Residual
from engine.operations.registry import get_operation
from engine.supernets.arrangement import Builder, _bypassed, _composed
from engine.supernets.plain import Interior, weighted_module
from engine.supernets.weights import SupernetWeights, WeightStream
from tests.conftest import tiny
from tests.engine.strategies import FIELDS


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_every_operation_on_every_edge_stands_in_one_group(name: str, field: str):
    spec = tiny(name, field=field).supernet
    builder, weights = Builder(spec, torch.device("cpu"), torch.float32), SupernetWeights(spec)
    for drawn in weights.cells():
        cell = builder.cell(drawn)
        counts = Counter(
            (edge, operation)
            for groups in cell.targets
            for group in groups
            for edge in group.edges
            for operation in group.operations
        )
        candidates = spec.space.candidates[cell.type_index]
        passing = [not get_operation(operation).zero for operation in spec.space.operations]
        expected = {
            (edge, operation) for edge in cell.edges for operation in np.flatnonzero(candidates[edge] & passing)
        }
        assert counts == Counter(expected)
        targets = [{cell.edges[edge].target for group in groups for edge in group.edges} for groups in cell.targets]
        assert targets == [{node} for node in range(len(cell.inputs), len(cell.inputs) + len(targets))]


@pytest.mark.parametrize("name", [name for name, field in FIELDS if field == "interior"])
def test_in_the_interior_every_operation_is_a_matrix(name: str):
    spec = tiny(name, field="interior").supernet
    builder = Builder(spec, torch.device("cpu"), torch.float32)
    for drawn in SupernetWeights(spec).cells():
        for groups in builder.cell(drawn).targets:
            assert all(group.matrices is not None and not group.stack.layers for group in groups)


@pytest.mark.parametrize("stride", [1, 2])
def test_the_matrix_of_layers_is_what_they_do_to_a_constant_map(stride: int):
    layers = (
        *(Relu(), Conv(5, dilation=2, depthwise=True, strided=True), Conv(1), Norm()),
        *(Residual((Conv(3), Relu(6), Conv(3)), ()), Pool("avg", strided=False)),
    )
    drawn = WeightStream(0).layers(layers, 4, 6, stride)
    weights = iter([weight[None].double() for weight in drawn.weights])
    (matrix,) = _composed(layers, weights, torch.eye(4, dtype=torch.float64)[None])
    x = torch.rand(1, 4, 1, 1, dtype=torch.float64)
    result = Interior(weighted_module(drawn, False, torch.float64))(x)
    torch.testing.assert_close(x[0, :, 0, 0] @ matrix, result[0, :, 0, 0])


def test_without_normalisation_norms_bounds_and_useless_rectifiers_are_left_out():
    layers = (Relu(6), Conv(3), Norm(), Residual((Norm(), Conv(1), Relu()), (Pool("max"),)))
    assert tuple(_bypassed(layers, positive=True)) == (Conv(3), Residual((Conv(1),), (Pool("max"),)))
    assert tuple(_bypassed(layers, positive=False)) == (Relu(), Conv(3), Residual((Conv(1), Relu()), (Pool("max"),)))


def test_what_is_no_layer_or_has_no_closed_form_is_refused():
    with pytest.raises(AssertionError):
        tuple(_bypassed((object(),), positive=True))
    with pytest.raises(AssertionError):
        _composed((object(),), iter(()), torch.eye(4)[None])
    with pytest.raises(TypeError, match="closed form"):
        _composed((Noise(),), iter([torch.ones(1, 4, 8, 8)]), torch.eye(4)[None])
