"""A run: a search that ended, with what its user says about it; and what runs are asked by."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from engine.common.errors import quoted
from engine.genotypes.genotype import Genotype
from engine.searches.result import SearchResult

MAX_NAME, MAX_NOTE, MAX_TAG, MAX_TAGS = 80, 2_000, 32, 16
"""The longest name, note and tag in characters, and how many tags a run may have."""
ID = re.compile("[0-9a-f]{16}")
"""What the id of a run looks like."""
_MAX_LOOKED_FOR = 200
_LARGEST = 2**63 - 1
_UNSEEN = {"Cf", "Zs"}
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters that show nothing."""
_DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""Bidirectional classes of the signs that make text read in another order than it is written in."""


class StoreUnavailable(RuntimeError):
    """The store of runs cannot be opened, read or written; the message says which and why in one sentence."""


@dataclass(frozen=True)
class Run:
    """One finished search: what the store tells of it without reading its result.

    `created` is when it was kept, in seconds since 1970 (UTC); `seconds` is how long it took; `params` and `macs` are
    those of the derived network; `genotype` is its JSON. `space` is the name of the space, `device` such as `cpu`.
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

    @property
    def title(self) -> str:
        """Its name, or what was asked where it has none."""
        return self.name or f"{self.space}, {self.proxy}, {self.recipe}, seed {self.seed}"

    @property
    def when(self) -> datetime:
        """When it was kept (UTC)."""
        return datetime.fromtimestamp(self.created, UTC)

    @property
    def cell(self) -> Genotype:
        """What was found."""
        return Genotype.from_json(self.genotype)

    def to_dict(self) -> dict[str, Any]:
        """The run as plain data, the genotype left to its notation."""
        found = asdict(self) | {"tags": list(self.tags), "created": self.when.isoformat(timespec="milliseconds")}
        del found["genotype"]
        return found


@dataclass(frozen=True)
class Filter:
    """Which runs are meant: those with one of the values in every list that has any, all `tags`, and every word.

    `text` is looked for, whatever its case, in names, notes, tags, notations, spaces and ids.
    """

    text: str = ""
    spaces: Sequence[str] = ()
    proxies: Sequence[str] = ()
    recipes: Sequence[str] = ()
    devices: Sequence[str] = ()
    tags: Sequence[str] = ()


ORDERS = ("created", "name", "space", "proxy", "recipe", "seed", "device", "seconds", "params", "macs")
"""What runs can be sorted by."""


def run_of(
    result: SearchResult,
    *,
    created: float,
    name: str = "",
    note: str = "",
    tags: Sequence[str] = (),
    run_id: str | None = None,
) -> Run:
    """The run of a result, known by its `identity` if by no other id.

    `ValueError` where its words are too long, or its numbers too large to be kept.
    """
    config, cost = result.config, result.cost
    for what in ("params", "macs"):
        if not 0 <= cost[what] <= _LARGEST:
            raise ValueError(f"cost.{what}: {quoted(cost[what])} found, 0 to {_LARGEST} expected")
    return Run(
        id=run_id or identity(result),
        name=checked_name(name),
        note=checked_note(note),
        tags=checked_tags(tags),
        space=result.space.name,
        proxy=config.proxy,
        recipe=config.recipe,
        seed=config.seed,
        device=_line(str(result.environment["device"]))[:MAX_TAG],
        created=round(created, 3),
        seconds=float(result.timing["total"]),
        params=cost["params"],
        macs=cost["macs"],
        notation=result.genotype.notation,
        genotype=json.dumps(result.genotype.to_dict(), separators=(",", ":")),
    )


def identity(result: SearchResult) -> str:
    """What a run is known by: 16 digits of the SHA-256 of its JSON, its times included."""
    return hashlib.sha256(result.rounded().to_json().encode()).hexdigest()[:16]


def words_of(run: Run) -> str:
    """Everything that a text may be looked for in, without case."""
    return "\n".join((run.name, run.note, *run.tags, run.notation, run.space, run.id)).casefold()


def words_in(text: str) -> list[str]:
    """The words of a text that is looked for, without case; the first of them where there are many."""
    return _line(text[:_MAX_LOOKED_FOR]).casefold().split()


def checked_name(text: str) -> str:
    """A name as it is kept: one line; `ValueError` if it is too long."""
    return _within(_line(text), "a name", MAX_NAME)


def checked_note(text: str) -> str:
    """A note as it is kept; `ValueError` if it is too long."""
    lines = (_clean(line).rstrip() for line in text.splitlines())
    return _within("\n".join(lines).strip(), "a note", MAX_NOTE)


def checked_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Tags as they are kept, each once and in order; `ValueError` if there are too many or one is too long."""
    found = {_within(_line(tag), "a tag", MAX_TAG) for tag in tags} - {""}
    if len(found) > MAX_TAGS:
        raise ValueError(f"{len(found)} tags given; a run has at most {MAX_TAGS}")
    return tuple(sorted(found))


def _within(text: str, what: str, limit: int) -> str:
    if len(text) > limit:
        raise ValueError(f"{what} has at most {limit:,} characters; {len(text):,} given: {quoted(text)}")
    return text


def _line(text: str) -> str:
    """`text` in one line; nothing of it where nothing is to be seen."""
    line = " ".join(_clean(text).split())
    return line if any(unicodedata.category(c) not in _UNSEEN and c not in _BLANK for c in line) else ""


def _clean(text: str) -> str:
    """`text` without signs that cannot be seen and change how others are read or stored."""
    return "".join(
        " " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c
        for c in text
        if unicodedata.bidirectional(c) not in _DIRECTIONS
    )
