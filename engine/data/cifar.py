"""The binary version of CIFAR-10 and CIFAR-100: records of labels and pixels, a byte each (Krizhevsky 2009)."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.common.errors import quoted
from engine.data.images import Data, contents, left_out, prepare_images, spaced_rows

MAX_BATCH_BYTES = 1_000_000_000
"""The largest batches together, in bytes."""
BATCH_SUFFIX = ".bin"
"""The suffix of a batch."""
PICKLED = "pickled, and nothing is unpickled here; of CIFAR take the binary version, 'cifar-10-binary.tar.gz', unpacked"
"""The reason to refuse the Python version, and all that is pickled."""

_SIDE = 32
_PIXELS = 3 * _SIDE * _SIDE
_MAX_NAMES = 20_000
_PYTHON_NAMES = re.compile(r"(train_)?data_batch_\d+|test_batch|batches\.meta")
_TRAIN, _TEST = re.compile(r"data_batch_\d+|train", re.IGNORECASE), re.compile(r"test(_batch)?", re.IGNORECASE)


@dataclass(frozen=True)
class _Version:
    """One of the two: its name, classes, labels a record (of which the last counts), and the file of their names."""

    name: str
    classes: int
    labels: int
    names: str

    @property
    def record(self) -> int:
        """Return the bytes of a record."""
        return self.labels + _PIXELS


_CIFAR_10 = _Version("CIFAR-10", 10, 1, "batches.meta.txt")
_CIFAR_100 = _Version("CIFAR-100", 100, 2, "fine_label_names.txt")


def is_pickled(path: Path) -> bool:
    """Return True for a file that begins like a pickle, or has a name of the Python version of CIFAR."""
    if _PYTHON_NAMES.fullmatch(path.name):
        return True
    try:
        with path.open("rb") as file:
            return re.match(rb"\x80[\x02-\x05]", file.read(2)) is not None
    except OSError:
        return False


def cifar_folder(folder: Path, files: list[Path]) -> Data | None:
    """Read the batches among the `files` of a folder, those for training where there are some; None for no batch.

    `ValueError` for batches that are damaged, or in several folders.
    """
    batches = [file for file in files if file.suffix.lower() == BATCH_SUFFIX]
    train = [file for file in batches if _TRAIN.fullmatch(file.stem)]
    test = [file for file in batches if _TEST.fullmatch(file.stem)]
    if not (chosen := train or test):
        return None
    homes = sorted({str(file.parent) for file in chosen})
    if len(homes) > 1:
        raise ValueError(
            f"{quoted(folder.name)} holds CIFAR in {quoted(homes[0])} and in {quoted(homes[1])}; name one of them"
        )
    data = cifar_batches("/".join((folder.name, *chosen[0].parent.parts)), [folder / file for file in chosen])
    return replace(data, notes=data.notes + left_out([file.name for file in test if train]))


def cifar_batches(name: str, paths: list[Path]) -> Data:
    """Read batches of one version of CIFAR, of CIFAR-100 the fine labels; `ValueError` for what is none, or damaged."""
    size = sum(os.path.getsize(path) for path in paths)
    if size > MAX_BATCH_BYTES:
        raise ValueError(f"{quoted(name)} has {size:,} bytes, {MAX_BATCH_BYTES:,} are allowed; name one of its files")
    version = _version(paths[0], os.path.getsize(paths[0]))
    records = np.concatenate([_records(path, version) for path in paths])
    rows = spaced_rows(len(records))
    images = records[rows, version.labels :].reshape(-1, 3, _SIDE, _SIDE).transpose(0, 2, 3, 1)
    data = prepare_images(name, images, records[rows, version.labels - 1])
    names = _class_names(paths[0].parent / version.names)
    return replace(data, notes=(contents(name, len(records), version.classes, names),))


def _version(path: Path, size: int) -> _Version:
    """Return the version of a batch, by its name, or by its size where the name is another."""
    if path.stem.lower() in ("train", "test"):
        return _CIFAR_100
    if _TRAIN.fullmatch(path.stem) or _TEST.fullmatch(path.stem):
        return _CIFAR_10
    return next((version for version in (_CIFAR_10, _CIFAR_100) if size % version.record == 0), _CIFAR_10)


def _records(path: Path, version: _Version) -> NDArray[np.uint8]:
    """Return the records of a batch, `(images, bytes)`; `ValueError` for a file of another length or label."""
    content = np.fromfile(path, np.uint8)
    if not len(content) or len(content) % version.record:
        raise ValueError(
            f"{quoted(path.name)} has {len(content):,} bytes, no multiple of {version.record:,}: "
            f"it is no batch of {version.name} in its binary version, or ends too early"
        )
    records = content.reshape(-1, version.record)
    largest = records[:, version.labels - 1].max()
    if largest >= version.classes:
        raise ValueError(f"{quoted(path.name)} has a label {largest}; {version.name} has {version.classes} classes")
    return records


def _class_names(path: Path) -> list[str]:
    """Return the names in a file, a line each; none where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(_MAX_NAMES).decode("utf-8", "replace").split()
    except OSError:
        return []
