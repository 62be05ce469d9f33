"""Speed of the engine against the same search written plainly: `python -m bench.speed [--quick] [--out FILE.json]`.

Everything is measured in one run, the compared things in turn, so that a busy machine slows all of them alike. What is
too slow to run whole is timed in part and multiplied out; the table says so.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import fmean, median

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from bench.plain import PlainSearch, synflow
from bench.table import Row, in_turn, parser, report
from engine import SearchConfig, SearchResult, flow, search
from engine.common.threads import computing_threads
from engine.genotypes.population import Population
from engine.proxies.freeflow import score_masks
from engine.spaces import SPACES
from engine.studies.seeds import study_seeds
from engine.supernets.supernet import Supernet

MEMORY = """
import sys
from engine import SearchConfig, search
import engine.supernets.supernet
if sys.argv[1]:
    search(SearchConfig(space=sys.argv[1]))
for line in open("/proc/self/status"):
    if line.startswith("VmHWM"):
        print(int(line.split()[1]) / 1024)
"""


def searches(name: str, rounds: int) -> list[Row]:
    """Measure the iterative search of one space: the engine, full and interior, and the plain supernet."""
    plain = PlainSearch(SearchConfig.model_validate({"space": name}).supernet)
    results: dict[str, SearchResult] = {}

    def run(field: str) -> None:
        results[field] = search(SearchConfig.model_validate({"space": name, "field": field}))

    tasks = {"full": lambda: run("full"), "interior": lambda: run("interior"), "plain": plain.prune}
    seconds = in_turn(tasks, rounds)
    passes = {field: len(result.passes) for field, result in results.items()}
    note = f"{plain.removals} passes, extrapolated from {rounds} of {median(seconds['plain']) * 1e3:.0f} ms each"
    pairs = zip(seconds["plain"], seconds["full"], strict=True)
    ratio = median(plain.removals * one_pass / whole for one_pass, whole in pairs)
    return [
        Row.of(f"{name}: search, plain autograd", seconds["plain"], times=plain.removals, note=note),
        Row.of(
            f"{name}: search, full 32x32",
            seconds["full"],
            note=f"{passes['full']} passes, {ratio:.1f}x faster than plain",
        ),
        Row.of(f"{name}: search, interior", seconds["interior"], note=f"{passes['interior']} passes"),
    ]


def study(rounds: int) -> Row:
    """Measure a study of 32 seeds in the closed form."""
    config = SearchConfig.model_validate({"space": "nas-bench-201", "field": "interior"})
    seconds = in_turn({"study": lambda: study_seeds(config, range(32))}, rounds)["study"]
    return Row.of("nas-bench-201: study of 32 seeds, interior", seconds)


def rankings(rounds: int) -> list[Row]:
    """Measure the flow of whole architectures, and SynFlow of a network built for each."""
    cells = Population.whole("nas-bench-201")
    samples = Population.sample("darts", 5000, seed=0)
    size = SPACES["nas-bench-201"].search_size
    few = iter(Population.sample("nas-bench-201", rounds + 1, seed=0).genotypes())
    seconds = in_turn(
        {
            "cells": lambda: flow("nas-bench-201", cells),
            "samples": lambda: flow("darts", samples),
            "synflow": lambda: synflow(next(few), size),
        },
        rounds,
    )
    mean = fmean(seconds["synflow"])
    note = f"extrapolated from the mean of {rounds} random cells, {mean * 1e3:.0f} ms each"
    rates = [len(samples) / value for value in seconds["samples"]]
    return [
        Row.of(f"nas-bench-201: flow of {len(cells):,} cells", seconds["cells"]),
        Row.of(f"nas-bench-201: SynFlow of {len(cells):,} cells", [mean], times=len(cells), note=note),
        Row.of("darts: flow of genotypes", rates, "1/s", note=f"{len(samples):,} at a time"),
    ]


def depth() -> Row:
    """Check that the shares are finite and exact at 100 cells a stage: those into the last node sum to the cells."""
    cells = 100
    started = time.perf_counter()
    result = search(SearchConfig.model_validate({"space": "nas-bench-201", "cells": cells, "method": "one-shot"}))
    seconds = time.perf_counter() - started
    space = SPACES["nas-bench-201"]
    into = [index for index, edge in enumerate(space.edges) if edge.target == space.nodes - 1]
    total = float(result.shares["cell"][into].sum())
    finite = all(np.isfinite(table).all() for table in result.shares.values())
    note = f"{'finite' if finite else 'NOT FINITE'}; shares into node 3 sum to {total:.4f}, cells {3 * cells}"
    return Row.of(f"nas-bench-201: one pass at {cells} cells a stage", [seconds], note=note)


def memory(threads: int, rounds: int) -> list[Row]:
    """Measure peak resident memory of a process that imports the engine with torch, and of one that searches DARTS."""

    def peak(space: str) -> float:
        command = [sys.executable, "-c", MEMORY, space]
        environment = os.environ | {"FREENAS_THREADS": str(threads)}
        output = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
        return float(output)

    runs = {"import": [peak("") for _ in range(rounds)], "search": [peak("darts") for _ in range(rounds)]}
    return [
        Row.of("peak memory, engine and torch imported", runs["import"], "MB"),
        Row.of("peak memory, darts search, full 32x32", runs["search"], "MB"),
    ]


def product_rate(rounds: int) -> float:
    """Return the floating-point operations a second that a product of large matrices reaches, the best of several."""
    size = 1536
    matrix = torch.rand(size, size)
    seconds = in_turn({"product": lambda: matrix @ matrix}, 3 * rounds)["product"]
    return 2 * size**3 / min(seconds)


def limits(name: str, rate: float, rounds: int) -> list[Row]:
    """Compare the time of the first pass with that of its arithmetic at the rate of a matrix product.

    Multiplications and additions of convolutions and matrix products, forward and backward; the rest (poolings, sums,
    memory traffic, the cost of a call) is the difference. Passes side by side share the cost of a call.
    """
    supernet = Supernet(SearchConfig.model_validate({"space": name}).supernet)
    whole = np.ones(supernet.shape, dtype=bool)
    with FlopCounterMode(display=False) as counter:
        score_masks(supernet, [whole])
    operations = counter.get_total_flops()
    tasks = {count: partial(score_masks, supernet, [whole] * count) for count in (1, 4)}
    seconds = in_turn(tasks, rounds)
    least = operations / rate
    rows = [
        Row.of(
            f"{name}: arithmetic of a pass", [least], note=f"{operations / 1e9:.2f} GFLOP at {rate / 1e9:.0f} GFLOP/s"
        )
    ]
    for count, values in seconds.items():
        share = least / (median(values) / count)
        rows.append(
            Row.of(f"{name}: a pass, {count} side by side", values, times=1 / count, note=f"{share:.0%} arithmetic")
        )
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    command = parser(__doc__)
    command.add_argument("--quick", action="store_true", help="fewer runs of everything")
    command.add_argument("--threads", type=int, default=1, help="threads that torch may use (default 1)")
    options = command.parse_args(arguments)
    with computing_threads(options.threads):
        torch.manual_seed(0)
        rounds, slow = (2, 1) if options.quick else (7, 3)
        rate = product_rate(rounds)
        sections: list[Callable[[], list[Row]]] = [
            lambda: searches("nas-bench-201", rounds),
            lambda: searches("darts", slow),
            lambda: [study(rounds)],
            lambda: rankings(rounds),
            lambda: [depth()],
            lambda: memory(options.threads, 1),
            *(partial(limits, name, rate, rounds) for name in ("nas-bench-201", "darts")),
        ]
        report((row for section in sections for row in section()), options.out)


if __name__ == "__main__":
    main()
