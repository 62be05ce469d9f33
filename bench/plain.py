"""What the engine is measured against: the same search and SynFlow, written plainly with torch modules and autograd.

As in the authors' code every operation on every edge is a module of its own and is computed in every pass, weights
require a gradient, and every removal takes a pass. Features are rescaled after every cell, so that the numbers stay
finite without normalisation and every pass does honest arithmetic.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.genotypes.genotype import Genotype
from engine.networks.derived import build
from engine.spaces import Size
from engine.supernets.plain import PlainSupernet
from engine.supernets.spec import SupernetSpec
from engine.supernets.trainable import bypass_norms

IMAGE_SIZE = 32


class PlainSearch:
    """Iterative pruning of a plain supernet."""

    def __init__(self, spec: SupernetSpec) -> None:
        self.supernet = PlainSupernet(spec).requires_grad_()
        self.live = spec.space.candidates.copy()

    def shares(self) -> Tensor:
        """Return the flow share of every operation, from one forward and one backward pass."""
        self.supernet.zero_grad()
        alpha = (self.supernet.alpha * torch.from_numpy(self.live)).requires_grad_()
        flow, _ = self.supernet(alpha)
        flow.backward()
        assert alpha.grad is not None
        shares: Tensor = (alpha * alpha.grad / flow).detach()
        return shares

    def prune(self) -> None:
        """Score, and remove the weakest operation that is not the last one on its edge."""
        removable = self.live & (self.live.sum(2, keepdims=True) > 1)
        shares = np.where(removable, self.shares().numpy(), np.inf)
        self.live[np.unravel_index(shares.argmin(), shares.shape)] = False

    @property
    def removals(self) -> int:
        """Return the passes that a search takes: one for every operation but the last on an edge."""
        types, edges, operations = self.live.shape
        return int(types * edges * (operations - 1))


def synflow(genotype: Genotype, size: Size) -> float:
    """Return SynFlow (Tanaka et al. 2020) of the network of `genotype`, built for it: the sum of |weight · gradient|.

    In float64, as published: without normalisation float32 overflows.
    """
    network = build(genotype, size).double()
    bypass_norms(network)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.abs_()
    network(torch.ones(1, 3, IMAGE_SIZE, IMAGE_SIZE, dtype=torch.float64)).sum().backward()
    pairs = [(weight.detach(), weight.grad) for weight in network.parameters()]
    return float(sum((weight * gradient).abs().sum() for weight, gradient in pairs if gradient is not None))
