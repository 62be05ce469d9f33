"""Spread: how evenly the features of the last cell of a small untrained network spread over their channels.

The entropy of the eigenvalues of the covariance between channels, each over their sum, as in the expressivity of AZ-NAS
(Lee & Ham, CVPR 2024), of the last cell alone. The network is always small (`engine.measures.base.small_size`), its
weights are N(0, 2 / fan-in), the images white noise: one forward pass.

It was chosen on NAS-Bench-201 (all 15,625 cells, CIFAR-10) and on 363 DARTS genotypes of the NAS-Bench-301 surrogate.
It is there to be joined to effective width, `width+spread`: the best ranking without labels and images that we found,
and a poor searcher, since spread takes identities for a loss.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.common.ties import Rounding
from engine.genotypes.population import Population
from engine.measures.az_nas import entropy
from engine.measures.base import Measure, MeasureSetting
from engine.measures.memoise import memoise_last
from engine.spaces.plan import walk

BATCH = 16
"""Images of noise in the batch."""
SPREAD_ROUNDING = Rounding(absolute=5e-6)
"""The precision of the entropy, in nats, measured as for NASWOT (`engine.measures.naswot`): at most 8.6e-7."""


def feature_spread(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return the entropy of the last cell; -inf where nothing varies, `ValueError` for a space of layers."""
    MEASURE.check_fits(population.space)
    return _entropies(population, replace(setting, data=None, net_size="small")).copy()


@memoise_last
def _entropies(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return the entropy of the last cell, -inf where nothing varies, `(architectures,)`."""
    import torch

    from engine.measures.scoring import prepare_networks, score_networks
    from engine.networks.shared import EncodedGenes

    networks, images, _ = prepare_networks(population, setting, BATCH, "kaiming")

    def score(genes: EncodedGenes) -> list[float]:
        first = [networks.stem(images)] * networks.input_nodes
        return [entropy(walk(networks.steps(genes), first, lambda step, states: step(states))[-1])]

    with torch.inference_mode():
        scores = score_networks(population, setting, score, of=_entropies)[:, 0]
    return np.where(np.isnan(scores), -np.inf, scores)


MEASURE = Measure(
    name="spread",
    title="Spread",
    unit="nats",
    summary="how evenly the features of the last cell of a small network spread over their channels; chosen on "
    "NAS-Bench-201 and 363 DARTS genotypes, to be joined to effective width, and a poor searcher alone",
    source="ours, after the expressivity of Lee & Ham, CVPR 2024",
    of=feature_spread,
    rounding=SPREAD_ROUNDING,
    one_by_one=True,
    cells_only=True,
)
