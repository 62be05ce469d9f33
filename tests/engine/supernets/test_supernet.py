"""The supernet against a plain reference: flow, configurations side by side, seeds, and no trace outside."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.overrides import TorchFunctionMode

from engine import SPACES, NonFiniteScores, SearchConfig, search
from engine.common.work import Work
from engine.proxies.freeflow import score_masks
from engine.supernets.supernet import Supernet
from tests.conftest import tiny
from tests.engine.reference import LAYERS, PUBLISHED, Reference
from tests.engine.strategies import FIELDS, NORMALISED, masks

TOLERANCE = {"full": 1e-9, "interior": 1e-6}
"""The interior sums its kernels in float32, so it agrees with a plain pass to that precision only."""
PUBLISHED_FIELDS = [(space, field) for space, field in FIELDS if space in PUBLISHED]


def build(config: SearchConfig) -> Supernet:
    return Supernet(config.supernet, "cpu", getattr(torch, config.dtype))


def everything(supernet: Supernet) -> np.ndarray:
    return supernet.space.candidates.copy()


def reference(config: SearchConfig) -> Reference:
    return Reference(
        config.space,
        seed=config.seed,
        channels=config.channels,
        cells=config.cells,
        image_size=config.image_size,
        normalisation=config.normalisation,
        alpha=config.alpha,
        wrap=config.field == "interior",
    )


@pytest.mark.parametrize(("space", "field"), PUBLISHED_FIELDS)
@pytest.mark.parametrize("alpha", ["ones", "noise"])
def test_the_flow_is_the_sum_of_the_logits(space: str, field: str, alpha: str):
    most = SPACES[space].cells_range.high
    for seed, cells in ((0, 3), (5, 4)):
        config = tiny(space, field=field, alpha=alpha, seed=seed, cells=min(cells, most), dtype="float64")
        supernet = build(config)
        flow, log_scale = supernet(supernet.architecture_parameters([everything(supernet)]), everything(supernet))
        plain = reference(config)
        expected = float(plain.flow(plain.alpha))
        assert float(flow * log_scale.exp()) == pytest.approx(expected, rel=TOLERANCE[field] / 100)


@pytest.mark.parametrize("image_size", [8, 12, 20, 32])
@pytest.mark.parametrize("space", PUBLISHED)
def test_every_image_size_fits_through(space: str, image_size: int):
    config = tiny(space, image_size=image_size, dtype="float64")
    (found,) = score_masks(build(config), [reference(config).whole])
    np.testing.assert_allclose(found.shares, reference(config).shares(), rtol=1e-9)


@pytest.mark.slow
@settings(max_examples=4)
@given(st.data())
@pytest.mark.parametrize(("space", "field"), FIELDS)
def test_configurations_do_not_influence_each_other(space: str, field: str, data: st.DataObject):
    alpha = data.draw(st.sampled_from(["ones", "noise"]))
    supernet = build(tiny(space, field=field, alpha=alpha, dtype="float64", seed=data.draw(st.integers(0, 99))))
    several = data.draw(st.lists(masks(SPACES[space]), min_size=2, max_size=5))
    together = score_masks(supernet, several)
    for live, found in zip(several, together, strict=True):
        (alone,) = score_masks(supernet, [live])
        np.testing.assert_allclose(found.shares, alone.shares, rtol=1e-10, atol=1e-14)
        assert found.log_flow == pytest.approx(alone.log_flow, abs=1e-10)
        assert (found.shares[~live] == 0).all()


def test_configurations_with_batch_norm_do_not_influence_each_other():
    supernet = build(tiny("nas-bench-201", recipe="released", dtype="float64", cells=2))
    rng = np.random.default_rng(1)
    several = [everything(supernet), *(rng.random((3, *supernet.shape)) < 0.6)]
    for live in several:
        live[..., 3] = True
    for live, found in zip(several, score_masks(supernet, several), strict=True):
        (alone,) = score_masks(supernet, [live])
        np.testing.assert_allclose(found.shares, alone.shares, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize(
    ("space", "field"), [(space, field) for space, field in PUBLISHED_FIELDS if space not in LAYERS]
)
def test_dead_nodes_and_dead_inputs_carry_nothing(space: str, field: str):
    """A node that no live edge reaches, in every cell type, changes nothing but the paths through it; noise passes.

    (Nothing flows through a chain without one of its nodes.)
    """
    config = tiny(space, field=field, dtype="float64")
    supernet, plain = build(config), reference(config)
    needs_input = np.array(plain.operations) != "noise"
    for dead in range(plain.inputs, max(plain.outputs)):
        live = everything(supernet)
        live[:, [target == dead for _, target in plain.edges]] = False
        (found,) = score_masks(supernet, [live])
        np.testing.assert_allclose(found.shares, plain.shares(live), rtol=TOLERANCE[field])
        assert (found.shares[:, [dead in edge for edge in plain.edges]][..., needs_input] == 0).all()


@pytest.mark.parametrize(("space", "field"), FIELDS)
def test_a_pass_leaves_the_supernet_as_it_was(space: str, field: str):
    supernet = build(tiny(space, field=field))
    several = [everything(supernet)] * 2
    first, again = score_masks(supernet, several), score_masks(supernet, several)
    for one, other in zip(first, again, strict=True):
        assert (one.shares == other.shares).all()
        assert one.log_flow == other.log_flow


@pytest.mark.parametrize(("space", "field"), FIELDS)
def test_a_supernet_without_any_flow_has_no_scores(space: str, field: str):
    supernet = build(tiny(space, field=field))
    nothing = everything(supernet) & (np.array(supernet.space.operations) == "none")
    with pytest.raises(NonFiniteScores):
        score_masks(supernet, [everything(supernet), nothing])


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("parts", [{}, {"field": "interior"}, {"recipe": "released"}])
def test_one_seed_one_set_of_numbers(space: str, parts: dict[str, str]):
    if (space, parts.get("field", "full")) not in FIELDS:
        pytest.skip("no closed form")
    size = NORMALISED[space] if "recipe" in parts else {}
    first, again, other = (build(tiny(space, seed=seed, **size, **parts)) for seed in (3, 3, 4))
    live = everything(first)
    one, same, different = (score_masks(supernet, [live])[0] for supernet in (first, again, other))
    assert (one.shares == same.shares).all()
    assert one.log_flow == same.log_flow
    assert not np.allclose(one.shares, different.shares, rtol=1e-3, atol=0)


def test_the_seed_draws_the_published_noise():
    """The released code's α, `1e-3 · |N(0, 1)|`: positive, of that scale, its own for every operation and seed."""
    alphas = [build(tiny("darts", recipe="released", seed=seed)) for seed in range(4)]
    drawn = np.stack([net.architecture_parameters([everything(net)])[0].numpy() for net in alphas])
    assert (drawn > 0).all()
    assert len(np.unique(drawn)) == drawn.size
    assert drawn.mean() == pytest.approx(1e-3 * (2 / np.pi) ** 0.5, rel=0.1)
    torch.manual_seed(0)
    weights = 1e-3 * torch.randn(drawn[0].shape).abs().numpy()  # as the stream of the weights has them
    assert not np.isin(drawn[0], weights).any()


def test_alpha_is_zero_where_an_operation_is_not_live():
    supernet = build(tiny("nas-bench-201"))
    live = np.random.default_rng(0).random((2, *supernet.shape)) < 0.5
    assert (supernet.architecture_parameters(live).numpy() == live).all()


@contextmanager
def nothing_global_changes() -> Iterator[None]:
    def state() -> list[object]:
        return [
            torch.get_rng_state().tolist(),
            random.getstate(),
            str(np.random.get_state()),  # noqa: NPY002
            np.geterr(),
            torch.get_num_threads(),
            torch.get_num_interop_threads(),
            torch.get_default_dtype(),
            torch.is_grad_enabled(),
            torch.are_deterministic_algorithms_enabled(),
            torch.get_float32_matmul_precision(),
            torch.backends.cudnn.enabled,
            torch.backends.cudnn.benchmark,
            torch.backends.cudnn.deterministic,
            torch.backends.cudnn.allow_tf32,
            torch.backends.cuda.matmul.allow_tf32,
            torch.backends.mkldnn.enabled,
            warnings.filters[:],
        ]

    before = state()
    yield
    assert state() == before


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("recipe", ["synaptic", "released"])
def test_a_search_leaves_nothing_global_behind(space: str, recipe: str):
    config = tiny(space, recipe=recipe, per_round=32, **NORMALISED[space])
    first = search(config)
    torch.manual_seed(1234)
    np.random.seed(1234)  # noqa: NPY002
    with nothing_global_changes():
        again = search(config)
    assert again.passes[0].log_flow == first.passes[0].log_flow
    assert again.steps == first.steps
    assert again.genotype == first.genotype


@pytest.mark.parametrize("space", PUBLISHED)
def test_every_cell_is_announced_when_built_on_the_way_and_on_the_way_back(space: str):
    calls: list[None] = []
    config = tiny(space, cells=min(4, SPACES[space].cells_range.high))
    cells = len(reference(config).cells)
    supernet = Supernet(config.supernet, work=Work(should_stop=lambda: calls.append(None)))
    assert len(calls) == cells
    score_masks(supernet, [everything(supernet)])
    assert len(calls) == 3 * cells


def test_parameters_of_a_supernet_are_not_trained():
    supernet = build(tiny("nas-bench-201"))
    alpha = supernet.architecture_parameters([everything(supernet)]).requires_grad_()
    flow, log_scale = supernet(alpha, everything(supernet))
    assert flow.requires_grad
    assert not log_scale.requires_grad
    assert supernet.dtype == "float32"
    assert supernet.shape == (1, 6, 5)


class HostWatch(TorchFunctionMode):
    """Sees what would reach from the host to a device: data made into tensors, lists as indices."""

    UPLOADS = (torch.tensor, torch.as_tensor, torch.from_numpy)
    INDEXED = (torch.Tensor.__getitem__, torch.Tensor.__setitem__)

    def __init__(self) -> None:
        super().__init__()
        self.calls, self.found = 0, list[str]()

    def __torch_function__(self, function, types, args=(), kwargs=None):
        self.calls += 1
        indices = args[1] if function in self.INDEXED else ()
        indices = indices if isinstance(indices, tuple) else (indices,)
        if function in self.UPLOADS or any(isinstance(index, list | np.ndarray) for index in indices):
            self.found.append(f"{function.__name__} {args[1:]}")
        return function(*args, **(kwargs or {}))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("space", "field", "normalisation"),
    [*((space, field, "bypass") for space, field in FIELDS), *((space, "full", "batch") for space in SPACES)],
)
def test_no_pass_waits_for_the_host(space: str, field: str, normalisation: str):
    """On torch's device without data, where reading any value raises; the first pass may bring its indices along."""
    size = NORMALISED[space] if normalisation == "batch" else {}
    supernet = Supernet(tiny(space, field=field, normalisation=normalisation, **size).supernet, "meta")
    live = everything(supernet)
    live &= np.random.default_rng(0).random(live.shape) < 0.6
    for _ in range(2):
        alpha = supernet.architecture_parameters([live, live]).requires_grad_()
        with HostWatch() as watch:
            flow, _ = supernet(alpha, live)
            (gradient,) = torch.autograd.grad(flow.sum(), alpha)
    assert gradient.is_meta
    assert gradient.shape == (2, *supernet.shape)
    assert watch.calls > 50
    assert watch.found == []
