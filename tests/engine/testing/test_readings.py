from __future__ import annotations

import pytest
import torch

from engine.operations.layers import Conv, Norm, Pool, Reduce, Relu, Residual
from engine.testing.readings import Case, check_readings, result_shape


@pytest.mark.parametrize(
    ("layers", "case", "shape"),
    [
        ((), Case(4, 4, 1, 8), (4, 8)),
        ((Conv(3),), Case(4, 6, 2, 8), (6, 8)),
        ((Conv(3, strided=True), Norm()), Case(4, 6, 2, 7), (6, 4)),
        ((Conv(1, expansion=3),), Case(4, 6, 1, 8), (12, 8)),
        ((Pool("avg", kernel=2),), Case(4, 4, 2, 8), (4, 4)),
        ((Reduce(),), Case(4, 6, 1, 8), (6, 4)),
        ((Reduce(),), Case(4, 6, 1, 7), None),
        ((Residual((Conv(3),), ()),), Case(4, 6, 1, 8), None),
    ],
)
def test_a_module_gives_a_shape_or_does_not_take_the_case(layers: tuple, case: Case, shape: tuple[int, int] | None):
    assert result_shape(layers, case) == shape


def test_several_layers_are_read_together_and_nothing_global_is_touched():
    before = torch.get_rng_state()
    with torch.no_grad():
        check_readings("a block", (Relu(), Conv(3, strided=True), Norm(), Relu(6), Conv(1)), Case(4, 6, 2, 7))
        assert not torch.is_grad_enabled()
    assert torch.equal(torch.get_rng_state(), before)
