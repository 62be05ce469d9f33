"""The registry of zero-cost proxies: one file each, one signature."""

from __future__ import annotations

from engine.common.errors import unknown_name
from engine.proxies import freeflow, gradient_norm, grasp, params, snip, zero_cost_pt
from engine.proxies.base import Proxy, Scores

PROXIES: dict[str, Proxy] = {
    proxy.name: proxy
    for proxy in (
        freeflow.PROXY,
        snip.PROXY,
        grasp.PROXY,
        gradient_norm.PROXY,
        zero_cost_pt.BY_FLOW,
        zero_cost_pt.BY_GRADIENT_NORM,
        zero_cost_pt.BY_NASWOT,
        params.PROXY,
    )
}


def get_proxy(name: str) -> Proxy:
    """Return the proxy called `name`; `ValueError` names the value and the allowed ones."""
    if name not in PROXIES:
        raise unknown_name("proxy", name, PROXIES)
    return PROXIES[name]


__all__ = ["PROXIES", "Proxy", "Scores", "get_proxy"]
