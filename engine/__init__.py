"""FreeNAS: neural architecture search without training or labels, by pruning an untrained supernet.

    from engine import SearchConfig, search
    result = search(SearchConfig(space="nas-bench-201", seed=0))
    print(result.genotype.notation)

Importing this package does not import torch; the first search, or the first derived network, does.
"""

from __future__ import annotations

from engine.common.errors import DeviceMemoryExhausted, NonFiniteScores, SearchStopped, explain
from engine.common.version import __version__
from engine.common.work import Progress
from engine.exports.svg import genotype_svg
from engine.genotypes.genotype import Genotype, parse_genotype
from engine.measures import MEASURES
from engine.proxies import PROXIES
from engine.proxies.freeflow import RECIPES
from engine.searches.config import SearchConfig
from engine.searches.result import SearchResult
from engine.searches.saliency import ModuleShares, saliency
from engine.searches.search import search
from engine.spaces import SPACES, load_space
from engine.studies.scores import score
from engine.supernets.flow import flow

__all__ = [
    "MEASURES",
    "PROXIES",
    "RECIPES",
    "SPACES",
    "DeviceMemoryExhausted",
    "Genotype",
    "ModuleShares",
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
    "saliency",
    "score",
    "search",
]

Genotype._repr_svg_ = genotype_svg
