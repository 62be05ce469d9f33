"""The supernet as a network to be trained, written out plainly: the reference supernet with the engine's weights.

What it has in common with the engine are the numbers of the weights, in the order in which both build their layers.
Nothing is computed again for the backward pass, nothing left out, and every cell has an α of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine import SearchConfig
from engine.proxies.base import ProxySetting
from engine.searches.batch import draw_batch
from tests.engine import reference
from tests.engine.reference import Layers, Reference


def setting(config: SearchConfig, dtype: str = "float64") -> ProxySetting:
    """The setting that a search of `config` would have, in doubles."""
    return ProxySetting(config.supernet, dtype=dtype, batch=draw_batch(config))


class Plain(Reference):
    """The supernet of `config`: `loss(alphas)` of its batch, with a tensor `(edges, operations)` for every cell."""

    def __init__(self, config: SearchConfig, monkeypatch: pytest.MonkeyPatch) -> None:
        engine = setting(config).trainable_supernet()
        weights = iter([layer.weight for layer in engine.networks.modules() if isinstance(layer, nn.Conv2d)])

        class Loaded(Layers):
            def kernel(self, c_out: int, c_in: int, size: int) -> Tensor:
                weight = next(weights)
                assert weight.shape == (c_out, c_in, size, size)
                return weight

        monkeypatch.setattr(reference, "Layers", Loaded)
        super().__init__(
            config.space,
            seed=config.seed,
            channels=config.channels,
            cells=config.cells,
            image_size=config.image_size,
            normalisation=config.normalisation,
            alpha=config.alpha,
        )
        assert next(weights, None) is None
        self.linear = engine.networks.classifier
        batch = draw_batch(config)
        self.batch = torch.from_numpy(batch.images).double()
        self.labels = None if batch.labels is None else torch.from_numpy(batch.labels)
        self.alphas = [self.alpha[cell.kind].clone() for cell in self.cells]

    def logits(self, alphas: Sequence[Tensor], live: np.ndarray | None = None) -> Tensor:
        """`(images, classes)`."""
        states = [self.stem(self.batch)] * self.inputs
        for cell, alpha in zip(self.cells, alphas, strict=True):
            states = [*states[1:], self._run(cell, states, alpha.expand(2, -1, -1), live)]
        return self.linear(self.head(states[-1]).mean((2, 3)))

    def gradients(self, live: np.ndarray | None = None, alphas: Sequence[Tensor] | None = None) -> list[np.ndarray]:
        """∂ loss / ∂ α of every cell, `(edges, operations)` each."""
        leaves = [alpha.clone().requires_grad_() for alpha in alphas or self.alphas]
        loss = F.cross_entropy(self.logits(leaves, live), self.labels)
        found = torch.autograd.grad(loss, leaves, materialize_grads=True)
        return [each.numpy() for each in found]

    def tied(self, values: Sequence[np.ndarray]) -> np.ndarray:
        """Sums over the cells of every type."""
        total = np.zeros(self.shape)
        for cell, each in zip(self.cells, values, strict=True):
            total[cell.kind] += each
        return total

    def shared_gradient(self, step: np.ndarray, live: np.ndarray | None = None) -> np.ndarray:
        """The gradient by the α that the cells of a type share, after a `step` `(cell types, edges, operations)`."""
        moved = [alpha + torch.from_numpy(step[cell.kind]) for cell, alpha in zip(self.cells, self.alphas, strict=True)]
        return self.tied(self.gradients(live, moved))
