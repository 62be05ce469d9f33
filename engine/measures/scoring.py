"""Scores of the networks of a population, one after the other, in one module that holds all networks of the space.

Every operation on every edge of every cell has weights of its own, drawn once from a seed, and a network is a choice
of operations. Architectures share the weights of the operations that they have in common, so their scores differ by the
others alone, and no network is built or drawn anew. Norms take the statistics of the batch, as in the first step of
training. Small networks keep most of the order of the full ones in a fraction of their time. Where they take long,
several processes take a part each, and every one draws the same weights and images.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.common.environment import resolve_device
from engine.common.processes import current_processes, processes_worth, spread
from engine.common.threads import computing_threads, current_threads
from engine.common.work import Work
from engine.data.images import draw_images
from engine.genotypes.population import ABSENT, Population
from engine.measures.base import SMALL_IMAGES, SMALL_PIXELS, TRIED, MeasureSetting, small_size
from engine.measures.live import effective_operations
from engine.networks.shared import EncodedGenes, Scheme, SharedNetworks
from engine.spaces import Size


def prepare_networks(
    population: Population, setting: MeasureSetting, batch: int, scheme: Scheme, size: Size | None = None
) -> tuple[SharedNetworks, Tensor, Tensor | None]:
    """Return all networks of the space of a population, a batch of images, and their labels if any.

    `size` is that of the setting where it is None, a `batch` of small networks has `SMALL_IMAGES` at most.
    """
    space = population.space
    device = resolve_device(setting.device)
    if setting.net_size == "small":
        size = size or small_size(space)
        data = draw_images(setting.data, min(batch, SMALL_IMAGES), setting.seed, SMALL_PIXELS)
    else:
        data = draw_images(setting.data, batch, setting.seed)
    networks = SharedNetworks(
        space, size or space.search_size, data.classes, setting.seed, scheme, device, population.multiplicity
    )
    images = torch.from_numpy(data.images).to(device).to(memory_format=torch.channels_last)
    return networks, images, None if data.labels is None else torch.from_numpy(data.labels).to(device)


ScorePopulation = Callable[[Population, MeasureSetting], NDArray[np.float64]]
"""A function at the top of a module that gives numbers to every architecture."""
_PARTS = 3
"""Parts of the networks for each process, so that all of them end at about the same time."""


def score_networks(
    population: Population,
    setting: MeasureSetting,
    score: Callable[[EncodedGenes], Sequence[float]],
    numbers: int = 1,
    of: ScorePopulation | None = None,
) -> NDArray[np.float64]:
    """Return the `numbers` that `score` gives to the network of every architecture, `(architectures, numbers)`.

    Architectures with the same effective operations are the same network, which is scored once. The work of `setting`
    counts them all. Networks come in an order without rule, so that those done tell how long the others take; where
    that is long, `of`, the function that this is the answer of, is asked for the others in several processes.
    """
    networks, inverse, counts = np.unique(
        effective_operations(population), axis=1, return_inverse=True, return_counts=True
    )
    scores, inverse = np.empty((len(counts), numbers)), inverse.reshape(-1)
    setting.work.begin(len(population))
    order = np.random.default_rng(0).permutation(len(counts))
    for place, row in enumerate(order):
        if place == TRIED and of is not None and _processes(setting) > 1:
            _spread(_Part(of, population, setting), scores, inverse, order[place:])
            break
        setting.work.check()
        genes = {
            kind: encoded_cell(operations[row], len(population.space.edges))
            for kind, operations in zip(population.space.cell_types, networks, strict=True)
        }
        scores[row] = score(genes)
        setting.work.step(int(counts[row]))
    return scores[inverse]


class _Part(NamedTuple):
    """Architectures that a function is asked for."""

    of: ScorePopulation
    population: Population
    setting: MeasureSetting


def _processes(setting: MeasureSetting) -> int:
    return processes_worth(setting.work.left, resolve_device(setting.device))


def _spread(whole: _Part, scores: NDArray[np.float64], networks: NDArray[np.int64], left: NDArray[np.int64]) -> None:
    """Write the scores of those networks that are `left`, computed in processes.

    `networks` is the network of every architecture of the whole.
    """
    setting = replace(whole.setting, work=Work(), threads=current_threads())
    parts = np.array_split(left, _PARTS * current_processes())
    rows = [np.flatnonzero(np.isin(networks, part)) for part in parts if len(part)]
    tasks = [_Part(whole.of, whole.population.take(some), setting) for some in rows]
    for some, answer in zip(rows, spread(_score_part, tasks, whole.setting.work), strict=True):
        scores[networks[some]] = answer.reshape(len(some), -1)


def _score_part(part: _Part, work: Work) -> NDArray[np.float64]:
    with computing_threads(part.setting.threads):
        return part.of(part.population, replace(part.setting, work=work))


def encoded_cell(operations: NDArray[np.int8], edges: int) -> list[tuple[int, int]]:
    """Return a cell of `EncodedGenes` from a row of a table of operations, in which so many `edges` stand in sets."""
    genes = []
    for edge, codes in enumerate(operations.reshape(-1, edges).T.tolist()):
        for operation, count in Counter(codes).items():
            if operation != ABSENT:
                genes += [(edge + edges * place, operation) for place in range(count)]
    return genes
