"""Gradient norm and SNIP: scores of one backward pass of a labelled batch (Abdelfattah et al. 2021)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.common.ties import Rounding
from engine.genotypes.population import Population
from engine.measures.base import Measure, MeasureSetting
from engine.measures.memoise import memoise_last

BATCH = 64
"""Images in the batch of full networks, as in the authors' code."""

GRADIENT_ROUNDING = Rounding(relative=3e-2)
"""The precision of both scores, relative: a rectifier whose input is 0 but for rounding has a gradient or none.

Measured as for NASWOT (`engine.measures.naswot`), on scikit-learn's digits: at most 1.2e-2 of the value (SNIP 9.3e-3),
above 1e-3 for one cell of NAS-Bench-201 in seven, 1e-5 for half of them.
"""


def gradient_norm(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return the norm of the gradient of the weights, summed over all convolutions and the classifier.

    `ValueError` for images without labels.
    """
    return _backward(population, setting)[:, 0].copy()


def snip(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return |w · ∂loss/∂w|, summed over the weights w of convolutions and classifier; `ValueError` without labels."""
    return _backward(population, setting)[:, 1].copy()


@memoise_last
def _backward(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return gradient norm and SNIP of every architecture, `(architectures, 2)`."""
    import torch
    from torch import nn

    from engine.measures.scoring import prepare_networks, score_networks
    from engine.networks.shared import EncodedGenes

    if setting.data is None or setting.data.labels is None:
        name = "Gaussian noise" if setting.data is None else setting.data.name
        raise ValueError(f"{name} has no labels, and the gradient of a loss needs them: choose images with labels")
    networks, images, labels = prepare_networks(population, setting, BATCH, "uniform")
    assert labels is not None
    weights = [layer.weight for layer in networks.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    networks.requires_grad_(False)
    for weight in weights:
        weight.requires_grad_()

    def score(genes: EncodedGenes) -> list[float]:
        loss = nn.functional.cross_entropy(networks(images, genes), labels)
        gradients = torch.autograd.grad(loss, weights, allow_unused=True)
        used = [(weight.detach(), grad) for weight, grad in zip(weights, gradients, strict=True) if grad is not None]
        norm = torch.stack([grad.norm() for _, grad in used]).sum()
        return [float(norm), float(torch.stack([(weight * grad).abs().sum() for weight, grad in used]).sum())]

    with torch.enable_grad():
        return score_networks(population, setting, score, 2, _backward)


SOURCE = "Abdelfattah et al., ICLR 2021, arXiv 2101.08134"

GRADIENT_NORM = Measure(
    name="gradient-norm",
    title="Gradient norm",
    unit="norm",
    summary="norms of the gradients of all layers, summed, for one batch of labelled images",
    source=SOURCE,
    of=gradient_norm,
    needs_labels=True,
    needs_data=True,
    rounding=GRADIENT_ROUNDING,
    one_by_one=True,
)
SNIP = Measure(
    name="snip",
    title="SNIP",
    unit="saliency",
    summary="how much the loss of one batch of labelled images depends on each weight, summed",
    source=f"Lee et al., ICLR 2019, arXiv 1810.02340; {SOURCE}",
    of=snip,
    needs_labels=True,
    needs_data=True,
    rounding=GRADIENT_ROUNDING,
    one_by_one=True,
)
