"""The derived network of a genotype: a torch module to train, without drop path and without an auxiliary head.

All but `build` knows plain descriptions only (layers, genes, plans): `engine.exports.source` copies the definition of
`Network`, and all that it uses, into a file that stands by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

import torch
from torch import Tensor, nn

from engine.genotypes.genotype import Genotype
from engine.operations.layers import Conv, Layer, Noise, Norm, Pool, Reduce, Relu, Residual
from engine.operations.registry import OPERATIONS
from engine.spaces.fields import check_cells
from engine.spaces.plan import CellPlan, EdgeShape, Gene, Plan, Size, walk

OperationLayers = Mapping[bool, Mapping[str, tuple[Layer, ...] | None]]
"""Layers of the operations by name, where size or width changes (True) and where not; None passes nothing."""


def build(genotype: Genotype, size: Size | None = None, classes: int = 10) -> Network:
    """Build the network of `genotype` at `size` (the evaluation size of its space where it is None).

    Weights are PyTorch's default initialisation, drawn from its global generator. `ValueError` names a size that the
    space does not take.
    """
    space = genotype.space
    size = size or space.evaluation_size
    check_cells(space, size.cells)
    if size.channels < 1 or classes < 1:
        raise ValueError(f"channels and classes must be at least 1, {size.channels} and {classes} given")
    operations = {
        changes: {name: None if op.zero else op.at(1, not changes) for name, op in OPERATIONS.items()}
        for changes in (False, True)
    }
    return Network(space.plan(size), genotype.cells, operations, space.outputs, classes)


class Zero(nn.Module):
    """An operation that passes nothing: zeros in the shape of the input at `stride`."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """Return zeros `(B, C, H / stride, W / stride)` for `(B, C, H, W)`."""
        return torch.zeros_like(x[:, :, :: self.stride, :: self.stride])


class GaussianNoise(nn.Module):
    """Standard normal numbers in the shape of the input at `stride`: new at every pass, or the same from `seed`."""

    def __init__(self, stride: int, seed: int | None = None) -> None:
        super().__init__()
        self.stride = stride
        self.seed = seed

    def forward(self, x: Tensor) -> Tensor:
        """Return noise `(B, C, H / stride, W / stride)` for `(B, C, H, W)`."""
        strided = x[:, :, :: self.stride, :: self.stride]
        if self.seed is None:
            return torch.randn_like(strided)
        return torch.randn(strided.shape, generator=torch.Generator().manual_seed(self.seed)).to(strided)


class FactorisedReduction(nn.Module):
    """Two 1x1 convolutions of stride 2: half of the channels from even pixels, half from odd; for even sizes."""

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        self.even = nn.Conv2d(c_in, c_out // 2, 1, stride=2, bias=False)
        self.odd = nn.Conv2d(c_in, c_out - c_out // 2, 1, stride=2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(B, c_in, H, W)` to `(B, c_out, H / 2, W / 2)`."""
        return torch.cat([self.even(x), self.odd(x[:, :, 1:, 1:])], dim=1)


class TwoBranches(nn.Module):
    """The sum of two modules that map their input to the same shape."""

    def __init__(self, main: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.main = main
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum of both branches on `x`, in the shape that they give."""
        total: Tensor = self.main(x) + self.shortcut(x)
        return total


def sequence(layers: Sequence[Layer], c_in: int, c_out: int, stride: int = 1) -> nn.Sequential:
    """Build `layers` as modules, from `c_in` to `c_out` channels; the identity if there are none."""
    modules: list[nn.Module] = []
    channels = c_in
    for layer in layers:
        match layer:
            case Relu():
                modules.append(nn.ReLU() if layer.limit is None else nn.Hardtanh(0.0, float(layer.limit)))
            case Norm():
                modules.append(nn.BatchNorm2d(channels))
            case Pool():
                modules.append(pooling(layer, stride))
            case Conv():
                modules.append(convolution(layer, channels, c_out, stride))
                channels = layer.widens(channels, c_out)
            case Reduce():
                modules.append(FactorisedReduction(channels, c_out))
                channels = c_out
            case Noise():
                modules.append(GaussianNoise(stride if layer.strided else 1))
            case Residual():
                branches = (sequence(branch, channels, c_out, stride) for branch in (layer.main, layer.shortcut))
                modules.append(TwoBranches(*branches))
                channels = c_out
            case _:
                assert_never(layer)
    return nn.Sequential(*modules)


def convolution(layer: Conv, c_in: int, c_out: int, stride: int) -> nn.Conv2d:
    """Build a convolution, which keeps the size at stride 1."""
    return nn.Conv2d(
        c_in,
        layer.widens(c_in, c_out),
        layer.kernel,
        stride=stride if layer.strided else 1,
        padding=layer.dilation * (layer.kernel - 1) // 2,
        dilation=layer.dilation,
        groups=c_in if layer.depthwise else 1,
        bias=False,
    )


def pooling(layer: Pool, stride: int) -> nn.Module:
    """Build a pooling, which keeps the size at stride 1; padding takes no part in an average."""
    step = stride if layer.strided else 1
    padding = (layer.kernel - 1) // 2
    if layer.kind == "max":
        return nn.MaxPool2d(layer.kernel, step, padding)
    return nn.AvgPool2d(layer.kernel, step, padding, count_include_pad=False)


def edge(layers: Sequence[Layer] | None, shape: EdgeShape) -> nn.Module:
    """Build the operation of an edge; None in place of its layers passes nothing."""
    return Zero(shape.stride) if layers is None else sequence(layers, *shape)


class Cell(nn.Module):
    """A cell: every node is the sum of its incoming edges, the output is the concatenation of the `outputs`.

    `genes` are listed by the node that they lead to.
    """

    def __init__(
        self, plan: CellPlan, genes: Sequence[Gene], operations: OperationLayers, outputs: Sequence[int]
    ) -> None:
        super().__init__()
        self.genes, self.outputs = plan.local_genes(genes), plan.local_outputs(outputs)
        self.inputs = nn.ModuleList(
            sequence(layers, c_in, plan.input_channels, stride)
            for (c_in, layers), stride in zip(plan.inputs, plan.input_stride, strict=True)
        )
        self.edges = nn.ModuleList()
        for gene in self.genes:
            shape = plan.edge_shape(gene.source)
            self.edges.append(edge(operations[shape.changes][gene.operation], shape))

    def forward(self, states: Sequence[Tensor]) -> Tensor:
        """Return the output of this cell from the features of the cells before it, each `(B, C, H, W)`."""
        nodes: list[Tensor] = [layers(state) for layers, state in zip(self.inputs, states, strict=True)]
        for gene, operation in zip(self.genes, self.edges, strict=True):
            features = operation(nodes[gene.source])
            if gene.target == len(nodes):
                nodes.append(features)
            else:
                nodes[gene.target] = nodes[gene.target] + features
        return torch.cat([nodes[node] for node in self.outputs], dim=1)


class Network(nn.Module):
    """A network of stem, cells, head, global average pooling and a linear classifier, with `genes` by cell type."""

    def __init__(
        self,
        plan: Plan,
        genes: Mapping[str, Sequence[Gene]],
        operations: OperationLayers,
        outputs: Sequence[int],
        classes: int,
    ) -> None:
        super().__init__()
        self.stem = sequence(plan.stem, 3, plan.stem_channels, plan.stem_stride)
        self.cells = nn.ModuleList(Cell(cell, genes[cell.kind], operations, outputs) for cell in plan.cells)
        self.head = sequence(plan.head, plan.head_channels, plan.classified)
        self.classifier = nn.Linear(plan.classified, classes)
        self.inputs = len(plan.cells[0].inputs)

    def forward(self, images: Tensor) -> Tensor:
        """Map images `(B, 3, H, W)`, H and W multiples of 4, to logits `(B, classes)`."""
        states = walk(self.cells, [self.stem(images)] * self.inputs, lambda cell, states: cell(states))
        logits: Tensor = self.classifier(self.head(states[-1]).mean((2, 3)))
        return logits
