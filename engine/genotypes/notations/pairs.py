"""Cells of (operation, node) pairs, as DARTS and the many that followed it write them, in all their variants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from engine.common.errors import quoted
from engine.genotypes.notations.form import Translation
from engine.genotypes.notations.literals import Items, in_brackets
from engine.spaces import SPACES

FIELDS: Final = ("normal", "normal_concat", "reduce", "reduce_concat")
"""The fields of a genotype of DARTS, in order."""
_CONCAT = SPACES["darts"].concatenated
_UNAS = (
    *("skip_connect", "sep_conv_3x3", "max_pool_3x3", "dil_conv_3x3"),
    *("sep_conv_5x5", "avg_pool_3x3", "sep_conv_7x7"),
)
"""The operations of UNAS by their numbers (Vahdat et al., CVPR 2020; `util/genotypes.py` of github.com/NVlabs/unas)."""
_CONNECTIONS = ("connects", "connectN")
_SCORES = ("alpha", "beta", "weight")
"""The beginnings of names of fields that say nothing of the architecture."""
_MOST_NAMES = 4
_BITS = 10_000
"""The longest number that messages show."""


def translate_fields(fields: Mapping[str, Any], what: str, *, record: bool = True) -> Translation:
    """Return the DARTS notation of the fields of a genotype; `ValueError` names the place, `what` stands for the whole.

    The edges of a cell stand in a row or node by node, each with or without a weight, or as dictionaries of inputs and
    operations as in UNAS. Fields beside those of DARTS are left out where they are None; of a `record` all but
    connections, which change the network, else only scores.
    """
    names = _left_out(fields, what, record)
    parts, weighed = [], False
    for kind in ("normal", "reduce"):
        concat = fields.get(f"{kind}_concat", fields.get("concat"))
        if kind not in fields or concat is None:
            raise _fields_error(what)
        _check_concat(concat, kind)
        pairs, weights = _cell(fields[kind], kind)
        parts.append(f"{kind}={pairs}, {kind}_concat=range({_CONCAT[0]}, {_CONCAT[-1] + 1})")
        weighed |= weights
    left_out = [*names, *(["the weights of the edges"] if weighed else [])]
    return Translation("darts", f"Genotype({', '.join(parts)})", tuple(f"left out {name}" for name in left_out))


def _left_out(fields: Mapping[str, Any], what: str, record: bool) -> list[str]:
    """Return the fields that are left out, in words; `ValueError` for one without which it is another architecture."""
    further = {name: value for name, value in fields.items() if name not in (*FIELDS, "concat")}
    names = [name for name, value in further.items() if value not in (None, "", (), {})]
    if any(name in _CONNECTIONS or not (record or name.startswith(_SCORES)) for name in names):
        raise _fields_error(what)
    return [in_words(names)] if names else []


def in_words(names: Sequence[str]) -> str:
    """Return the first few names of fields or keys, with commas."""
    return ", ".join([*(quoted(name)[1:-1] for name in names[:_MOST_NAMES]), *(["…"] if names[_MOST_NAMES:] else [])])


def _fields_error(what: str) -> ValueError:
    return ValueError(f"{what} takes exactly {', '.join(FIELDS)}, each once, by name or in this order")


def _check_concat(value: object, kind: str) -> None:
    if not isinstance(value, Items) or list(value) != list(_CONCAT) or not all(type(node) is int for node in value):
        raise ValueError(
            f"{kind}_concat{in_brackets(value)}: this space concatenates nodes {list(_CONCAT)}, {quoted(value)} found"
        )


def _cell(value: object, kind: str) -> tuple[list[tuple[str, int]], bool]:
    """Return the (operation, node) pairs of a cell, and True where weights were left out."""
    if not isinstance(value, Items):
        raise ValueError(
            f"{kind}{in_brackets(value)}: a list of (operation, node) pairs expected, {quoted(value)} found"
        )
    if len(value) == 1 and isinstance(value[0], Items) and value[0] and isinstance(value[0][0], dict):
        value = value[0]
    pairs, weights = [], False
    for place, item in _edges(value, kind):
        match item:
            case Items((str() as operation, int() as source, *rest)) if _is_node(source) and _is_weight(rest):
                pairs.append((operation, source))
                weights |= bool(rest)
            case _:
                raise ValueError(f"{place}{in_brackets(item)}: a pair (operation, node) expected, {quoted(item)} found")
    return pairs, weights


def _is_node(source: int) -> bool:
    return type(source) is int and source.bit_length() <= _BITS


def _is_weight(rest: Sequence[object]) -> bool:
    return not rest or (len(rest) == 1 and (rest[0] is None or type(rest[0]) in (int, float)))


def _edges(value: Items, kind: str) -> Iterator[tuple[str, Any]]:
    """Yield the place and the item of every edge of a cell."""
    for index, item in enumerate(value):
        place = f"{kind}[{index}]"
        match item:
            case Items((Items() | dict(), *_)) | dict():
                pairs = _unas_pairs(item, place) if isinstance(item, dict) else item
                if len(pairs) != 2:
                    raise ValueError(f"{place}: {len(pairs)} pairs found for node {index + 2}, 2 expected")
                yield from ((f"{place}[{number}]", pair) for number, pair in enumerate(pairs))
            case _:
                yield place, item


def _unas_pairs(item: Mapping[str, Any], place: str) -> Items:
    match item:
        case {"inputs": Items() as inputs, "ops": Items() as numbers} if len(inputs) == len(numbers):
            if all(type(number) is str or (type(number) is int and 0 <= number < len(_UNAS)) for number in numbers):
                names = [number if isinstance(number, str) else _UNAS[number] for number in numbers]
                return Items(Items(pair) for pair in zip(names, inputs, strict=True))
    raise ValueError(
        f"{place}: inputs and ops of a node expected, ops from 0 to {len(_UNAS) - 1}; {quoted(item)} found"
    )
