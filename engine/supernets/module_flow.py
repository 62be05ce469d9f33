"""The flow through any torch module that weighs operations: one forward and one backward pass of a copy of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from copy import deepcopy
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from torch.utils.checkpoint import CheckpointError

from engine.common.errors import listed
from engine.spaces.fields import Normalisation

OwnAlpha = Literal["ones", "own"]
"""The α of an own module: 1, or its own values."""

NORMS = {"batch_norm", "instance_norm", "group_norm", "layer_norm", "rms_norm", "local_response_norm"}
"""Functions of torch that are the identity where norms are bypassed."""
BOUNDED = {"relu6", "hardtanh"}
"""Rectifiers that have no bound where norms are bypassed, the unit of features being arbitrary."""
DROPOUTS = {"dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"}
MIXERS = {"softmax", "gumbel_softmax", "sigmoid"}
"""Functions that are left out where they are taken of α itself: FreeFlow has a plain weighted sum."""


class ModuleFlow(NamedTuple):
    """What one pass gives: `S = α · ∂R/∂α`, an array of the shape of each α, and R, the sum of the output."""

    saliencies: Mapping[str, NDArray[np.float64]]
    total: float


class FlowMode(TorchFunctionMode):
    """A scope in which the functions of torch are those of a pass of flow, with norms if `normalised`."""

    def __init__(self, alphas: Sequence[Tensor], normalised: bool) -> None:
        super().__init__()
        self.alphas, self.normalised = alphas, normalised

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Call `func`, or what takes its place."""
        named = kwargs or {}
        first: Any = next(iter([*args, *named.values()]), None)
        match getattr(func, "__name__", ""):
            case name if name in MIXERS and self._is_alpha(first):
                return first.clone()  # not the same tensor: what follows may change it in place
            case name if name in DROPOUTS or (name in NORMS and not self.normalised):
                return first.clone()
            case name if name in BOUNDED and not self.normalised:
                return functional.relu(first)
        return func(*args, **named)

    def _is_alpha(self, value: Any) -> bool:
        """Return True for an α, or a view of one, such as the row of an edge."""
        return isinstance(value, Tensor) and any(value is alpha or value._base is alpha for alpha in self.alphas)


def module_flow(
    module: nn.Module,
    alphas: Mapping[str, Tensor],
    inputs: Sequence[Tensor],
    dtype: torch.dtype,
    normalisation: Normalisation,
    alpha: OwnAlpha,
) -> ModuleFlow:
    """Compute R and `α · ∂R/∂α` of a copy of `module` in `dtype`, on `inputs` of ones of their shapes.

    Raises `ValueError` where the module cannot be copied, does not hold an α, or returns what has no flow from one.
    """
    device = next(iter(alphas.values())).device
    with ExitStack() as scopes:
        scopes.enter_context(torch.inference_mode(False))
        scopes.enter_context(torch.enable_grad())
        scopes.enter_context(torch.autocast(device.type, enabled=False))
        scopes.enter_context(torch.backends.cudnn.flags(enabled=True, allow_tf32=False))
        scopes.enter_context(torch.random.fork_rng([device] if device.type == "cuda" else []))
        copied, own = positive_copy(module, alphas, dtype, alpha)
        for part in copied.modules():
            part.training = normalisation == "batch" and isinstance(part, nn.modules.batchnorm._BatchNorm)
        ones = [torch.ones_like(x, dtype=dtype if x.is_floating_point() else x.dtype, device=device) for x in inputs]
        scopes.enter_context(FlowMode(list(own.values()), normalisation == "batch"))
        return _differentiate(copied(*ones), own)


def positive_copy(
    module: nn.Module, alphas: Mapping[str, Tensor], dtype: torch.dtype, alpha: OwnAlpha
) -> tuple[nn.Module, Mapping[str, Tensor]]:
    """Return a copy of `module` in `dtype` with |w| for every weight, and its α, which alone have gradients.

    α is 1, or its own absolute value where `alpha` is not 'ones'. Buffers keep their signs.
    """
    memo: dict[int, Any] = {}
    try:
        copied = deepcopy(module, memo)
    except Exception as error:  # anything that a module may hold
        raise ValueError(f"the module cannot be copied, which is how it stays as it is: {error}") from error
    if missing := [name for name, tensor in alphas.items() if id(tensor) not in memo]:
        raise ValueError(
            f"alphas: the module does not hold {listed(missing)}; give the tensors themselves that are its parameters, "
            "buffers or attributes, no copies or parts of them"
        )
    own = {name: memo[id(tensor)] for name, tensor in alphas.items()}
    for tensor in (value for value in memo.values() if isinstance(value, Tensor) and value.is_floating_point()):
        tensor.grad = None
        tensor.requires_grad_(False).data = tensor.data.to(dtype)
        if isinstance(tensor, nn.Parameter):
            tensor.data = tensor.data.abs()
    for tensor in own.values():
        tensor.data = torch.ones_like(tensor) if alpha == "ones" else tensor.data.abs()
        tensor.requires_grad_()
    return copied, own


def _differentiate(output: object, alphas: Mapping[str, Tensor]) -> ModuleFlow:
    """Return the flow that an output has from α."""
    if not isinstance(output, Tensor) or not output.is_floating_point():
        kind = f"a tensor of {output.dtype}" if isinstance(output, Tensor) else f"a {type(output).__name__}"
        raise ValueError(f"the module returns {kind}; wrap it in one that returns the tensor of its logits alone")
    total = output.sum()
    gradients: Sequence[Tensor | None] = [None] * len(alphas)
    if total.requires_grad:
        try:
            gradients = torch.autograd.grad(total, list(alphas.values()), allow_unused=True)
        except CheckpointError:
            again = "the module computes features again in its backward pass"
            raise ValueError(f"{again}; switch its checkpoints off") from None
    saliencies = {
        name: (alpha * gradient).detach().cpu().double().numpy()
        for (name, alpha), gradient in zip(alphas.items(), gradients, strict=True)
        if gradient is not None
    }
    if missing := [name for name in alphas if name not in saliencies]:
        raise ValueError(f"alphas: the output of the module does not depend on {listed(missing)}")
    return ModuleFlow(saliencies, float(total.detach()))
