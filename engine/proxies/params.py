"""The number of parameters of an operation: the baseline that a proxy must beat."""

from __future__ import annotations

import numpy as np

from engine.networks.cost import edge_costs
from engine.proxies.base import Evaluate, Proxy, ProxySetting, Scores


def open_params(setting: ProxySetting) -> Evaluate:
    """Count the parameters of every live operation, in all cells of its type; no supernet is needed for them."""
    params = edge_costs(setting.spec.space, setting.spec.size)["params"].parts
    return lambda masks: [Scores.of(np.where(mask, params, 0.0)) for mask in masks]


PROXY = Proxy(
    name="params",
    title="Parameters",
    unit="parameter",
    meaning="parameters of the operation, affine batch norms included, as a part of those of all operations",
    summary="parameters of the operation: a baseline, the same for every seed",
    source="a count",
    open=open_params,
    may_cancel=lambda spec: False,
)
