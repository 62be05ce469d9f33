"""The supernet: every candidate operation on every edge at once, its weights frozen, its α the only variables.

A mixed edge is a plain weighted sum, `o_e(x) = Σ_o α[e, o] · o(x)`, with α shared by all cells of a type. Weights are
replaced by their absolute values and need no gradient. An operation is computed for all edges into a node in one call,
their features and kernels stacked along the channels. Features are `(B, H, W, C)`, where B counts *configurations*:
different α, the same image and weights, evaluated side by side.

Without normalisation every feature is a sum of positive terms that grows exponentially with depth; after every cell
the features are divided by their largest value, whose logarithm is kept, so that nothing overflows at any depth. Noise
does not grow with them: it is divided by all that the features around it were divided by.

`engine.supernets.plain` computes the same numbers one module at a time, and is what this is tested against.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from engine.common.work import Work
from engine.spaces.masks import Mask
from engine.spaces.plan import walk
from engine.supernets.adjoint import Pull
from engine.supernets.arrangement import Builder, SupernetCell
from engine.supernets.cell_pass import CellPass
from engine.supernets.mixing import AlphaBlock, Mixing
from engine.supernets.spec import SupernetSpec
from engine.supernets.weights import IMAGE_CHANNELS, SupernetWeights, architecture_parameters


class _FlowFunction(torch.autograd.Function):
    """R of every configuration as a function of α, with a gradient worked out by hand.

    Only α has a gradient, and a linear operation needs no features of its own for it: `S = <α x, adjoint of o (g)>`
    takes what is there anyway. So a pass keeps less in memory and takes fewer calls than autograd's. It has one
    backward pass, which frees the cells as it goes, and overwrites the gradients that pulls return to it.
    """

    @staticmethod
    def forward(ctx: Any, alpha: Tensor, supernet: Supernet, live: Mask) -> tuple[Tensor, Tensor]:
        mixing, passes, listed = Mixing(alpha, supernet.positions), [], live.tolist()

        def run_cell(cell: SupernetCell, states: Sequence[Tensor], log_scale: Tensor) -> Tensor:
            passes.append(CellPass(cell, mixing, listed, log_scale))
            return passes[-1].forward(states)

        ctx.supernet, ctx.mixing, ctx.passes = supernet, mixing, passes
        flow, log_scale, ctx.scales, ctx.pull = supernet.propagate(len(alpha), run_cell)
        ctx.mark_non_differentiable(log_scale)
        return flow, log_scale

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        arrived: list[Tensor | None] = [None] * (ctx.supernet.space.inputs - 1) + [ctx.pull(gradients[0])]
        while ctx.passes:  # a cell's memory is free as soon as it is done
            ctx.supernet.work.check()
            scale = ctx.scales.pop()
            *earlier, last = (None if gradient is None else gradient.div_(scale) for gradient in arrived)
            first, *others = ctx.passes.pop().backward(last)
            arrived = [first, *(a if b is None else a.add_(b) for a, b in zip(others, earlier, strict=True))]
        return ctx.mixing.gradient(), None, None


class ForwardPass(NamedTuple):
    """A forward pass: `R = flow · exp(log_scale)`, both `(B,)`.

    After every cell the features were divided by its `scales`, `(B, 1, 1, 1)`; `pull` goes from the gradient of the
    flow to that of the last features.
    """

    flow: Tensor
    log_scale: Tensor
    scales: list[Tensor]
    pull: Pull


class Supernet:
    """The supernet of a specification on a device: a function of α alone, with `cells` one after the other.

    `work` is checked at every cell of the forward and of the backward pass, so that either can be stopped.
    """

    def __init__(
        self,
        spec: SupernetSpec,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
        work: Work | None = None,
    ) -> None:
        self.spec, self.space, self.work = spec, spec.space, work or Work()
        self.device = torch.device(device)
        weights, builder = SupernetWeights(spec), Builder(spec, self.device, dtype)
        self._image_size = 1 if spec.interior else spec.image_size
        self._stem = builder.stack(weights.stem())
        self.cells = []
        for cell in weights.cells():
            self.cells.append(builder.cell(cell))
            self.work.check()
        self._head = builder.stack(weights.head())
        self._classifier = weights.classifier().sum(0).to(self.device, dtype)
        self._alpha = architecture_parameters(spec).to(self._classifier)
        self._positions: dict[AlphaBlock, Tensor] = {}

    @property
    def dtype(self) -> str:
        """Return the name of the floating-point type."""
        return str(self._alpha.dtype).removeprefix("torch.")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return cell types, edges, operations: the shape of α, of a mask and of the scores."""
        return len(self.space.cell_types), len(self.space.edges), len(self.space.operations)

    def architecture_parameters(self, masks: Sequence[Mask]) -> Tensor:
        """Return α of shape `(len(masks), *shape)`, 0 where an operation is not live."""
        live = torch.as_tensor(np.asarray(masks), device=self._alpha.device)
        return self._alpha * live

    def positions(self, block: AlphaBlock) -> Tensor:
        """Return where a block of α lies in it, flattened, `(edges * operations,)`, on the device.

        It is kept, so that the host brings it there only once.
        """
        if block not in self._positions:
            type_index, edges, operations = block
            positions = np.ravel_multi_index(np.ix_((type_index,), edges, operations), self.shape)
            self._positions[block] = torch.from_numpy(positions.ravel()).to(self.device)
        return self._positions[block]

    def __call__(self, alpha: Tensor, live: Mask) -> tuple[Tensor, Tensor]:
        """Return the sum of the logits, `R = flow · exp(log_scale)`, as `flow` and `log_scale`, both `(B,)`.

        `alpha` `(B, *shape)` holds the α of every configuration, `live` the operations that any of them uses; others
        are not computed.
        """
        flow, log_scale = _FlowFunction.apply(alpha, self, live)
        return flow, log_scale

    def propagate(
        self, count: int, run_cell: Callable[[SupernetCell, Sequence[Tensor], Tensor], Tensor]
    ) -> ForwardPass:
        """Compute the flow of `count` configurations, their cells by `run_cell`.

        It is given a cell, the features before it, each `(count, H, W, C)`, and the logarithm of what these were
        divided by, `(count,)`; it returns the features of the cell.
        """
        image = self._alpha.new_ones(1, self._image_size, self._image_size, IMAGE_CHANNELS)
        stem, _ = self._stem(image)
        states = [stem.expand(count, -1, -1, -1).contiguous()] * self.space.inputs
        log_scale, scales = self._alpha.new_zeros(count), list[Tensor]()

        def run(cell: SupernetCell, states: Sequence[Tensor]) -> Tensor:
            self.work.check()
            return run_cell(cell, states, log_scale)

        def rescale(states: Sequence[Tensor]) -> list[Tensor]:
            nonlocal log_scale
            scales.append(self._scale(states[-1]))
            log_scale = log_scale + scales[-1].flatten().log()
            return [state / scales[-1] for state in states]

        states = walk(self.cells, states, run, rescale)
        head, pull_head = self._head(states[-1])

        def pull(gradient: Tensor) -> Tensor:
            pixel = gradient[:, None, None, None] * self._classifier / head[0, ..., 0].numel()
            return pull_head(pixel.expand(head.shape))

        return ForwardPass(head.mean((1, 2)) @ self._classifier, log_scale, scales, pull)

    def _scale(self, features: Tensor) -> Tensor:
        """Return what features `(B, H, W, C)` are divided by, `(B, 1, 1, 1)`: their largest value, or 1."""
        if self.spec.normalised:
            return features.new_ones(len(features), 1, 1, 1)
        largest = features.amax((1, 2, 3), keepdim=True)
        return torch.where(largest > 0, largest, torch.ones_like(largest))
