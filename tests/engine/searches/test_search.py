"""Searches from configuration to result, against pruning by a plain reference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine import (
    SPACES,
    DeviceMemoryExhausted,
    NonFiniteScores,
    Progress,
    SearchConfig,
    SearchResult,
    SearchStopped,
    search,
)
from engine.common.environment import resolve_device
from engine.data.images import DATA
from engine.networks.cost import cost_report
from engine.proxies import PROXIES, Scores
from engine.proxies.base import Evaluate, ProxySetting
from engine.searches.pruning import EQUAL, Pruning
from engine.searches.search import derive
from tests.conftest import tiny
from tests.engine.reference import Reference, derived_genes, prune

NAMES = ["nas-bench-201", "darts"]


def reference(config: SearchConfig) -> Reference:
    sizes = {"channels": config.channels, "cells": config.cells, "image_size": config.image_size}
    recipe = {"normalisation": config.normalisation, "alpha": config.alpha}
    return Reference(config.space, seed=config.seed, wrap=config.field == "interior", **sizes, **recipe)


def removals(result: SearchResult) -> list[tuple[int, int, int]]:
    space = result.space
    return [
        (space.cell_types.index(step.cell), step.edge, space.operations.index(step.operation)) for step in result.steps
    ]


def genes(result: SearchResult) -> list[list[tuple[int, int, str]]]:
    return [[tuple(gene) for gene in genes] for _, genes in result.genotype.genes]


@pytest.mark.parametrize(
    ("space", "parts"),
    [
        ("nas-bench-201", {"seed": 0}),
        ("nas-bench-201", {"seed": 1, "cells": 2, "alpha": "noise"}),
        ("nas-bench-201", {"seed": 3, "field": "interior"}),
        ("nas-bench-201", {"seed": 4, "alpha": "noise", "per_round": 3}),
        ("nas-bench-201", {"seed": 5, "dtype": "float64", "channels": 8}),
        ("darts", {"seed": 1, "alpha": "noise", "per_round": 4}),
        ("darts", {"seed": 2, "cells": 4, "per_round": 8}),
        ("darts", {"seed": 3, "field": "interior", "per_round": 8}),
    ],
)
def test_iterative_pruning_is_that_of_a_pass_for_every_removal(space: str, parts: dict[str, object]):
    config = tiny(space, **parts)
    result = search(config)
    expected, live, shares = prune(reference(config), EQUAL, config.per_round)
    assert removals(result) == expected
    assert genes(result) == derived_genes(space, live, shares)
    last = np.stack([result.passes[-1].shares[kind] for kind in result.space.cell_types])
    np.testing.assert_allclose(last, shares, rtol=2e-5, atol=1e-7)


@pytest.mark.slow
def test_at_the_default_size_pruning_is_that_of_a_pass_for_every_removal():
    config = SearchConfig(space="nas-bench-201", device="cpu")
    result = search(config)
    expected, live, shares = prune(reference(config), EQUAL)
    assert removals(result) == expected
    assert genes(result) == derived_genes(config.space, live, shares)
    np.testing.assert_allclose(result.passes[-1].shares["cell"][None], shares, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("space", ["nas-bench-201", "darts"])
def test_at_the_default_size_scores_and_one_shot_genotype_are_those_of_plain_autograd(space: str):
    config = SearchConfig(space=space, seed=1, method="one-shot", device="cpu")
    result = search(config)
    shares = reference(config).shares()
    live = np.arange(shares.shape[2]) == shares.argmax(axis=2)[..., None]
    found = np.stack([result.shares[kind] for kind in result.space.cell_types])
    np.testing.assert_allclose(found, shares, rtol=1e-4)
    assert genes(result) == derived_genes(space, live, shares)


@pytest.mark.parametrize("parts", [{}, {"cells": 2}])
@pytest.mark.parametrize("seed", [0, 1])
def test_iterative_pruning_with_batch_norm_is_that_of_a_pass_for_every_removal(parts: dict[str, int], seed: int):
    config = tiny("nas-bench-201", recipe="released", method="iterative", dtype="float64", seed=seed, **parts)
    result = search(config)
    expected, live, shares = prune(reference(config), EQUAL)
    assert removals(result) == expected
    assert genes(result) == derived_genes("nas-bench-201", live, shares)


@pytest.mark.parametrize(
    ("space", "parts"),
    [
        *[("nas-bench-201", {"alpha": "noise", "seed": seed}) for seed in (0, 1, 2)],
        *[("nas-bench-201", {"normalisation": "batch", "alpha": "noise", "seed": seed}) for seed in (0, 1, 2)],
        *[("darts", {"alpha": "noise", "seed": seed}) for seed in (0, 1, 2)],
    ],
)
def test_one_shot_keeps_the_best_operation_of_every_edge(space: str, parts: dict[str, object]):
    config = tiny(space, method="one-shot", **parts)
    result = search(config)
    shares = reference(config).shares()
    live = np.arange(shares.shape[2]) == shares.argmax(axis=2)[..., None]
    assert genes(result) == derived_genes(space, live, shares)
    assert {tuple(place) for place in removals(result)} == set(zip(*np.nonzero(~live), strict=True))
    assert len(result.passes) == 1


@pytest.mark.parametrize("space", NAMES)
@pytest.mark.parametrize("levels", [10**6, 2])
def test_a_genotype_keeps_the_edges_that_are_best_in_the_last_pass(space: str, levels: int):
    """Of equal edges (of two levels, many are) the first ones; what earlier passes said no longer counts."""
    described = SPACES[space]
    shape = (len(described.cell_types), len(described.edges), len(described.operations))
    for seed in range(20):
        rng = np.random.default_rng(seed)
        first, last = (rng.integers(1, levels + 1, shape).astype(float) for _ in range(2))
        live = np.arange(shape[2]) == rng.integers(1, shape[2], shape[:2])[..., None]
        genotype = derive(described, Pruning([Scores(first, 0.0), Scores(last * live, 0.0)], live=live))
        assert [[tuple(gene) for gene in genes] for _, genes in genotype.genes] == derived_genes(space, live, last)


@pytest.mark.slow
def test_the_synaptic_recipe_finds_the_cell_of_convolutions_only():
    """Known: the all-`nor_conv_3x3` cell, at the default size and whatever the seed."""
    for parts in ({"seed": 0}, *({"seed": seed, "field": "interior"} for seed in (1, 2**32 - 1))):
        result = search(SearchConfig(device="cpu", **parts))
        assert {gene.operation for gene in result.genotype.cells["cell"]} == {"nor_conv_3x3"}
        assert result.cost["params"] == 1_531_546


@pytest.mark.slow
def test_the_released_recipe_keeps_convolutions_only():
    """Known of the authors' own code, for every seed; which convolution, depends on the noise of α."""
    found = [search(SearchConfig(recipe="released", seed=seed, device="cpu")) for seed in range(4)]
    for result in found:
        assert {gene.operation for gene in result.genotype.cells["cell"]} <= {"nor_conv_1x1", "nor_conv_3x3"}
        assert not result.has("rounding")
    assert len({result.genotype for result in found}) > 1


@pytest.mark.slow
def test_the_released_recipe_on_darts_is_marked_as_rounding_error():
    result = search(SearchConfig(space="darts", recipe="released", device="cpu"))
    assert result.has("rounding")
    assert "the genotype means nothing" in next(n.message for n in result.notices if n.code == "rounding")


@pytest.mark.parametrize(
    "parts",
    [
        {"alpha": "noise"},
        {"alpha": "noise", "dtype": "float64"},
        {"alpha": "ones", "seed": 2},
        {"alpha": "ones", "cells": 8, "seed": 1},
        {"alpha": "noise", "cells": 8, "seed": 7},
    ],
)
def test_any_batch_norm_on_darts_is_marked_as_rounding_error(parts: dict[str, object]):
    """Whatever the size, the true gradient of every α is 0 there."""
    assert search(tiny("darts", normalisation="batch", method="one-shot", **parts)).has("rounding")


IN_NAS_BENCH_201 = [
    (proxy.name, data, seed)
    for proxy in PROXIES.values()
    for data in DATA[: 1 + proxy.needs_data]
    for seed in range(2 if proxy.name == "zero-cost-pt-gradient-norm" else 5)
]
"""Every proxy on every data, with fewer seeds where a search takes longer."""


def told_exactly(single: SearchResult, double: SearchResult) -> bool:
    told = [single.has("rounding") or single.has("precision"), double.has("precision")]
    return told == [single.genotype != double.genotype, False]


def in_both_precisions(space: str, **parts: object) -> tuple[SearchResult, SearchResult]:
    size = {"batch": 4} if PROXIES[str(parts["proxy"])].needs_data else {}
    single, double = (search(tiny(space, dtype=dtype, **size, **parts)) for dtype in ("float32", "float64"))
    return single, double


@pytest.mark.parametrize(("proxy", "data", "seed"), IN_NAS_BENCH_201)
def test_rounding_is_told_of_exactly_where_it_decides(proxy: str, data: str, seed: int):
    assert told_exactly(*in_both_precisions("nas-bench-201", proxy=proxy, data=data, seed=seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_rounding_decides_for_grasp_in_a_deep_supernet(seed: int):
    """Known: skips and poolings of NAS-Bench-201 are not normalised, and what they carry grows tenfold a cell."""
    single, double = in_both_precisions("nas-bench-201", proxy="grasp", cells=5, seed=seed)
    assert single.genotype != double.genotype
    assert told_exactly(single, double)


FREE = [
    (space.name, proxy.name)
    for space in SPACES.values()
    for proxy in PROXIES.values()
    if not proxy.needs_data and not (space.no_closed_form and proxy.fixed.get("field") == "interior")
]
"""The proxies that look at no images, in every space that they score."""
OTHER_KINDS = ("nas-bench-macro", "nas-bench-1shot1-1", "robust-darts-s1")
"""A space of every kind but NAS-Bench-201 that is searched quickly."""
IN_ANY_SPACE = [
    *(
        (*pair, "gaussian", seed)
        for pair in FREE
        if pair != ("robust-darts-s4", "zero-cost-pt-flow")
        for seed in (0, 1)
    ),
    *((space, "snip", "digits", 0) for space in SPACES),
    *((space, "gradient-norm", "digits", seed) for space in OTHER_KINDS for seed in (0, 1)),
    *((space, "grasp", "digits", 0) for space in OTHER_KINDS),
    *((space, "zero-cost-pt-naswot", "digits", 0) for space in OTHER_KINDS[:2]),
    ("mobilenet", "gradient-norm", "digits", 0),
]
"""Other proxies, spaces and images, with fewer seeds where a search takes longer."""


@pytest.mark.slow
@pytest.mark.parametrize(("space", "proxy", "data", "seed"), IN_ANY_SPACE)
def test_rounding_is_told_of_in_any_space(space: str, proxy: str, data: str, seed: int):
    size = 16 if space == "mobilenet" else 8
    parts = {"proxy": proxy, "data": data, "seed": seed, "image_size": size, "method": "one-shot"}
    assert told_exactly(*in_both_precisions(space, **parts))


@pytest.mark.slow
def test_rounding_is_judged_over_the_whole_of_an_iterative_search():
    single, double = in_both_precisions("nas-bench-201", proxy="grasp", method="iterative", per_round=24, cells=5)
    assert told_exactly(single, double)
    assert single.genotype != double.genotype


def test_a_search_that_cannot_be_repeated_in_double_precision_says_so(monkeypatch: pytest.MonkeyPatch):
    snip = PROXIES["snip"]

    def opened(setting: ProxySetting) -> Evaluate:
        if setting.dtype == "float64":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return snip.open(setting)

    monkeypatch.setitem(PROXIES, "snip", replace(snip, open=opened))
    result = search(tiny("nas-bench-201", proxy="snip", dtype="float32", batch=4))
    assert [notice.message for notice in result.notices if notice.code == "unchecked"] == [
        "Not compared with the other precision: the memory is too small for that; fewer images in a batch help."
    ]


@pytest.mark.parametrize("space", NAMES)
def test_the_synaptic_recipe_is_no_rounding_error(space: str):
    """Its scores are the same in twice the precision, and are not marked."""
    single, double = (
        search(SearchConfig(space=space, method="one-shot", dtype=dtype, device="cpu"))
        for dtype in ("float32", "float64")
    )
    for kind in single.space.cell_types:
        np.testing.assert_allclose(single.shares[kind], double.shares[kind], rtol=1e-4)
    assert not single.has("rounding")
    assert not double.has("rounding")
    assert single.genotype == double.genotype


def test_batch_norm_with_constant_alpha_collapses():
    """Known: poolings and skips on every edge."""
    result = search(SearchConfig(normalisation="batch", alpha="ones", method="one-shot", dtype="float64", device="cpu"))
    assert result.has("collapse")
    assert {gene.operation for gene in result.genotype.cells["cell"]} <= {"avg_pool_3x3", "skip_connect"}


def test_batch_norm_with_constant_alpha_in_float32_gives_no_result_that_looks_like_one():
    """At the default size features reach 1e19: depending on the order of sums that overflows, or is rounding error."""
    config = SearchConfig(normalisation="batch", alpha="ones", method="one-shot", device="cpu")
    try:
        assert search(config).has("rounding")
    except NonFiniteScores as error:
        assert "float32" in str(error)  # noqa: PT017


# Progress and stopping.


@pytest.mark.parametrize(
    ("space", "parts"),
    [
        ("nas-bench-201", {}),
        ("nas-bench-201", {"field": "interior"}),
        ("nas-bench-201", {"per_round": 5}),
        ("nas-bench-201", {"per_round": 64}),
        ("nas-bench-201", {"method": "one-shot"}),
        ("nas-bench-201", {"pinned": ["0-1:none"]}),
        ("nas-bench-201", {"pinned": ["0-1:none", "0-2:none"], "per_round": 3}),
        ("nas-bench-201", {"pinned": [f"{edge}:none" for edge in ("0-1", "0-2", "1-2", "1-3", "2-3")]}),
        ("nas-bench-201", {"banned": ["0-3:none", "1-2:nor_conv_3x3"], "max_params": 500_000}),
        ("nas-bench-201", {"recipe": "released"}),
        ("nas-bench-201", {"recipe": "released", "method": "iterative"}),
        ("darts", {"per_round": 7}),
        ("darts", {"per_round": 16, "field": "interior"}),
    ],
)
def test_progress_rises_by_one_pass_and_ends_at_the_total(space: str, parts: dict[str, object]):
    seen: list[Progress] = []
    result = search(tiny(space, **parts), on_progress=seen.append)
    passes = len(result.passes) * (2 if result.config.normalisation == "batch" else 1)  # the same in double precision
    assert [progress.done for progress in seen] == list(range(passes + 1))
    assert {progress.total for progress in seen} == {passes}
    elapsed = [progress.elapsed for progress in seen]
    assert elapsed == sorted(elapsed)
    assert seen[0].left is None
    assert seen[-1].left == 0


def test_the_time_left_is_not_told_before_it_is_known_how_long_double_precision_takes():
    seen: list[Progress] = []
    result = search(tiny("nas-bench-201", recipe="released", method="iterative"), on_progress=seen.append)
    single = len(result.passes)
    assert all(progress.left is None for progress in seen[: single + 1])
    assert all(progress.left is not None for progress in seen[single + 4 :])
    assert len(seen) == 2 * single + 1 > single + 4


def test_a_repetition_that_ends_early_ends_the_progress(monkeypatch: pytest.MonkeyPatch):
    snip, seen = PROXIES["snip"], list[Progress]()

    def opened(setting: ProxySetting) -> Evaluate:
        if setting.dtype == "float64":
            raise NonFiniteScores("the scores are not numbers")
        return snip.open(setting)

    monkeypatch.setitem(PROXIES, "snip", replace(snip, open=opened))
    search(tiny("nas-bench-201", proxy="snip", dtype="float32", batch=4), on_progress=seen.append)
    assert [(progress.done, progress.total) for progress in seen] == [(0, 2), (1, 2), (2, 2)]
    assert seen[-1].left == 0


def test_progress_never_passes_its_total():
    """On the way to a target with `none` on an edge there are more passes than can be told beforehand."""
    seen: list[Progress] = []
    bans = ["0-1:skip_connect", "0-1:avg_pool_3x3"]
    result = search(tiny("nas-bench-201", max_params=75_000, banned=bans), on_progress=seen.append)
    assert [progress.done for progress in seen] == list(range(len(result.passes) + 1))
    assert all(progress.done <= progress.total for progress in seen)


def test_the_time_left_supposes_that_passes_take_as_long_as_before():
    assert Progress(0, 10, 0.1).left is None
    assert Progress(4, 10, 2.0).left == pytest.approx(3.0)


@pytest.mark.parametrize("space", NAMES)
@pytest.mark.parametrize("parts", [{}, {"recipe": "released"}, {"field": "interior"}])
def test_a_search_stops_at_the_cell_where_it_is_told_to(space: str, parts: dict[str, str]):
    """Cells are built, passed forward, passed backward: it must stop in each of these, and in a later pass."""
    config = tiny(space, **parts)
    cells = len(reference(config).cells)
    for stop_at in (1, cells, cells + 1, 2 * cells, 2 * cells + 1, 3 * cells, *([5 * cells] if not parts else [])):
        asked = 0

        def should_stop(stop_at: int = stop_at) -> bool:
            nonlocal asked
            asked += 1
            return asked >= stop_at

        with pytest.raises(SearchStopped):
            search(config, should_stop=should_stop)
        assert asked == stop_at


@pytest.mark.slow
def test_a_search_of_the_default_size_can_be_stopped_many_times_a_pass():
    checks = passes = 0

    def count(progress: Progress) -> None:
        nonlocal passes
        passes = progress.done

    def should_stop() -> bool:
        nonlocal checks
        checks += 1
        return passes >= 2

    with pytest.raises(SearchStopped):
        search(SearchConfig(space="darts", device="cpu"), on_progress=count, should_stop=should_stop)
    assert checks > 20


def test_a_search_that_is_never_stopped_is_the_same():
    config = tiny("nas-bench-201")
    assert search(config, should_stop=lambda: False).passes[0].log_flow == search(config).passes[0].log_flow


# Devices.


@pytest.fixture
def only_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.mark.usefixtures("only_a_cpu")
@pytest.mark.parametrize("device", ["cuda", "cuda:0", "mps"])
def test_a_device_that_is_not_there_is_refused(device: str):
    with pytest.raises(ValueError, match=f"^device '{device}' is not available here; available: cpu$"):
        search(tiny("nas-bench-201", device=device))
    assert resolve_device("auto") == resolve_device("cpu") == "cpu"


@pytest.mark.usefixtures("two_gpus")
def test_devices_where_there_are_gpus():
    assert resolve_device("auto") == resolve_device("cuda") == "cuda"
    assert resolve_device("cuda:1") == "cuda:1"
    with pytest.raises(ValueError, match=r"^device 'cuda:2' is not available here; available: cuda:0, cuda:1, cpu$"):
        resolve_device("cuda:2")


def _failing_with(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object) -> None:
        raise error

    monkeypatch.setitem(PROXIES, "freeflow", replace(PROXIES["freeflow"], open=opened))


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_too_little_memory_is_an_error_of_its_own(error: Exception, monkeypatch: pytest.MonkeyPatch):
    _failing_with(error, monkeypatch)
    with pytest.raises(DeviceMemoryExhausted, match=r"^cpu has too little memory for this supernet; take fewer"):
        search(tiny("nas-bench-201"))


@pytest.mark.parametrize(
    ("name", "said"), [("nas-bench-1shot1-1", "take fewer channels or cells"), ("mobilenet", "take fewer channels")]
)
def test_too_little_memory_is_told_of_in_what_a_space_can_have_fewer_of(
    name: str, said: str, monkeypatch: pytest.MonkeyPatch
):
    _failing_with(torch.OutOfMemoryError("CUDA out of memory"), monkeypatch)
    with pytest.raises(DeviceMemoryExhausted, match=f"; {said}$"):
        search(SearchConfig(space=name, channels=4, device="cpu"))


def test_other_errors_of_a_proxy_are_not_hidden(monkeypatch: pytest.MonkeyPatch):
    _failing_with(RuntimeError("shapes do not fit"), monkeypatch)
    with pytest.raises(RuntimeError, match=r"^shapes do not fit$"):
        search(tiny("nas-bench-201"))


# What a result says about itself.


@pytest.mark.parametrize("space", NAMES)
def test_a_result_tells_where_and_how_it_was_computed(space: str, tiny_results: dict[str, SearchResult]):
    result = tiny_results[space]
    assert result.config == tiny(space, field="interior", per_round=8)
    assert result.environment["torch"] == torch.__version__
    assert result.environment["device"] == "cpu"
    assert result.environment["threads"] == torch.get_num_threads()
    assert result.cost == cost_report(result.genotype)
    timing = result.timing
    assert timing["build"] + timing["passes"] <= timing["total"] + 2e-4
    assert all(seconds > 0 for seconds in timing.values())


@pytest.mark.parametrize("space", NAMES)
def test_steps_and_passes_tell_one_story(space: str, tiny_results: dict[str, SearchResult]):
    """Every step was live until the pass that condemned it, with the share that the pass gave it."""
    result = tiny_results[space]
    described = SPACES[space]
    live = {kind: np.ones((len(described.edges), len(described.operations)), bool) for kind in described.cell_types}
    steps = list(result.steps)
    for index, found in enumerate(result.passes):
        for kind in described.cell_types:
            table = found.shares[kind]
            assert (table[~live[kind]] == 0).all()
        while steps and steps[0].at_pass == index:
            step = steps.pop(0)
            column = described.operations.index(step.operation)
            assert step.share == found.shares[step.cell][step.edge, column]
            assert live[step.cell][step.edge, column]
            live[step.cell][step.edge, column] = False
    assert not steps
    for kind in described.cell_types:
        assert (live[kind].sum(axis=1) == 1).all()
        left = {edge: described.operations[int(row.argmax())] for edge, row in enumerate(live[kind])}
        assert result.chosen(kind) == left
        for gene in result.genotype.cells[kind]:
            assert left[described.edges.index(gene[:2])] == gene.operation
