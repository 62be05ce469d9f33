"""NASWOT: the power of untrained rectifiers to tell the images of a batch apart (Mellor et al. 2021)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.common.ties import Rounding
from engine.genotypes.population import Population
from engine.measures.base import Measure, MeasureSetting
from engine.networks.rectifiers import AgreementKernel

BATCH = 128
"""Images in the batch of full networks, as in the paper."""
NASWOT_ROUNDING = Rounding(absolute=3e-3)
"""The precision of log|det K|, absolute: a feature that is 0 but for rounding falls to either side of a rectifier.

Measured between the plainest kernels (of ATen, MKL, oneDNN) and those of a machine with AVX-512, with one thread, over
60 cells of NAS-Bench-201, 20 networks of NAS-Bench-Macro and 20 of DARTS: at most 8.1e-4, 5.2e-7 of the value.
"""


def naswot(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return log|det K| of one batch."""
    import torch

    from engine.measures.scoring import prepare_networks, score_networks
    from engine.networks.shared import EncodedGenes

    networks, images, _ = prepare_networks(population, setting, BATCH, "uniform")
    kernel = AgreementKernel(len(images))
    networks.on_rectifier(lambda features: kernel.add(features))

    def score(genes: EncodedGenes) -> list[float]:
        nonlocal kernel
        kernel = AgreementKernel(len(images))
        networks(images, genes)
        return [float(np.linalg.slogdet(kernel.total)[1])]

    with torch.inference_mode():
        return score_networks(population, setting, score, of=naswot)[:, 0]


MEASURE = Measure(
    name="naswot",
    title="NASWOT",
    unit="log|det K|",
    summary="how differently the images of a batch switch the rectifiers on and off",
    source="Mellor et al. 2021, arXiv 2006.04647",
    of=naswot,
    needs_data=True,
    rounding=NASWOT_ROUNDING,
    one_by_one=True,
)
