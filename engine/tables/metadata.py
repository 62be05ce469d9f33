"""The dataset, split and epochs of a column, read from its name, the name of its file, and the sidecar of the file."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.common.errors import explain, unknown_name
from engine.tables.table import Column

DATASETS = {
    "CIFAR-10": r"cifar[-_ ]?10(?!\d)",
    "CIFAR-100": r"cifar[-_ ]?100(?!\d)",
    "ImageNet16-120": r"imagenet[-_ ]?16[-_ ]?120(?!\d)",
    "ImageNet": r"imagenet(?![-_ ]?16)|ilsvrc",
    "SVHN": r"svhn",
}
"""Patterns of the datasets in names of columns and files."""
_SPLITS = {
    "train": r"(?<![a-z])train(?:ing)?(?=acc|[^a-z]|$)",
    "validation": r"(?<![a-z])(?:x[-_ ]?)?val(?:id(?:ation)?)?(?=acc|[^a-z]|$)",
    "test": r"(?<![a-z])(?:(?:x|ori)[-_ ]?)?test(?=acc|[^a-z]|$)",
}
_EPOCHS = r"(?<![a-z0-9])(?:(\d{1,5})[-_ ]?e(?:p|poch)?s?|(?:e|ep|epochs?|hp)[-_ ]?(\d{1,5}))(?![a-z0-9])"
_ACCURACY = re.compile(
    r"(?:(?<![a-z])|train|test|val|valid|eval|mean|best)acc(?:uracy|uracies|s)?(?=[^a-z]|$)|(?<![a-z])top[-_ ]?1(?!\d)"
)
_NO_ACCURACY = re.compile(
    r"(?<![a-z])(?:std(?:dev|err)?|sem|var(?:iance)?|rank|time|loss|err(?:or)?|drop|gap|diff|delta|sec(?:onds)?)(?![a-z])"
)
_FILLING = r"(?<![a-z])(?:mean|avg|average|final|last|best|surrogate|perc?ent)(?![a-z])"

_MAX_SIDECAR_BYTES = 1_000_000


def guess_column(name: str, file_name: str) -> Column:
    """Return the column called `name` in the file called `file_name`, as the two names describe it, its own first."""
    own, stem = name.lower(), Path(file_name).stem.lower()
    if not is_accuracy_name(name) and not may_name_accuracy(name):
        return Column(name, accuracy=False, dataset=_only_match(own, DATASETS) or _only_match(stem, DATASETS))
    return Column(
        name,
        accuracy=True,
        dataset=_only_match(own, DATASETS) or _only_match(stem, DATASETS),
        split=_split(own) or _split(stem),
        epochs=_epochs(own) or _epochs(stem),
        surrogate="surrogate" in own or "surrogate" in stem,
    )


def is_accuracy_name(name: str) -> bool:
    """Return True where a column of this name cannot be anything but an accuracy."""
    return bool(_ACCURACY.search(name.lower())) and not _NO_ACCURACY.search(name.lower())


def may_name_accuracy(name: str) -> bool:
    """Return True where the name has a dataset or a split and no other word, such as `x-valid` or `cifar10 test`."""
    rest, matches = name.lower(), 0
    for pattern in (*DATASETS.values(), *_SPLITS.values()):
        rest, count = re.subn(pattern, " ", rest)
        matches += count
    return bool(matches) and not re.search("[a-z]", re.sub(_FILLING, " ", re.sub(_EPOCHS, " ", rest)))


def dataset_name(text: str) -> str:
    """Return the usual name of the dataset that a file calls `text`; `text` itself where no pattern matches."""
    return _only_match(text.lower(), DATASETS) or text


def _only_match(text: str, patterns: dict[str, str]) -> str | None:
    """Return the name of the only one of `patterns` that is in `text`, None where none is, or several are."""
    names = [name for name, pattern in patterns.items() if re.search(pattern, text)]
    return names[0] if len(names) == 1 else None


def _split(text: str) -> str | None:
    """Return the split; `cifar10-valid` before another one is NAS-Bench-201's name for a training set."""
    names = [name for name, pattern in _SPLITS.items() if re.search(pattern, text)]
    if len(names) == 2 and re.search(r"cifar[-_]?10[-_]valid", text):
        names.remove("validation")
    return names[0] if len(names) == 1 else None


def _epochs(text: str) -> int | None:
    numbers = {int(before or after) for before, after in re.findall(_EPOCHS, text)}
    return numbers.pop() or None if len(numbers) == 1 else None


class _ColumnFacts(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    dataset: str | None = None
    split: Literal["train", "validation", "test"] | None = None
    epochs: int | None = None


class _Sidecar(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    columns: dict[str, _ColumnFacts]


def sidecar(path: Path) -> Path:
    """Return the path of the file that describes a table's columns: `{"columns": {"acc": {"dataset": "SVHN", …}}}`."""
    return path.with_name(path.name + ".json")


def apply_sidecar(path: Path, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Return the `columns` of the table at `path`, completed from its sidecar where there is one.

    `ValueError` names the sidecar and its first error.
    """
    file = sidecar(path)
    if not file.is_file():
        return columns
    if file.stat().st_size > _MAX_SIDECAR_BYTES:
        raise ValueError(f"{file.name} says too much: at most {_MAX_SIDECAR_BYTES:,} bytes are read")
    try:
        facts = _Sidecar.model_validate_json(file.read_bytes()).columns
    except ValidationError as error:
        raise ValueError(f"{file.name}: {explain(error)}") from None
    names = [column.name for column in columns]
    for name in facts:
        if name not in names:
            raise ValueError(f"{file.name}: {unknown_name('column', name, names)}")
    try:
        return tuple(
            replace(column, **facts[column.name].model_dump(exclude_none=True)) if column.name in facts else column
            for column in columns
        )
    except ValueError as error:
        raise ValueError(f"{file.name}: {error}") from None
