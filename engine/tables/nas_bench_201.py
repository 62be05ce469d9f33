"""NAS-Bench-201's own files `NAS-Bench-201-v1_*.pth` (Dong & Yang, ICLR 2020, arXiv 2001.00326), as plain data.

Their layout is that of `nas_201_api/api_201.py` of github.com/D-X-Y/NAS-Bench-201: `meta_archs` lists the cells,
`arch2infos[index]["less" or "full"]` holds 12 and 200 epochs, in it `dataset_seed[dataset]` the seeds and
`all_results[dataset, seed]` a run with `epochs` and `eval_acc1es["x-valid@199"]`.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from engine.spaces import SearchSpace
from engine.tables.assembly import RawTable, RowReader
from engine.tables.nats_bench import ACCURACIES, COLUMNS, NOTE

SUFFIXES = (".pth",)
_REGIMES = ("less", "full")
_SET_NAMES = {("cifar10", "test"): "ori-test"}
"""The names of sets of images that are not `x-valid` or `x-test`."""


def read(path: Path, space: SearchSpace | None) -> RawTable:
    """Read all accuracies, means over the runs; `ValueError` for a file that holds more than plain data."""
    data = _load_plain_data(path)
    architectures, numbers = RowReader(space), []
    try:
        for index, text in enumerate(data["meta_archs"]):
            if index in data["arch2infos"] and architectures.add(f"architecture {index}", str(text)):
                numbers.append(_accuracies(data["arch2infos"][index]))
    except (KeyError, TypeError, IndexError, AttributeError, OverflowError, RuntimeError):
        raise ValueError(
            f"{path.name} is not laid out as NAS-Bench-201: 'meta_archs', and in 'arch2infos' the results of each, "
            f"{' and '.join(_REGIMES)}, are expected"
        ) from None
    table = np.array(numbers, dtype=float).reshape(-1, len(COLUMNS)).T
    return RawTable(architectures, COLUMNS, table, len(data["meta_archs"]), notes=(NOTE,))


def _load_plain_data(path: Path) -> Any:
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # whatever torch raises on bytes that are not its own
        raise ValueError(
            f"{path.name} cannot be read as plain data (weights_only): it holds more, or is damaged; it is not read "
            "otherwise, but NATS-Bench's folder or a CSV file of the accuracies is"
        ) from None


def _accuracies(regimes: Any) -> list[float]:
    """Return the numbers of one architecture in the order of `COLUMNS`, nan for a dataset it was not trained on."""
    numbers = []
    for regime in _REGIMES:
        results = regimes[regime]
        for accuracy in ACCURACIES:
            usual_name = "x-valid" if accuracy.split == "validation" else "x-test"
            name = _SET_NAMES.get((accuracy.key, accuracy.split), usual_name)
            seeds = results["dataset_seed"].get(accuracy.key, ())
            runs = [results["all_results"][accuracy.key, seed] for seed in seeds]
            last = [run["eval_acc1es"].get(f"{name}@{run['epochs'] - 1}", np.nan) for run in runs]
            numbers.append(math.fsum(last) / len(last) if last else np.nan)
    return numbers
