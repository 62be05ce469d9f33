"""FreeFlow against three oracles: all paths one by one, plain autograd, and central differences; and its invariants."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from engine import RECIPES, SPACES, NonFiniteScores, SearchConfig, search
from engine.operations.layers import Relu
from engine.proxies import PROXIES
from engine.proxies.base import Scores
from engine.proxies.freeflow import score_masks
from engine.spaces import Plan, Size
from engine.spaces.darts import Darts
from engine.supernets.supernet import Supernet
from tests.conftest import tiny
from tests.engine.reference import Cell, Reference, matrix
from tests.engine.strategies import masks

EVERY = {"nas-bench-201": (1, 6, 5), "darts": (2, 14, 8)}
INTO_OUTPUT, OUT_OF_INPUT = [3, 4, 5], [0, 1, 3]  # edges of NAS-Bench-201


def build(config: SearchConfig) -> Supernet:
    return Supernet(config.supernet, "cpu", getattr(torch, config.dtype))


def scores(config: SearchConfig, live: np.ndarray | None = None) -> Scores:
    supernet = build(config)
    (found,) = score_masks(supernet, [np.ones(supernet.shape, dtype=bool) if live is None else live])
    return found


def reference(config: SearchConfig, **parts: object) -> Reference:
    sizes = {"channels": config.channels, "cells": config.cells, "image_size": config.image_size}
    recipe = {"normalisation": config.normalisation, "alpha": config.alpha}
    name = config.space.removesuffix("-relu")
    return Reference(name, seed=config.seed, wrap=config.field == "interior", **sizes, **recipe, **parts)


@pytest.fixture
def relu_darts(monkeypatch: pytest.MonkeyPatch) -> str:
    """DARTS with a ReLU before its global pooling: there batch norm leaves a flow that is not zero by symmetry."""

    class ReluDarts(Darts):
        def plan(self, size: Size) -> Plan:
            return replace(super().plan(size), head=(Relu(),))

    parts = {field.name: getattr(SPACES["darts"], field.name) for field in fields(Darts)}
    monkeypatch.setitem(SPACES, "darts-relu", ReluDarts(**{**parts, "name": "darts-relu"}))
    return "darts-relu"


# Oracle 1: R is a sum over paths, and a share is the mean number of cells in which a path takes an operation.


def cell_paths(edges: list[tuple[int, int]], operations: int) -> list[list[tuple[int, int]]]:
    """Every way from node 0 to node 3 of NAS-Bench-201, as a list of (edge, operation); `none` leads nowhere."""
    routes = [[0, 2, 5], [0, 4], [1, 5], [3]]
    assert all(edges[a][1] == edges[b][0] for route in routes for a, b in itertools.pairwise(route))
    return [
        list(zip(route, chosen, strict=True))
        for route in routes
        for chosen in itertools.product(range(1, operations), repeat=len(route))
    ]


@pytest.mark.parametrize(("field", "alpha"), [("full", "ones"), ("full", "noise"), ("interior", "noise")])
def test_shares_count_cells_over_a_million_paths(field: str, alpha: str):
    """A NAS-Bench-201 supernet of three cells has 100³ paths; each is a product of dense matrices."""
    config = tiny("nas-bench-201", cells=1, field=field, alpha=alpha, seed=11, dtype="float64")
    plain = reference(config)
    paths = cell_paths(plain.edges, len(plain.operations))
    taken = np.zeros((len(paths), *plain.shape[1:]))
    for index, path in enumerate(paths):
        taken[index][tuple(zip(*path, strict=True))] = 1
    with torch.no_grad():
        flows = plain.stem(plain.image).flatten()[None]  # (paths so far, features)
    channels, size = 4, 8
    for cell in plain.cells[:2]:
        flows = flows @ matrix(cell.inputs[0], channels, size).T
        channels, size = cell.channels, 8 * 4 // cell.channels
        operators = edge_operators(plain, cell, size)
        flows = torch.stack([along(path, flows, operators) for path in paths], 1).flatten(0, 1)
    (last,) = plain.cells[2:]
    flows = flows @ matrix(last.inputs[0], channels, size).T
    operators = {place: operator.T for place, operator in edge_operators(plain, last, 2).items()}
    readout = plain.classifier.repeat_interleave(2 * 2) / (2 * 2)  # mean over the pixels
    readouts = torch.stack([along(path[::-1], readout, operators) for path in paths], 1)
    values = (flows @ readouts).numpy().reshape(100, 100, 100)
    visits = sum(np.tensordot(values.sum(axis=others), taken, 1) for others in ((1, 2), (0, 2), (0, 1)))
    found = scores(config)
    tolerance = 1e-10 if field == "full" else 1e-6  # the interior sums its kernels in float32
    np.testing.assert_allclose(found.shares[0], visits / values.sum(), rtol=tolerance)
    assert found.log_flow == pytest.approx(np.log(values.sum()), abs=tolerance)


def edge_operators(plain: Reference, cell: Cell, size: int) -> dict[tuple[int, int], torch.Tensor]:
    """α times the dense matrix of every operation on every edge."""
    return {
        place: plain.alpha[(cell.kind, *place)] * matrix(module, cell.channels, size)
        for place, module in cell.candidates.items()
    }


def along(
    path: list[tuple[int, int]], flow: torch.Tensor, operators: dict[tuple[int, int], torch.Tensor]
) -> torch.Tensor:
    for place in path:
        flow = flow @ operators[place].T
    return flow


def walk(plain: Reference, live: np.ndarray) -> Iterator[tuple[float, list[tuple[int, int, int]]]]:
    """The flow of every single path through a DARTS supernet, and the (cell type, edge, operation) it takes."""
    last = len(plain.cells)

    def from_state(state: int, x: torch.Tensor, path: list) -> Iterator[tuple[float, list]]:
        """Follow `x`, the output of cell `state - 2` (or of the stem), into both cells that take it in."""
        if state == last + 1:
            yield float((plain.head(x).mean((2, 3))[0] * plain.classifier).sum()), path
        for cell, node in ((state, 0), (state - 1, 1)):
            if 0 <= cell < last:
                yield from from_node(cell, node, plain.cells[cell].inputs[node](x), path)

    def from_node(index: int, node: int, x: torch.Tensor, path: list) -> Iterator[tuple[float, list]]:
        cell = plain.cells[index]
        if node in plain.outputs:
            place = plain.outputs.index(node) * cell.channels
            whole = torch.zeros((1, 4 * cell.channels, *x.shape[2:]), dtype=x.dtype)
            whole[:, place : place + cell.channels] = x
            yield from from_state(index + 2, whole, path)
        for (edge, operation), module in cell.candidates.items():
            source, target = plain.edges[edge]
            if source == node and live[cell.kind, edge, operation]:
                there = (cell.kind, edge, operation)
                yield from from_node(index, target, plain.alpha[there] * module(x), [*path, there])

    stem = plain.stem(plain.image)
    for state in (0, 1):
        yield from from_state(state, stem, [])


@pytest.mark.parametrize(("field", "tolerance"), [("full", 1e-10), ("interior", 1e-6)])
@pytest.mark.parametrize("seed", [0, 1])
def test_shares_count_cells_over_the_paths_of_a_thin_darts_supernet(field: str, tolerance: float, seed: int):
    """With about one live operation an edge all paths can be walked. Max-pooling is linear in the interior only."""
    config = tiny("darts", cells=3, field=field, alpha="noise", seed=seed, dtype="float64")
    plain = reference(config)
    rng = np.random.default_rng(seed)
    live = np.zeros(plain.shape, dtype=bool)
    for kind, edge in np.ndindex(plain.shape[:2]):
        live[kind, edge, rng.integers(2 if field == "full" else 1, 8)] = rng.random() < 0.6
    live[0, 0, 4] = live[1, 1, 2] = True
    total, expected, count = 0.0, np.zeros(plain.shape), 0
    with torch.no_grad():
        for value, path in walk(plain, live):
            total, count = total + value, count + 1
            for place in path:
                expected[place] += value
    assert count > 100
    found = scores(config, live)
    np.testing.assert_allclose(found.shares, expected / total, rtol=tolerance)
    assert found.log_flow == pytest.approx(np.log(total), abs=tolerance)


# Oracle 2: plain autograd on a plain supernet.


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-9), ("float32", 1e-5)])
@pytest.mark.parametrize("alpha", ["ones", "noise"])
@pytest.mark.parametrize(
    ("space", "cells", "seed"), [("nas-bench-201", 2, 0), ("nas-bench-201", 3, 9), ("darts", 3, 7), ("darts", 5, 0)]
)
def test_shares_without_normalisation_are_those_of_plain_autograd(
    space: str, cells: int, seed: int, alpha: str, dtype: str, tolerance: float
):
    config = tiny(space, cells=cells, alpha=alpha, dtype=dtype, seed=seed)
    found = scores(config)
    expected, flow = reference(config).saliencies()
    np.testing.assert_allclose(found.shares, expected / flow, rtol=tolerance)
    assert found.log_flow == pytest.approx(np.log(flow), abs=tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-6), ("float32", 1e-5)])
@pytest.mark.parametrize("space", ["nas-bench-201", "darts"])
def test_shares_of_the_interior_are_those_of_an_image_without_a_border(space: str, dtype: str, tolerance: float):
    """Padded around the border, a constant image stays constant: the whole image then acts as its interior."""
    for seed in (0, 7):
        config = tiny(space, cells=3, field="interior", dtype=dtype, seed=seed)
        np.testing.assert_allclose(scores(config).shares, reference(config).shares(), rtol=tolerance)


@pytest.mark.parametrize(
    ("cells", "alpha", "dtype", "tolerance"),
    [
        *[(cells, alpha, "float64", 1e-7) for cells in (1, 2) for alpha in ("ones", "noise")],
        *[(cells, "noise", "float32", 1e-4) for cells in (1, 2)],
        (1, "ones", "float32", 5e-3),
    ],
)
def test_shares_with_batch_norm_are_those_of_plain_autograd(cells: int, alpha: str, dtype: str, tolerance: float):
    """Within a fraction of the largest share: batch norm cancels what is constant, the more the larger α is."""
    for seed in (0, 1, 3):
        config = tiny("nas-bench-201", cells=cells, normalisation="batch", alpha=alpha, dtype=dtype, seed=seed)
        expected = reference(config).shares()
        np.testing.assert_allclose(scores(config).shares, expected, rtol=0, atol=tolerance * expected.max())


@pytest.mark.slow
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-9), ("float32", 1e-3)])
@pytest.mark.parametrize("alpha", ["ones", "noise"])
def test_shares_of_darts_with_batch_norm_are_those_of_plain_autograd(
    relu_darts: str, alpha: str, dtype: str, tolerance: float
):
    sizes = {"channels": 4, "cells": 3, "image_size": 8}
    for seed in (0, 2):
        config = SearchConfig(space=relu_darts, normalisation="batch", alpha=alpha, dtype=dtype, seed=seed, **sizes)
        expected = reference(config, relu_head=True).shares()
        np.testing.assert_allclose(scores(config).shares, expected, rtol=0, atol=tolerance * expected.max())


@settings(max_examples=8)
@given(st.data())
@pytest.mark.parametrize("space", ["nas-bench-201", "darts"])
def test_shares_of_what_pruning_leaves_are_those_of_plain_autograd(space: str, data: st.DataObject):
    config = tiny(
        space,
        field=data.draw(st.sampled_from(["full", "interior"])),
        alpha=data.draw(st.sampled_from(["ones", "noise"])),
        seed=data.draw(st.integers(0, 999)),
    )
    live = data.draw(masks(SPACES[space]))
    found, expected = scores(config, live), reference(config).shares(live)
    np.testing.assert_allclose(found.shares, expected, rtol=1e-5, atol=1e-12)


def test_shares_of_what_pruning_leaves_with_batch_norm():
    config = tiny("nas-bench-201", recipe="released", cells=2, dtype="float64")
    live = np.ones(EVERY["nas-bench-201"], dtype=bool)
    live[0, 0, 1:3] = live[0, 4, 3:] = live[0, 5, [1, 4]] = False
    expected = reference(config).shares(live)
    np.testing.assert_allclose(scores(config, live).shares, expected, rtol=0, atol=1e-9 * expected.max())


# Oracle 3: central differences of the supernet's own flow.


def differences(config: SearchConfig, places: list[tuple[int, int, int]], step: float = 1e-4) -> np.ndarray:
    """∂ log|R| / ∂ log α by central differences, a pair of configurations for every place."""
    supernet = build(config)
    live = np.ones(supernet.shape, dtype=bool)
    (alpha,) = supernet.architecture_parameters([live])
    found = []
    for place in places:
        moved = alpha.repeat(2, 1, 1, 1)
        moved[0][place] *= np.exp(step)
        moved[1][place] *= np.exp(-step)
        with torch.no_grad():
            flow, log_scale = supernet(moved, live)
        up, down = (flow.abs().log() + log_scale).tolist()
        found.append((up - down) / (2 * step))
    return np.array(found)


@pytest.mark.parametrize("parts", [{}, {"alpha": "noise"}, {"field": "interior"}, {"recipe": "released"}])
def test_shares_are_central_differences(parts: dict[str, str]):
    config = tiny("nas-bench-201", dtype="float64", seed=5, **parts)
    every = list(np.ndindex(EVERY["nas-bench-201"]))
    expected = np.abs(differences(config, every)).reshape(EVERY["nas-bench-201"])
    np.testing.assert_allclose(scores(config).shares, expected, rtol=0, atol=1e-6 * expected.max())


@pytest.mark.slow
@pytest.mark.parametrize("parts", [{}, {"field": "interior"}, {"recipe": "released"}])
def test_shares_of_darts_are_central_differences(relu_darts: str, parts: dict[str, str]):
    config = SearchConfig(space=relu_darts, channels=4, cells=3, image_size=8, dtype="float64", **parts)
    rng = np.random.default_rng(0)
    some = [tuple(int(rng.integers(n)) for n in EVERY["darts"]) for _ in range(20)]
    found = scores(config).shares
    expected = np.abs(differences(config, some))
    np.testing.assert_allclose([found[place] for place in some], expected, rtol=0, atol=1e-6 * found.max())


# Invariants of the flow.


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    cells=st.integers(1, 4),
    channels=st.sampled_from([4, 6, 10]),
    field=st.sampled_from(["full", "interior"]),
    alpha=st.sampled_from(["ones", "noise"]),
    live=masks(SPACES["nas-bench-201"]),
)
def test_flow_is_conserved_in_every_cell_of_nas_bench_201(
    seed: int, cells: int, channels: int, field: str, alpha: str, live: np.ndarray
):
    parts = {"seed": seed, "cells": cells, "channels": channels, "field": field, "alpha": alpha}
    edge = scores(tiny("nas-bench-201", **parts), live).shares[0].sum(axis=1)
    assert edge[INTO_OUTPUT].sum() == pytest.approx(3 * cells, rel=1e-5)
    assert edge[OUT_OF_INPUT].sum() == pytest.approx(3 * cells, rel=1e-5)
    assert edge[0] == pytest.approx(edge[2] + edge[4], rel=1e-4)  # node 1: what comes in goes out
    assert edge[1] + edge[2] == pytest.approx(edge[5], rel=1e-4)  # node 2


@pytest.mark.slow
@settings(max_examples=12)
@given(
    seed=st.integers(0, 2**32 - 1),
    cells=st.integers(3, 6),
    field=st.sampled_from(["full", "interior"]),
    live=masks(SPACES["darts"]),
)
def test_flow_is_bounded_by_the_cells_of_darts(seed: int, cells: int, field: str, live: np.ndarray):
    """A path crosses a cell once at most, at least every other cell, and always the last one."""
    config = tiny("darts", seed=seed, cells=cells, field=field)
    edge = scores(config, live).shares.sum(axis=2)
    kinds = [cell.kind for cell in reference(config).cells]
    edges = SPACES["darts"].edges
    entering = edge[:, [e.source < 2 for e in edges]].sum(axis=1)
    for kind in (0, 1):
        assert entering[kind] <= kinds.count(kind) * (1 + 1e-5)
    assert entering.sum() >= (cells + 1) // 2 * (1 - 1e-5)
    assert entering[kinds[-1]] >= 1 - 1e-5
    for node in range(2, 6):
        into, out = (edge[:, [e[end] == node for e in edges]].sum(axis=1) for end in (1, 0))
        assert (out <= into * (1 + 1e-4)).all(), "some of what enters a node leaves through the output of the cell"


def test_shares_add_up_to_the_number_of_cells_at_the_default_size():
    edge = scores(SearchConfig(device="cpu")).shares[0].sum(axis=1)
    assert edge[INTO_OUTPUT].sum() == pytest.approx(15, abs=1e-4)
    assert edge[OUT_OF_INPUT].sum() == pytest.approx(15, abs=1e-4)


@pytest.mark.parametrize("field", ["full", "interior"])
def test_a_hundred_cells_a_stage_stay_finite(field: str):
    found = scores(tiny("nas-bench-201", cells=100, field=field))
    assert np.isfinite(found.shares).all()
    assert found.shares[0, INTO_OUTPUT].sum() == pytest.approx(300, rel=1e-5)
    assert found.shares[0, OUT_OF_INPUT].sum() == pytest.approx(300, rel=1e-5)
    assert 700 < found.log_flow < 10_000, "more than a double holds"


def test_a_hundred_cells_of_darts_stay_finite():
    found = scores(tiny("darts", cells=100, field="interior"))
    entering = found.shares[:, [e.source < 2 for e in SPACES["darts"].edges]].sum()
    assert 50 <= entering <= 100
    assert found.log_flow > 700


@pytest.mark.parametrize("field", ["full", "interior"])
@pytest.mark.parametrize(("edge", "factor"), [(0, 100.0), (2, 1e-3), (3, 7.0)])
def test_scaling_the_alpha_of_one_edge_moves_flow_to_it_and_loses_none(field: str, edge: int, factor: float):
    supernet = build(tiny("nas-bench-201", field=field, cells=2))
    live = np.ones(supernet.shape, dtype=bool)
    edges = []
    for scale in (1.0, factor):
        alpha = supernet.architecture_parameters([live])
        alpha[:, 0, edge] *= scale
        alpha.requires_grad_()
        flow, _ = supernet(alpha, live)
        (gradient,) = torch.autograd.grad(flow.sum(), alpha)
        edges.append((alpha * gradient / flow)[0, 0].sum(1).detach().numpy())
    before, after = edges
    assert (after[edge] > before[edge]) == (factor > 1)
    for total in (before, after):
        assert total[INTO_OUTPUT].sum() == pytest.approx(6, rel=1e-5)
        assert total[OUT_OF_INPUT].sum() == pytest.approx(6, rel=1e-5)


@pytest.mark.parametrize("space", ["nas-bench-201", "darts"])
@pytest.mark.parametrize("parts", [{}, {"alpha": "noise"}, {"field": "interior"}, {"recipe": "released"}])
def test_none_scores_nothing_and_every_other_operation_something(space: str, parts: dict[str, str]):
    shares = scores(tiny(space, **parts)).shares
    assert (shares[..., 0] == 0).all()
    if (space, parts) != ("darts", {"recipe": "released"}):  # rounding error, which may be 0 as well
        assert (shares[..., 1:] > 0).all()


@pytest.mark.parametrize("space", ["nas-bench-201", "darts"])
def test_raw_scores_are_alpha_times_the_gradient_of_the_sum_of_the_logits(space: str):
    config = tiny(space, alpha="noise", seed=2, method="one-shot")
    result = search(config)
    expected, flow = reference(config).saliencies()
    assert result.log_scale == 0
    assert np.exp(result.passes[0].log_flow) == pytest.approx(flow, rel=1e-5)
    for kind, table in zip(SPACES[space].cell_types, expected, strict=True):
        np.testing.assert_allclose(result.scores[kind], table, rtol=1e-4)
        np.testing.assert_allclose(result.scores[kind], result.shares[kind] * np.exp(result.passes[0].log_flow))


@pytest.mark.parametrize(("space", "least"), [("nas-bench-201", 0.997), ("darts", 0.999)])
def test_the_interior_ranks_operations_as_the_whole_image_does(space: str, least: float):
    """At the default size. On NAS-Bench-201 skip and pooling tie in the interior, which costs the correlation 0.002."""
    whole, interior = (
        scores(SearchConfig(space=space, field=field, device="cpu")).shares for field in ("full", "interior")
    )
    assert spearmanr(whole.ravel(), interior.ravel()).statistic >= least
    assert (whole.argmax(axis=2) == interior.argmax(axis=2)).all()
    for kind in range(len(whole)):
        assert spearmanr(whole[kind].sum(axis=1), interior[kind].sum(axis=1)).statistic >= 0.99


# What is no number is no score.


def test_features_beyond_float32_give_no_scores():
    """With batch norm and α = 1 features grow tenfold a cell, and so do the mistakes: no genotype comes of that."""
    parts = {"normalisation": "batch", "alpha": "ones", "method": "one-shot", "device": "cpu"}
    deep = SearchConfig(cells=12, channels=4, **parts)
    with pytest.raises(NonFiniteScores, match=r"^the scores are not numbers: .*float32.*; take float64"):
        scores(deep)
    with pytest.raises(NonFiniteScores):
        search(deep)


def test_freeflow_needs_nothing():
    found = PROXIES["freeflow"]
    assert not found.needs_labels
    assert not found.needs_data
    assert not found.fixed
    assert found.recipes == RECIPES
