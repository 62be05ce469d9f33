"""NAS-Bench-201's own files `NAS-Bench-201-v1_*.pth` (Dong & Yang, ICLR 2020, arXiv 2001.00326), as plain data.

`nas_201_api/api_201.py` of github.com/D-X-Y/NAS-Bench-201 says how they are laid out: `meta_archs` lists the cells,
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
from engine.tables.nats_bench import COLUMNS, ACCURACIES, NOTE

SUFFIXES = (".pth",)
_REGIMES = ("less", "full")
_SETS = {("cifar10", "test"): "ori-test"}


def read(path: Path, space: SearchSpace | None) -> RawTable:
    """Read all accuracies, means over the runs; `ValueError` for a file that holds more than plain data."""
    data = _plain(path)
    gathered, numbers = RowReader(space), []
    try:
        for index, text in enumerate(data["meta_archs"]):
            if index in data["arch2infos"] and gathered.add(f"architecture {index}", str(text)):
                numbers.append(_accuracies(data["arch2infos"][index]))
    except (KeyError, TypeError, IndexError, AttributeError, OverflowError, RuntimeError):
        raise ValueError(
            f"{path.name} is not laid out as NAS-Bench-201: 'meta_archs', and in 'arch2infos' the results of each, "
            f"{' and '.join(_REGIMES)}, are expected"
        ) from None
    table = np.array(numbers, dtype=float).reshape(-1, len(COLUMNS)).T
    return RawTable(gathered, COLUMNS, table, len(data["meta_archs"]), notes=(NOTE,))


def _plain(path: Path) -> Any:
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # whatever torch raises on bytes that are not its own
        raise ValueError(
            f"{path.name} cannot be read as plain data (weights_only): it holds more, or is damaged; it is not read "
            "otherwise, but NATS-Bench's folder or a CSV file of the accuracies is"
        ) from None


def _accuracies(regimes: Any) -> list[float]:
    """The numbers of one architecture in the order of `COLUMNS`, nan for what was not trained."""
    found = []
    for regime in _REGIMES:
        results = regimes[regime]
        for measured in ACCURACIES:
            name = _SETS.get((measured.key, measured.split), "x-valid" if measured.split == "validation" else "x-test")
            runs = [
                results["all_results"][measured.key, seed] for seed in results["dataset_seed"].get(measured.key, ())
            ]
            last = [run["eval_acc1es"].get(f"{name}@{run['epochs'] - 1}", np.nan) for run in runs]
            found.append(math.fsum(last) / len(last) if last else np.nan)
    return found
