from __future__ import annotations

import pytest

from engine import SearchResult, search
from tests.conftest import tiny


@pytest.fixture(scope="module")
def text(tiny_results: dict[str, SearchResult]) -> str:
    """The JSON of a search without constraints."""
    return tiny_results["nas-bench-201"].to_json()


@pytest.fixture(scope="module")
def limited() -> SearchResult:
    """A search with pins, bans and two bounds."""
    limits = {"pinned": ["0-1:skip_connect"], "banned": ["0-3:none", "2-3:nor_conv_3x3"]}
    limits |= {"max_params": 900_000, "max_macs": 130_000_000}
    return search(tiny("nas-bench-201", field="interior", per_round=8, **limits))
