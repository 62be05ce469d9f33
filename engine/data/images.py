"""Images for the measures that need some: white or smooth Gaussian noise, scikit-learn's digits, or a user's own.

All arrive as `Data`: square RGB images, each channel with mean 0 and standard deviation 1 over the whole set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.common.errors import quoted, unknown_name

NOISE = ("gaussian", "smooth")
"""The noise that a configuration can name: independent pixels, and colours that run into each other."""
DATA = (*NOISE, "digits")
"""The images that a configuration can name: noise, and the handwritten digits of scikit-learn."""
IMAGE_SIZE = 32
"""Height and width in pixels that images are resized to."""
CLASSES = 10
"""The number of classes of a network where the images have no labels."""
MAX_IMAGES = 2048
"""The largest set that is kept, evenly spaced images of a larger one: a measure takes a batch of 128 at most."""
SMOOTH_IMAGES = 512
"""The smooth images that batches are drawn from: a measure takes 128 at most."""
_BICUBIC = -0.75
"""The parameter of bicubic interpolation (Keys 1981), as in PyTorch."""
MAX_CLASSES = 1000
"""The largest number of different labels."""


@dataclass(frozen=True, eq=False)
class Data:
    """Images `(images, 3, height, width)`, and their labels `(images,)` from 0 to `classes` - 1 or None.

    `notes` are sentences on what was read of a user's files, and what was left out.
    """

    name: str
    images: NDArray[np.float32]
    labels: NDArray[np.int64] | None = None
    classes: int = CLASSES
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.images)

    def batch(self, count: int, seed: int) -> Data:
        """Draw `count` of the images without replacement; all of them where there are fewer."""
        rows = np.random.default_rng(seed).permutation(len(self))[:count]
        labels = None if self.labels is None else self.labels[rows]
        return Data(self.name, self.images[rows], labels, self.classes)

    def at_most(self, pixels: int) -> Data:
        """Return the images with so many pixels a side at most, each the mean of the area that it covers."""
        if self.images.shape[2] <= pixels:
            return self
        small = [resized(image.transpose(1, 2, 0), pixels).transpose(2, 0, 1) for image in self.images]
        return replace(self, images=np.stack(small).astype(np.float32))


def draw_images(data: Data | None, count: int, seed: int, pixels: int = IMAGE_SIZE) -> Data:
    """Return a batch of `data` with so many `pixels` a side at most, or of Gaussian noise where it is None."""
    return gaussian(seed, count, pixels) if data is None else data.batch(count, seed).at_most(pixels)


def gaussian(seed: int, batch: int, image_size: int = IMAGE_SIZE) -> Data:
    """Draw images whose pixels are independent N(0, 1), without labels."""
    generator = np.random.default_rng(seed)
    images = generator.standard_normal((batch, 3, image_size, image_size), dtype=np.float32)
    return Data("Gaussian noise", images)


def smooth(seed: int, batch: int, image_size: int = IMAGE_SIZE) -> Data:
    """Draw images of 2x2 independent normal pixels, enlarged bicubically, of variance 1 over the image; no labels.

    In networks of white noise nearly every rectifier has a pattern of its own; these images are alike from pixel to
    pixel, as photographs are.
    """
    pixels = np.random.default_rng(seed).standard_normal((batch, 3, 2, 2))
    shares = _bicubic_shares(image_size)
    deviation = (shares**2).sum(1).mean()
    images = np.einsum("yi,xj,bcij->bcyx", shares, shares, pixels) / deviation
    return Data("smooth noise", images.astype(np.float32))


def _bicubic_shares(size: int) -> NDArray[np.float64]:
    """Return the shares of two pixels in each of `size` that they are enlarged to, `(size, 2)`."""
    places = (np.arange(size)[:, None] + 0.5) * 2 / size - 0.5
    taps = np.floor(places) + np.arange(-1, 3)
    away = np.abs(places - taps)
    near = (_BICUBIC + 2) * away**3 - (_BICUBIC + 3) * away**2 + 1
    far = _BICUBIC * (away**3 - 5 * away**2 + 8 * away - 4)
    weights = np.where(away <= 1, near, far)
    second = (weights * (taps > 0)).sum(1)
    return np.stack([1 - second, second], axis=1)


@cache
def _smooth_images() -> Data:
    return smooth(0, SMOOTH_IMAGES)


@cache
def digits() -> Data:
    """Load the 1,797 handwritten digits of scikit-learn, 8x8 grey pixels each; `ValueError` if it is not installed."""
    try:
        bunch = import_module("sklearn.datasets").load_digits()
    except ImportError:
        raise ValueError(
            "the digits come with scikit-learn, which is not installed (pip install 'freenas-dashboard[digits]')"
        ) from None
    return prepare_images("scikit-learn digits", np.asarray(bunch.images)[..., None], np.asarray(bunch.target))


def load_data(name: str) -> Data | None:
    """Return the images called `digits` or `smooth`, or None for `gaussian`, which is drawn where it is needed.

    `ValueError` for any other name.
    """
    if name not in DATA:
        raise unknown_name("data", name, DATA)
    if name == "gaussian":
        return None
    return digits() if name == "digits" else _smooth_images()


def prepare_images(name: str, images: NDArray[Any], labels: NDArray[Any] | None) -> Data:
    """Return `Data` of images `(N, H, W, C)` and their labels, if any: at most `MAX_IMAGES`, resized, standardised.

    `ValueError` for images or labels that do not fit.
    """
    if len(images) < 2:
        raise ValueError(f"{quoted(name)} holds {len(images) or 'no'} image; at least two are needed")
    if 0 in images.shape:
        raise ValueError(f"{quoted(name)} holds images of {images.shape[1]}x{images.shape[2]} pixels; one is needed")
    if labels is not None and (labels.shape != (len(images),) or labels.dtype.kind not in "ui"):
        raise ValueError(
            f"'labels' has the shape {labels.shape} of {labels.dtype}; {len(images)} whole numbers expected"
        )
    rows = spaced_rows(len(images))
    pixels = _standardised(name, np.stack([resized(images[row]) for row in rows]))
    if labels is None:
        return Data(name, pixels)
    names, numbered = np.unique(labels[rows], return_inverse=True)
    if not 2 <= len(names) <= MAX_CLASSES:
        raise ValueError(
            f"{quoted(name)} has {len(names)} class{'' if len(names) == 1 else 'es'}; 2 to {MAX_CLASSES:,} are allowed"
        )
    return Data(name, pixels, numbered.astype(np.int64), len(names))


def resized(image: NDArray[Any], size: int = IMAGE_SIZE) -> NDArray[np.float64]:
    """Return an image `(H, W, C)` of any size as `(size, size, C)`, each pixel the mean of its area."""
    longer, shorter = (0, 1) if image.shape[0] > image.shape[1] else (1, 0)
    with np.errstate(over="ignore", invalid="ignore"):
        return _averaged(_averaged(image, longer, size), shorter, size)


def _averaged(image: NDArray[Any], axis: int, size: int) -> NDArray[np.float64]:
    """Return `size` lines along an axis, each the mean of the lines that it covers, by how much of each."""
    lines = np.moveaxis(image, axis, 0)
    side = len(lines)
    means = np.empty((size, *lines.shape[1:]))
    for row in range(size):
        start, end = row * side, (row + 1) * side  # in parts of `size` a line
        covered = np.arange(start // size, -(-end // size))
        shares = np.minimum(covered * size + size, end) - np.maximum(covered * size, start)
        means[row] = np.tensordot(shares / side, lines[covered[0] : covered[-1] + 1], 1)
    return np.moveaxis(means, 0, axis)


def contents(name: str, count: int, classes: int, names: Sequence[str] = ()) -> str:
    """Return a sentence on a user's images: their number, their classes, and how many of them are taken."""
    number = f"{count:,} images" + (f", of which {MAX_IMAGES:,} are taken," if count > MAX_IMAGES else "")
    if not classes:
        return f"{quoted(name)} holds {number} without labels"
    listed = f": {quoted(', '.join(names), 200)}" if names else ""
    return f"{quoted(name)} holds {number} of {classes:,} classes{listed}"


def left_out(names: Sequence[str]) -> tuple[str, ...]:
    """Return a sentence on parts of a user's images that were not taken, if there are any."""
    return (f"{quoted(', '.join(names), 200)} beside it is left out; name it to take it",) if names else ()


def _standardised(name: str, images: NDArray[Any]) -> NDArray[np.float32]:
    """Return RGB images `(N, 3, H, W)` of mean 0 and deviation 1, from `(N, H, W, C)` with one or three channels."""
    pixels = images.astype(np.float64).transpose(0, 3, 1, 2)
    with np.errstate(over="ignore", invalid="ignore"):
        spread = pixels.std((0, 2, 3), keepdims=True)
    if not (np.isfinite(spread) & (spread > 0)).all():
        raise ValueError(
            f"a channel of the images of {quoted(name)} is the same everywhere, or holds numbers that are not finite"
        )
    scaled = ((pixels - pixels.mean((0, 2, 3), keepdims=True)) / spread).astype(np.float32)
    return np.ascontiguousarray(np.broadcast_to(scaled, (len(scaled), 3, *scaled.shape[2:])))


def spaced_rows(count: int) -> NDArray[np.int64]:
    """Return the rows of at most `MAX_IMAGES` of `count` images, evenly spaced."""
    size = min(count, MAX_IMAGES)
    return np.arange(size) * count // size
