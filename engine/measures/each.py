"""The networks of a space, all in one module, and a loop that takes those of a population one after the other.

Every operation on every edge of every cell has weights of its own, drawn once from a seed, and a network is a choice
of operations. Architectures share the weights of what they have in common, so scores differ by what they do not, and
no network is built or drawn anew. Norms take the statistics of the batch, as in the first step of training.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.common.environment import resolve_device
from engine.data.images import draw_images
from engine.genotypes.population import ABSENT, Population
from engine.measures.base import MeasureSetting
from engine.networks.shared import Genes, Scheme, SharedNetworks
from engine.operations.registry import get_operation
from engine.spaces import SearchSpace
from engine.spaces.plan import Size


def prepare(
    described: SearchSpace, setting: MeasureSetting, batch: int, scheme: Scheme, size: Size | None = None
) -> tuple[SharedNetworks, Tensor, Tensor | None]:
    """The networks of a space (at its search size where it is None), a batch of images, and their labels if any."""
    device = resolve_device(setting.device)
    data = draw_images(setting.data, batch, setting.seed)
    networks = SharedNetworks(described, size or described.search_size, data.classes, setting.seed, scheme, device)
    images = torch.from_numpy(data.images).to(device).to(memory_format=torch.channels_last)
    return networks, images, None if data.labels is None else torch.from_numpy(data.labels).to(device)


def live(population: Population) -> NDArray[np.int8]:
    """The table of operations without what takes no part in the network, which is `ABSENT`.

    That is `none`, an edge whose source nothing comes to, and one whose target leads nowhere.
    """
    described = population.space
    zeros = [index for index, name in enumerate(described.operations) if get_operation(name).zero]
    table = np.where(np.isin(population.operations, zeros), ABSENT, population.operations)
    nodes = np.arange(described.nodes)
    shape = (*table.shape[:2], described.nodes)
    carries = np.broadcast_to(nodes < described.inputs, shape).copy()
    needed = np.broadcast_to(np.isin(nodes, described.outputs), shape).copy()
    for index, (source, target) in enumerate(described.edges):
        carries[..., target] |= (table[..., index] != ABSENT) & carries[..., source]
    for index, (source, target) in reversed(list(enumerate(described.edges))):
        needed[..., source] |= (table[..., index] != ABSENT) & needed[..., target]
    for index, (source, target) in enumerate(described.edges):
        table[..., index][~(carries[..., source] & needed[..., target])] = ABSENT
    return table


def of_each(
    population: Population, setting: MeasureSetting, score: Callable[[Genes], Sequence[float]], numbers: int = 1
) -> NDArray[np.float64]:
    """`score`, some `numbers`, of the network of every architecture, `(architectures, numbers)`.

    Architectures that are the same network once `live` are taken once. `setting` hears of every one.
    """
    table, place, counts = np.unique(live(population), axis=1, return_inverse=True, return_counts=True)
    found = np.empty((len(counts), numbers))
    setting.work.begin(len(population))
    for row, count in enumerate(counts.tolist()):
        setting.work.check()
        genes = {
            kind: [(index, chosen) for index, chosen in enumerate(operations[row].tolist()) if chosen != ABSENT]
            for kind, operations in zip(population.space.cell_types, table, strict=True)
        }
        found[row] = score(genes)
        setting.work.step(count)
    return found[place.reshape(-1)]
