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
from engine.spaces.plan import CellPlan, EdgeShape, Size, walk

Scheme = Literal["uniform", "kaiming", "normal"]
"""Distribution of weights: PyTorch's default U(-b, b) with b = 1 / sqrt(fan in), N(0, 2 / fan in), or N(0, 1)."""

EncodedGenes = Mapping[str, Sequence[tuple[int, int]]]
"""A network: for every cell type its edges, in order, and the operation on each, both as indices of the space.

An operation that stands on an edge a second time stands on the edge of the second set, and so on.
"""
NetworkStep = Callable[[Sequence[Tensor]], Tensor]
"""A step of a network, from the last features before it to its own."""


class CandidateCell(nn.Module):
    """A cell with every operation on every edge.

    `edges` holds the operations of every edge by index, `endpoints` the nodes of every edge. With a `multiplicity`
    the edges stand there as often; those after the first set are the modules of `parallel`, which are not its own.
    """

    def __init__(self, space: SearchSpace, plan: CellPlan, multiplicity: int = 1) -> None:
        super().__init__()
        self.kind, self.stride, self.channels = plan.kind, plan.stride, plan.channels
        self.endpoints, self.outputs = space.local_edges(plan, multiplicity), plan.local_outputs(space.outputs)
        self.inputs = nn.ModuleList(
            sequence(layers, c_in, plan.input_channels, stride)
            for (c_in, layers), stride in zip(plan.inputs, plan.input_stride, strict=True)
        )
        candidates = space.candidates[space.cell_types.index(plan.kind)]
        self.edges: dict[int, dict[int, nn.Module]] = {}
        for edge_index, (source, _) in self.endpoints.items():
            shape = plan.edge_shape(source)
            self.edges[edge_index] = {
                index: candidate_module(space.operations[index], shape)
                for index in np.flatnonzero(candidates[edge_index % len(space.edges)]).tolist()
            }
        sets = [nn.ModuleList() for _ in range(multiplicity)]
        for edge_index, modules in self.edges.items():
            sets[edge_index // len(space.edges)].extend(modules.values())
        self.operations, *self.parallel = sets

    def input_features(self, states: Sequence[Tensor]) -> list[Tensor]:
        """Return the features of the input nodes, from those of the cells before, each `(B, C, H, W)`."""
        return [layers(state) for layers, state in zip(self.inputs, states, strict=True)]

    def single_input_features(self, states: Sequence[Tensor]) -> Tensor:
        """Return the features of the only input node, from those of the cell before."""
        (features,) = self.input_features(states)
        return features

    def output(self, inputs: Sequence[Tensor], genes: Sequence[tuple[int, int]]) -> Tensor:
        """Return the output of the cell of `genes`, from the features of the input nodes."""
        nodes = dict(enumerate(inputs))
        for edge_index, operation in genes:
            if edge_index not in self.endpoints:
                continue
            source, target = self.endpoints[edge_index]
            features = self.edges[edge_index][operation](nodes[source])
            nodes[target] = nodes[target] + features if target in nodes else features
        outputs = [nodes[node] if node in nodes else self._zeros(inputs[0]) for node in self.outputs]
        return outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=1)

    def forward(self, states: Sequence[Tensor], genes: Sequence[tuple[int, int]]) -> Tensor:
        """Return the output of the cell of `genes`, from the features of the cells before, each `(B, C, H, W)`."""
        return self.output(self.input_features(states), genes)

    def _zeros(self, inputs: Tensor) -> Tensor:
        return zero_features(inputs, self.channels, self.stride)


def candidate_module(name: str, shape: EdgeShape) -> nn.Module:
    """Build the operation called `name` for an edge of this shape."""
    operation = get_operation(name)
    return edge(None if operation.zero else operation.at(shape.stride, shape.c_in == shape.c_out), shape)


def zero_features(features: Tensor, channels: int, stride: int) -> Tensor:
    """Return zeros in so many `channels`, in the shape of `features` `(B, C, H, W)` at `stride`."""
    height, width = features[0, 0, ::stride, ::stride].shape
    return features.new_zeros(len(features), channels, height, width).to(memory_format=torch.channels_last)


class SharedNetworks(nn.Module):
    """All networks of a space at `size`, weights and biases as `scheme` draws them from `seed`.

    `layered` ones are chains of layers, each one of the `candidate_cells`. An architecture may have the same operation
    on an edge up to `multiplicity` times, each with weights of its own, which are drawn after all others, so that those
    are the same for every multiplicity. PyTorch's global generator is not touched.
    """

    def __init__(
        self,
        space: SearchSpace,
        size: Size,
        classes: int,
        seed: int,
        scheme: Scheme,
        device: str = "cpu",
        multiplicity: int = 1,
    ) -> None:
        super().__init__()
        plan = space.plan(size)
        with torch.device("meta"):  # draws nothing
            self.stem = sequence(plan.stem, 3, plan.stem_channels, plan.stem_stride)
            self.candidate_cells = [CandidateCell(space, cell, multiplicity) for cell in plan.cells]
            self.cells = nn.ModuleList(self.candidate_cells)
            self.head = sequence(plan.head, plan.head_channels, plan.classified)
            self.classifier = nn.Linear(plan.classified, classes)
        sets = zip(*(cell.parallel for cell in self.candidate_cells), strict=True)
        self.parallel = nn.ModuleList(operations for parallel in sets for operations in parallel)
        self.input_nodes = space.inputs
        self.layered = plan.cells[0].layer is not None
        self._draw(torch.Generator().manual_seed(seed), scheme, device)

    def steps(self, genes: EncodedGenes) -> Iterator[NetworkStep]:
        """Yield the network of `genes` between stem and head, each step from the features before it to its own.

        A cell is one step. Where it has one input node, the layers before that node, if any, are a step of their own:
        the residual blocks of NAS-Bench-201.
        """
        for cell in self.candidate_cells:
            cell_genes = genes[cell.kind]
            if len(cell.inputs) > 1:
                yield partial(cell, genes=cell_genes)
                continue
            if len(tuple(cell.inputs[0].children())):
                yield cell.single_input_features
            yield partial(cell.output, genes=cell_genes)

    def forward(self, images: Tensor, genes: EncodedGenes) -> Tensor:
        """Map images `(B, 3, H, W)`, H and W multiples of 4, to the logits `(B, classes)` of the network of `genes`."""
        first = [self.stem(images)] * self.input_nodes
        states = walk(self.steps(genes), first, lambda step, states: step(states))
        logits: Tensor = self.classifier(self.head(states[-1]).mean((2, 3)))
        return logits

    def on_rectifier(self, callback: Callable[[Tensor], None]) -> None:
        """Register `callback`, which is called with the input `(B, C, H, W)` of every rectifier in every pass."""
        for module in self.modules():
            if isinstance(module, nn.ReLU | nn.Hardtanh):
                module.register_forward_hook(lambda module, inputs, output: callback(inputs[0]))

    def _draw(self, generator: torch.Generator, scheme: Scheme, device: str) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                fan_in = module.weight[0].numel()
                module.weight = _parameter(_random_weights(module.weight.shape, fan_in, scheme, generator), device)
                if module.bias is not None:
                    shape = module.bias.shape
                    uniform = scheme == "uniform"
                    bias = _random_weights(shape, fan_in, scheme, generator) if uniform else torch.zeros(shape)
                    module.bias = _parameter(bias, device)
            elif isinstance(module, nn.BatchNorm2d):
                module.weight = _parameter(torch.ones(module.num_features), device)
                module.bias = _parameter(torch.zeros(module.num_features), device)
                module.track_running_stats = False
                module.running_mean = module.running_var = module.num_batches_tracked = None
            elif isinstance(module, GaussianNoise):
                module.seed = int(torch.randint(2**31, (), generator=generator))


def _parameter(values: Tensor, device: str) -> nn.Parameter:
    """Return a parameter on `device`, the weights of a convolution with the channels last."""
    memory_format = torch.channels_last if values.dim() == 4 else torch.preserve_format
    return nn.Parameter(values.to(device=device, memory_format=memory_format))


def _random_weights(shape: torch.Size, fan_in: int, scheme: Scheme, generator: torch.Generator) -> Tensor:
    if scheme == "uniform":
        uniform: Tensor = 2 * torch.rand(shape, generator=generator) - 1
        return uniform / math.sqrt(fan_in)
    scale = math.sqrt(2 / fan_in) if scheme == "kaiming" else 1.0
    return scale * torch.randn(shape, generator=generator)
