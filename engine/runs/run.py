"""A run: a search that ended, with the words of its user; and the filters and orders of runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

from engine.common.errors import quoted
from engine.genotypes.genotype import Genotype
from engine.runs.run_document import RunSummaryDocument
from engine.runs.words import MAX_TAG, checked_name, checked_note, checked_tags, one_line
from engine.searches.result import SearchResult

OWNER_DIGITS = 32
"""The digits of the name of an owner."""
_LARGEST = 2**63 - 1
_FIRST, _LAST = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1970, 9999))
"""The times between which runs are kept, in seconds since 1970; a clock may be wrong by any number of years."""


class StoreUnavailable(RuntimeError):
    """The store of runs cannot be opened, read or written; the message says which in one sentence.

    `explanation` says where the store is and why as well, for those who run it; pages show the message alone.
    """

    def __init__(self, message: str, explanation: str = "") -> None:
        super().__init__(message)
        self.explanation = explanation or message


@dataclass(frozen=True)
class Run:
    """A finished search as the store lists it, without its result.

    `created` is when it was kept, in seconds since 1970 (UTC); `seconds` is how long it took; `params` and `macs` are
    those of the derived network; `genotype` is its JSON. `space` is the name of the space, `device` such as `cpu`.
    `owner` is the name that `owner_name` gives to who searched or `imported` it on a dashboard, "" elsewhere.
    """

    id: str
    name: str
    note: str
    tags: tuple[str, ...]
    space: str
    proxy: str
    recipe: str
    seed: int
    device: str
    created: float
    seconds: float
    params: int
    macs: int
    notation: str
    genotype: str
    owner: str = ""
    imported: bool = False

    @property
    def title(self) -> str:
        """Return its name, or its question where it has none."""
        return self.name or f"{self.space}, {self.proxy}, {self.recipe}, seed {self.seed}"

    @property
    def when(self) -> datetime:
        """Return the time at which it was kept (UTC), the nearest that there is for one of a clock that was wrong."""
        return datetime.fromtimestamp(_bounded(self.created), UTC)

    @property
    def architecture(self) -> Genotype:
        """Return the genotype that the search found."""
        return Genotype.from_json(self.genotype)

    def to_dict(self) -> dict[str, Any]:
        """Return the run as plain data, the genotype left to its notation, its owner to this store."""
        names = [field.name for field in fields(self) if field.name not in ("genotype", "owner", "imported")]
        values = {name: getattr(self, name) for name in names}
        created = self.when.isoformat(timespec="milliseconds")
        return RunSummaryDocument(**values | {"tags": list(self.tags), "created": created}).to_data()


class StoredRun(NamedTuple):
    """A run with the JSON text of its result."""

    run: Run
    document: str

    @classmethod
    def of(cls, result: SearchResult, *, created: float, **words: Any) -> Self:
        """Return the run of a result, with words as `run_of` takes them."""
        return cls(run_of(result, created=created, **words), result.rounded().to_json())


@dataclass(frozen=True)
class Filter:
    """A selection of runs: those with one of the values in every list that has any, all `tags`, and every word.

    `text` is looked for, whatever its case, in names, notes, tags, notations, spaces and ids.
    """

    text: str = ""
    spaces: Sequence[str] = ()
    proxies: Sequence[str] = ()
    recipes: Sequence[str] = ()
    devices: Sequence[str] = ()
    tags: Sequence[str] = ()


ORDERS = ("created", "name", "space", "proxy", "recipe", "seed", "device", "seconds", "params", "macs")
"""The columns that runs can be sorted by."""


def run_of(
    result: SearchResult,
    *,
    created: float,
    name: str = "",
    note: str = "",
    tags: Sequence[str] = (),
    run_id: str | None = None,
    owner: str = "",
    imported: bool = False,
) -> Run:
    """Return the run of a result, its `identity` the id if no other is given.

    `ValueError` where its words are too long, or its numbers too large to be kept.
    """
    config, cost = result.config, result.cost
    for measure in ("params", "macs"):
        if not 0 <= cost[measure] <= _LARGEST:
            raise ValueError(f"cost.{measure}: {quoted(cost[measure])} found, 0 to {_LARGEST} expected")
    return Run(
        id=run_id or identity(result),
        name=checked_name(name),
        note=checked_note(note),
        tags=checked_tags(tags),
        space=result.space.name,
        proxy=config.proxy,
        recipe=config.recipe,
        seed=config.seed,
        device=one_line(str(result.environment["device"]))[:MAX_TAG],
        created=round(_bounded(created), 3),
        seconds=float(result.timing["total"]),
        params=cost["params"],
        macs=cost["macs"],
        notation=result.genotype.notation,
        genotype=json.dumps(result.genotype.to_dict(), separators=(",", ":")),
        owner=owner,
        imported=imported,
    )


def owner_name(person: str) -> str:
    """Return the name under which runs are kept of a person, or a browser: digits that tell nothing of it."""
    return hashlib.sha256(person.encode()).hexdigest()[:OWNER_DIGITS]


def _bounded(moment: float) -> float:
    return min(max(moment, _FIRST), _LAST - 1)


def identity(result: SearchResult) -> str:
    """Return the id of a run: 16 digits of the SHA-256 of its JSON, its times included."""
    return hashlib.sha256(result.rounded().to_json().encode()).hexdigest()[:16]


def search_text(run: Run) -> str:
    """Return everything that a text may be looked for in, without case."""
    return "\n".join((run.name, run.note, *run.tags, run.notation, run.space, run.id)).casefold()
