"""The registry of candidate operations, each described once, in layers, and shared by all search spaces."""

from __future__ import annotations

from dataclasses import dataclass

from engine.common.errors import unknown_name
from engine.operations.layers import Conv, Layer, Noise, Norm, Pool, Reduce, Relu, Residual, has_weights


@dataclass(frozen=True)
class Operation:
    """A candidate operation.

    `layers` describe it where size and width stay, `changing` where one of them changes (None: the same layers);
    `zero` marks the operation that passes nothing. `title` is its name for people, `short` that on an edge of a picture
    and `colour` its colour there, with a contrast of at least 3:1 to a white and to a black page.
    """

    name: str
    title: str
    short: str
    colour: str
    summary: str
    layers: tuple[Layer, ...] = ()
    changing: tuple[Layer, ...] | None = None
    zero: bool = False

    def at(self, stride: int, same_width: bool = True) -> tuple[Layer, ...]:
        """Return the layers at `stride` 1 or 2, with as many channels behind the operation as before it or not."""
        return self.layers if self.changing is None or (stride == 1 and same_width) else self.changing

    @property
    def convolutional(self) -> bool:
        """Return True for an operation with weights where size and width stay."""
        return any(has_weights(layer) for layer in self.layers)

    @property
    def pooling(self) -> bool:
        """Return True for a pooling."""
        return any(isinstance(layer, Pool) for layer in self.layers)

    @property
    def random(self) -> bool:
        """Return True for an operation that passes noise, whatever its input."""
        return any(isinstance(layer, Noise) for layer in self.layers)


def _relu_conv_norm(kernel: int) -> tuple[Layer, ...]:
    return (Relu(), Conv(kernel, strided=True), Norm())


def _conv_norm_relu(kernel: int) -> tuple[Layer, ...]:
    return (Conv(kernel, strided=True), Norm(), Relu())


def _separable(kernel: int) -> tuple[Layer, ...]:
    first = (Relu(), Conv(kernel, depthwise=True, strided=True), Conv(1), Norm())
    second = (Relu(), Conv(kernel, depthwise=True), Conv(1), Norm())
    return first + second


def _dilated(kernel: int) -> tuple[Layer, ...]:
    return (Relu(), Conv(kernel, dilation=2, depthwise=True, strided=True), Conv(1), Norm())


def _inverted(
    name: str, title: str, short: str, colour: str, expansion: int, kernel: int, limit: int | None = None
) -> Operation:
    """Describe the inverted residual block of MobileNetV2 (Sandler et al., CVPR 2018), bounded by `limit`."""
    main: tuple[Layer, ...] = (
        *(Conv(1, expansion=expansion), Norm(), Relu(limit)),
        *(Conv(kernel, depthwise=True, strided=True), Norm(), Relu(limit)),
        *(Conv(1), Norm()),
    )
    rectifier = "ReLU" if limit is None else f"ReLU{limit}"
    summary = f"1x1 to {expansion} times the channels, {kernel}x{kernel} depthwise, 1x1, each with batch norm"
    ends = f"{rectifier} between; residual where size and width stay"
    return Operation(name, title, short, colour, f"{summary}, {ends}", (Residual(main, ()),), main)


OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("none", "none", "none", "#8B95A1", "passes nothing", zero=True),
        Operation(
            "skip_connect",
            "skip",
            "skip",
            "#6B7F99",
            "identity; a factorised reduction at stride 2",
            changing=(Relu(), Reduce(), Norm()),
        ),
        Operation(
            "identity",
            "identity",
            "id",
            "#77808F",
            "identity; a strided 1x1 convolution and batch norm where size or width changes",
            changing=(Conv(1, strided=True), Norm()),
        ),
        Operation("avg_pool_3x3", "avg pool 3×3", "avg 3", "#C98500", "3x3 average pooling", (Pool("avg"),)),
        Operation("max_pool_3x3", "max pool 3×3", "max 3", "#D55E00", "3x3 max pooling", (Pool("max"),)),
        Operation(
            "nor_conv_1x1", "conv 1×1", "conv 1", "#2E9BD6", "ReLU, 1x1 convolution, batch norm", _relu_conv_norm(1)
        ),
        Operation(
            "nor_conv_3x3", "conv 3×3", "conv 3", "#2F6FE0", "ReLU, 3x3 convolution, batch norm", _relu_conv_norm(3)
        ),
        Operation(
            "sep_conv_3x3",
            "sep conv 3×3",
            "sep 3",
            "#1FA38A",
            "twice: ReLU, 3x3 depthwise, 1x1, batch norm",
            _separable(3),
        ),
        Operation(
            "sep_conv_5x5",
            "sep conv 5×5",
            "sep 5",
            "#2B8A3E",
            "twice: ReLU, 5x5 depthwise, 1x1, batch norm",
            _separable(5),
        ),
        Operation(
            "dil_conv_3x3",
            "dil conv 3×3",
            "dil 3",
            "#D4699F",
            "ReLU, 3x3 depthwise of dilation 2, 1x1, batch norm",
            _dilated(3),
        ),
        Operation(
            "dil_conv_5x5",
            "dil conv 5×5",
            "dil 5",
            "#A04FC4",
            "ReLU, 5x5 depthwise of dilation 2, 1x1, batch norm",
            _dilated(5),
        ),
        Operation(
            "conv1x1_bn_relu", "conv 1×1", "1x1", "#2E9BD6", "1x1 convolution, batch norm, ReLU", _conv_norm_relu(1)
        ),
        Operation(
            "conv3x3_bn_relu", "conv 3×3", "3x3", "#2F6FE0", "3x3 convolution, batch norm, ReLU", _conv_norm_relu(3)
        ),
        Operation("noise", "noise", "noise", "#8A8A2A", "standard normal noise in place of the input", (Noise(),)),
        _inverted("mb3_k3", "block 3 k3", "mb3 k3", "#1FA38A", 3, 3),
        _inverted("mb6_k5", "block 6 k5", "mb6 k5", "#2F6FE0", 6, 5),
        _inverted("mbconv3_3x3", "block 3 k3", "e3 k3", "#1FA38A", 3, 3, limit=6),
        _inverted("mbconv6_3x3", "block 6 k3", "e6 k3", "#2B8A3E", 6, 3, limit=6),
        _inverted("mbconv3_5x5", "block 3 k5", "e3 k5", "#2E9BD6", 3, 5, limit=6),
        _inverted("mbconv6_5x5", "block 6 k5", "e6 k5", "#2F6FE0", 6, 5, limit=6),
        _inverted("mbconv3_7x7", "block 3 k7", "e3 k7", "#D4699F", 3, 7, limit=6),
        _inverted("mbconv6_7x7", "block 6 k7", "e6 k7", "#A04FC4", 6, 7, limit=6),
    )
}


def get_operation(name: str) -> Operation:
    """Return the operation called `name`; `ValueError` names the value and the allowed ones."""
    if name not in OPERATIONS:
        raise unknown_name("operation", name, OPERATIONS)
    return OPERATIONS[name]
