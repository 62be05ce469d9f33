"""The tables that benchmarks print and write: rows of measurements, the machine that they were made on."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import numpy as np

from engine.common.environment import environment

Name = TypeVar("Name", str, int)


@dataclass(frozen=True)
class Row:
    """One line of the table: the median of `runs` measurements times `times`, and the least and largest of them."""

    what: str
    unit: str
    value: float
    least: float
    largest: float
    runs: int
    note: str = ""

    @classmethod
    def of(cls, what: str, values: Sequence[float], unit: str = "s", times: float = 1, note: str = "") -> Row:
        """The row for `values`, each multiplied by `times`."""
        scaled = [value * times for value in values]
        return cls(what, unit, median(scaled), min(scaled), max(scaled), len(scaled), note)

    def __str__(self) -> str:
        digits = 0 if self.value >= 1000 else 3 if self.value < 10 else 1
        value, least, largest = (f"{number:,.{digits}f}" for number in (self.value, self.least, self.largest))
        spread = f"{least} to {largest}" if self.runs > 1 else ""
        return f"{self.what:<48} {value:>10} {self.unit:<4} {spread:<22} {self.note}".rstrip()


def in_turn(tasks: Mapping[Name, Callable[[], object]], rounds: int) -> dict[Name, list[float]]:
    """Seconds of every task, all of them once a round, after a round that does not count."""
    found: dict[Name, list[float]] = {name: [] for name in tasks}
    for index in range(rounds + 1):
        for name, task in tasks.items():
            started = time.perf_counter()
            task()
            if index:
                found[name].append(time.perf_counter() - started)
    return found


def parser(about: str | None) -> argparse.ArgumentParser:
    """The command line of a benchmark that is told in `about`."""
    found = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--out", type=Path, help="write the table as JSON to this file")
    return found


def report(rows: Iterable[Any], out: Path | None, more: Mapping[str, Any] | None = None) -> None:
    """Print the machine and every row as it comes; write them as JSON to `out`, where it is given."""
    load = [round(value, 2) for value in os.getloadavg()]
    machine = environment("cpu") | {"numpy": np.__version__, "cores": os.cpu_count(), "load": load} | dict(more or {})
    print(", ".join(f"{key} {value}" for key, value in machine.items()), flush=True)
    kept = []
    for row in rows:
        print(row, flush=True)
        kept.append(asdict(row))
    if out is not None:
        out.write_text(json.dumps({"machine": machine, "rows": kept}, indent=2) + "\n")
