from __future__ import annotations

import numpy as np
import pytest
import torch

from engine import SPACES
from engine.networks.derived import sequence
from engine.operations.layers import Conv, Noise, Norm, Pool, Reduce, Relu, Residual
from engine.spaces import Size
from engine.supernets.spec import SupernetSpec
from engine.supernets.weights import SupernetWeights, WeightStream, architecture_parameters, image_sizes
from tests.conftest import tiny
from tests.engine.reference import PUBLISHED, Reference

LAYERS = {
    "convolution": (Relu(), Conv(3, strided=True), Norm()),
    "depthwise": (Conv(5, dilation=2, depthwise=True), Conv(1)),
    "reduction": (Reduce(), Norm()),
    "expansion": (Conv(1, expansion=3), Conv(3, depthwise=True, strided=True), Conv(1)),
    "residual": (Residual((Conv(3, strided=True), Relu(), Conv(3)), (Pool("avg", 2), Conv(1))), Norm()),
    "pooling": (Pool("max"), Norm()),
}


@pytest.mark.parametrize("layers", LAYERS.values(), ids=LAYERS)
def test_weights_have_the_shapes_of_the_parameters_of_the_torch_module(layers: tuple):
    drawn = WeightStream(0).layers(layers, 4, 6, 2)
    module = sequence(layers, 4, 6, 2)
    parameters = [parameter for parameter in module.parameters() if parameter.dim() > 1]  # but those of norms
    assert [weight.shape for weight in drawn.weights] == [parameter.shape for parameter in parameters]


def test_weights_are_uniform_between_zero_and_the_bound_of_their_fan_in():
    (kernel,) = WeightStream(7).layers((Conv(3),), 64, 64).weights
    bound = (64 * 9) ** -0.5
    assert float(kernel.min()) >= 0
    assert float(kernel.max()) <= bound
    assert float(kernel.mean()) == pytest.approx(bound / 2, rel=0.02)
    assert float(kernel.std()) == pytest.approx(bound / 12**0.5, rel=0.02)


def test_a_stream_goes_on_and_begins_again_with_its_seed():
    first, second = WeightStream(3), WeightStream(3)
    one, two = (first.kernel(4, 4, 3) for _ in range(2))
    assert not torch.equal(one, two)
    assert torch.equal(second.kernel(4, 4, 3), one)
    assert not torch.equal(WeightStream(4).kernel(4, 4, 3), one)


def test_noise_takes_nothing_from_the_stream_of_the_weights():
    plain, noisy = WeightStream(3), WeightStream(3)
    (noise,) = noisy.layers((Noise(),), 4, 4, 1, 8).weights
    assert noise.shape == (4, 8, 8)
    assert torch.equal(plain.kernel(4, 4, 3), noisy.kernel(4, 4, 3))


def test_a_layer_that_is_none_is_refused():
    with pytest.raises(AssertionError):
        WeightStream(0).layers((object(),), 4, 4)


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("image_size", [12, 32])
def test_the_size_of_an_image_in_every_cell_is_that_of_the_derived_network(space: str, image_size: int):
    described = SPACES[space]
    plan = described.plan(Size(4, min(4, described.cells_range.high)))
    sizes = []
    x = sequence(plan.stem, 3, plan.stem_channels, plan.stem_stride)(torch.ones(2, 3, image_size, image_size))
    states = [x] * described.inputs
    for cell in plan.cells:
        inputs = [
            sequence(layers, c_in, cell.input_channels, stride)(state)
            for (c_in, layers), stride, state in zip(cell.inputs, cell.input_stride, states, strict=True)
        ]
        size = inputs[-1][0, 0, :: cell.stride, :: cell.stride].shape[0]
        sizes.append(size)
        width = cell.channels * len(cell.local_outputs(described.outputs))
        states = [*states[1:], torch.ones(2, width, size, size)]
    assert image_sizes(plan, image_size) == sizes


def test_sizes_of_images_are_rounded_upwards():
    plan = SPACES["mobilenet"].plan(SPACES["mobilenet"].search_size)
    assert image_sizes(plan, 36)[0] == 9  # the stem halves, and the first layer
    assert image_sizes(plan, 36)[-1] == 2


@pytest.mark.parametrize("space", PUBLISHED)
def test_a_supernet_draws_its_weights_in_the_order_of_the_reference(space: str):
    """The last weights drawn, those of the classifier, are equal only where all before them took as many numbers."""
    config = tiny(space, seed=3)
    weights = SupernetWeights(config.supernet)
    weights.stem()
    assert sum(1 for _ in weights.cells()) == len(weights.plan.cells)
    weights.head()
    expected = Reference(space, seed=3, channels=config.channels, cells=config.cells, image_size=8).classifier
    np.testing.assert_allclose(weights.classifier().sum(0), expected, rtol=1e-6)


def test_every_operation_that_passes_something_has_weights_on_every_edge_it_stands_on():
    spec = SupernetSpec(space=SPACES["robust-darts-s3"], channels=4, cells=3)
    for cell in SupernetWeights(spec).cells():
        candidates = spec.space.candidates[spec.space.cell_types.index(cell.plan.kind)]
        for edge, by_operation in cell.edges.items():
            names = {spec.space.operations[index] for index in by_operation}
            assert names == {spec.space.operations[index] for index in np.flatnonzero(candidates[edge])} - {"none"}


def test_weights_do_not_depend_on_the_size_of_the_image():
    drawn = []
    for image_size in (8, 16):
        weights = SupernetWeights(tiny("robust-darts-s4", image_size=image_size).supernet)
        weights.stem()
        (noise, convolution), *_ = (edge.values() for edge in next(weights.cells()).edges.values())
        drawn.append((noise.weights[0], convolution.weights[0]))
    (small, kernel), (large, same_kernel) = drawn
    assert (small.shape, large.shape) == ((4, 8, 8), (4, 16, 16))
    assert torch.equal(kernel, same_kernel)


def test_noise_is_standard_normal_and_its_own_on_every_edge_and_in_every_cell():
    weights = SupernetWeights(tiny("robust-darts-s4", channels=16, image_size=32).supernet)
    edges = [edge for cell in weights.cells() for edge in cell.edges.values()]
    maps = [drawn.weights[0] for edge in edges for drawn in edge.values() if drawn.layers == (Noise(),)]
    assert len(maps) == len(weights.plan.cells) * 14
    values = torch.cat([noise.flatten() for noise in maps])
    assert float(values.mean()) == pytest.approx(0, abs=5 / len(values) ** 0.5)
    assert float(values.std()) == pytest.approx(1, abs=0.01)
    for index, one in enumerate(maps):
        assert all(one.shape != other.shape or not torch.equal(one, other) for other in maps[:index])


def test_alpha_is_one_or_positive_noise_of_the_published_scale():
    ones = architecture_parameters(SupernetSpec(space=SPACES["darts"], channels=4, cells=3))
    assert torch.equal(ones, torch.ones(2, 14, 8))
    noise = [
        architecture_parameters(SupernetSpec(space=SPACES["darts"], channels=4, cells=3, alpha="noise", seed=seed))
        for seed in (0, 0, 1)
    ]
    assert torch.equal(noise[0], noise[1])
    assert not torch.equal(noise[0], noise[2])
    assert float(torch.stack(noise).min()) > 0
    assert float(noise[0].square().mean().sqrt()) == pytest.approx(1e-3, rel=0.15)
