"""SWAP: how many different patterns of a batch the rectifiers of an untrained network see (Peng et al. 2024).

A rectifier's pattern says for which images of the batch it is on. The regularised score weighs their number by
exp(-(p - CENTRE)² / WIDTH), p being the millions of parameters, so that networks of a wanted size come first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.genotypes.population import Population
from engine.measures.base import Measure, MeasureSetting
from engine.measures.once import once
from engine.networks.cost import edge_costs

if TYPE_CHECKING:
    from torch import Tensor

BATCH = 16
"""Images in the batch, as in the authors' code."""
CENTRE, WIDTH = 1.5, 1.5
"""The paper leaves both to its user. This is about the size of the largest networks of both spaces at search size."""


def patterns(features: Tensor) -> Tensor:
    """The pattern of every rectifier that takes `features` `(B, C, H, W)`, as a number: 2^b for every image b it is on.

    Exact in float32 for batches of up to 24 images.
    """
    import torch

    codes = torch.gt(features, 0, out=torch.empty_like(features)).permute(0, 2, 3, 1).flatten(1)
    bits = 2.0 ** torch.arange(len(codes), device=codes.device, dtype=codes.dtype)
    return (bits @ codes).int()


@once
def _different(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    import torch

    from engine.measures.each import of_each, prepare
    from engine.networks.shared import Genes

    networks, images, _ = prepare(population.space, setting, BATCH, "normal")
    seen: list[Tensor] = []
    networks.on_rectifier(lambda features: seen.append(patterns(features)))

    def score(genes: Genes) -> list[float]:
        seen.clear()
        networks(images, genes)
        return [torch.unique(torch.cat(seen)).numel()]

    with torch.inference_mode():
        return of_each(population, setting, score)[:, 0]


def swap(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """The number of different patterns among all rectifiers of a network, at the search size."""
    return _different(population, setting).copy()


def regularised(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """The number of different patterns, weighed by the number of parameters at the search size."""
    described = population.space
    millions = edge_costs(described, described.search_size)["params"].of(population) / 1e6
    return np.asarray(_different(population, setting) * np.exp(-((millions - CENTRE) ** 2) / WIDTH))


SOURCE = "Peng et al., ICLR 2024, arXiv 2403.04161"

MEASURE = Measure(
    name="swap",
    title="SWAP",
    unit="patterns",
    summary=f"how many different patterns {BATCH} images make in the rectifiers",
    source=SOURCE,
    of=swap,
    needs_data=True,
)
REGULARISED = Measure(
    name="swap-regularised",
    title="SWAP, regularised",
    unit="patterns, weighed",
    summary=f"SWAP times exp(-(p - {CENTRE})² / {WIDTH}), p the millions of parameters at search size",
    source=SOURCE,
    of=regularised,
    needs_data=True,
)
