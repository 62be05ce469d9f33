"""The derived network of a genotype with the weights of `Networks`: what measures are compared against."""

from __future__ import annotations

import numpy as np
from torch import nn

from engine import Genotype
from engine.genotypes.population import ABSENT, Population
from engine.measures import MeasureSetting
from engine.measures.live import effective_operations
from engine.measures.scoring import score_networks
from engine.networks.derived import GaussianNoise, build
from engine.networks.shared import EncodedGenes, SharedNetworks
from engine.spaces import Size


def derived(networks: SharedNetworks, genotype: Genotype, size: Size, classes: int = 10) -> nn.Module:
    """The network of `genotype` as it is built for training, in train mode."""
    described = genotype.space
    network = build(genotype, size, classes)
    pairs = [(network.stem, networks.stem), (network.head, networks.head), (network.classifier, networks.classifier)]
    for cell, choices in zip(network.cells, networks.candidate_cells, strict=True):
        pairs += zip(cell.inputs, choices.inputs, strict=True)
        for place, (gene, module) in enumerate(zip(cell.genes, cell.edges, strict=True)):
            parallels = [index for index, ends in choices.endpoints.items() if ends == gene[:2]]
            edge = parallels[cell.genes[:place].count(gene)]
            pairs.append((module, choices.edges[edge][described.operations.index(gene.operation)]))
    for ours, theirs in pairs:
        ours.load_state_dict(theirs.state_dict(), strict=False)  # running statistics are not kept
        for one, other in zip(ours.modules(), theirs.modules(), strict=True):
            if isinstance(one, GaussianNoise):
                one.seed = other.seed
    return network.train()


def wholly_live(space: str, count: int) -> Population:
    """Random architectures in which every edge takes part."""
    drawn = Population.sample(space, 40 * count, seed=1)
    dead = (effective_operations(drawn) == ABSENT) & (drawn.operations != ABSENT)
    return drawn.take(np.flatnonzero(~dead.any((0, 2)))[:count])


def encoded_genes(genotype: Genotype) -> EncodedGenes:
    """The genes of a genotype as `score_networks` hands them out."""
    heard: list[EncodedGenes] = []
    population = Population.of(genotype.space, [genotype])
    score_networks(population, MeasureSetting(), lambda genes: heard.append(genes) or [0.0])
    return heard[0]
