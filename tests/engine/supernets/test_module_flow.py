"""The pass of flow through a copy of a module: which functions of torch have another meaning in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from engine.supernets.module_flow import FlowMode, module_flow, positive_copy

X = torch.tensor([[-1.0, 2.0, 9.0]])


@pytest.mark.parametrize(
    "function",
    [
        *(nn.LayerNorm(3), nn.RMSNorm(3), nn.GroupNorm(1, 3), nn.BatchNorm1d(3), nn.LocalResponseNorm(2)),
        *(functional.dropout, nn.Dropout(0.5), nn.AlphaDropout()),
    ],
)
def test_norms_and_dropout_are_the_identity_in_another_tensor(function: Callable[[Tensor], Tensor]):
    with FlowMode([], normalised=False):
        result = function(X)
    assert torch.equal(result, X)
    assert result is not X


def test_rectifiers_have_no_bound_without_norms():
    with FlowMode([], normalised=False):
        assert nn.ReLU6()(X).tolist() == [[0, 2, 9]]
    with FlowMode([], normalised=True):
        assert nn.ReLU6()(X).tolist() == [[0, 2, 6]]
        assert nn.LayerNorm(3)(X).mean().item() == pytest.approx(0, abs=1e-6)


def test_what_mixes_alpha_is_left_out_and_stays_for_features():
    alpha, random = nn.Parameter(torch.tensor([[1.0, 2.0], [3.0, 4.0]])), torch.get_rng_state()
    with FlowMode([alpha], normalised=False):
        weights = functional.softmax(alpha, dim=-1), alpha[1].softmax(-1), functional.gumbel_softmax(logits=alpha[0])
        attention = functional.softmax(X, dim=-1), (alpha * 1).sigmoid()
    assert [weight.tolist() for weight in weights] == [[[1, 2], [3, 4]], [3, 4], [1, 2]]
    assert attention[0].sum() == pytest.approx(1)
    assert attention[1].max() < 1
    assert torch.equal(torch.get_rng_state(), random)


class Residual(nn.Module):
    """A module whose rectifier works in place on what a norm gives; it may be computed again in the backward pass."""

    def __init__(self, again: bool = False) -> None:
        super().__init__()
        self.again = again
        self.alpha = nn.Parameter(torch.zeros(2))
        self.shared = nn.Linear(3, 3, bias=False)
        self.register_buffer("offset", -torch.ones(3))
        self.ties = [self.shared.weight]
        self.block = nn.Sequential(nn.LayerNorm(3), nn.ReLU(inplace=True), self.shared)

    def forward(self, x: Tensor) -> Tensor:
        x = self.alpha[0] * x
        through = checkpoint(self.block, x, use_reentrant=False) if self.again else self.block(x)
        return self.alpha[1] * through + x


@pytest.mark.slow
def test_checkpoints_are_refused_in_a_sentence():
    """What is computed in the backward pass has its norms again."""
    module = Residual(again=True)
    with pytest.raises(ValueError, match="the module computes features again in its backward pass; switch"):
        module_flow(module, {"alpha": module.alpha}, [X], torch.float64, "bypass", "ones")


def test_rectifiers_in_place_change_nothing():
    module = Residual()
    flow = module_flow(module, {"alpha": module.alpha}, [X], torch.float64, "bypass", "ones")
    through = float(module.shared.weight.detach().abs().sum())
    assert flow.total == pytest.approx(3 + through)
    assert flow.saliencies["alpha"] == pytest.approx([3 + through, through])


def test_in_the_copy_weights_are_positive_and_everything_has_one_precision():
    module = Residual()
    copied, own = positive_copy(module, {"alpha": module.alpha}, torch.float64, "ones")
    assert copied.alpha is own["alpha"]
    assert copied.alpha.tolist() == [1, 1]
    assert torch.equal(copied.shared.weight, module.shared.weight.detach().double().abs())
    assert copied.ties[0] is copied.shared.weight
    assert copied.offset.tolist() == [-1, -1, -1]
    assert copied.offset.dtype == torch.float64
    assert [name for name, weight in copied.named_parameters() if weight.requires_grad] == ["alpha"]
