"""FreeNAS: neural architecture search without training or labels, by pruning an untrained supernet.

    from engine import SearchConfig, search
    result = search(SearchConfig(space="nas-bench-201", seed=0))
    print(result.genotype.notation)

Importing this package does not import torch; the first search, or the first derived network, does.
"""

from __future__ import annotations

from engine.config import RECIPES, SearchConfig, explain
from engine.errors import DeviceMemoryExhausted, NonFiniteScores, SearchStopped
from engine.flow import flow
from engine.genotype import Genotype, parse_genotype
from engine.progress import Progress
from engine.proxies import proxies
from engine.result import SearchResult
from engine.search import search
from engine.spaces import load_space, spaces
from engine.version import __version__

__all__ = [
    "RECIPES",
    "DeviceMemoryExhausted",
    "Genotype",
    "NonFiniteScores",
    "Progress",
    "SearchConfig",
    "SearchResult",
    "SearchStopped",
    "__version__",
    "explain",
    "flow",
    "load_space",
    "parse_genotype",
    "proxies",
    "search",
    "spaces",
]
