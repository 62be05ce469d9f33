"""The contract of a layer: its cost, torch module, drawn weights and adjoint agree."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from engine.operations.layers import Layer
from engine.testing.readings import Case, check_readings, result_shape
from engine.testing.requirement import require, succeeding

_WIDTHS, _STRIDES, _SIZES = ((4, 4), (4, 6)), (1, 2), (8, 7)
"""Channels before and behind a layer, strides, and pixels a side that it is tried at."""


def check_layer(
    layer: Layer,
    *,
    widths: Sequence[tuple[int, int]] = _WIDTHS,
    strides: Sequence[int] = _STRIDES,
    sizes: Sequence[int] = _SIZES,
) -> None:
    """Check that the readings of a layer agree; raise `AssertionError` with the first thing that does not hold.

    A layer is tried from 4 channels to 4 and to 6, at strides 1 and 2, on 8 and on 7 pixels, as far as its torch module
    takes these. In each case parameters, multiply-accumulates and the size of the result (`engine.networks.cost`) are
    those of the torch module (`engine.networks.derived`), the weights that a supernet draws have its shapes
    (`engine.supernets.weights`), and a supernet computes its features and their vector-Jacobian product
    (`engine.supernets.adjoint`), which for a linear layer passes the dot test ⟨A u, v⟩ = ⟨u, Aᵀ v⟩.
    """
    name = repr(layer)
    hash(layer)
    cases = [Case(*width, stride, size) for width, stride, size in product(widths, strides, sizes)]
    with succeeding(f"{name} has a torch module (engine.networks.derived)"):
        cases = [case for case in cases if result_shape((layer,), case) is not None]
    require(bool(cases), f"the torch module of {name} runs in none of the cases that it is tried in")
    for case in cases:
        check_readings(name, (layer,), case)
