"""SWAP: the number of different patterns that a batch makes in untrained rectifiers (Peng et al. 2024).

The pattern of a rectifier is the set of images of the batch that it passes. The regularised score weighs the number of
patterns by exp(-(p - CENTRE)² / WIDTH), p being the millions of parameters, so that networks of a wanted size come
first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.common.ties import Rounding
from engine.genotypes.population import Population
from engine.measures.base import Measure, MeasureSetting
from engine.measures.memoise import memoise_last
from engine.networks.cost import edge_costs

if TYPE_CHECKING:
    from torch import Tensor

BATCH = 16
"""Images in the batch, as in the authors' code."""
CENTRE, WIDTH = 1.5, 1.5
"""The paper leaves both to its user. This is about the size of the largest networks of both spaces at search size."""

PATTERN_ROUNDING = Rounding(relative=5e-4)
"""The precision of both scores, relative: features that are 0 but for rounding make a pattern more or less.

Measured as for NASWOT (`engine.measures.naswot`): at most 2.0e-4 of the value, 6 of 29,572 patterns; most counts are
the same, and those below 2,000 are taken as exact.
"""


def activation_patterns(features: Tensor) -> Tensor:
    """Return the pattern of every rectifier of `features` `(B, C, H, W)`: the sum of 2^b over images b that it passes.

    Exact in float32 for batches of up to 24 images.
    """
    import torch

    codes = torch.gt(features, 0, out=torch.empty_like(features)).permute(0, 2, 3, 1).flatten(1)
    bits = 2.0 ** torch.arange(len(codes), device=codes.device, dtype=codes.dtype)
    return (bits @ codes).int()


@memoise_last
def _count_patterns(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return the number of different patterns in every network, `(architectures,)`."""
    import torch

    from engine.measures.scoring import prepare_networks, score_networks
    from engine.networks.shared import EncodedGenes

    networks, images, _ = prepare_networks(population, setting, BATCH, "normal")
    seen: list[Tensor] = []
    networks.on_rectifier(lambda features: seen.append(activation_patterns(features)))

    def score(genes: EncodedGenes) -> list[float]:
        seen.clear()
        networks(images, genes)
        return [torch.unique(torch.cat(seen)).numel()]

    with torch.inference_mode():
        return score_networks(population, setting, score, of=_count_patterns)[:, 0]


def swap(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return the number of different patterns among all rectifiers of a network."""
    return _count_patterns(population, setting).copy()


def swap_regularised(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return the number of different patterns, weighed by the number of parameters at the search size."""
    space = population.space
    millions = edge_costs(space, space.search_size)["params"].of(population) / 1e6
    return np.asarray(_count_patterns(population, setting) * np.exp(-((millions - CENTRE) ** 2) / WIDTH))


SOURCE = "Peng et al., ICLR 2024, arXiv 2403.04161"

MEASURE = Measure(
    name="swap",
    title="SWAP",
    unit="patterns",
    summary=f"how many different patterns {BATCH} images make in the rectifiers",
    source=SOURCE,
    of=swap,
    needs_data=True,
    rounding=PATTERN_ROUNDING,
    one_by_one=True,
)
REGULARISED = Measure(
    name="swap-regularised",
    title="SWAP, regularised",
    unit="patterns, weighed",
    summary=f"SWAP times exp(-(p - {CENTRE})² / {WIDTH}), p the millions of parameters at search size",
    source=SOURCE,
    of=swap_regularised,
    needs_data=True,
    rounding=PATTERN_ROUNDING,
    one_by_one=True,
)
