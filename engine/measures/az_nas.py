"""AZ-NAS: four traits of an untrained network on Gaussian noise, joined by their ranks (Lee & Ham, CVPR 2024).

Three come from the features behind the stem, behind every residual block and every cell; multiply-accumulates are the
fourth. Images, weights and vectors are drawn from the seed; there is no data, and no label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.common.ties import Rounding, tie
from engine.genotypes.population import Population
from engine.measures.base import Measure, MeasureSetting
from engine.measures.joined import RANK_ROUNDING, log_rank_sum
from engine.measures.memoise import memoise_last
from engine.networks.cost import edge_costs
from engine.spaces.plan import walk

if TYPE_CHECKING:
    from torch import Tensor

    from engine.networks.shared import EncodedGenes, NetworkStep, SharedNetworks

BATCH = 64
"""Images of noise in the batch of full networks, 32x32, as in the authors' code."""
SMALLEST_SHARE, SMALLEST_NORM = 1e-8, 1e-6
"""Small summands that keep a logarithm and a quotient finite, as in the authors' code."""


def expressivity(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return the sum over all features of their entropy; -inf where some have no variance."""
    return _traits(population, replace(setting, data=None))[:, 0].copy()


def progressivity(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return the smallest increase of the entropy at a step; -inf where some features have no variance."""
    return _traits(population, replace(setting, data=None))[:, 1].copy()


def trainability(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return the mean of `stability` over all steps; -inf where one is the identity."""
    return _traits(population, replace(setting, data=None))[:, 2].copy()


def az_nas(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return Σ log(rank / N) of expressivity, progressivity, trainability and MACs at the search size."""
    space = population.space
    macs = edge_costs(space, space.search_size)["macs"].of(population)
    columns = zip(_traits(population, replace(setting, data=None)).T, _TRAIT_ROUNDINGS, strict=True)
    return log_rank_sum([*(tie(values, rounding) for values, rounding in columns), macs])


@memoise_last
def _traits(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
    """Return expressivity, progressivity and trainability of every architecture, `(architectures, 3)`."""
    import torch

    from engine.measures.scoring import prepare_networks, score_networks

    networks, images, _ = prepare_networks(population, setting, BATCH, "kaiming")
    networks.requires_grad_(False)
    vectors = ProbeVectors(setting.seed)
    with torch.enable_grad():
        scores = score_networks(
            population, setting, lambda genes: network_traits(networks, images, genes, vectors), 3, _traits
        )
    return np.where(np.isnan(scores), -np.inf, scores)


class ProbeVectors:
    """Rademacher vectors (every entry 1 or -1), one for each step, the same for all networks of a seed."""

    def __init__(self, seed: int) -> None:
        import torch

        self._generator = torch.Generator().manual_seed(seed)
        self._vectors: list[Tensor] = []

    def at(self, step: int, features: Tensor) -> Tensor:
        """Return the vector of a step, in the shape of its `features`; the steps of the first network come in order."""
        import torch

        if step == len(self._vectors):
            signs = torch.randint(0, 2, features.shape, generator=self._generator) * 2.0 - 1
            self._vectors.append(signs.to(features).contiguous(memory_format=torch.channels_last))
        return self._vectors[step]


def network_traits(networks: SharedNetworks, images: Tensor, genes: EncodedGenes, vectors: ProbeVectors) -> list[float]:
    """Return expressivity, progressivity and trainability of the network of `genes`; nan without variance."""
    stem = networks.stem(images)
    entropies, stabilities = [entropy(stem)], []

    def run_step(step: tuple[int, NetworkStep], states: Sequence[Tensor]) -> Tensor:
        index, run = step
        before = states[-1].detach().requires_grad_()
        after = run([*states[:-1], before])
        vector = vectors.at(index, after)
        if not (networks.layered and after is before):  # a layer that is skipped is none
            stabilities.append(stability(before, after, vector))
            entropies.append(entropy(after))
        return after.detach()

    walk(enumerate(networks.steps(genes)), [stem] * networks.input_nodes, run_step)
    return [float(np.sum(entropies)), float(np.min(np.diff(entropies))), float(np.mean(stabilities))]


def entropy(features: Tensor) -> float:
    """Return -Σ p log p, p the eigenvalues of the covariance of the channels of `(B, C, H, W)`, each over their sum.

    Close to log C where the channels are independent and equally strong, 0 where they are all alike, nan where all
    eigenvalues are 0.
    """
    import torch

    pixels = features.detach().permute(0, 2, 3, 1).flatten(0, 2)
    pixels = pixels - pixels.mean(0)
    eigenvalues = torch.linalg.eigvalsh((pixels.T @ pixels).cpu().double()).clamp(min=0)
    shares = eigenvalues / eigenvalues.sum()
    return float(-(shares * (shares + SMALLEST_SHARE).log()).sum())


def stability(before: Tensor, after: Tensor, vector: Tensor) -> float:
    """Return 2 - s - 1/s, s the largest singular value of the Jacobian of `after` with respect to `before`; 0 at s = 1.

    The Jacobian is that between channels, estimated by the mean over all pixels of (vector · Jacobian) vectorᵀ. Where
    the step shrinks the image, the pixels that become one count as channels. -inf if the step is the identity.
    """
    import torch

    vjp = None
    if after.requires_grad:
        (vjp,) = torch.autograd.grad(after, before, vector)
    if vjp is None:
        return 2 - 1 / SMALLEST_NORM
    if vjp.shape == vector.shape and torch.equal(vjp, vector):
        return -np.inf
    vjp = torch.nn.functional.pixel_unshuffle(vjp, vjp.shape[2] // vector.shape[2])
    rows_in, rows_out = (features.permute(0, 2, 3, 1).flatten(0, 2) for features in (vjp, vector))
    jacobian = (rows_in.T @ rows_out / len(rows_out)).cpu().double()
    largest = float(torch.linalg.matrix_norm(jacobian, 2))
    return 2 - largest - 1 / (largest + SMALLEST_NORM)


SOURCE = "Lee & Ham, CVPR 2024, arXiv 2403.19232"
_TRAIT_ROUNDINGS = (Rounding(absolute=3e-5), Rounding(absolute=3e-6), Rounding(absolute=1e-5, relative=5e-3))
"""The precisions of expressivity and progressivity, in nats, and of trainability, most of it relative.

Measured as for NASWOT (`engine.measures.naswot`): at most 6.1e-6, 4.9e-7, and 3.2e-4 of the value, 1.8e-3 of it in
small networks.
"""

EXPRESSIVITY = Measure(
    name="expressivity",
    title="Expressivity",
    unit="nats",
    summary="how evenly the features spread over their channels, summed over the depth (of AZ-NAS)",
    source=SOURCE,
    of=expressivity,
    rounding=_TRAIT_ROUNDINGS[0],
    one_by_one=True,
)
PROGRESSIVITY = Measure(
    name="progressivity",
    title="Progressivity",
    unit="nats",
    summary="the smallest gain in spread of the features from one cell to the next (of AZ-NAS)",
    source=SOURCE,
    of=progressivity,
    rounding=_TRAIT_ROUNDINGS[1],
    one_by_one=True,
)
TRAINABILITY = Measure(
    name="trainability",
    title="Trainability",
    unit="2 - s - 1/s",
    summary="how well cells keep the size of a gradient, 0 at best (of AZ-NAS)",
    source=SOURCE,
    of=trainability,
    rounding=_TRAIT_ROUNDINGS[2],
    one_by_one=True,
)
AZ_NAS = Measure(
    name="az-nas",
    title="AZ-NAS",
    unit="Σ log(rank / N)",
    summary="expressivity, progressivity, trainability and MACs, joined by rank among the architectures compared",
    source=SOURCE,
    of=az_nas,
    rounding=RANK_ROUNDING,
    one_by_one=True,
)
