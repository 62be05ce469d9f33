"""FreeFlow on a supernet that people wrote themselves: flow shares of any torch module with a weight an operation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.common.errors import NonFiniteScores, listed, quoted, unknown_name
from engine.common.ties import SHARE_ROUNDING, tie
from engine.operations.registry import OPERATIONS
from engine.searches.diagnostics import (
    COLLAPSE,
    PRECISION,
    ROUNDING,
    ROUNDING_LEVEL,
    UNCHECKED,
    rounding_error,
    tie_notices,
    tied_places,
)
from engine.searches.result import Notice

if TYPE_CHECKING:
    from torch import Tensor, nn

    from engine.supernets.module_flow import ModuleFlow

_CANCEL = "cancel"
_UNCHECKED = Notice(UNCHECKED.code, "Not compared with the other precision: the module does not run in it here.")
_CHOICES = {"normalisation": ("bypass", "batch"), "alpha": ("ones", "own"), "dtype": ("float64", "float32")}


class RankedOperation(NamedTuple):
    """An operation of an own supernet: the name of its α, its place in that, its own name, and its flow share."""

    alpha: str
    place: tuple[int, ...]
    operation: str
    share: float


@dataclass(frozen=True, eq=False)
class ModuleShares:
    """The flow shares of an own supernet.

    `shares` have the names and shapes of α; a share is at least 0 and has no unit: `|α · ∂ log R / ∂α|`, in how many
    of the mixtures that share this α a unit of flow passes the operation. `log_flow` is log |R|. `operations` names the
    last axis of every α. `notices` are warnings, as those of a search: `rounding`, `precision`, `cancel`, `collapse`
    and `tie`.
    """

    shares: Mapping[str, NDArray[np.float64]]
    log_flow: float
    operations: Mapping[str, tuple[str, ...]]
    notices: tuple[Notice, ...] = ()

    @property
    def ranking(self) -> tuple[RankedOperation, ...]:
        """Return all operations, the strongest first; those that differ by rounding alone stand as in `shares`."""
        ranked = [
            RankedOperation(name, place, self.operations[name][place[-1] if place else 0], float(share))
            for name, table in self.shares.items()
            for place, share in np.ndenumerate(table)
        ]
        order = np.argsort(-tie([operation.share for operation in ranked], SHARE_ROUNDING), kind="stable")
        return tuple(ranked[index] for index in order)


def saliency(
    module: nn.Module,
    alphas: Tensor | Mapping[str, Tensor] | Sequence[Tensor],
    example_input: Tensor | Sequence[Tensor],
    *,
    normalisation: Literal["bypass", "batch"] = "bypass",
    alpha: Literal["ones", "own"] = "ones",
    operations: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
    dtype: Literal["float64", "float32"] = "float64",
) -> ModuleShares:
    """Compute the flow shares of a supernet of your own: any torch module that weighs its operations by α.

    Every weight w becomes |w|, the input all ones in the shape of `example_input` (a tensor, or a tensor an argument),
    `R` the sum of the output, and the saliency of an operation `S = α · ∂R/∂α`, its flow share `|S / R|`, in one
    forward and one backward pass (FreeFlow, Zhang et al. 2021, arXiv 2106.11542 v1; see `docs/method.md`).

    `alphas` are the tensors that the module holds as parameters, buffers or attributes, a number an operation, of any
    shape `(…, operations)`: one, several, or several by name; others have the names that the module has for them.
    `operations` names their last axis, for all of them or by the name of each.

    With normalisation 'bypass' norms are the identity and rectifiers have no bound; with 'batch' batch norm takes the
    statistics of the one input. Dropout is left out, and so are softmax, Gumbel softmax and sigmoid of α or of a row of
    it: FreeFlow has a plain weighted sum. `alpha` 'ones' makes every α 1, as the recipe `synaptic` does; 'own' takes
    |α| as it stands, so that an operation whose α is 0 is pruned.

    All of it happens in a copy of the module in `dtype` and in evaluation mode; the module itself, its gradients and
    the random state stay as they are. Another pass in the other precision shows what is rounding. Raises `ValueError`
    for a module, α or output that has no flow shares, and `NonFiniteScores` where they are no numbers.
    """
    _check_choices(normalisation=normalisation, alpha=alpha, dtype=dtype)
    named = _named_alphas(module, alphas)
    columns = _columns(named, operations)
    inputs = _inputs(example_input)
    if dtype == "float64" and any(tensor.device.type == "mps" for tensor in named.values()):
        raise ValueError("device 'mps' has no float64; take dtype 'float32' or a module on the CPU")

    def flow(dtype: str) -> ModuleFlow:
        import torch

        from engine.supernets.module_flow import module_flow

        return _checked(module_flow(module, named, inputs, getattr(torch, dtype), normalisation, alpha), dtype)

    scored = flow(dtype)
    shares = {name: np.abs(values / scored.total) for name, values in scored.saliencies.items()}
    notices = _rounding(scored, flow, dtype)
    decided = not notices or notices == [_UNCHECKED]
    if decided and normalisation == "bypass":
        notices += _cancelling(scored)
    notices += _collapse(shares, columns)
    if decided:
        notices += _ties(shares, columns)
    return ModuleShares(shares, float(np.log(abs(scored.total))), columns, tuple(notices))


def _check_choices(**choices: str) -> None:
    """Raise `ValueError` for a choice that is not there."""
    for name, value in choices.items():
        if value not in _CHOICES[name]:
            raise unknown_name(name, value, _CHOICES[name])


def _named_alphas(module: nn.Module, alphas: Tensor | Mapping[str, Tensor] | Iterable[Tensor]) -> dict[str, Tensor]:
    """Return every α by its name; `ValueError` says which is none."""
    import torch

    if not isinstance(module, torch.nn.Module):
        raise ValueError(f"module: a torch.nn.Module is needed, {quoted(module)} given")
    if isinstance(module, torch.jit.ScriptModule):
        raise ValueError("module: a scripted one cannot be changed in its copy; give the module that it was made from")
    if any(map(torch.nn.parameter.is_lazy, module.parameters())):
        raise ValueError("module: a parameter has no shape yet; call the module once before")
    if isinstance(alphas, Mapping | torch.nn.ParameterDict):
        named = {str(name): tensor for name, tensor in alphas.items()}
    else:
        held = {id(tensor): name for name, tensor in reversed(list(_held(module)))}
        several = [alphas] if isinstance(alphas, torch.Tensor) or not isinstance(alphas, Iterable) else list(alphas)
        named = {held.get(id(tensor), f"alpha {place}"): tensor for place, tensor in enumerate(several)}
    if not named:
        raise ValueError("alphas: none given; give the tensors of the module that weigh its operations")
    for name, tensor in named.items():
        _check_alpha(name, tensor)
    return named


def _check_alpha(name: str, tensor: object) -> None:
    """Raise `ValueError` unless this is a tensor of numbers that is not computed from others."""
    import torch

    if not isinstance(tensor, torch.Tensor):
        raise ValueError(f"alphas: {name} is to be a tensor, {quoted(tensor)} given")
    if not tensor.is_floating_point() or not tensor.numel():
        raise ValueError(
            f"alphas: {name} is a tensor of {tensor.numel()} {tensor.dtype}; a weight an operation expected"
        )
    if not tensor.is_leaf:
        raise ValueError(f"alphas: {name} is computed from other tensors; give these, which the module holds")


def _held(module: nn.Module) -> Iterator[tuple[str, object]]:
    """Yield what a module and its parts hold as parameters, buffers and attributes, with dotted names."""
    for prefix, part in module.named_modules():
        own = [*part.named_parameters(recurse=False), *part.named_buffers(recurse=False), *vars(part).items()]
        yield from ((f"{prefix}.{name}".removeprefix("."), value) for name, value in own)


def _columns(alphas: Mapping[str, Tensor], operations: object) -> dict[str, tuple[str, ...]]:
    """Return the names of the last axis of every α; `ValueError` where their number is another."""
    columns = {}
    for name, tensor in alphas.items():
        count = tensor.shape[-1] if tensor.ndim else 1
        texts = operations.get(name, ()) if isinstance(operations, Mapping) else operations
        if texts is None:
            texts = [f"operation {place}" for place in range(count)] if tensor.ndim else [name]
        names = () if isinstance(texts, str) or not isinstance(texts, Iterable) else tuple(map(str, texts))
        if len(names) != count:
            raise ValueError(f"operations: {name} has {count} on its last axis; {quoted(texts)} given")
        columns[name] = names
    return columns


def _inputs(example: object) -> list[Tensor]:
    """Return the tensors of an example; `ValueError` for anything else."""
    import torch

    parts = example if isinstance(example, list | tuple) else [example]
    tensors = [tensor for tensor in parts if isinstance(tensor, torch.Tensor)]
    if len(tensors) < max(1, len(parts)):
        raise ValueError(
            f"example_input: a tensor is needed, or a list of them, one an argument; {quoted(example)} given"
        )
    return tensors


def _checked(flow: ModuleFlow, dtype: str) -> ModuleFlow:
    """Return a flow that gives shares; `NonFiniteScores` for another."""
    if flow.total == 0:
        raise NonFiniteScores(
            "the scores are not numbers: the output of the module sums to 0, so no share of it is one"
        )
    if not np.isfinite([flow.total, *(values.sum() for values in flow.saliencies.values())]).all():
        remedy = "float64, " if dtype == "float32" else ""
        raise NonFiniteScores(
            f"the scores are not numbers: the features leave the range of {dtype} in this module; "
            f"take {remedy}fewer cells, or normalisation 'batch'"
        )
    return flow


def _rounding(scored: ModuleFlow, flow: Callable[[str], ModuleFlow], dtype: str) -> list[Notice]:
    """Return a notice if scores are rounding, or if double precision puts other operations first."""
    try:
        other = flow("float32" if dtype == "float64" else "float64")
    except NonFiniteScores:  # the other precision does not reach; that says nothing of this one
        return []
    except (RuntimeError, TypeError):  # too little memory, no doubles on the device, or code for one precision
        return [_UNCHECKED]
    single, double = (scored, other) if dtype == "float32" else (other, scored)
    marked = [name for name, values in double.saliencies.items() if not _stands(single.saliencies[name], values)]
    if marked:
        sums = [sum(np.abs(flow.saliencies[name]).sum() for name in marked) for flow in (single, double)]
        which = "These scores" if len(marked) == len(double.saliencies) else f"The scores of {listed(marked)}"
        error = f"they sum to {sums[0]:.1e} in float32 and to {sums[1]:.1e} in float64, so their order means nothing."
        return [Notice(ROUNDING, f"{which} are rounding error: {error}")]
    differing = [name for name, values in double.saliencies.items() if _best(single.saliencies[name]) != _best(values)]
    if dtype == "float32" and differing:
        return [Notice(PRECISION, f"Rounding decides here: float64 puts others first in {listed(differing)}; take it.")]
    return []


def _stands(single: NDArray[np.float64], double: NDArray[np.float64]) -> bool:
    return rounding_error(np.abs(single), np.abs(double)) <= ROUNDING_LEVEL


def _rows(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a table as rows of one choice each, `(choices, operations)`."""
    return np.abs(table.reshape(-1, table.shape[-1] if table.ndim else 1))


def _best(table: NDArray[np.float64]) -> list[int]:
    return [int(place) for place in _rows(table).argmax(axis=1)]


def _cancelling(flow: ModuleFlow) -> list[Notice]:
    """Return a notice if what passes some operations takes from R."""
    shares = np.concatenate([values.ravel() / flow.total for values in flow.saliencies.values()])
    negative = int((shares < -ROUNDING_LEVEL * np.abs(shares).max()).sum())
    if not negative:
        return []
    verb = "takes" if negative == 1 else "take"
    why = "constants below 0, or a function of α that mixes operations, make terms cancel"
    return [
        Notice(_CANCEL, f"{negative} of {len(shares)} operations {verb} from R: {why}, so shares are no parts of R.")
    ]


def _collapse(shares: Mapping[str, NDArray[np.float64]], columns: Mapping[str, tuple[str, ...]]) -> list[Notice]:
    """Return a notice for every α of several choices whose strongest operations are known, none a convolution.

    Those of one choice each are judged together.
    """
    strongest: dict[str, set[str]] = defaultdict(set)
    for name, table in shares.items():
        strongest[f" of {name}" if table.ndim > 1 else ""].update(columns[name][place] for place in _best(table))
    return [
        Notice(
            COLLAPSE, f"Collapse: no choice{which} has a convolution as its strongest, only {', '.join(sorted(names))}."
        )
        for which, names in strongest.items()
        if all(name in OPERATIONS and not OPERATIONS[name].convolutional for name in names)
    ]


def _ties(shares: Mapping[str, NDArray[np.float64]], columns: Mapping[str, tuple[str, ...]]) -> list[Notice]:
    """Return a notice for every set of operations that tie."""
    strongest_among: dict[tuple[str, ...], list[bool]] = defaultdict(list)
    for name, table in shares.items():
        for row, best in zip(_rows(table), _best(table), strict=True):
            for group in tied_places(row):
                strongest_among[tuple(columns[name][place] for place in group)].append(best in group)
    return tie_notices(strongest_among, "choice")
