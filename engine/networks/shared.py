"""All networks of a space in one module: a weight-sharing supernet in which a genotype is a path."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from engine.networks.derived import GaussianNoise, edge, sequence
from engine.operations.registry import get_operation
from engine.spaces import SearchSpace
from engine.spaces.plan import CellPlan, EdgeShape, Size

Scheme = Literal["uniform", "kaiming", "normal"]
"""How weights are drawn: PyTorch's default U(-b, b) with b = 1 / sqrt(fan in), N(0, 2 / fan in), or N(0, 1)."""


Genes = Mapping[str, Sequence[tuple[int, int]]]
"""A network: for every cell type its live edges, in order, and the operations on them, as places in the space."""


class CandidateCell(nn.Module):
    """One cell with every operation on every edge."""

    def __init__(self, described: SearchSpace, plan: CellPlan) -> None:
        super().__init__()
        self.kind, self.stride, self.channels = plan.kind, plan.stride, plan.channels
        self.ends, self.outputs = described.inside(plan), plan.ends(described.outputs)
        self.inputs = nn.ModuleList(
            sequence(layers, c_in, plan.input_channels, stride)
            for (c_in, layers), stride in zip(plan.inputs, plan.input_stride, strict=True)
        )
        there = described.candidates[described.cell_types.index(plan.kind)]
        self.edges: dict[int, dict[int, nn.Module]] = {}
        for index, (source, _) in self.ends.items():
            passage = plan.passage(source)
            self.edges[index] = {
                place: candidate_module(described.operations[place], passage)
                for place in np.flatnonzero(there[index]).tolist()
            }
        self.operations = nn.ModuleList(module for modules in self.edges.values() for module in modules.values())

    def enter(self, states: Sequence[Tensor]) -> list[Tensor]:
        """The features of the input nodes, from those of the cells before."""
        return [layers(state) for layers, state in zip(self.inputs, states, strict=True)]

    def begin(self, states: Sequence[Tensor]) -> Tensor:
        """The features of the only input node."""
        (entered,) = self.enter(states)
        return entered

    def inner(self, entered: Sequence[Tensor], genes: Sequence[tuple[int, int]]) -> Tensor:
        """The output of the cell of `genes`, from the features of the input nodes."""
        nodes = dict(enumerate(entered))
        for index, chosen in genes:
            if index not in self.ends:
                continue
            source, target = self.ends[index]
            features = self.edges[index][chosen](nodes[source])
            nodes[target] = nodes[target] + features if target in nodes else features
        found = [nodes[node] if node in nodes else self._nothing(entered[0]) for node in self.outputs]
        return found[0] if len(found) == 1 else torch.cat(found, dim=1)

    def forward(self, states: Sequence[Tensor], genes: Sequence[tuple[int, int]]) -> Tensor:
        """The output of the cell of `genes`, from the features of the cells before, each `(B, C, H, W)`."""
        return self.inner(self.enter(states), genes)

    def _nothing(self, entered: Tensor) -> Tensor:
        return zero_features(entered, self.channels, self.stride)


def candidate_module(name: str, passage: EdgeShape) -> nn.Module:
    """The operation called `name` on an edge with this passage."""
    found = get_operation(name)
    return edge(None if found.zero else found.at(passage.stride, passage.c_in == passage.c_out), passage)


def zero_features(features: Tensor, channels: int, stride: int) -> Tensor:
    """Zeros in so many `channels`, in the shape of `features` `(B, C, H, W)` at `stride`."""
    height, width = features[0, 0, ::stride, ::stride].shape
    return features.new_zeros(len(features), channels, height, width).to(memory_format=torch.channels_last)


class SharedNetworks(nn.Module):
    """All networks of a space at `size`, weights and biases as `scheme` draws them from `seed`.

    `layered` ones are chains of layers, each a cell of `choices`. PyTorch's global generator is not touched.
    """

    def __init__(
        self, described: SearchSpace, size: Size, classes: int, seed: int, scheme: Scheme, device: str = "cpu"
    ) -> None:
        super().__init__()
        plan = described.plan(size)
        with torch.device("meta"):  # draws nothing
            self.stem = sequence(plan.stem, 3, plan.stem_channels, plan.stem_stride)
            self.choices = [CandidateCell(described, cell) for cell in plan.cells]
            self.cells = nn.ModuleList(self.choices)
            self.head = sequence(plan.head, plan.head_channels, plan.classified)
            self.classifier = nn.Linear(plan.classified, classes)
        self.input_nodes = described.inputs
        self.layered = plan.cells[0].layer is not None
        self.to_empty(device="cpu")
        self._draw(torch.Generator().manual_seed(seed), scheme)
        self.to(device=device)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def steps(self, genes: Genes) -> Iterator[Callable[[Sequence[Tensor]], Tensor]]:
        """The network of `genes` between stem and head, each step from the features before it to its own.

        A cell is one step. Where it has one input node, the layers before that node, if any, are a step of their own:
        the residual blocks of NAS-Bench-201.
        """
        for cell in self.choices:
            chosen = genes[cell.kind]
            if len(cell.inputs) > 1:
                yield partial(cell, genes=chosen)
                continue
            if len(tuple(cell.inputs[0].children())):
                yield cell.begin
            yield partial(cell.inner, genes=chosen)

    def forward(self, images: Tensor, genes: Genes) -> Tensor:
        """From images `(B, 3, H, W)`, H and W multiples of 4, to the logits of the network of `genes`, (B, classes)."""
        states = [self.stem(images)] * self.input_nodes
        for step in self.steps(genes):
            states = [*states[1:], step(states)]
        logits: Tensor = self.classifier(self.head(states[-1]).mean((2, 3)))
        return logits

    def on_rectifier(self, callback: Callable[[Tensor], None]) -> None:
        """Call `callback` with the input of every rectifier, `(B, C, H, W)`, whenever one is passed."""
        for module in self.modules():
            if isinstance(module, nn.ReLU | nn.Hardtanh):
                module.register_forward_hook(lambda module, inputs, output: callback(inputs[0]))

    def _draw(self, generator: torch.Generator, scheme: Scheme) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                fan_in = module.weight[0].numel()
                module.weight.data = _drawn(module.weight.shape, fan_in, scheme, generator)
                if module.bias is not None:
                    uniform = scheme == "uniform"
                    shape = module.bias.shape
                    module.bias.data = _drawn(shape, fan_in, scheme, generator) if uniform else torch.zeros(shape)
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
                module.track_running_stats = False
                module.running_mean = module.running_var = module.num_batches_tracked = None
            elif isinstance(module, GaussianNoise):
                module.seed = int(torch.randint(2**31, (), generator=generator))


def _drawn(shape: torch.Size, fan_in: int, scheme: Scheme, generator: torch.Generator) -> Tensor:
    if scheme == "uniform":
        uniform: Tensor = 2 * torch.rand(shape, generator=generator) - 1
        return uniform / math.sqrt(fan_in)
    scale = math.sqrt(2 / fan_in) if scheme == "kaiming" else 1.0
    return scale * torch.randn(shape, generator=generator)
