"""Images that people bring: NumPy archives, and folders of pictures."""

from __future__ import annotations

import math
import os
import warnings
import zipfile
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from engine.common.errors import quoted
from engine.data.images import IMAGE_SIZE, Data, prepare_images, spaced_rows

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_FILES = 100_000
"""The largest image folder, in files."""
MAX_PIXELS = 50_000_000
"""The largest image, in pixels."""
MAX_ARRAY_BYTES = 1_000_000_000
"""The largest array in a file, in bytes."""
IMAGE_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".bmp": "BMP", ".webp": "WEBP"}
"""The formats of image files that are read, by suffix."""


def images_at(path: str | Path) -> Data:
    """Read a user's own images: a folder of them, or a NumPy archive."""
    return image_folder(path) if os.path.isdir(path) else npz(path)


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
    with file, _open_archive(file, path.name) as archive:
        names = [name for name in ("images", "labels") if f"{name}.npy" in archive.namelist()]
        arrays = {name: _read_array(archive, name) for name in names}
    if "images" not in arrays:
        raise ValueError(f"{quoted(path.name)} holds no array called 'images'")
    return prepare_images(path.name, _channels_last(arrays["images"]), arrays.get("labels"))


def image_folder(path: str | Path) -> Data:
    """Read the images in a folder, without labels, or in its subfolders, whose names are then their labels.

    `ValueError` for a folder that is not there, holds no image, or too many files; Pillow reads the images.
    """
    path = Path(path).absolute()
    if not os.path.isdir(path):
        raise ValueError(f"{quoted(str(path), 300)} is not a folder")
    files = _image_files(path)
    classes = [file.parent.name for file in files if file.parent != path]
    if not files or 0 < len(classes) < len(files):
        content = "no image" if not files else "images both in subfolders and beside them"
        raise ValueError(
            f"{quoted(path.name)} holds {content}; images ({', '.join(IMAGE_FORMATS)}) in it, or in a subfolder a class"
        )
    rows = spaced_rows(len(files))
    images = np.stack([_read_image(files[row], path) for row in rows])
    labels = np.unique(classes, return_inverse=True)[1][rows] if classes else None
    return prepare_images(path.name, images, labels)


def _image_files(path: Path) -> list[Path]:
    """Return the image files in a folder and in its subfolders, in order of their names; `ValueError` for too many."""
    files: list[Path] = []
    entries = islice(chain(path.glob("*"), path.glob("*/*")), MAX_FILES + 1)
    for count, entry in enumerate(entries, start=1):
        if count > MAX_FILES:
            raise ValueError(f"{quoted(path.name)} holds more than {MAX_FILES:,} files; take a smaller folder")
        if entry.suffix.lower() in IMAGE_FORMATS and entry.is_file():
            files.append(entry)
    return sorted(files)


def _read_image(file: Path, folder: Path) -> NDArray[np.uint8]:
    """Return an image of a folder as `(IMAGE_SIZE, IMAGE_SIZE, 3)`; of an animation the first picture.

    `ValueError` for a file that cannot be read, or is too large.
    """
    try:
        from PIL import Image
    except ImportError:
        raise ValueError("images are read by Pillow, which is not installed (pip install pillow)") from None
    name = quoted(str(file.relative_to(folder)))
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(file, formats=tuple(dict.fromkeys(IMAGE_FORMATS.values()))) as image,
        ):
            size = f"{image.width}x{image.height}"
            if image.width * image.height <= MAX_PIXELS:
                return _resized(image)
    except Image.DecompressionBombError:
        raise ValueError(f"{name} has more than {MAX_PIXELS:,} pixels; take a smaller one") from None
    except Exception:  # whatever Pillow raises on bytes that are not its own
        raise ValueError(f"{name} is not an image that can be read") from None
    raise ValueError(f"{name} has {size} pixels; at most {MAX_PIXELS:,} are allowed")


def _resized(image: Picture) -> NDArray[np.uint8]:
    """Return an image of Pillow as `(IMAGE_SIZE, IMAGE_SIZE, 3)`; of 16 bits the upper 8, as Pillow clips at 255."""
    from PIL.Image import fromarray

    if image.mode.startswith("I"):
        image = fromarray((np.asarray(image) >> 8).astype(np.uint8))
    return np.asarray(image.convert("RGB").resize((IMAGE_SIZE, IMAGE_SIZE)), dtype=np.uint8)


def _open_archive(file: BinaryIO, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except Exception:  # whatever zipfile raises on bytes that are not its own
        raise ValueError(f"{quoted(name)} is not a NumPy archive (.npz)") from None


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
