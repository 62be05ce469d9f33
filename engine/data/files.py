"""Images that people bring: folders of pictures, NumPy archives, and batches of CIFAR in its binary version."""

from __future__ import annotations

import math
import os
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from engine.common.errors import quoted
from engine.data.cifar import BATCH_SUFFIX, PICKLED, cifar_batches, is_pickled
from engine.data.folders import image_folder
from engine.data.images import Data, contents, prepare_images

MAX_ARRAY_BYTES = 1_000_000_000
"""The largest array in a file, in bytes."""


def images_at(path: str | Path) -> Data:
    """Read a user's own images: a folder of them, a NumPy archive, or a batch of CIFAR in its binary version."""
    if os.path.isdir(path):
        return image_folder(path)
    file = Path(path)
    return (
        cifar_batches(file.name, [file]) if file.suffix.lower() == BATCH_SUFFIX and os.path.isfile(file) else npz(file)
    )


def npz(path: str | Path) -> Data:
    """Read a NumPy archive: `images` (N, H, W), (N, H, W, C) or (N, C, H, W), C 1 or 3; whole `labels` (N,) if any.

    `ValueError` for a file that is not there, not such an archive, or too large; arrays of objects are never read.
    """
    path = Path(path)
    try:
        file = path.open("rb")
    except (OSError, ValueError) as error:  # the latter of a path with a NUL in it
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"{quoted(str(path), 300)} cannot be read: {reason}") from None
    with file, _open_archive(file, path) as archive:
        names = [name for name in ("images", "labels") if f"{name}.npy" in archive.namelist()]
        arrays = {name: _read_array(archive, name) for name in names}
    if "images" not in arrays:
        raise ValueError(f"{quoted(path.name)} holds no array called 'images'; of pictures name their folder")
    data = prepare_images(path.name, _channels_last(arrays["images"]), arrays.get("labels"))
    classes = 0 if data.labels is None else len(np.unique(arrays["labels"]))
    return replace(data, notes=(contents(path.name, len(arrays["images"]), classes),))


def _open_archive(file: BinaryIO, path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except Exception:  # whatever zipfile raises on bytes that are not its own
        reason = f" but {PICKLED}" if is_pickled(path) else "; of pictures name their folder"
        raise ValueError(f"{quoted(path.name)} is not a NumPy archive (.npz){reason}") from None


def _read_array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """Read an array of an archive, its size checked before its content; `ValueError` if it does not hold numbers."""
    try:
        with warnings.catch_warnings(action="ignore"), archive.open(f"{name}.npy") as file:
            version = npy.read_magic(file)
            read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, _, dtype = read_header(file)
    except Exception:  # whatever zipfile, NumPy and tokenize raise on bytes that are not theirs
        raise ValueError(f"'{name}' is not an array of NumPy, or is damaged") from None
    if dtype.hasobject or dtype.kind not in "buif":
        raise ValueError(f"'{name}' holds {quoted(str(dtype))}; numbers are expected")
    if math.prod(shape) * dtype.itemsize > MAX_ARRAY_BYTES:
        raise ValueError(
            f"'{name}' has the shape {quoted(shape)}, {MAX_ARRAY_BYTES:,} bytes are allowed; take a part of it"
        )
    try:
        with warnings.catch_warnings(action="ignore"), archive.open(f"{name}.npy") as file:
            return npy.read_array(file, allow_pickle=False)
    except Exception:  # the same, and a check sum that is not that of the content
        raise ValueError(f"'{name}' ends too early or is damaged") from None


def _channels_last(images: NDArray[Any]) -> NDArray[Any]:
    """Return images `(N, H, W, C)` from any order of their axes; `ValueError` for another shape."""
    if images.ndim == 3:
        return images[..., None]
    if images.ndim == 4 and images.shape[3] in (1, 3):
        return images
    if images.ndim == 4 and images.shape[1] in (1, 3):
        return images.transpose(0, 2, 3, 1)
    raise ValueError(
        f"'images' has the shape {images.shape}; (N, H, W), (N, H, W, C) or (N, C, H, W), C 1 or 3, expected"
    )
