"""Questions to the proxies of the trainable supernet, and their raw scores."""

from __future__ import annotations

import numpy as np

from engine import SearchConfig
from engine.proxies import get_proxy
from engine.proxies.base import Scores
from tests.conftest import tiny
from tests.engine.plain import setting

NAMES = ["nas-bench-201", "darts"]
PARTS = [{}, {"alpha": "noise", "seed": 3}, {"normalisation": "bypass", "seed": 1}]
CASES = [(NAMES[0], PARTS[0]), (NAMES[0], PARTS[2]), (NAMES[1], PARTS[1])]
"""Each of the names and of the parts."""


def question(space: str, name: str = "snip", **parts: object) -> SearchConfig:
    return tiny(space, **{"proxy": name, "batch": 4, **parts})


def raw(scores: Scores) -> np.ndarray:
    return scores.shares * np.exp(scores.log_flow)


def scored(config: SearchConfig, live: np.ndarray | None = None) -> Scores:
    (found,) = get_proxy(config.proxy).open(setting(config))([config.live if live is None else live])
    return found
