"""Runs that tests keep: two stored results, and variants of them."""

from __future__ import annotations

from dataclasses import replace

from engine import SearchResult
from engine.runs.run import StoredRun, run_of
from tests.paths import FILES

FIRST = SearchResult.from_json((FILES / "search-result-1-first.json").read_text())
OWN = SearchResult.from_json((FILES / "search-result-1.json").read_text())


def variant(number: int, result: SearchResult = FIRST) -> SearchResult:
    """A result like another, with its own times and seed."""
    config = result.config.model_copy(update={"seed": number})
    return replace(result, config=config, timing={**result.timing, "total": 1.0 + number / 8})


def made(number: int, **parts: object) -> StoredRun:
    """A run that is told from others by everything that runs are sorted by."""
    run = run_of(variant(number), created=1.0e9 + number)
    return StoredRun(replace(run, **parts), variant(number).to_json())


def everyone() -> list[StoredRun]:
    """Twelve runs, of which some share what others do not."""
    return [
        made(
            number,
            name=["", "Überblick", "50% _ off"][number % 3],
            note=["", "second\nline"][number % 2],
            tags=(("even",) if number % 2 == 0 else ()) + (("late",) if number > 8 else ()),
            space=["darts", "nas-bench-201"][number % 2],
            recipe=["synaptic", "released", "custom"][number % 3],
            proxy=["freeflow", "snip"][number // 6],
            device=["cpu", "cuda:0"][number // 3 % 2],
            params=1000 - number * number % 7,
            macs=number * 5 % 7,
        )
        for number in range(12)
    ]
