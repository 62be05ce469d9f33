"""Images: noise, digits and batches."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest

from engine.data.images import Data, digits, draw_images, gaussian
from tests.engine.data.reference import standardised

GENERATOR = np.random.default_rng(0)


def test_noise_is_normal_and_of_its_seed():
    noise = gaussian(3, 50, 16)
    assert noise.images.shape == (50, 3, 16, 16)
    assert noise.images.dtype == np.float32
    assert noise.labels is None
    assert noise.images.mean() == pytest.approx(0, abs=0.02)
    assert noise.images.std() == pytest.approx(1, abs=0.02)
    np.testing.assert_array_equal(noise.images, gaussian(3, 50, 16).images)
    assert not np.array_equal(noise.images, gaussian(4, 50, 16).images)


def test_a_batch_is_drawn_without_replacement():
    whole = Data("mine", np.arange(20, dtype=np.float32).reshape(20, 1, 1, 1), np.arange(20) // 2, 10)
    batch = whole.batch(8, seed=1)
    assert len(batch) == len(set(batch.images.ravel())) == 8
    np.testing.assert_array_equal(batch.labels, batch.images.ravel() // 2)
    assert (batch.name, batch.classes) == ("mine", 10)
    np.testing.assert_array_equal(batch.images, whole.batch(8, seed=1).images)
    assert not np.array_equal(batch.images, whole.batch(8, seed=2).images)
    assert sorted(whole.batch(99, seed=0).images.ravel()) == list(range(20))


def test_without_data_a_batch_is_noise():
    np.testing.assert_array_equal(draw_images(None, 4, 7).images, gaussian(7, 4).images)
    mine = gaussian(0, 9)
    np.testing.assert_array_equal(draw_images(mine, 4, 7).images, mine.batch(4, 7).images)


def test_digits_are_enlarged(monkeypatch: pytest.MonkeyPatch):
    images, labels = GENERATOR.integers(0, 17, (30, 8, 8)).astype(float), np.arange(30) % 10
    module = types.ModuleType("sklearn.datasets")
    module.load_digits = lambda: types.SimpleNamespace(images=images, target=labels)
    monkeypatch.setitem(sys.modules, "sklearn", types.ModuleType("sklearn"))
    monkeypatch.setitem(sys.modules, "sklearn.datasets", module)
    found = digits()
    enlarged = standardised(np.kron(images, np.ones((4, 4)))[..., None])
    np.testing.assert_allclose(found.images, np.broadcast_to(enlarged, (30, 3, 32, 32)), atol=1e-5)
    assert found.labels.tolist() == labels.tolist()
    assert found.classes == 10


def test_the_digits_of_scikit_learn():
    found = digits()
    assert found.images.shape == (1797, 3, 32, 32)
    assert np.bincount(found.labels).min() > 170


def test_without_scikit_learn_the_digits_say_what_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ValueError, match=r"pip install 'freenas-dashboard\[digits\]'"):
        digits()
