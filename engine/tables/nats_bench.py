"""NATS-Bench's topology files (Dong et al., TPAMI 2021, arXiv 2009.00437), through the package `nats_bench`.

`nats_bench` 1.8 offers `create(path, "tss", fast_mode, verbose)`; its object has a length, `arch(index)`, and
`get_more_info(index, dataset, hp=…, is_random=False)`, which gives accuracies in per cent, averaged over the runs. The
package unpickles the files, which may execute anything: only files of the user's own are read.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from engine.common.errors import quoted
from engine.spaces import SearchSpace
from engine.tables.assembly import RawTable, RowReader
from engine.tables.table import Column

SUFFIX = ".pickle.pbz2"
_META = "meta.pickle.pbz2"


class BenchmarkAccuracy(NamedTuple):
    """An accuracy in the benchmark: the key of its dataset and the metric there, and their usual names."""

    key: str
    metric: str
    dataset: str
    split: str


ACCURACIES = (
    BenchmarkAccuracy("cifar10-valid", "valid-accuracy", "CIFAR-10", "validation"),
    BenchmarkAccuracy("cifar10", "test-accuracy", "CIFAR-10", "test"),
    BenchmarkAccuracy("cifar100", "valid-accuracy", "CIFAR-100", "validation"),
    BenchmarkAccuracy("cifar100", "test-accuracy", "CIFAR-100", "test"),
    BenchmarkAccuracy("ImageNet16-120", "valid-accuracy", "ImageNet16-120", "validation"),
    BenchmarkAccuracy("ImageNet16-120", "test-accuracy", "ImageNet16-120", "test"),
)
"""The accuracies that are read, of 12 and of 200 epochs; CIFAR-10's test accuracy is after training on both halves."""
EPOCHS = (12, 200)
COLUMNS = tuple(
    Column(f"{dataset} {split} accuracy, {epochs} epochs", True, dataset, split, epochs)
    for epochs in EPOCHS
    for _, _, dataset, split in ACCURACIES
)
NOTE = "CIFAR-10 test accuracies are of networks trained on the training and validation halves together."


def read(path: Path, space: SearchSpace | None) -> RawTable:
    """Read all accuracies of a folder `NATS-tss-…-simple` or a file `NATS-tss-….pickle.pbz2`; minutes.

    `ValueError` where the package is missing or cannot read it.
    """
    if "sss" in path.name.lower().split("-"):
        raise ValueError(f"{path.name} holds NATS-Bench's size space; its topology space (tss) is read")
    if path.is_dir() and not (path / _META).is_file():
        raise ValueError(f"the folder {path.name} has no {_META}; a folder NATS-tss-…-simple is expected")
    api, architectures, numbers = _open_api(path), RowReader(space), []
    for index in range(len(api)):
        if architectures.add(f"architecture {index}", str(api.arch(index))):
            numbers.append(_accuracies(api, index))
    table = np.array(numbers, dtype=float).reshape(-1, len(COLUMNS)).T
    return RawTable(architectures, COLUMNS, table, len(api), notes=(NOTE,))


def _open_api(path: Path) -> Any:
    try:
        nats_bench = import_module("nats_bench")
    except ImportError:
        raise ValueError(f"{path.name} is read through the package nats_bench: pip install nats_bench") from None
    try:
        return nats_bench.create(str(path), "tss", fast_mode=path.is_dir(), verbose=False)
    except Exception as error:  # whatever unpickling raises
        raise ValueError(f"nats_bench cannot read {path.name}: {quoted(str(error), 120)}") from None


def _accuracies(api: Any, index: int) -> list[float]:
    """Return the numbers of one architecture in the order of `COLUMNS`, nan for a dataset it was not trained on."""
    numbers = []
    for epochs in EPOCHS:
        for accuracy in ACCURACIES:
            try:
                info = api.get_more_info(index, accuracy.key, hp=str(epochs), is_random=False)
            except KeyError:
                info = {}
            except Exception as error:  # a damaged file of the folder
                raise ValueError(f"nats_bench cannot read architecture {index}: {quoted(str(error), 120)}") from None
            numbers.append(float(info.get(accuracy.metric, np.nan)))
    api.arch2infos_dict.pop(index, None)  # all of them together would fill the memory
    return numbers
