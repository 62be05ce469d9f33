"""Every layer of the fast path: its features, its adjoint, and who owns the memory."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.operations.layers import Conv, Layer, Noise, Norm, Pool, Reduce, Relu, Residual
from engine.supernets.adjoint import Kernel, Stack, select
from engine.supernets.plain import weighted_module
from engine.supernets.weights import WeightedLayers, WeightStream

CONFIGURATIONS, SIZE = 2, 8

LINEAR: dict[str, tuple[Layer, ...]] = {
    "1x1": (Conv(1),),
    "1x1 strided": (Conv(1, strided=True),),
    "3x3": (Conv(3, strided=True),),
    "5x5 dilated": (Conv(5, dilation=2, strided=True),),
    "depthwise": (Conv(3, depthwise=True, strided=True), Conv(1)),
    "depthwise dilated": (Conv(5, dilation=2, depthwise=True), Conv(1)),
    "expansion": (Conv(1, expansion=3), Conv(3, depthwise=True, strided=True), Conv(1)),
    "average": (Pool("avg"), Conv(1)),
    "average of a stride": (Pool("avg", 2), Conv(1)),
    "residual": (Residual((Conv(3, strided=True), Conv(3)), (Pool("avg", 2), Conv(1))),),
    "residual of an identity": (Conv(1), Residual((Conv(3),), ())),
}
NONLINEAR: dict[str, tuple[Layer, ...]] = {
    "relu": (Relu(),),
    "relu with a bound": (Relu(1),),
    "norm": (Norm(),),
    "max": (Pool("max"),),
    "relu, 3x3, norm": (Relu(), Conv(3, strided=True), Norm()),
    "residual": (Residual((Relu(), Conv(3)), ()), Norm()),
}
STRIDED: dict[str, tuple[Layer, ...]] = {"reduction": (Reduce(),)}
"""Layers for stride 2 only."""

CASES = [
    *((layers, stride) for layers in LINEAR.values() for stride in (1, 2)),
    *((layers, 2) for layers in STRIDED.values()),
]
NAMES = [
    *(f"{name}, stride {stride}" for name in LINEAR for stride in (1, 2)),
    *(f"{name}, stride 2" for name in STRIDED),
]


def valid(layers: tuple[Layer, ...], stride: int) -> bool:
    """Whether the branches of a residual and windows of even size have results of one size at this stride."""
    return stride == 2 or layers not in (LINEAR["average of a stride"], LINEAR["residual"])


linear = pytest.mark.parametrize(
    ("layers", "stride"),
    [pytest.param(*case, id=name) for case, name in zip(CASES, NAMES, strict=True) if valid(*case)],
)
nonlinear = pytest.mark.parametrize(
    ("layers", "stride"),
    [
        pytest.param(layers, stride, id=f"{name}, stride {stride}")
        for name, layers in NONLINEAR.items()
        for stride in (1, 2)
    ],
)


def random(*shape: int, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def drawn(layers: tuple[Layer, ...], stride: int, edges: int, c_out: int) -> list[WeightedLayers]:
    """Weights of both signs, for as many edges."""
    stream = WeightStream(0)
    weighted = [stream.layers(layers, 4, c_out, stride) for _ in range(edges)]
    return [
        WeightedLayers(layers, 4, c_out, stride, tuple(weight - weight.mean() for weight in edge.weights))
        for edge in weighted
    ]


def stack(edges: list[WeightedLayers]) -> Stack:
    weights = [torch.stack(same).double() for same in zip(*(edge.weights for edge in edges), strict=True)]
    return Stack.of(edges[0].layers, weights, edges[0].stride)


def modules(edges: list[WeightedLayers], x: Tensor) -> Tensor:
    """The torch modules of the edges, for every configuration by itself, from and to `(B, H, W, edges * C)`."""
    rows = []
    for row in x.permute(0, 3, 1, 2).split(1):
        parts = zip(edges, row.chunk(len(edges), 1), strict=True)
        rows.append(torch.cat([weighted_module(edge, True, torch.float64)(part) for edge, part in parts], 1))
    return torch.cat(rows).permute(0, 2, 3, 1)


@pytest.mark.parametrize("edges", [1, 3])
@linear
def test_the_pull_of_a_linear_layer_passes_the_dot_test(layers: tuple[Layer, ...], stride: int, edges: int):
    """⟨A u, v⟩ = ⟨u, Aᵀ v⟩."""
    step, u = stack(drawn(layers, stride, edges, 6)), random(CONFIGURATIONS, SIZE, SIZE, edges * 4, seed=1)
    result, pull = step(u, range(edges))
    v = random(*result.shape, seed=2)
    assert float((result * v).sum()) == pytest.approx(float((u * pull(v)).sum()), rel=1e-10)


@pytest.mark.parametrize("edges", [1, 3])
@pytest.mark.parametrize("layers", [LINEAR["3x3"], LINEAR["depthwise"], LINEAR["expansion"]], ids=str)
def test_the_sum_over_edges_passes_the_dot_test(layers: tuple[Layer, ...], edges: int):
    step, u = stack(drawn(layers, 2, edges, 6)), random(CONFIGURATIONS, SIZE, SIZE, edges * 4, seed=1)
    apart, _ = step(u, range(edges))
    result, pull = step(u, range(edges), summed=True)
    torch.testing.assert_close(result, apart.unflatten(3, (edges, 6)).sum(3))
    v = random(*result.shape, seed=2)
    assert float((result * v).sum()) == pytest.approx(float((u * pull(v)).sum()), rel=1e-10)


def assert_as_autograd(layers: tuple[Layer, ...], stride: int, c_out: int):
    edges = drawn(layers, stride, 2, c_out)
    x = random(CONFIGURATIONS, SIZE, SIZE, 2 * 4, seed=1)
    result, pull = stack(edges)(x, range(2))
    leaf = x.clone().requires_grad_()
    expected = modules(edges, leaf)
    torch.testing.assert_close(result, expected.detach())
    v = random(*result.shape, seed=2)
    torch.testing.assert_close(pull(v), torch.autograd.grad(expected, leaf, v)[0])


@linear
def test_a_linear_layer_and_its_pull_are_those_of_its_torch_module(layers: tuple[Layer, ...], stride: int):
    assert_as_autograd(layers, stride, 6)


@nonlinear
def test_a_nonlinear_layer_and_its_pull_are_those_of_its_torch_module(layers: tuple[Layer, ...], stride: int):
    assert_as_autograd(layers, stride, 4)


def memory(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def assert_owns_its_memory(step: Stack, edges: int, summed: bool = False):
    x = random(CONFIGURATIONS, SIZE, SIZE, edges * 4, seed=1)
    features = x.clone()
    result, pull = step(x, range(edges), summed)
    gradient = random(*result.shape, seed=2)
    before = gradient.clone()
    first, second = pull(gradient), pull(gradient)
    assert torch.equal(x, features)
    assert torch.equal(gradient, before)
    assert torch.equal(first, second)
    shared = [x, result, gradient, *(weight for kernel in step.kernels for weight in (kernel.forward, kernel.adjoint))]
    assert memory(first) not in {memory(second), *(memory(tensor) for tensor in shared)}
    first.zero_()  # as an owner may
    assert torch.equal(pull(gradient), second)


@pytest.mark.parametrize("edges", [1, 2])
@linear
def test_a_pull_of_a_linear_layer_leaves_what_it_is_given_and_returns_its_own(
    layers: tuple[Layer, ...], stride: int, edges: int
):
    assert_owns_its_memory(stack(drawn(layers, stride, edges, 6)), edges)
    if isinstance(layers[-1], Conv):
        assert_owns_its_memory(stack(drawn(layers, stride, edges, 6)), edges, summed=True)


@nonlinear
def test_a_pull_of_a_nonlinear_layer_leaves_what_it_is_given_and_returns_its_own(
    layers: tuple[Layer, ...], stride: int
):
    assert_owns_its_memory(stack(drawn(layers, stride, 2, 4)), 2)


def test_the_pull_of_no_layers_returns_a_copy():
    assert_owns_its_memory(Stack((), (), 1), 2)
    expanded = torch.ones(1, 1, 1, 4).expand(2, 8, 8, 4)
    _, pull = Stack((), (), 1)(expanded)
    pull(expanded).mul_(2)  # an expanded tensor could not be written to


def test_only_the_chosen_edges_are_computed():
    step, x = stack(drawn((Conv(3),), 1, 3, 6)), random(1, SIZE, SIZE, 12, seed=1)
    every, _ = step(x, range(3))
    chosen, _ = step(torch.cat([x[..., :4], x[..., 8:]], 3), [0, 2])
    torch.testing.assert_close(chosen, torch.cat([every[..., :6], every[..., 12:]], 3))


def test_noise_and_what_is_no_layer_are_refused():
    x = torch.ones(1, 4, 4, 4)
    with pytest.raises(TypeError, match="noise"):
        Stack((Noise(),), (), 1)(x)
    with pytest.raises(AssertionError):
        Stack((object(),), (), 1)(x)


def test_a_selection_of_everything_is_the_tensor_itself():
    tensor = torch.arange(6.0).view(3, 2)
    assert select(tensor, [0, 1, 2]) is tensor
    assert torch.equal(select(tensor, [0, 2]), tensor[[0, 2]])


def test_a_turned_kernel_turned_again_is_itself():
    weight = random(2, 6, 4, 3, 3, seed=1)
    kernel = Kernel.of(weight, depthwise=False)
    assert kernel.adjoint.shape == (2, 4, 6, 3, 3)
    assert torch.equal(Kernel.of(kernel.adjoint, depthwise=False).adjoint, weight)
    assert torch.equal(kernel[[1]].forward, weight[1:])
