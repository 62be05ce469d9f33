"""The dataset, split, epochs and better direction of a column, read from its name, its file's, and the sidecar."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.common.errors import explain, unknown_name
from engine.spaces import SearchSpace
from engine.tables.table import Column

DATASETS = {
    "CIFAR-10-C": "cifar 10 c",
    "CIFAR-100-C": "cifar 100 c",
    "CIFAR-10.1": r"cifar 10\.1(?: v \d)?",
    "CIFAR-100": "cifar 100",
    "CIFAR-10": "cifar 10",
    "CINIC-10": "cinic 10",
    "STL-10": "stl 10",
    "Tiny-ImageNet": "tiny ?image ?net(?: 200(?! e))?",
    "ImageNet16-120": "image ?net 16 120",
    "ImageNet-V2": "image ?net ?v 2",
    "ImageNet-C": "image ?net c",
    "ImageNet-100": "image ?net 100(?! e)",
    "ImageNet-21k": "image ?net 2[12] k",
    "ImageNet": "image ?net(?: 1 k| 1000(?! e)| 2012)?|(?:image ?net )?ilsvrc(?: 20)?(?: ?12)?(?: 2012)?",
    "SVHN": "svhn",
    "Fashion-MNIST": "(?:fashion|f) ?mnist",
    "MNIST": "mnist",
}
"""Patterns of the datasets in the words of a name, the more special ones first."""
_DATASET = re.compile(rf"(?<!\S)(?:{'|'.join(f'({pattern})' for pattern in DATASETS.values())})(?!\S)")
_SPLITS = {
    "train": re.compile(r"\b(?:train|training)\b"),
    "validation": re.compile(r"\b(?:x )?x?(?:val|valid|validation)\b"),
    "test": re.compile(r"\b(?:x |ori )?(?:x|ori)?test\b"),
}
_EPOCHS = re.compile(
    r"(?<!\S)(?:(\d{1,5}) (?:eps?|epochs?|e(?! \d))|(?:eps?|epochs?|e|hp) (\d{1,5})(?! (?:eps?|epochs?)\b))(?!\S)"
)
_ACCURACY = re.compile(r"\b(?:acc(?: @ 1| 1 es)|accs?|accuracy|accuracies|(?:top|prec)(?: @)? 1)(?!\S)")
_ERROR = re.compile(r"\b(?:(?:errors?|err)(?: rates?)?|fehler(?:rate|quote)?|erreurs?|errore|erro)\b")
"""Errors, in German, French, Italian and Portuguese too; in Spanish they are spelled as in English."""
_BOTH = re.compile(rf"\bacc(?:s|uracy|uracies)?\b.*{_ERROR.pattern}|{_ERROR.pattern}.*\bacc(?:s|uracy|uracies)?\b")
"""The words for accuracy and error in one name."""
_SPREAD = re.compile(r"\b(?:std|stddev|stderr|standard|sem|var|variance|count|counts)\b")
_NO_ACCURACY = re.compile(
    r"\b(?:(?:top|prec)(?: @)? 5|acc @ 5|ranks?|time|loss|drop|gap|diff|delta|secs?|seconds|latency|ece|calibration)\b|"
    + _SPREAD.pattern
)
_LESS = re.compile(
    r"\b(?:losses|loss|nll|perplexity|ppl|bpc|bpd|mse|mae|rmse|ece|wer|cer|fid|regret|drop|gap|latency|time|runtime|"
    r"duration|ms|secs?|seconds|minutes|hours|memory|energy|xent|misclassifications?|misclassified)\b|"
    r"\bcross entropy\b|\b(?:negative|neg) log likelihood\b|" + _ERROR.pattern
)
_TURNED = re.compile(r"\b(?:neg|negative|negated|minus|inverse|inverted|inv|reduction)\b(?! log likelihood)")
_COUNTED = re.compile(r"\b(?:runs?|seeds?|trials?|folds?|reps?) \d+(?!\S)")
_FILLING = re.compile(
    r"(?<!\S)(?:complement|mean|avg|average|final|last|best|surrogate|perc?ent|pct|of|on|in|at|after|runs?|seeds?|[%@])(?!\S)"
)
_FILE_WORDS = re.compile(
    r"\b(?:nas|nasbench|bench|benchmark|nats|tss|nb|darts|macro|my|all|and|the|table|tables|results?|data|full|csv|zc|archs?|"
    r"architectures?|cells?|accuracies)\b"
)
_GLUED = re.compile(
    r"\b(train|test|val|valid|validation|eval|mean|best|top)(acc|accs|accuracy|accuracies|err|error|loss)\b"
)

_LETTER = re.compile(r"[^\W\d_]")
_COMPLEMENT = re.compile(r"(?i)^\s*(?:1(?:\.0*)?|100|one)(?:\s*[-\u2212]\s*|[ _]minus[ _])(?=[A-Za-z])")
"""The beginning of a name such as `1 - accuracy`."""
_MINUS = re.compile(r"^\s*[-\u2212](?=[A-Za-z])")
"""The sign before a name such as `-loss`."""
_COMPLEMENTS = {"accuracy": "error", "error": "accuracy"}
_NEGATIVES = {"accuracy": "less"}
_SUFFIXES = re.compile(r"(?i)(?:\.(?:csv|tsv|jsonl?|ndjson|parquet|gz|bz2|zip))+$")

_MAX_SIDECAR_BYTES = 1_000_000


def name_words(text: str) -> str:
    """Return the words and numbers of a name in lower case with blanks: `CIFAR10TestAcc` is `cifar 10 test acc`."""
    text = _MINUS.sub("minus ", _COMPLEMENT.sub("complement ", text))
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+(?:\.\d+)?|[%@]|[^\W\d_A-Za-z]+", text)
    return _GLUED.sub(r"\1 \2", " ".join(parts).lower())


def guess_column(name: str, file_name: str, space: SearchSpace | None = None) -> Column:
    """Return the column called `name` in the file called `file_name`, as the two names describe it.

    The name of the file says only what that of the column leaves open: a word or a number there that is not understood
    may mean another dataset, split or training, so that these stay unknown. `space` is that of the architectures.
    """
    own, stem = name_words(name), name_words(_SUFFIXES.sub("", file_name))
    accuracy, lower = _kind(own) in ("accuracy", "error"), names_less(name)
    unclear = _unknown(own)
    dataset = _dataset(own, space, whole=accuracy)
    if dataset is None and not _DATASET.search(own) and not unclear:
        dataset = _dataset(stem, space, whole=False)
    if not accuracy:
        return Column(name, accuracy=False, dataset=dataset, lower_is_better=lower)
    return Column(
        name,
        accuracy=True,
        dataset=dataset,
        split=_split(own) or (None if unclear or _splits(own) else _split(stem)),
        epochs=_epochs(own) or (None if unclear or re.search(r"\d", _rest(own)) else _epochs(stem)),
        surrogate="surrogate" in f"{own} {stem}",
        lower_is_better=lower,
    )


def is_accuracy_name(name: str) -> bool:
    """Return True where a column of this name cannot be anything but an accuracy."""
    words = name_words(name)
    return bool(_ACCURACY.search(words)) and _kind(words) == "accuracy"


def names_less(name: str) -> bool:
    """Return True where the name says that less is better, such as that of an error, a loss or a time."""
    return _kind(name_words(name)) in ("error", "less")


def names_direction(name: str) -> bool:
    """Return True where the name says whether more or less is better."""
    return bool(_kind(name_words(name)))


def _kind(words: str) -> str:
    """Return `accuracy`, `error`, or `less` for other numbers of which less is better; nothing where it is not said."""
    plain = _plain_kind(words)
    if words.startswith("complement "):
        return _COMPLEMENTS.get(plain, "")
    return _NEGATIVES.get(plain, "") if _TURNED.search(words) else plain


def _plain_kind(words: str) -> str:
    """Return the kind of number but for the words that turn it.

    A dataset or a split and no other word, such as `x-valid`, names an accuracy; `acc_err` may be an error, or the
    standard error of an accuracy.
    """
    if _SPREAD.search(words) or _BOTH.search(words):
        return ""
    if _LESS.search(words):
        return "error" if _ERROR.search(words) and not _NO_ACCURACY.search(words) else "less"
    if _NO_ACCURACY.search(words):
        return ""
    placed = bool(_DATASET.search(words) or _splits(words)) and not _unknown(words)
    return "accuracy" if placed or _ACCURACY.search(words) else ""


def dataset_name(text: str) -> str:
    """Return the usual name of the dataset that a file calls `text`; `text` itself where no pattern matches."""
    return _dataset(name_words(text), None, whole=True) or text


def _dataset(words: str, space: SearchSpace | None, *, whole: bool) -> str | None:
    """Return the only dataset in the words; None where there is none, several, or a word that may change its meaning.

    That is any unknown word in the `whole` name, or else one beside the dataset; a number after it in either case.
    `ImageNet` alone is ImageNet16-120 in most tables of NAS-Bench-201, but not in all.
    """
    matches = list(_DATASET.finditer(words))
    names = {list(DATASETS)[(match.lastindex or 0) - 1] for match in matches}
    tokens = ["", *_rest(words).split(), ""]
    beside = [(tokens[place - 1], tokens[place + 1]) for place, token in enumerate(tokens) if token == "|"]
    bare = any(re.fullmatch("image ?net", match[0]) for match in matches)
    if (
        len(names) != 1
        or (whole and _unknown(words))
        or any(_LETTER.search(before) or re.search(r"\w", after) for before, after in beside)
        or (bare and space is not None and space.name == "nas-bench-201")
    ):
        return None
    return names.pop()


def _rest(words: str) -> str:
    """Return the words that are not understood, `.` in place of all that are, and `|` of a dataset."""
    words = _DATASET.sub("|", words)
    for pattern in (_EPOCHS, _ACCURACY, _LESS, _COUNTED, *_SPLITS.values(), _FILLING, _FILE_WORDS):
        words = pattern.sub(".", words)
    return words


def _unknown(words: str) -> bool:
    """Return True where there is a word that is not understood."""
    return bool(_LETTER.search(_rest(words)))


def _splits(words: str) -> list[str]:
    return [name for name, pattern in _SPLITS.items() if pattern.search(words)]


def _split(words: str) -> str | None:
    """Return the split; `cifar10-valid` before another one is NAS-Bench-201's name for a training set."""
    names = _splits(words)
    if len(names) == 2 and re.search(r"\bcifar 10 valid\b", words):
        names.remove("validation")
    return names[0] if len(names) == 1 else None


def _epochs(words: str) -> int | None:
    numbers = {int(before or after) for before, after in _EPOCHS.findall(_DATASET.sub("|", words))}
    return numbers.pop() or None if len(numbers) == 1 else None


class _ColumnFacts(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    dataset: str | None = None
    split: Literal["train", "validation", "test"] | None = None
    epochs: int | None = None
    accuracy: bool | None = None
    lower_is_better: bool | None = None


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
