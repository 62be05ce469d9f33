from __future__ import annotations

import pytest
import torch

from engine.networks.derived import sequence
from engine.spaces.entries import ENTRIES, RESIDUAL_BLOCK, TO_CHANNELS, TO_HALF_SIZE


@pytest.mark.parametrize(
    ("layers", "stride", "shape"),
    [(TO_CHANNELS, 1, (2, 6, 8, 8)), (TO_HALF_SIZE, 2, (2, 6, 4, 4)), (RESIDUAL_BLOCK, 2, (2, 6, 4, 4))],
)
def test_layers_between_cells_lead_to_the_wanted_channels_and_size(layers, stride: int, shape: tuple[int, ...]):
    module = sequence(layers, 4, 6, stride)
    assert module(torch.ones(2, 4, 8, 8)).shape == shape


def test_entries_say_where_the_size_changes():
    assert {name for name, entry in ENTRIES.items() if entry.outside} == {"residual"}
    assert ENTRIES["plain"].same == ENTRIES["plain"].changed == ()
    assert ENTRIES["residual"].changed == RESIDUAL_BLOCK
    assert ENTRIES["preprocessed"].behind == TO_HALF_SIZE
