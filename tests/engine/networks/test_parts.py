"""The parts of networks, counted by hand and held against the networks that are built."""

from __future__ import annotations

import pytest

from engine.networks.parts import network_parts
from engine.spaces import get_space


@pytest.mark.parametrize(("name", "entries"), [("nas-bench-201", 22), ("darts", 53)])
def test_equal_parts_are_timed_once(name: str, entries: int):
    """NAS-Bench-201: 5 operations in 3 stages, stem, 2 residual blocks, 3 joins, ending; the identity is one of the 5.

    DARTS: 8 operations in 3 stages and 2 reductions, stem, 8 layers at inputs, 3 joins, ending.
    """
    described = get_space(name)
    assert len({part for part, _ in network_parts(described, described.evaluation_size, 32, classes=10)}) == entries
