"""How fast the store of runs is when it is full: `python -m bench.runs [--runs 50000] [--rounds 5] [--out FILE.json]`.

A new SQLite file is filled through the store's own interface with runs that are shaped like real ones: two shipped
results, each copy with a seed, times, tags and a genotype of its own. Then all that the page Runs and the command line
do with them is timed as often as there are rounds. The file is removed at the end.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count, islice
from pathlib import Path

from bench.server import ROOT
from bench.table import Row, in_turn, parser, report
from engine import SearchResult
from engine.genotypes.population import Population
from engine.runs import ORDERS, Filter
from engine.runs.exchange import export_csv, export_json
from engine.runs.run import Run, StoredRun, run_of
from engine.runs.store import RunStore

PAGE = 25
"""Runs on a page of the dashboard."""
MANY = 1_000
"""Runs that are deleted, restored or exported at once."""
_AT_ONCE = 1_000
"""Runs in one transaction while the store is filled."""
_TAGS = ("baseline", "paper", "rejected", "to train", "ablation", "rare")
_SHARES = (0.3, 0.2, 0.1, 0.05, 0.02, 0.001)
"""How many of all runs have each tag."""
_FILTERS = {
    "a space": Filter(spaces=["darts"]),
    "a recipe": Filter(recipes=["released"]),
    "a tag of a third": Filter(tags=["baseline"]),
    "a tag of a thousandth": Filter(tags=["rare"]),
    "a text that half have": Filter(text="nor_conv_3x3"),
    "a text that few have": Filter(text="seed-4242"),
    "a text that none has": Filter(text="nothing"),
    "space, recipe, tag and text": Filter(spaces=["darts"], recipes=["released"], tags=["paper"], text="sep_conv"),
}


@dataclass(frozen=True)
class Template:
    """A real result, its JSON, its run, and genotypes that its copies have in turn, as notation and JSON."""

    result: SearchResult
    document: str
    run: Run
    genotypes: Sequence[tuple[str, str]]

    @classmethod
    def shipped(cls, name: str) -> Template:
        """That of an example that is shipped."""
        result = SearchResult.from_json((ROOT / "assets" / "examples" / f"{name}.json").read_text("utf-8"))
        found = Population.sample(result.space.name, MANY, seed=0).genotypes()
        genotypes = [(each.notation, json.dumps(each.to_dict(), separators=(",", ":"))) for each in found]
        return cls(result, result.to_json(), run_of(result, created=time.time()), genotypes)


def synthetic(runs: int) -> Iterator[StoredRun]:
    """Runs like real ones, a minute apart, two thirds of them of NAS-Bench-201; the same ones every time."""
    chance = random.Random(0)
    templates = [Template.shipped(name) for name in ("nas-bench-201-synaptic", "darts-released")]
    now = time.time()
    for number in range(runs):
        template = templates[number % 3 == 0]
        notation, genotype = template.genotypes[number % MANY]
        run = replace(
            template.run,
            id=f"{chance.getrandbits(64):016x}",
            name=f"seed-{number} of a series" if number % 4 else "",
            tags=tuple(sorted(tag for tag, share in zip(_TAGS, _SHARES, strict=True) if chance.random() < share)),
            seed=number,
            created=now - 60 * (runs - number),
            seconds=template.run.seconds * chance.uniform(0.8, 1.5),
            params=round(template.run.params * chance.uniform(0.1, 1)),
            macs=round(template.run.macs * chance.uniform(0.1, 1)),
            notation=notation,
            genotype=genotype,
        )
        yield StoredRun(run, template.document)


def filled(store: RunStore, runs: int) -> list[float]:
    """Fill a store; the seconds of every transaction of `_AT_ONCE` runs."""
    seconds = []
    source = synthetic(runs)
    while part := list(islice(source, _AT_ONCE)):
        started = time.perf_counter()
        store.keep(part)
        seconds.append(time.perf_counter() - started)
    return seconds


def reading(store: RunStore, runs: int) -> dict[str, Callable[[], object]]:
    """What looks at runs: pages in every order and with every filter, counts, one run, an export."""
    some = store.find(limit=MANY)
    ids = [run.id for run in some]
    page = partial(store.find, limit=PAGE)
    return {
        **{f"page of {PAGE} by {order}": partial(page, order=order) for order in ORDERS},
        f"page of {PAGE}, the last": partial(page, offset=max(runs - PAGE, 0)),
        **{f"page of {PAGE}, {name}": partial(page, wanted) for name, wanted in _FILTERS.items()},
        "count": store.count,
        **{f"count, {name}": partial(store.count, wanted) for name, wanted in _FILTERS.items()},
        "values to filter by": store.values,
        "get a run": partial(store.get, ids[-1]),
        "read the result of a run": partial(store.result, ids[-1]),
        f"export {len(ids):,} runs as JSON": lambda: export_json(store, ids),
        f"export {len(ids):,} runs as CSV": lambda: export_csv(some),
    }


def writing(store: RunStore) -> dict[str, Callable[[], object]]:
    """What changes runs: a new one, its words, many deleted and taken back."""
    ids = [run.id for run in store.find(limit=MANY)]
    result, numbers = Template.shipped("nas-bench-201-synaptic").result, count()

    def add() -> Run:
        return store.add(replace(result, timing={**result.timing, "total": 1e3 + next(numbers)}), tags=["new"])

    return {
        "add a run": add,
        "change the words of a run": lambda: store.update(ids[0], name="another name", tags=["paper", "new"]),
        f"delete {len(ids):,} runs": lambda: store.delete(ids),
        f"restore {len(ids):,} runs": lambda: store.restore(ids),
    }


def measured(folder: Path, runs: int, rounds: int) -> Iterator[Row]:
    """All rows, of a store in `folder` that is filled first."""
    path = folder / "runs.sqlite3"
    store = RunStore(f"sqlite:///{path}")
    seconds = filled(store, runs)
    yield Row.of(f"fill, {min(runs, _AT_ONCE):,} runs at once", seconds, note=f"{sum(seconds):.0f} s for {runs:,} runs")
    yield Row.of("size of the database", [path.stat().st_size / 1e6], "MB")
    for tasks in (reading(store, runs), writing(store)):
        for name, values in in_turn(tasks, rounds).items():
            yield Row.of(name, values, "ms", times=1e3)
    store.close()


def main(arguments: Sequence[str] | None = None) -> None:
    command = parser(__doc__)
    command.add_argument("--runs", type=int, default=50_000, help="runs in the store (default 50000)")
    command.add_argument("--rounds", type=int, default=5, help="measurements of each (default 5)")
    options = command.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        report(measured(Path(folder), options.runs, options.rounds), options.out, {"runs": options.runs})


if __name__ == "__main__":
    main()
