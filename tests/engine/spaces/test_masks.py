from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings

from engine import search
from engine.spaces import get_space
from engine.spaces.masks import silent_operations
from tests.conftest import tiny
from tests.engine.searches.test_constraints import NB201, constraints, draw_constraints, every_space, flowing, shape_of


@given(constraints)
@every_space
def test_silent_operations_are_those_on_no_way_through_the_cell(name: str, seed: int):
    described = get_space(name)
    rng = np.random.default_rng(seed)
    live = rng.random(shape_of(described)) < rng.choice([0.15, 0.3, 0.6])  # also such that nothing flows
    assert (silent_operations(described, live) == live & ~flowing(described, live)).all()


@given(constraints)
@settings(max_examples=10)
def test_silent_operations_are_those_without_a_share(seed: int):
    pinned, banned, live = draw_constraints(NB201, seed)
    result = search(tiny("nas-bench-201", pinned=pinned, banned=banned, method="one-shot"))
    assert (result.shares["cell"] > 0).tolist() == (live & ~silent_operations(NB201, live))[0].tolist()


def test_noise_needs_no_input_and_lets_none_through():
    noisy = replace(NB201, operations=("none", "noise", "nor_conv_3x3"))
    live = np.zeros((1, 6, 3), dtype=bool)
    live[0] = [(True, False, False), (True, True, True), (True, True, False), (True, False, False), *[(True,) * 3] * 2]
    silent = silent_operations(noisy, live)
    assert silent[0].tolist() == [
        [True, False, False],  # 0→1 with none
        [True, False, False],  # 0→2
        [True, False, False],  # 1→2, noise
        [True, False, False],  # 0→3 with none
        [True, False, True],  # 1→3: nothing comes to node 1
        [True, False, False],  # 2→3
    ]
    live[0, 1] = False, False, True  # 0→2 with a convolution, behind which there is noise only
    live[0, 5] = False, True, False
    assert silent_operations(noisy, live)[0, 1].tolist() == [False, False, True]
