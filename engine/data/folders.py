"""Folders of pictures: classes as subfolders, parts such as `train` and `test` above them, published layouts."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.common.errors import quoted
from engine.data.cifar import PICKLED, cifar_folder, is_pickled
from engine.data.images import Data, contents, left_out, prepare_images, resized, spaced_rows

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_FILES = 200_000
"""The largest image folder, in files and folders: all of Tiny ImageNet."""
MAX_DEPTH = 6
"""The most folders in each other that are looked into."""
MAX_PIXELS = 50_000_000
"""The largest image, in pixels."""
MAX_ANNOTATIONS = 20_000_000
"""The largest file of annotations, in bytes."""
IMAGE_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".bmp": "BMP", ".webp": "WEBP"}
"""The formats of image files that are read, by suffix."""
ANNOTATIONS = "val_annotations.txt"
"""The file in which Tiny ImageNet keeps the classes of its images for validation, beside their folder."""

_HIDDEN = {"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "$recycle.bin", "__pycache__"}
_PARTS = tuple(
    re.compile(rf"({words})[-_ ]?(set|data|images|imgs)?(20\d\d)?", re.IGNORECASE)
    for words in ("train|training", "val|valid|validation|dev", "test|testing")
)
_LOOKED_AT = 100


def image_folder(path: str | Path) -> Data:
    """Read the images in a folder, without labels, or in its subfolders, whose names are then their labels.

    Of parts above the classes the one for training is taken; hidden entries are nothing. The binary version of CIFAR
    and Tiny ImageNet are read as they are published. `ValueError` for a folder that is not there, holds no image, or
    too many files; Pillow reads the images.
    """
    root = Path(os.path.abspath(path))
    if not os.path.isdir(root):
        raise ValueError(f"{quoted(str(root), 300)} is not a folder")
    files = _files_below(root)
    images = sorted(file for file in files if file.suffix.lower() in IMAGE_FORMATS)
    if images:
        return _pictures(root, images)
    data = cifar_folder(root, sorted(files))
    if data is None:
        raise _no_image(root, sorted(files))
    return data


def is_hidden(name: str) -> bool:
    """Return True for a name that systems and tools give to what is not a user's: `.DS_Store`, `Thumbs.db`."""
    return name.startswith(".") or name.lower() in _HIDDEN


def _files_below(root: Path) -> list[Path]:
    """Return the files of a folder that are not hidden, relative to it; `ValueError` for too many entries."""
    files, folders, entered, count = [], [root], {os.path.realpath(root)}, 0
    while folders:
        folder = folders.pop()
        for entry in _entries(folder):
            count += 1
            if count > MAX_FILES:
                raise ValueError(f"{quoted(root.name)} holds more than {MAX_FILES:,} files; take a smaller folder")
            if os.path.isfile(entry):
                files.append(Path(entry).relative_to(root))
            elif os.path.isdir(entry) and (real := os.path.realpath(entry)) not in entered:
                entered.add(real)
                if len(Path(entry).relative_to(root).parts) < MAX_DEPTH:
                    folders.append(Path(entry))
    return files


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from (entry for entry in entries if not is_hidden(entry.name))
    except OSError as error:
        raise ValueError(f"{quoted(str(folder), 300)} cannot be read: {error.strerror}") from None


def _no_image(root: Path, files: Sequence[Path]) -> ValueError:
    """Return the error for a folder without an image that can be read."""
    for file in files[:_LOOKED_AT]:
        if is_pickled(root / file):
            return ValueError(f"{quoted(str(file))} in {quoted(root.name)} is {PICKLED}")
    return ValueError(
        f"{quoted(root.name)} holds no image; images ({', '.join(IMAGE_FORMATS)}) in it, or in a subfolder a class"
    )


def _pictures(root: Path, files: list[Path]) -> Data:
    """Read image files, relative to a folder, as far as they are taken."""
    base, files = _descended(Path(), files)
    files, others = _part(files)
    base, files = _descended(base, files)
    name = "/".join((root.name, *base.parts))
    classes = _classes(root / base, name, files)
    rows = spaced_rows(len(files))
    images = np.stack([_read_image(root / base / files[row], root) for row in rows])
    numbers = None if classes is None else np.unique(classes, return_inverse=True)[1][rows]
    names = sorted(set(classes or ()))
    notes = (contents(name, len(files), len(names), names), *left_out(others))
    return replace(prepare_images(name, images, numbers), notes=notes)


def _descended(base: Path, files: list[Path]) -> tuple[Path, list[Path]]:
    """Return the deepest folder that holds all `files`, which are relative to `base`, and the files relative to it."""
    common = Path(os.path.commonpath([file.parent for file in files]))
    return base / common, [file.relative_to(common) for file in files]


def _part(files: list[Path]) -> tuple[list[Path], list[str]]:
    """Return the files of the part to take, and the names of what is left out; all files where there are no parts.

    Folders are parts by their names; one that holds images itself, beside folders of other names, is a class.
    """
    tops = {file.parts[0] for file in files}
    parts = [top for words in _PARTS for top in sorted(tops) if words.fullmatch(top)]
    holds_classes = any(len(file.parts) > 2 and file.parts[0] in parts for file in files)
    if not parts or not (holds_classes or len(parts) == len(tops)):
        return files, []
    return [file for file in files if file.parts[0] == parts[0]], sorted(tops - {parts[0]})


def _classes(folder: Path, name: str, files: list[Path]) -> list[str] | None:
    """Return the class of every file, None where they have none; `ValueError` for folders that are not all classes."""
    homes = sorted({file.parent for file in files})
    if homes == [Path()]:
        return _annotated(folder, files)
    if Path() in homes:
        raise ValueError(
            f"{quoted(name)} holds images both in subfolders and beside them; "
            f"images ({', '.join(IMAGE_FORMATS)}) in it, or in a subfolder a class"
        )
    for home, following in pairwise(homes):
        if home.parts[0] == following.parts[0]:
            raise ValueError(
                f"{quoted(name)} holds images in {quoted(str(home))} and in {quoted(str(following))}; "
                "name a folder whose subfolders are the classes"
            )
    return [file.parts[0] for file in files]


def _annotated(folder: Path, files: list[Path]) -> list[str] | None:
    """Return the class of every file by the annotations of Tiny ImageNet; None where there are none."""
    path = folder.parent / ANNOTATIONS
    if folder.name != "images" or not path.is_file():
        return None
    with path.open(encoding="utf-8", errors="replace") as file:
        lines = file.read(MAX_ANNOTATIONS).splitlines()
    classes = {line.split("\t")[0]: line.split("\t")[1] for line in lines if "\t" in line}
    if missing := next((file.name for file in files if file.name not in classes), None):
        raise ValueError(f"{quoted(ANNOTATIONS)} names no class of {quoted(missing)}")
    return [classes[file.name] for file in files]


def _read_image(file: Path, folder: Path) -> NDArray[np.float64]:
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
                return resized(_pixels(image))
    except Image.DecompressionBombError:
        raise ValueError(f"{name} has more than {MAX_PIXELS:,} pixels; take a smaller one") from None
    except Exception:  # whatever Pillow raises on bytes that are not its own
        raise ValueError(f"{name} is not an image that can be read") from None
    raise ValueError(f"{name} has {size} pixels; at most {MAX_PIXELS:,} are allowed")


def _pixels(image: Picture) -> NDArray[Any]:
    """Return an image of Pillow as `(height, width, 3)`, from 0 to 255; of 16 bits all count, which Pillow clips."""
    if image.mode.startswith("I"):
        return np.repeat(np.asarray(image)[..., None] / 257, 3, axis=2)
    return np.asarray(image.convert("RGB"))
