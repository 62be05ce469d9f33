"""Networks with weights compute elsewhere what they compute here."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch

from engine import SPACES, Genotype, parse_genotype
from engine.exports import weights
from engine.exports.weights import exported_program, onnx_model
from engine.networks.derived import build
from engine.spaces import Size
from tests.engine.conftest import CELL
from tests.engine.exports.spaces import varied


def network(genotype: Genotype, size: Size, seed: int) -> torch.nn.Module:
    """The network whose weights are drawn from `seed`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build(genotype, size).eval()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nas-bench-201", "darts", "nas-bench-macro"])
def test_other_programs_compute_the_same(name: str):
    runtime = pytest.importorskip("onnxruntime")
    genotype, size = varied(SPACES[name]), Size(4, SPACES[name].cells_range.low)
    images = torch.rand(3, 3, 32, 32)
    logits = network(genotype, size, 5)(images).detach()
    loaded = torch.export.load(io.BytesIO(exported_program(genotype, 5, size))).module()
    assert torch.equal(loaded(images), logits)
    session = runtime.InferenceSession(onnx_model(genotype, 5, size))
    (answer,) = session.run(["logits"], {"images": images.numpy()})
    np.testing.assert_allclose(answer, logits, rtol=0, atol=1e-5)


def test_without_its_packages_onnx_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"pip install 'freenas-dashboard\[onnx\]'"):
        onnx_model(parse_genotype(CELL))


def test_a_seed_out_of_range_is_named():
    with pytest.raises(ValueError, match="seed"):
        exported_program(parse_genotype(CELL), -1)


@pytest.mark.slow
def test_writing_leaves_the_random_state_alone():
    state = torch.get_rng_state()
    genotype, size = parse_genotype(CELL), Size(4, 1)
    first, second = (torch.export.load(io.BytesIO(exported_program(genotype, seed, size))) for seed in (0, 1))
    assert torch.equal(torch.get_rng_state(), state)
    weight = "stem.0.weight"
    assert not torch.equal(first.state_dict[weight], second.state_dict[weight])
