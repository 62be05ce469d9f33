"""The contract of a search space: edges, names, plan, genotypes in and out, counts, cost, flow, pictures."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import cache
from itertools import combinations, product

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from engine.common.work import Work
from engine.exports.svg import genotype_svg
from engine.genotypes.genotype import Genotype, parse_genotype
from engine.genotypes.population import Population, listable
from engine.networks.cost import network_cost
from engine.networks.derived import build, sequence
from engine.operations.layers import Layer
from engine.operations.registry import OPERATIONS, get_operation
from engine.proxies.base import ProxySetting, Scores
from engine.proxies.freeflow import open_freeflow
from engine.spaces import SPACES, Edge, Gene, Plan, SearchSpace, Size, get_space
from engine.spaces.masks import Mask, silent_operations
from engine.supernets.flow import population_flow
from engine.supernets.spec import SupernetSpec
from engine.testing.requirement import registered, require, require_texts, succeeding

_SAMPLE, _BUILT = 24, 3
"""Genotypes that are written and read, and those whose networks are built."""
_LISTED = 20_000
"""The largest space whose architectures are listed one by one."""
_CHANNELS, _PIXELS = 4, 16
"""The size of the networks that are built, and of their images."""


def check_space(space: SearchSpace) -> None:
    """Check that a search space is one; raise `AssertionError` with the first thing that does not hold.

    Edges are listed by target, names are distinct, and the plan fits together at every size. Sampled genotypes, and
    those with `none` and parallel edges that no search answers with, survive notation and JSON, and have a picture;
    architectures are counted right. The cost of networks is that of the modules that are built. Flow shares sum to the
    number of cells where every path goes through every cell, and there is a closed form, or a reason why there is none.
    A space that is not registered is registered for as long as this takes.
    """
    _check_edges(space)
    _check_names(space)
    _check_candidates(space)
    low, high = space.cells_range
    for cells in sorted({low, min(low + 1, high), space.search_size.cells, space.evaluation_size.cells}):
        _check_plan(space, Size(_CHANNELS, cells))
    _check_counts(space)
    genotypes, others = _sampled(space), _underivable(space)
    _check_texts(space, [*genotypes, *others])
    for genotype in (*genotypes[:_BUILT], *others[:_BUILT]):
        _check_picture(genotype)
        _check_cost(genotype)
    _check_flow(space)
    _check_closed_form(space, [*genotypes[:_BUILT], *others[:_BUILT]])


def _check_edges(space: SearchSpace) -> None:
    edges = list(space.edges)
    require(bool(edges), f"{space.name} has no edges")
    require(
        edges == sorted(edges, key=lambda edge: (edge.target, edge.source)),
        f"the edges of {space.name} are not listed by the node they lead to and then by the one they come from",
    )
    require(len(set(edges)) == len(edges), f"an edge of {space.name} stands twice")
    forward = all(0 <= edge.source < edge.target < space.nodes for edge in edges)
    require(forward, f"an edge of {space.name} does not lead from a node to a later one")
    targets = {edge.target for edge in edges}
    require(targets == set(range(space.inputs, space.nodes)), f"an input of {space.name} has edges, or a node has none")
    left = {edge.source for edge in edges} | set(space.outputs)
    require(left == set(range(space.nodes)), f"a node of {space.name} leads nowhere and is no output")


def _check_names(space: SearchSpace) -> None:
    hash(space)
    require_texts(space.name, [(field, getattr(space, field)) for field in ("name", "title", "summary", "source")])
    unknown = [name for name in space.operations if name not in OPERATIONS]
    require(not unknown, f"{space.name} has operations that are not registered: {', '.join(unknown)}")
    nodes = [space.node_name(node) for node in range(space.nodes)]
    edges = [space.edge_name(edge) for edge in space.edges]
    for kind, names in (("operations", space.operations), ("cell types", space.cell_types)):
        require(len(set(names)) == len(names) > 0, f"the {kind} of {space.name} are none, or not distinct")
    for kind, names in (("nodes", tuple(nodes)), ("edges", tuple(edges))):
        require(len(set(names)) == len(names), f"the names of the {kind} of {space.name} are not distinct")
    require(str(space) == space.name, f"{space.name} is not written as its name")


def _check_candidates(space: SearchSpace) -> None:
    """Check that every edge has an operation that genotypes may have, and every operation an edge."""
    shape = len(space.cell_types), len(space.edges), len(space.operations)
    require(space.candidates.shape == shape, f"the candidates of {space.name} have another shape than {shape}")
    require(bool(space.candidates.any(axis=(0, 1)).all()), f"an operation of {space.name} stands on no edge")
    require(bool(space.genotype_candidates.any(axis=2).all()), f"an edge of {space.name} has no operation to choose")
    require(len(space.kept_counts) == space.nodes - space.inputs, f"{space.name} keeps edges of nodes it does not have")
    for incoming, kept in zip(space.incoming(), space.kept_counts, strict=True):
        require(1 <= kept <= len(incoming), f"{space.name} keeps {kept} of the {len(incoming)} edges into a node")


def _check_plan(space: SearchSpace, size: Size) -> None:
    """Check that channels and image sizes fit from the stem through all cells to the classifier."""
    place = f"the plan of {space.name} at {size.channels} channels and {size.cells} cells"
    with succeeding(f"{place} can be made"):
        plan = space.plan(size)
    require(_channels(plan.stem, 3, plan.stem_channels) == plan.stem_channels, f"{place}: its stem has other channels")
    widths, pixels = [plan.stem_channels] * space.inputs, [1.0] * space.inputs
    for index, cell in enumerate(plan.cells, 1):
        require(cell.kind in space.cell_types, f"{place}: cell {index} is of the unknown type '{cell.kind}'")
        taken = [c_in for c_in, _ in cell.inputs]
        require(taken == widths, f"{place}: cell {index} takes {taken} channels, and {widths} come in")
        for (c_in, layers), stride in zip(cell.inputs, cell.input_stride, strict=True):
            entered = _channels(layers, c_in, cell.input_channels, stride)
            require(entered == cell.input_channels, f"{place}: an input of cell {index} has {entered} channels")
        sizes = {before / stride for before, stride in zip(pixels, cell.input_stride, strict=True)}
        require(len(sizes) == 1, f"{place}: the inputs of cell {index} are of different sizes")
        widths = [*widths[1:], len(cell.local_outputs(space.outputs)) * cell.channels]
        pixels = [*pixels[1:], sizes.pop() / cell.stride]
    _check_end(space, plan, widths[-1], place)


def _check_end(space: SearchSpace, plan: Plan, width: int, place: str) -> None:
    require(plan.head_channels == width, f"{place}: its head takes {plan.head_channels} channels, and {width} come in")
    classified = _channels(plan.head, plan.head_channels, plan.classified)
    require(classified == plan.classified, f"{place}: {classified} channels come to its classifier")
    require({cell.kind for cell in plan.cells} == set(space.cell_types), f"{place}: a cell type stands nowhere")
    layers = [cell.layer for cell in plan.cells if cell.layer is not None]
    require(
        not layers or layers == list(range(len(space.edges))),
        f"{place}: its layers are not the edges, one after the other",
    )


@cache
def _channels(layers: tuple[Layer, ...], c_in: int, c_out: int, stride: int = 1) -> int:
    """Return the channels of the result of layers."""
    with torch.device("meta"), torch.no_grad():
        return int(sequence(layers, c_in, c_out, stride).eval()(torch.empty(1, c_in, 8, 8)).shape[1])


def _check_counts(space: SearchSpace) -> None:
    """Check the number of architectures against the choices of every node, listed; small spaces are listed whole."""
    choices = [
        _node_choices(space, kind, node) for kind in space.cell_types for node in range(space.inputs, space.nodes)
    ]
    count = math.prod(len(options) for options in choices)
    require(
        space.architectures() == count, f"{space.name} says it holds {space.architectures()} architectures, not {count}"
    )
    if listable(space) and count <= _LISTED:
        whole = Population.whole(space)
        require(len(whole.distinct()) == len(whole) == count, f"{space.name} lists architectures twice, or not all")


def _node_choices(space: SearchSpace, kind: str, node: int) -> list[tuple[tuple[Edge, str], ...]]:
    """Return all ways to choose edges into a node, and operations for them."""
    incoming = [edge for edge in space.edges if edge.target == node]
    kept = space.kept_counts[node - space.inputs]
    return [
        choice
        for edges in combinations(incoming, kept)
        for choice in product(*(((edge, name) for name in space.genotype_choices[kind, edge]) for edge in edges))
    ]


def _sampled(space: SearchSpace) -> list[Genotype]:
    with succeeding(f"genotypes of {space.name} can be sampled"):
        return Population.sample(space, _SAMPLE, seed=0).genotypes()


def _underivable(space: SearchSpace) -> list[Genotype]:
    """Return architectures that no search answers with, none where the space has none."""
    if space.kept_edges is None or not space.parallel_edges:
        return []
    generator, genotypes = np.random.default_rng(0), []
    for _ in range(_SAMPLE):
        cells: dict[str, list[Gene]] = {kind: [] for kind in space.cell_types}
        for kind, (incoming, kept) in product(cells, zip(space.incoming(), space.kept_counts, strict=True)):
            indices: list[int] = sorted(generator.choice(incoming, kept).tolist())
            for edge in (space.edges[index] for index in indices):
                names = space.candidate_names[kind, edge]
                cells[kind].append(Gene(*edge, names[generator.integers(len(names))]))
        with succeeding(f"{space.name} has architectures with parallel edges, and with 'none'"):
            genotypes.append(Genotype.of(space, cells))
    return [genotype for genotype in genotypes if not genotype.derivable]


def _check_texts(space: SearchSpace, genotypes: list[Genotype]) -> None:
    """Check that genotypes come back from their notation and from JSON, and the space from its document."""
    for genotype in genotypes:
        with succeeding(f"{space.name} reads its own notation"):
            again = parse_genotype(genotype.notation, space)
        require(again == genotype, f"a genotype of {space.name} is another after its notation {genotype.notation!r}")
    notations = {genotype.notation for genotype in genotypes}
    require(len(notations) == len(set(genotypes)), f"{space.name} has one notation for several genotypes")
    reference = json.loads(json.dumps(space.reference))
    if isinstance(reference, dict):
        with succeeding(f"the document of {space.name} can be read"):
            same = get_space(reference) == space
        require(same, f"{space.name} is another after its document")
        _check_json(space, genotypes)
    else:
        require(reference == space.name, f"{space.name} stands in JSON as {reference!r}, neither name nor document")
        with registered(SPACES, space.name, space):
            _check_json(space, genotypes)


def _check_json(space: SearchSpace, genotypes: list[Genotype]) -> None:
    for genotype in genotypes:
        with succeeding(f"a genotype of {space.name} can be read from its JSON"):
            again = Genotype.from_json(genotype.to_json())
        require(again == genotype, f"a genotype of {space.name} is another after its JSON")


def _check_picture(genotype: Genotype) -> None:
    with succeeding(f"a genotype of {genotype.space.name} can be drawn"):
        picture = genotype_svg(genotype)
    require("<svg" in picture, f"the picture of a genotype of {genotype.space.name} is no SVG")
    arrows, genes = picture.count('id="edge-'), sum(len(genes) for _, genes in genotype.genes)
    require(
        arrows == genes, f"the picture of a genotype of {genotype.space.name} has {arrows} arrows for {genes} edges"
    )
    names = {get_operation(gene.operation).short for _, genes in genotype.genes for gene in genes}
    missing = sorted(name for name in names if f">{name}<" not in picture)
    require(not missing, f"the picture of a genotype of {genotype.space.name} lacks {', '.join(missing)}")


def _check_cost(genotype: Genotype) -> None:
    """Check parameters and multiply-accumulates against the network that is built, and that its logits are finite."""
    space = genotype.space
    size, classes = Size(_CHANNELS, space.cells_range.low), 7
    with torch.random.fork_rng(devices=[]), succeeding(f"the network of a genotype of {space.name} can be built"):
        network = build(genotype, size, classes)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            logits = network.eval()(torch.ones(1, 3, _PIXELS, _PIXELS))
    cost = network_cost(genotype, size, _PIXELS, classes)
    params, macs = sum(parameter.numel() for parameter in network.parameters()), counter.get_total_flops() // 2
    sentence = (
        f"a network of {space.name} costs {cost.params} parameters and {cost.macs} MACs; it has {params} and {macs}"
    )
    require((cost.params, cost.macs) == (params, macs), sentence)
    require(tuple(logits.shape) == (1, classes), f"a network of {space.name} has logits {tuple(logits.shape)}")
    require(bool(logits.isfinite().all()), f"the logits of a network of {space.name} are not finite")


def _check_flow(space: SearchSpace) -> None:
    """Check that flow shares sum to the number of cells, where every path goes through every cell."""
    fields = ["full"] + ["interior"] * (space.no_closed_form is None)
    for field in fields:
        shares = _flow(space, field, space.candidates).shares
        require(bool((shares >= 0).all() and shares.any()), f"{space.name} has no flow, or a negative one")
        if space.inputs > 1 or any(get_operation(name).random for name in space.operations):
            continue
        for kind, edges, cells in _sections(space):
            total = float(shares[kind, edges].sum())
            sentence = f"the flow shares out of the inputs of {cells} cells of {space.name} sum to {total:.9g}"
            require(abs(total - cells) < 1e-6 * cells, f"{sentence} (field '{field}')")


def _sections(space: SearchSpace) -> Iterator[tuple[int, list[int], int]]:
    """Yield sets of edges of which every path takes one in each of so many cells: cell type, edges, cells."""
    plan = space.plan(Size(_CHANNELS, space.cells_range.low))
    for kind, name in enumerate(space.cell_types):
        cells = [cell for cell in plan.cells if cell.kind == name]
        if cells[0].layer is None:
            yield kind, [index for index, edge in enumerate(space.edges) if edge.source < space.inputs], len(cells)
        else:
            yield from ((kind, [cell.layer], 1) for cell in cells if cell.layer is not None)


def _flow(space: SearchSpace, field: str, mask: Mask) -> Scores:
    """Score a mask by flow in the smallest supernet of a space, in double precision."""
    size = {"channels": _CHANNELS, "cells": space.cells_range.low, "image_size": _PIXELS}
    spec = SupernetSpec.model_validate({"space": space, "field": field, **size})
    with succeeding(f"the smallest supernet of {space.name} can be scored (field '{field}')"):
        (scores,) = open_freeflow(ProxySetting(spec, dtype="float64"))([mask])
    return scores


def _check_closed_form(space: SearchSpace, genotypes: list[Genotype]) -> None:
    """Check that genotypes have the flow of their supernet in closed form, or that the space says why it has none."""
    if space.no_closed_form is not None:
        require_texts(space.name, [("reason for having no closed form", space.no_closed_form)])
        return
    size = Size(_CHANNELS, space.cells_range.low)
    population = Population.of(space, genotypes)
    with succeeding(f"the flow of genotypes of {space.name} can be computed in closed form"):
        flows = population_flow(population, 0, Work(), size, "cpu")
    for index, flow in enumerate(flows.tolist()):
        chosen = population.operations[:, index, :, None] == np.arange(len(space.operations))
        counts = chosen.reshape(len(chosen), -1, *space.candidates.shape[1:]).sum(axis=1)
        mask = counts > 0
        silent = bool((mask & ~silent_operations(space, mask)).sum() == 0)
        require(math.isfinite(flow) != silent, f"a genotype of {space.name} has the flow {flow}")
        if not silent and counts.max() == 1:  # a supernet has no operation twice on an edge
            log_flow = _flow(space, "interior", mask).log_flow
            require(
                abs(flow - log_flow) < 1e-4, f"a genotype of {space.name} has log R {flow} and {log_flow} in a supernet"
            )
