"""What the name of a column and the name of its file say of the numbers: dataset, split, epochs."""

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
"""How a dataset is written by those who name columns and files."""
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

_MOST_BYTES = 1_000_000


def guess_column(name: str, file_name: str) -> Column:
    """The column called `name` in the file called `file_name`, with what the two names say, the column's own first."""
    own, about = name.lower(), Path(file_name).stem.lower()
    if not is_accuracy_name(name) and not may_name_accuracy(name):
        return Column(name, accuracy=False, dataset=_one(own, DATASETS) or _one(about, DATASETS))
    return Column(
        name,
        accuracy=True,
        dataset=_one(own, DATASETS) or _one(about, DATASETS),
        split=_split(own) or _split(about),
        epochs=_epochs(own) or _epochs(about),
        surrogate="surrogate" in own or "surrogate" in about,
    )


def is_accuracy_name(name: str) -> bool:
    """Whether a column of this name cannot be anything but an accuracy."""
    return bool(_ACCURACY.search(name.lower())) and not _NO_ACCURACY.search(name.lower())


def may_name_accuracy(name: str) -> bool:
    """Whether the name has a dataset or a split and no other word, such as `x-valid` or `cifar10 test`."""
    rest, found = name.lower(), 0
    for pattern in (*DATASETS.values(), *_SPLITS.values()):
        rest, count = re.subn(pattern, " ", rest)
        found += count
    return bool(found) and not re.search("[a-z]", re.sub(_FILLING, " ", re.sub(_EPOCHS, " ", rest)))


def dataset_name(text: str) -> str:
    """The usual name of the dataset that a file calls `text`; `text` itself where it is not a known one."""
    return _one(text.lower(), DATASETS) or text


def _one(text: str, patterns: dict[str, str]) -> str | None:
    """The only one of `patterns` that is found in `text`."""
    found = [name for name, pattern in patterns.items() if re.search(pattern, text)]
    return found[0] if len(found) == 1 else None


def _split(text: str) -> str | None:
    """The split; `cifar10-valid` before another one is NAS-Bench-201's name for a training set."""
    found = [name for name, pattern in _SPLITS.items() if re.search(pattern, text)]
    if len(found) == 2 and re.search(r"cifar[-_]?10[-_]valid", text):
        found.remove("validation")
    return found[0] if len(found) == 1 else None


def _epochs(text: str) -> int | None:
    found = {int(before or after) for before, after in re.findall(_EPOCHS, text)}
    return found.pop() or None if len(found) == 1 else None


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    dataset: str | None = None
    split: Literal["train", "validation", "test"] | None = None
    epochs: int | None = None


class _Sidecar(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    columns: dict[str, _Said]


def sidecar(path: Path) -> Path:
    """The file beside a table that says what its columns are: `{"columns": {"acc": {"dataset": "CIFAR-10", …}}}`."""
    return path.with_name(path.name + ".json")


def apply_sidecar(path: Path, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """`columns` of the table at `path` with what its sidecar says, if there is one; `ValueError` if that is wrong."""
    beside = sidecar(path)
    if not beside.is_file():
        return columns
    if beside.stat().st_size > _MOST_BYTES:
        raise ValueError(f"{beside.name} says too much: at most {_MOST_BYTES:,} bytes are read")
    try:
        said = _Sidecar.model_validate_json(beside.read_bytes()).columns
    except ValidationError as error:
        raise ValueError(f"{beside.name}: {explain(error)}") from None
    names = [column.name for column in columns]
    for name in said:
        if name not in names:
            raise ValueError(f"{beside.name}: {unknown_name('column', name, names)}")
    try:
        return tuple(
            replace(column, **said[column.name].model_dump(exclude_none=True)) if column.name in said else column
            for column in columns
        )
    except ValueError as error:
        raise ValueError(f"{beside.name}: {error}") from None
