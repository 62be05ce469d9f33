"""What the engine is measured against: the same search and SynFlow, written plainly with torch modules and autograd.

As in the authors' code every operation on every edge is a module of its own and is computed in every pass, weights
require a gradient, and every removal takes a pass. Features are rescaled after every cell, so that the numbers stay
finite without normalisation and every pass does honest arithmetic.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from engine.genotypes.genotype import Genotype
from engine.networks.derived import build, sequence
from engine.operations.registry import get_operation
from engine.spaces import CellPlan, SearchSpace, Size

IMAGE_SIZE = 32


class PlainCell(nn.Module):
    """One cell of the supernet, every candidate operation a module."""

    def __init__(self, space: SearchSpace, plan: CellPlan) -> None:
        super().__init__()
        self.space = space
        self.type_index = space.cell_types.index(plan.kind)
        self.inputs = nn.ModuleList(
            sequence(layers, c_in, plan.channels, stride)
            for (c_in, layers), stride in zip(plan.inputs, plan.input_stride, strict=True)
        )
        self.edges = nn.ModuleList()
        for source, _ in space.edges:
            stride = plan.stride if source < space.inputs else 1
            layers = (get_operation(name).at(stride) for name in space.operations if not get_operation(name).zero)
            self.edges.append(nn.ModuleList(sequence(each, plan.channels, plan.channels, stride) for each in layers))

    def forward(self, states: list[Tensor], alpha: Tensor) -> Tensor:
        """From the features of the cells before it and α `(cell types, edges, operations)` to those of this cell."""
        nodes = [module(state) for module, state in zip(self.inputs, states, strict=True)]
        passing = [index for index, name in enumerate(self.space.operations) if not get_operation(name).zero]
        for node in range(self.space.inputs, self.space.nodes):
            terms = []
            for edge, (source, target) in enumerate(self.space.edges):
                if target == node:
                    weights = alpha[self.type_index, edge]
                    modules = self.edges[edge]
                    assert isinstance(modules, nn.ModuleList)
                    terms += [
                        weights[index] * module(nodes[source]) for index, module in zip(passing, modules, strict=True)
                    ]
            nodes.append(sum(terms[1:], terms[0]))
        return torch.cat([nodes[node] for node in self.space.outputs], dim=1)


class PlainSupernet(nn.Module):
    """The supernet without normalisation, weights replaced by their absolute values."""

    def __init__(self, space: SearchSpace, size: Size) -> None:
        super().__init__()
        plan = space.plan(size)
        self.space = space
        self.stem = sequence(plan.stem, 3, plan.stem_channels)
        self.cells = nn.ModuleList(PlainCell(space, cell) for cell in plan.cells)
        self.classifier = nn.Linear(plan.head_channels, 10)
        self.alpha = nn.Parameter(torch.ones(len(space.cell_types), len(space.edges), len(space.operations)))
        linearise(self)

    def shares(self) -> Tensor:
        """One forward and one backward pass: the flow share of every operation."""
        self.zero_grad()
        states = [self.stem(torch.ones(1, 3, IMAGE_SIZE, IMAGE_SIZE))] * self.space.inputs
        for cell in self.cells:
            states = [*states[1:], cell(states, self.alpha)]
            largest = states[-1].detach().amax()
            states = [state / largest for state in states]
        total = (states[-1].mean((2, 3)) @ self.classifier.weight.T).sum()
        total.backward()
        assert self.alpha.grad is not None
        shares: Tensor = (self.alpha * self.alpha.grad / total).detach()
        return shares

    def prune(self) -> None:
        """Score, and set the α of the weakest operation to 0 that is not the last one on its edge."""
        live = (self.alpha != 0).numpy()
        candidates = np.where(live & (live.sum(2, keepdims=True) > 1), self.shares().numpy(), np.inf)
        with torch.no_grad():
            self.alpha[np.unravel_index(candidates.argmin(), candidates.shape)] = 0

    @property
    def removals(self) -> int:
        """How many passes a search takes: one for every operation but the last on an edge."""
        types, edges, operations = self.alpha.shape
        return types * edges * (operations - 1)


def linearise(module: nn.Module) -> None:
    """Bypass every batch norm in `module` and replace the weights of the others by their absolute values."""
    for child in module.modules():
        for name, norm in list(child.named_children()):
            if isinstance(norm, nn.BatchNorm2d):
                setattr(child, name, nn.Identity())
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.abs_()


def synflow(genotype: Genotype, size: Size) -> float:
    """SynFlow (Tanaka et al. 2020) of the network of `genotype`, built for it: the sum of |weight · gradient|.

    In float64, as published: without normalisation float32 overflows.
    """
    network = build(genotype, size).double()
    linearise(network)
    network(torch.ones(1, 3, IMAGE_SIZE, IMAGE_SIZE, dtype=torch.float64)).sum().backward()
    pairs = [(weight.detach(), weight.grad) for weight in network.parameters()]
    return float(sum((weight * gradient).abs().sum() for weight, gradient in pairs if gradient is not None))
