"""Flow shares of modules as people write them, against the engine, central differences, and values by hand."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine import SPACES, NonFiniteScores, saliency
from engine.proxies.freeflow import score_masks
from engine.supernets.plain import DrawnNoise, PlainSupernet
from engine.supernets.supernet import Supernet
from tests.conftest import tiny
from tests.paths import ROOT

NAMES = ("none", "skip_connect", "avg_pool_3x3", "nor_conv_3x3")
IMAGE = torch.zeros(1, 3, 8, 8)


class PlainModule(nn.Module):
    """The plain supernet as a module of its own, from an image to logits."""

    def __init__(self, plain: PlainSupernet) -> None:
        super().__init__()
        self.plain = plain
        for noise in [part for part in plain.modules() if isinstance(part, DrawnNoise)]:
            drawn = noise.noise.data
            del noise.noise
            noise.register_buffer("noise", drawn)  # a constant with a sign, no weight

    def forward(self, image: Tensor) -> Tensor:
        flow, log_scale = self.plain(self.plain.alpha)
        return flow * log_scale.exp()


class MixedOp(nn.Module):
    """A mixed edge as DARTS writes it (Liu et al. 2019): a sum of operations by the weights of the edge."""

    def __init__(self, channels: int, affine: bool = True) -> None:
        super().__init__()
        convolution = nn.Sequential(
            nn.ReLU(), nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels, affine=affine)
        )
        self.operations = nn.ModuleList([nn.Identity(), nn.AvgPool2d(3, 1, 1), convolution])

    def forward(self, x: Tensor, weights: Tensor) -> Tensor:
        mixed = sum(weight * operation(x) for weight, operation in zip(weights[1:], self.operations, strict=True))
        return mixed + weights[0] * x.mul(0)


class DartsCells(nn.Module):
    """Two cells of three mixed edges on four channels, which share their α, a tensor that is no parameter."""

    def __init__(self, cells: int = 2, affine: bool = True, softmax: bool = True) -> None:
        super().__init__()
        self.alphas = torch.full((3, 4), -1e-3, requires_grad=True)
        self.softmax = softmax
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4))
        self.cells = nn.ModuleList(nn.ModuleList(MixedOp(4, affine) for _ in range(3)) for _ in range(cells))
        self.classifier = nn.Linear(4, 5, bias=False)

    def forward(self, image: Tensor) -> Tensor:
        x = self.stem(image)
        for first, second, direct in self.cells:
            weights = functional.softmax(self.alphas, dim=-1) if self.softmax else self.alphas
            x = second(first(x, weights[0]), weights[1]) + direct(x, weights[2])
        return self.classifier(x.mean((2, 3)))


class LayerChoice(nn.Module):
    """A layer that is one of several, as NNI writes it: α of its own, mixed by a softmax."""

    def __init__(self, candidates: list[nn.Module]) -> None:
        super().__init__()
        self.candidates = nn.ModuleList(candidates)
        self.alpha = nn.Parameter(torch.randn(len(candidates), generator=torch.Generator().manual_seed(0)) * 1e-3)

    def forward(self, x: Tensor) -> Tensor:
        results = torch.stack([candidate(x) for candidate in self.candidates])
        weights = functional.softmax(self.alpha, -1).view(-1, *[1] * x.ndim)
        return (results * weights).sum(0)


def scaled(factor: float) -> nn.Module:
    """A map of one number that multiplies it."""
    layer = nn.Linear(1, 1, bias=False)
    nn.init.constant_(layer.weight, factor)
    return layer


class Toy(nn.Module):
    """One number through two choices, `(α₀ + 3·α₁)` and `(2·β₀ + β₁)`, past a third that adds `γ`."""

    def __init__(self) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.tensor([0.5, 2.0]))
        self.beta = nn.Parameter(torch.tensor([1.0, 3.0]))
        self.gamma = nn.Parameter(torch.tensor([0.25]))

    def forward(self, x: Tensor) -> Tensor:
        return (self.alpha[0] + 3 * self.alpha[1]) * x * (2 * self.beta[0] + self.beta[1]) + self.gamma**2


@pytest.mark.slow
@pytest.mark.parametrize("name", SPACES)
def test_a_plain_supernet_has_the_shares_of_the_engine(name: str):
    """With its norms and bounded rectifiers still there: leaving them out is a part of what is tested."""
    spec, candidates = tiny(name).supernet, SPACES[name].candidates
    (expected,) = score_masks(Supernet(spec, "cpu", torch.float64), [candidates])
    module = PlainModule(PlainSupernet(spec.model_copy(update={"normalisation": "batch"})))
    scores = saliency(module, module.plain.alpha, IMAGE)
    np.testing.assert_allclose(scores.shares["plain.alpha"], expected.shares, rtol=1e-7, atol=1e-12)
    assert scores.log_flow == pytest.approx(expected.log_flow, abs=1e-6)


def test_the_released_recipe_is_that_of_the_engine():
    spec = tiny("nas-bench-201", recipe="released").supernet
    (expected,) = score_masks(Supernet(spec, "cpu", torch.float64), [SPACES["nas-bench-201"].candidates])
    module = PlainModule(PlainSupernet(spec))
    scores = saliency(module, module.plain.alpha, IMAGE, normalisation="batch", alpha="own")
    np.testing.assert_allclose(scores.shares["plain.alpha"], expected.shares, rtol=1e-5, atol=1e-9)


def test_a_toy_has_the_shares_of_central_differences():
    toy, step = Toy(), 1e-5
    scores = saliency(toy, toy.parameters(), torch.zeros(1), alpha="own")
    double = Toy().double()
    for name, parameter in double.named_parameters():
        for place in range(len(parameter)):
            logs = []
            for factor in (1 + step, 1 / (1 + step)):
                with torch.no_grad():
                    parameter[place] *= factor
                    logs.append(double(torch.ones(1).double()).log().item())
                    parameter[place] /= factor
            slope = (logs[0] - logs[1]) / (2 * np.log1p(step))
            assert scores.shares[name][place] == pytest.approx(slope, rel=1e-5)
    assert scores.log_flow == pytest.approx(np.log(6.5 * 5 + 0.25**2))


def test_darts_cells_have_the_shares_of_a_plain_sum_without_norms():
    """Every path takes the direct edge of a cell, or the two others; α is shared by both cells."""
    module = DartsCells().train()
    scores = saliency(module, module.alphas, IMAGE, operations=NAMES)
    shares = scores.shares["alphas"]
    assert shares[:, 0].tolist() == [0, 0, 0]
    assert scores.notices == ()
    assert shares[0].sum() == pytest.approx(shares[1].sum())
    assert (shares[1] + shares[2]).sum() == pytest.approx(2)
    without = DartsCells(softmax=False)
    without.load_state_dict(module.state_dict())
    own = saliency(without, {"edges": without.alphas}, IMAGE, alpha="ones").shares["edges"]
    np.testing.assert_allclose(own, shares, rtol=1e-9)
    assert scores.ranking[0].share == shares.max()
    assert [ranked.operation for ranked in scores.ranking[-3:]] == ["none"] * 3


def test_layer_choices_have_shares_by_hand():
    """3 of 4 parts of the flow pass the factor of 3, 2 of 3 that of -2, which counts without its sign."""
    module = nn.Sequential(
        LayerChoice([nn.Identity(), scaled(3)]), nn.LayerNorm(1), LayerChoice([scaled(-2), nn.Dropout()])
    )
    scores = saliency(module, [module[0].alpha, module[2].alpha], torch.zeros(7, 1))
    assert scores.shares["0.alpha"] == pytest.approx([1 / 4, 3 / 4])
    assert scores.shares["2.alpha"] == pytest.approx([2 / 3, 1 / 3])
    assert scores.log_flow == pytest.approx(np.log(7 * 4 * 3))
    assert [(name, *place) for name, place, *_ in scores.ranking] == [
        *(("0.alpha", 1), ("2.alpha", 0), ("2.alpha", 1), ("0.alpha", 0))
    ]
    assert scores.ranking[0].operation == "operation 1"
    assert scores.notices == ()


def test_the_example_of_the_documentation_runs():
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/python.md").read_text("utf-8"), re.S | re.M)
    (example,) = [block for block in blocks if "import saliency" in block]
    names: dict[str, object] = {}
    with torch.random.fork_rng():
        exec(example, names)
    scores = names["scores"]
    assert {name: table.shape for name, table in scores.shares.items()} == {"edges": (3, 3), "layer": (3,)}
    assert "cancel" not in [notice.code for notice in scores.notices]


def test_an_operation_whose_own_alpha_is_zero_is_pruned():
    module = LayerChoice([scaled(1), scaled(3), scaled(4)])
    with torch.no_grad():
        module.alpha[:] = torch.tensor([-1.0, 1.0, 0.0])
    assert saliency(module, module.alpha, torch.ones(1, 1), alpha="own").shares["alpha"].tolist() == [0.25, 0.75, 0]


@pytest.mark.parametrize("fails", [False, True])
def test_the_module_and_the_random_state_stay_as_they_are(fails: bool):
    class Drawing(DartsCells):
        def forward(self, image: Tensor) -> Tensor:
            self.stem[1].running_mean.add_(torch.rand(4))
            if fails:
                raise RuntimeError("no")
            return super().forward(image)

    module = Drawing().train()
    module.cells[1].eval()
    module.classifier.weight.grad = gradient = torch.ones(5, 4)
    module.stem.register_forward_hook(lambda *_: None)
    hooks, alphas, random = module.stem._forward_hooks, module.alphas, torch.get_rng_state()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    training = [part.training for part in module.modules()]
    with pytest.raises(RuntimeError, match="no") if fails else torch.no_grad():
        saliency(module, module.alphas, IMAGE, normalisation="batch")
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert {value.dtype for value in module.parameters()} == {torch.float32}
    assert [part.training for part in module.modules()] == training
    assert module.classifier.weight.grad is gradient
    assert module.alphas is alphas
    assert (alphas.grad, alphas.requires_grad, alphas.min().item()) == (None, True, pytest.approx(-1e-3))
    assert module.stem._forward_hooks is hooks
    assert len(hooks) == 1
    assert torch.equal(torch.get_rng_state(), random)
    assert all(parameter.requires_grad for parameter in module.parameters())


def test_scores_that_are_rounding_are_noticed():
    """Batch norm without an affine part leaves a mean of 0 to the classifier, whatever α is: R is its bias."""
    choice = LayerChoice([nn.Conv2d(3, 4, kernel, padding=kernel // 2) for kernel in (3, 5)])
    module = nn.Sequential(
        *(choice, nn.BatchNorm2d(4, affine=False), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 5))
    )
    (notice,) = saliency(module, choice.alpha, IMAGE, normalisation="batch").notices
    assert notice.code == "rounding"
    assert notice.message.startswith("These scores are rounding error: they sum to ")
    assert saliency(module, choice.alpha, IMAGE).notices == ()


def test_an_order_that_is_another_in_double_precision_is_noticed():
    """100,000,001 - 100,000,000 is 0 in single precision."""

    class Differing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.alpha = nn.Parameter(torch.ones(2))

        def forward(self, x: Tensor) -> Tensor:
            return self.alpha[0] * ((1e8 * x + x) - 1e8 * x) + self.alpha[1] * 0.5 * x

    module = Differing()
    (notice,) = saliency(module, module.alpha, torch.ones(1), dtype="float32").notices
    assert notice.code == "precision"
    assert notice.message == "Rounding decides here: float64 puts others first in alpha; take it."
    assert saliency(module, module.alpha, torch.ones(1)).notices == ()


def test_terms_that_cancel_are_noticed():
    """A softmax of what is computed from α stays, so that one operation gains what the other loses."""

    class Tempered(LayerChoice):
        def forward(self, x: Tensor) -> Tensor:
            first, second = functional.softmax(self.alpha / 0.5, -1)
            return first * self.candidates[0](x) + second * self.candidates[1](x)

    module = Tempered([scaled(1), scaled(3)])
    scores = saliency(module, module.alpha, torch.ones(1, 1))
    assert scores.shares["alpha"] == pytest.approx([0.5, 0.5])
    assert [notice.code for notice in scores.notices] == ["cancel", "tie"]
    assert scores.notices[0].message.startswith("1 of 2 operations takes from R: ")


def test_a_collapse_and_ties_are_noticed():
    module = nn.Sequential(*(LayerChoice([nn.Identity(), nn.Identity(), scaled(0.5)]) for _ in range(2)))
    names = ("skip_connect", "max_pool_3x3", "nor_conv_3x3")
    choices = {"first": module[0].alpha, "second": module[1].alpha}
    notices = saliency(module, choices, torch.ones(1, 1), operations=names).notices
    assert [(notice.code, notice.message) for notice in notices] == [
        ("collapse", "Collapse: no choice has a convolution as its strongest, only skip_connect."),
        (
            "tie",
            "skip_connect and max_pool_3x3 tie on 2 choices (within 1%); on 2 of them the chosen one is among these.",
        ),
    ]
    module[1].candidates[2].weight.data.fill_(2)
    (notice,) = saliency(module, choices, torch.ones(1, 1), operations=names).notices
    assert notice.message.startswith("skip_connect and max_pool_3x3 tie on 2 choices (within 1%); on 1 of them")
    own = {"first": ("a", "b", "c"), "second": ("d", "e", "f")}
    assert [notice.code for notice in saliency(module, choices, torch.ones(1, 1), operations=own).notices] == [
        *("tie", "tie")
    ]


def test_deep_modules_need_double_precision_and_end_with_a_sentence():
    def chain(layers: int) -> nn.Module:
        return nn.Sequential(*(LayerChoice([scaled(1), scaled(99_999)]) for _ in range(layers)))

    deep, deeper = chain(8), chain(64)
    scores = saliency(deep, [choice.alpha for choice in deep], torch.ones(1, 1))
    assert scores.shares["7.alpha"] == pytest.approx([1e-5, 0.99999])
    assert scores.log_flow == pytest.approx(8 * np.log(1e5))
    with pytest.raises(NonFiniteScores, match="leave the range of float32 in this module; take float64, fewer cells"):
        saliency(deep, [choice.alpha for choice in deep], torch.ones(1, 1), dtype="float32")
    with pytest.raises(NonFiniteScores, match="leave the range of float64 in this module; take fewer cells"):
        saliency(deeper, [choice.alpha for choice in deeper], torch.ones(1, 1))


class Wrong(nn.Module):
    """A module with one α that is used, one that is not, and an output to choose."""

    def __init__(self, output: Callable[[Tensor], object]) -> None:
        super().__init__()
        self.used, self.unused = (nn.Parameter(torch.ones(2)) for _ in range(2))
        self.register_buffer("places", torch.arange(3))
        self.output = output

    def forward(self, x: Tensor) -> object:
        return self.output(self.used.sum() * x)


@pytest.mark.parametrize(
    ("alphas", "message"),
    [
        (lambda module: [], "alphas: none given"),
        (lambda module: {}, "alphas: none given"),
        (lambda module: 3, "alphas: alpha 0 is to be a tensor, 3 given"),
        (lambda module: {"edge": "used"}, "alphas: edge is to be a tensor, 'used' given"),
        (lambda module: module.places, "alphas: places is a tensor of 3 torch.int64; a weight an operation expected"),
        (lambda module: module.used[:1], "alphas: alpha 0 is computed from other tensors"),
        (lambda module: torch.ones(2), "alphas: the module does not hold alpha 0; give the tensors themselves"),
        (lambda module: module.unused, "alphas: the output of the module does not depend on unused"),
        (lambda module: module.parameters(), "alphas: the output of the module does not depend on unused"),
    ],
)
def test_alphas_without_flow_are_refused_in_a_sentence(alphas: Callable[[Wrong], object], message: str):
    module = Wrong(lambda x: x)
    with pytest.raises(ValueError, match=message):
        saliency(module, alphas(module), torch.ones(1))


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (lambda x: (x, x), "the module returns a tuple; wrap it in one that returns the tensor of its logits alone"),
        (lambda x: x > 0, "the module returns a tensor of torch.bool; wrap it"),
        (lambda x: x.detach(), "the output of the module does not depend on used"),
    ],
)
def test_an_output_without_flow_is_refused_in_a_sentence(output: Callable[[Tensor], object], message: str):
    module = Wrong(output)
    with pytest.raises(ValueError, match=message):
        saliency(module, module.used, torch.ones(1))


def test_an_output_of_zero_has_no_shares():
    module = Wrong(lambda x: 0 * x)
    with pytest.raises(NonFiniteScores, match="the output of the module sums to 0"):
        saliency(module, module.used, torch.ones(1))


def test_modules_examples_and_options_of_another_kind_are_refused_in_a_sentence():
    module = LayerChoice([scaled(1), scaled(2)])
    for parts, message in (
        ({"module": "net"}, "module: a torch.nn.Module is needed, 'net' given"),
        ({"module": torch.jit.script(scaled(1))}, "module: a scripted one cannot be changed"),
        ({"module": nn.Sequential(module, nn.LazyLinear(2))}, "module: a parameter has no shape yet"),
        ({"example_input": (1, 1)}, r"example_input: a tensor is needed, or .*; \(1, 1\) given"),
        ({"example_input": []}, "example_input: a tensor is needed"),
        ({"operations": NAMES}, "operations: alpha has 2 on its last axis; .* given"),
        ({"operations": {"beta": NAMES[:2]}}, r"operations: alpha has 2 on its last axis; \(\) given"),
        ({"normalisation": "layer"}, "unknown normalisation 'layer'; allowed: bypass, batch"),
        ({"alpha": "noise"}, "unknown alpha 'noise'; allowed: ones, own"),
        ({"dtype": "bfloat16"}, "unknown dtype 'bfloat16'; allowed: float64, float32"),
    ):
        with pytest.raises(ValueError, match=message):
            saliency(**{"module": module, "alphas": module.alpha, "example_input": torch.ones(1, 1)} | parts)


def test_a_module_that_cannot_be_copied_is_refused_in_a_sentence():
    module = LayerChoice([scaled(1)])
    module.cache = module.alpha * 2
    with pytest.raises(ValueError, match="the module cannot be copied, which is how it stays as it is: "):
        saliency(module, module.alpha, torch.ones(1, 1))
