"""Images: noise, digits and batches."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from engine.data.images import Data, contents, digits, draw_images, gaussian, left_out, load_data, resized, smooth
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


@pytest.mark.parametrize("size", [8, 32])
def test_smooth_noise_is_enlarged_bicubically_and_of_its_seed(size: int):
    pixels = torch.from_numpy(np.random.default_rng(3).standard_normal((500, 3, 2, 2)))
    enlarged = nn.functional.interpolate(pixels, size=(size, size), mode="bicubic", align_corners=False).numpy()
    found = smooth(3, 500, size).images
    scale = float(found[0, 0, 0, 0] / enlarged[0, 0, 0, 0])
    np.testing.assert_allclose(found, scale * enlarged, rtol=1e-3, atol=1e-5)
    assert found.dtype == np.float32
    assert (found**2).mean() == pytest.approx(1, abs=0.08)


def test_batches_of_smooth_noise_differ_by_their_seeds():
    images = load_data("smooth")
    assert images is load_data("smooth")
    assert images.labels is None
    assert not np.array_equal(images.batch(16, 0).images, images.batch(16, 1).images)


def test_smaller_images_are_means_of_their_areas():
    small = draw_images(gaussian(0, 4), 3, 0, pixels=16)
    whole = gaussian(0, 4).batch(3, 0).images.reshape(3, 3, 16, 2, 16, 2)
    np.testing.assert_allclose(small.images, whole.mean((3, 5)), rtol=1e-4, atol=1e-6)
    assert draw_images(None, 3, 0, pixels=16).images.shape == (3, 3, 16, 16)
    assert small.at_most(32) is small


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
    found = digits.__wrapped__()
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
        digits.__wrapped__()


@given(st.integers(1, 80), st.integers(1, 80), st.integers(0, 9))
def test_a_pixel_is_the_mean_of_its_area(height: int, width: int, seed: int):
    """An enlargement to 32 times the sides has whole areas, whose means are plain."""
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 1))
    whole = image.repeat(32, axis=0).repeat(32, axis=1)
    expected = whole.reshape(32, height, 32, width, 1).mean(axis=(1, 3))
    np.testing.assert_allclose(resized(image), expected, rtol=1e-9)


def test_an_image_of_the_right_size_is_as_it_was():
    image = GENERATOR.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    np.testing.assert_array_equal(resized(image), image)


def test_the_content_of_images_is_said():
    assert contents("mine", 4, 0) == "'mine' holds 4 images without labels"
    assert contents("mine", 5000, 2, ["a", "b"]) == (
        "'mine' holds 5,000 images, of which 2,048 are taken, of 2 classes: 'a, b'"
    )
    assert len(contents("mine", 4, 1000, ["name"] * 1000)) < 300
    assert left_out([]) == ()
    assert left_out(["test", "val"]) == ("'test, val' beside it is left out; name it to take it",)
