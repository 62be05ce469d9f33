"""The worth of our measures, and of small networks, on tables: `python -m bench.measures --table FILE [--out FILE]`.

Spearman's rank correlation with accuracy and its 95 % bootstrap interval, seconds of the CPU, picks and first ten. On
a sample: every measure that runs networks with small and with full ones, and SWAP on smooth noise. Those that need
labels look at scikit-learn's digits.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.table import Row, parser, report
from engine.data.images import load_data
from engine.genotypes.population import Population
from engine.measures import MEASURES, MeasureSetting, get_measure
from engine.measures.base import NET_SIZES
from engine.studies.evidence import measured_architectures
from engine.studies.statistics import spearman
from engine.tables import load_table

SEEDS = (0, 1, 2, 3)
CLOSED = ("flow", "params", "live-params", "width")
JOINED = "width+spread"
RESAMPLES = 1000
Scores = NDArray[np.float64]


def scores_and_seconds(name: str, population: Population, setting: MeasureSetting) -> tuple[Scores, float]:
    """Return the tied scores of a measure and the seconds of the CPU that they took."""
    started = time.process_time()
    scores = get_measure(name).scores(population, setting)
    return scores, time.process_time() - started


def correlation(what: str, scores: Scores, accuracies: Scores, note: str = "") -> Row:
    """Return Spearman's correlation with its interval as a row."""
    found = spearman(scores, accuracies, resamples=RESAMPLES)
    return Row(what, "rho", found.value, found.low, found.high, RESAMPLES, note)


def finds(scores: Scores, accuracies: Scores) -> str:
    """Return the mean accuracy of those with the best score, and of the first ten."""
    first = accuracies[scores == scores.max()].mean()
    ten = accuracies[np.argsort(-scores, kind="stable")[:10]].mean()
    return f"picks {first:.2f}, first ten {ten:.2f}"


def closed_rows(space: str, population: Population, accuracies: Scores) -> Iterator[Row]:
    """Yield the measures that run no networks."""
    for name in CLOSED:
        scores_and_seconds(name, population.take(slice(0, 9)), MeasureSetting(device="cpu"))
        scores, seconds = scores_and_seconds(name, population, MeasureSetting(device="cpu"))
        note = f"{finds(scores, accuracies)}, {seconds:.4f} s, {len(scores) / max(seconds, 1e-9):,.0f} a second"
        yield correlation(f"{space}, {name}", scores, accuracies, note)


def joined_rows(space: str, population: Population, accuracies: Scores) -> Iterator[Row]:
    """Yield spread and width + spread under every seed, and the range of the latter's correlation."""
    values = []
    for seed in SEEDS:
        for name in ("spread", JOINED):
            scores, seconds = scores_and_seconds(name, population, MeasureSetting(seed, "cpu"))
            note = f"{finds(scores, accuracies)}, {1e3 * seconds / len(scores):.1f} ms each"
            row = correlation(f"{space}, {name}, seed {seed}", scores, accuracies, note)
            yield row
            values += [row.value] if name == JOINED else []
    note = f"range {np.ptp(values):.4f}, standard deviation {np.std(values, ddof=1):.4f}"
    yield Row.of(f"{space}, {JOINED}, all seeds", values, "rho", note=note)


def sized_rows(space: str, population: Population, accuracies: Scores) -> Iterator[Row]:
    """Yield every measure that runs networks with small and with full ones, and their agreement."""
    names = [name for name, measure in MEASURES.items() if measure.one_by_one and name != "spread"]
    taken: dict[str, list[Scores]] = {name: [] for name in names}
    for net_size in NET_SIZES:  # one after the other, so that measures that share a pass do
        for name in names:
            images = load_data("digits") if MEASURES[name].needs_labels else None
            setting = MeasureSetting(device="cpu", data=images, net_size=net_size)
            scores, seconds = scores_and_seconds(name, population, setting)
            note = f"{1e3 * seconds / len(scores):.1f} ms each (0.0: shares a pass)"
            yield correlation(f"{space}, {name}, {net_size}", scores, accuracies, note)
            taken[name].append(scores)
    for name, (small, full) in taken.items():
        yield correlation(f"{space}, {name}, small against full", small, full)


def smooth_rows(space: str, population: Population, accuracies: Scores) -> Iterator[Row]:
    """Yield SWAP with white and with smooth noise, in both sizes."""
    for net_size in NET_SIZES:
        setting = MeasureSetting(device="cpu", data=load_data("smooth"), net_size=net_size)
        scores, _ = scores_and_seconds("swap", population, setting)
        yield correlation(f"{space}, swap, {net_size}, smooth noise", scores, accuracies)


def rows(tables: list[Path], sample: int, parts: str) -> Iterator[Row]:
    """Yield the rows of all tables, each in its first column of accuracies."""
    for file in tables:
        table = load_table(file, trusted=True)
        population, accuracies = measured_architectures(table, table.accuracies()[0].name)
        space = population.space.name
        if parts != "networks":
            yield from closed_rows(space, population, accuracies)
            yield from joined_rows(space, population, accuracies)
        if parts != "ours":
            places = np.random.default_rng(0).permutation(len(population))[:sample]
            some = population.take(places), accuracies[places]
            yield from sized_rows(f"{space} ({len(places)})", *some)
            yield from smooth_rows(f"{space} ({len(places)})", *some)


def main() -> None:
    """Measure, print and write."""
    arguments = parser(__doc__)
    arguments.add_argument("--table", type=Path, action="append", required=True, metavar="FILE", help="accuracies")
    arguments.add_argument("--sample", type=int, default=100, help="architectures that run full networks")
    arguments.add_argument("--parts", choices=("all", "ours", "networks"), default="all", help="what is measured")
    options = arguments.parse_args()
    report(rows(options.table, options.sample, options.parts), options.out)


if __name__ == "__main__":
    main()
