"""Changes to documents that keep them documents: JSON with something odd at one of its places."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

ODD = (
    None,
    True,
    -1,
    0,
    1,
    2**63,
    10**400,
    0.5,
    float("nan"),
    float("inf"),
    "",
    "x",
    "\0",
    "\u202e",
    "<b>",
    [],
    {},
    [0],
)


def put(document: Any, places: list[int], value: object) -> Any:
    """`document` with `value` at one of its places, which the numbers lead to, or without what is there (None)."""
    changed = inner = copy.deepcopy(document)
    while True:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        key = keys[places[0] % len(keys)]
        if len(places) == 1 or not isinstance(inner[key], dict | list) or not inner[key]:
            break
        inner, places = inner[key], places[1:]
    if value is None:
        del inner[key]
    else:
        inner[key] = value
    return changed


def changed_json(data: bytes, seed: int) -> bytes | None:
    """A JSON text with something odd, or a part of its own, at one of its places; None where it is no such text."""
    chance = random.Random(seed)
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict | list) or not document:
        return None
    value = chance.choice(ODD) if chance.random() < 0.7 else _part(document, chance)
    return json.dumps(put(document, [chance.randrange(99) for _ in range(chance.randint(1, 7))], value)).encode()


def _part(document: Any, chance: random.Random) -> Any:
    while isinstance(document, dict | list) and document and chance.random() < 0.8:
        document = chance.choice(list(document.values()) if isinstance(document, dict) else document)
    return document
