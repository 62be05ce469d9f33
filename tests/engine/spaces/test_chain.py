"""Layer-wise spaces: published facts, costs and pruning, and the flow as a sum over all paths written out by hand."""

from __future__ import annotations

import itertools
import math
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine import Genotype, SearchConfig, parse_genotype, search
from engine.exports.drawing import cell_description
from engine.exports.svg import genotype_svg
from engine.genotypes.population import Population
from engine.measures.az_nas import BATCH, ProbeVectors, entropy, network_traits, stability
from engine.measures.base import MeasureSetting
from engine.measures.scoring import prepare_networks
from engine.proxies.freeflow import score_masks
from engine.searches.constraints import candidate_operations
from engine.searches.pruning import EQUAL
from engine.spaces import Size, get_space
from engine.supernets.flow import flow
from engine.supernets.supernet import Supernet
from tests.conftest import tiny
from tests.engine.genotypes.test_genotype import MACRO, PROXYLESS
from tests.engine.reference import WIDENED, Reference, prune
from tests.engine.strategies import NORMALISED

NAMES = ["nas-bench-macro", "mobilenet"]


def shapes(name: str, channels: int) -> list[tuple[int, int, int]]:
    """Channels on either side and stride of every layer."""
    cells = get_space(name).plan(Size(channels, 1)).cells
    return [tuple(cell.edge_shape(0)) for cell in cells]


def test_widths_keep_their_ratio_to_the_stem_and_are_even():
    assert shapes("nas-bench-macro", 16)[-1] == (128, 128, 1)
    assert shapes("mobilenet", 20)[0] == (12, 16, 2)
    assert {width % 2 for channels in range(4, 65, 2) for width, _, _ in shapes("mobilenet", channels)} == {0}


def test_a_block_that_changes_width_or_size_cannot_be_skipped():
    candidates = candidate_operations(get_space("mobilenet"))
    skips = {int(text.split("-")[0]) for text in candidates if text.endswith("skip_connect")}
    assert skips == set(range(21)) - set(WIDENED)


def matrices(channels: int) -> tuple[NDArray[np.float64], list[list[NDArray[np.float64]]], NDArray[np.float64]]:
    """NAS-Bench-Macro of seed 0 on a constant map: stem, a matrix `(c_in, c_out)` an operation, head and classifier.

    Kernels are drawn in their order and act as the sums of their taps.
    """
    generator = torch.Generator().manual_seed(0)

    def taps(c_out: int, c_in: int, size: int) -> NDArray[np.float64]:
        drawn = torch.rand((c_out, c_in, size, size), generator=generator) / (c_in * size * size) ** 0.5
        return drawn.double().sum((2, 3)).T.numpy()

    def inverted(c_in: int, c_out: int, ratio: int, size: int) -> NDArray[np.float64]:
        wide, depth, narrow = taps(ratio * c_in, c_in, 1), taps(ratio * c_in, 1, size), taps(c_out, ratio * c_in, 1)
        return wide @ np.diag(depth[0]) @ narrow

    stem = np.ones(3) @ taps(channels, 3, 3)
    layers = []
    for c_in, c_out, stride in shapes("nas-bench-macro", channels):
        same = np.eye(c_in) if stride == 1 else np.zeros((c_in, c_out))
        identity = same if stride == 1 else taps(c_out, c_in, 1)
        layers.append([identity, same + inverted(c_in, c_out, 3, 3), same + inverted(c_in, c_out, 6, 5)])
    head = taps(40 * channels, 8 * channels, 1)
    return stem, layers, head @ taps(10, 40 * channels, 1).sum(1)


def test_flow_is_the_sum_over_all_paths_by_hand():
    """Every path is a network; a share is the part of the flow that takes an operation in its layer."""
    stem, layers, end = matrices(4)
    paths = np.array(list(itertools.product(range(3), repeat=8)))
    flows = np.empty(len(paths))
    for row, path in enumerate(paths):
        features = stem
        for layer, chosen in zip(layers, path, strict=True):
            features = features @ layer[chosen]
        flows[row] = features @ end
    whole = Population.whole("nas-bench-macro")
    assert (whole.operations[0] == paths).all()
    np.testing.assert_allclose(flow("nas-bench-macro", whole, channels=4), np.log(flows), atol=1e-4)
    supernet = Supernet(tiny("nas-bench-macro", field="interior", dtype="float64").supernet, dtype=torch.float64)
    (found,) = score_masks(supernet, [whole.space.candidates])
    assert found.log_flow == pytest.approx(math.log(flows.sum()), abs=1e-6)
    expected = [[flows[paths[:, layer] == chosen].sum() / flows.sum() for chosen in range(3)] for layer in range(8)]
    np.testing.assert_allclose(found.shares[0], expected, rtol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_shares_of_every_layer_sum_to_one(name: str):
    """All flow passes every layer."""
    config = SearchConfig(space=name, field="interior")
    (found,) = score_masks(Supernet(config.supernet), [config.live])
    np.testing.assert_allclose(found.shares[0].sum(axis=1), 1, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "per_round"), [("nas-bench-macro", 1), ("mobilenet", 12)])
@pytest.mark.parametrize("field", ["full", "interior"])
def test_pruning_is_that_of_plain_autograd(name: str, per_round: int, field: str):
    config = tiny(name, field=field, image_size=16, seed=3, per_round=per_round)
    result = search(config)
    plain = Reference(name, seed=3, image_size=16, wrap=field == "interior")
    removals, live, shares = prune(plain, EQUAL, per_round)
    names = [(edge, result.space.operations[index]) for _, edge, index in removals]
    assert [(step.edge, step.operation) for step in result.steps] == names
    np.testing.assert_allclose(result.passes[0].shares["network"], plain.shares()[0], rtol=1e-4)
    np.testing.assert_allclose(result.passes[-1].shares["network"], shares[0], rtol=1e-4)
    chosen = [result.space.operations[int(row.argmax())] for row in live[0]]
    assert [gene.operation for gene in result.genotype.cells["network"]] == chosen


@pytest.mark.parametrize("name", NAMES)
def test_shares_with_batch_norm_are_those_of_plain_autograd(name: str):
    """In doubles: with batch norm, hardly anything is left of the sum of the logits."""
    size = {"image_size": NORMALISED[name]["image_size"] + 4}
    config = tiny(name, recipe="released", dtype="float64", **size)
    (found,) = score_masks(Supernet(config.supernet, dtype=torch.float64), [config.live])
    plain = Reference(name, normalisation="batch", alpha="noise", **size)
    np.testing.assert_allclose(found.shares, plain.shares(), rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize(("name", "least", "image_size"), [("nas-bench-macro", 12, 8), ("mobilenet", 36, 32)])
def test_batch_norm_leaves_nothing_of_a_single_pixel(name: str, least: int, image_size: int):
    says = f"needs 2 pixels a side, and image_size {image_size} leaves 1 at the end of {name}; take {least} or more"
    with pytest.raises(ValueError, match=says):
        tiny(name, recipe="released", image_size=image_size)
    assert tiny(name, recipe="released", image_size=least).image_size == least
    for proxy in ("snip", "params"):  # norms of a batch of images, and none at all
        assert tiny(name, proxy=proxy, image_size=image_size).normalisation == "batch"


@pytest.mark.parametrize("name", NAMES)
def test_a_budget_is_kept(name: str):
    free = search(tiny(name, field="interior"))
    bound = int(0.6 * free.cost["params"])
    held = search(tiny(name, field="interior", max_params=bound))
    assert held.cost["params"] <= bound < free.cost["params"]
    ours, theirs = flow(name, [held.genotype, free.genotype], channels=4)
    assert ours < theirs


@pytest.mark.parametrize("name", NAMES)
def test_layers_are_named_and_pinned_by_their_ends(name: str):
    described = get_space(name)
    assert described.edge_name(described.edges[0]) == "layer 1"
    last = len(described.edges)
    pinned = f"{last - 1}-{last}:{described.operations[1]}"
    genotype: Genotype = search(tiny(name, field="interior", pinned=[pinned])).genotype
    assert genotype.cells["network"][-1].operation == described.operations[1]


def test_a_picture_shows_stages_as_rows_with_width_and_size():
    drawing = ElementTree.fromstring(genotype_svg(parse_genotype(MACRO)))
    texts = [
        group.find("{http://www.w3.org/2000/svg}text")
        for group in drawing.iter("{http://www.w3.org/2000/svg}g")
        if group.get("id", "").startswith("node-")
    ]
    sizes = ["32² × 32", *["16² × 64"] * 2, *["8² × 128"] * 3, *["4² × 256"] * 3]
    assert [text.text for text in texts] == sizes
    across, down = (np.array([float(text.get(axis)) for text in texts]) for axis in ("x", "y"))
    assert np.sign(np.diff(across)[[1, 3, 4, 6, 7]]).tolist() == [1, -1, -1, 1, 1]
    assert (np.diff(down)[[0, 2, 5]] > 20).all()
    assert (np.diff(down)[[1, 3, 4, 6, 7]] == 0).all()


def test_a_picture_is_told_layer_by_layer():
    genotype = parse_genotype(MACRO)
    told = cell_description(genotype.space, "network", genotype.cells["network"])
    assert told.startswith("Network of NAS-Bench-Macro: layer 1 identity, layer 2 mb3_k3, layer 3 mb6_k5, ")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "text"), [("nas-bench-macro", "20101021"), ("mobilenet", PROXYLESS)])
def test_a_skipped_layer_is_no_layer_to_az_nas(name: str, text: str):
    """Its traits are those of the layers that are there; every layer keeps its own vector."""
    genotype = parse_genotype(text)
    networks, images, _ = prepare_networks(Population.of(genotype.space, []), MeasureSetting(), BATCH, "kaiming")
    chosen = [genotype.space.operations.index(gene.operation) for gene in genotype.cells["network"]]
    modules = [layer.edges[row][chosen[row]] for row, layer in enumerate(networks.candidate_cells)]
    if name == "mobilenet":
        modules.insert(0, networks.candidate_cells[0].inputs[0])  # the fixed block
    features, vectors = networks.stem(images), ProbeVectors(0)
    entropies, stabilities = [entropy(features)], []
    for index, module in enumerate(modules):
        before = features.detach().requires_grad_()
        features = module(before)
        vector = vectors.at(index, features)
        if len(module):
            stabilities.append(stability(before, features, vector))
            entropies.append(entropy(features))
    expected = [sum(entropies), min(np.diff(entropies)), np.mean(stabilities)]
    assert np.isfinite(expected).all()
    genes = {"network": list(enumerate(chosen))}
    np.testing.assert_allclose(network_traits(networks, images, genes, ProbeVectors(0)), expected, rtol=1e-4)
