"""Single against double precision: `python -m bench.precision [--spaces NAME,…] [--proxies NAME,…] [--seeds N]`.

For every proxy, recipe and kind of images, seeds 0 to 4 (or N of them), at the search size of the space: the relative
difference of the shares of the first pass, how many seeds have another genotype in double precision, and whether the
results in single precision say so. `--out FILE` writes the numbers too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import numpy as np
from pydantic import ValidationError

from bench.table import Row, parser, report
from engine import PROXIES, SPACES, NonFiniteScores, SearchConfig, SearchResult, search
from engine.data.images import DATA

SEEDS = 5


def question(space: str, proxy: str, recipe: str, data: str, seed: int, dtype: str) -> SearchConfig:
    """Return the question of one search on the CPU."""
    fields = {"space": space, "proxy": proxy, "recipe": recipe, "data": data, "seed": seed, "dtype": dtype}
    return SearchConfig.model_validate(fields | {"device": "cpu"})


def difference(single: SearchResult, double: SearchResult) -> float:
    """Return the relative difference of the shares of the first pass."""
    pairs = [(single.passes[0].shares[kind], double.passes[0].shares[kind]) for kind in single.space.cell_types]
    return float(sum(np.abs(a - b).sum() for a, b in pairs) / sum(np.abs(b).sum() for _, b in pairs))


def row(space: str, proxy: str, recipe: str, data: str, seeds: int) -> Row:
    """Search in both precisions with every seed."""
    pairs = []
    for seed in range(seeds):
        try:
            single, double = (
                search(question(space, proxy, recipe, data, seed, dtype)) for dtype in ("float32", "float64")
            )
        except NonFiniteScores:
            continue
        pairs.append((single, double))
    changed = [single.genotype != double.genotype for single, double in pairs]
    told = [single.has("rounding") or single.has("precision") for single, _ in pairs]
    note = f"{sum(changed)} of {len(pairs)} genotypes differ, {sum(told)} results say so"
    if changed != told:
        note += ", NOT THE SAME ONES"
    differences = [difference(*pair) for pair in pairs] or [float("nan")]
    return Row.of(f"{space} {proxy} {recipe} {data}", differences, "%", 100, note)


def rows(spaces: list[str], proxies: list[str], seeds: int) -> Iterator[Row]:
    """Measure every proxy, recipe and kind of images in every space."""
    for space in spaces:
        for name in proxies:
            proxy = PROXIES[name]
            for recipe in proxy.recipes:
                for data in DATA[: 1 + proxy.needs_data]:
                    with suppress(ValidationError):  # batch norm needs more than a pixel
                        yield row(space, name, recipe, data, seeds)


def main() -> None:
    """Measure and print."""
    arguments = parser(__doc__)
    arguments.add_argument("--spaces", default="nas-bench-201", help=f"of {', '.join(SPACES)}")
    arguments.add_argument("--proxies", default=",".join(PROXIES), help=f"of {', '.join(PROXIES)}")
    arguments.add_argument("--seeds", type=int, default=SEEDS, help=f"so many from 0 on (default {SEEDS})")
    options = arguments.parse_args()
    report(rows(options.spaces.split(","), options.proxies.split(","), options.seeds), options.out)


if __name__ == "__main__":
    main()
