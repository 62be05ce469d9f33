"""Python and JSON values in a text, read from its syntax tree within bounds; nothing is evaluated."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.genotypes.notations.form import Excerpt

_DEEPEST = 20
_LONGEST_RANGE = 100
_CONSTANTS = {"null": None, "true": True, "false": False}
_WRAPPERS = ("int", "uint", "float", "bool", "str", "intc", "longlong", "tensor", "array", "asarray", "list", "tuple")
"""The calls that stand around a value and mean that value: those of NumPy, with their bits behind, and of PyTorch."""


class Items(tuple[Any, ...]):
    """The items of a list or a tuple, and the place in the text where it begins."""

    place: str = ""


@dataclass(frozen=True)
class WrittenCall:
    """A call in a text, by the last part of its name, and the place where it begins."""

    place: str
    name: str
    arguments: tuple[Any, ...]
    keywords: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, repr=False)
class Unread:
    """An expression that is no value, shown as it is written on one line, and the place where it begins."""

    text: str
    node: ast.expr
    place: str

    def __repr__(self) -> str:
        source = " ".join((ast.get_source_segment(self.text, self.node) or "").split())
        return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in source)


def read_literal(excerpt: Excerpt, what: str) -> Any:
    """Return the value that an excerpt writes; `ValueError` begins with `what` it is not, and names the place.

    Numbers, texts, None, `Items`, dictionaries with texts as keys, `WrittenCall`, and `Unread` for everything else.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            body = ast.parse(excerpt.text, mode="eval").body
        return _Reader(excerpt).value(body, 0)
    except SyntaxError as error:
        place = f"{excerpt.at(error.lineno, error.offset or 1)}: " if error.lineno else ""
        raise ValueError(f"{what}: {place}{error.msg.partition(';')[0]}") from None
    except (RecursionError, MemoryError, ValueError):
        raise ValueError(f"{what}: nested too deeply or not text") from None


@dataclass(frozen=True)
class _Reader:
    """A reader of syntax trees of one excerpt."""

    excerpt: Excerpt

    def value(self, node: ast.expr, depth: int) -> Any:
        """Return the value of a node; `RecursionError` for one nested too deeply."""
        if depth > _DEEPEST:
            raise RecursionError
        match node:
            case ast.Constant(value=str() | int() | float() | None as value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return -value
            case ast.Name(id=name) if name in _CONSTANTS:
                return _CONSTANTS[name]
            case ast.List(elts=nodes) | ast.Tuple(elts=nodes):
                return self._items(node, [self.value(part, depth + 1) for part in nodes])
            case ast.Dict(keys=[*keys], values=values) if all(_is_text(key) for key in keys):
                pairs = zip(keys, values, strict=True)
                return {getattr(key, "value", ""): self.value(part, depth + 1) for key, part in pairs}
            case ast.Call():
                return self._call(node, depth)
        return self._unread(node)

    def _call(self, node: ast.Call, depth: int) -> Any:
        name = _last_name(node.func)
        arguments = [self.value(part, depth + 1) for part in node.args]
        keywords = [(keyword.arg or "**", self.value(keyword.value, depth + 1)) for keyword in node.keywords]
        match name, arguments:
            case None, _:
                return self._unread(node)
            case "range" | "xrange", [*_]:
                numbers = _numbers(arguments)
                return self._unread(node) if numbers is None or keywords else self._items(node, numbers)
            case "dict" | "OrderedDict", [dict() as content]:
                return content
            case "dict" | "OrderedDict", [Items() as pairs] if all(_is_pair(pair) for pair in pairs):
                return dict(pairs)
            case "dict" | "OrderedDict", []:
                return dict(keywords)
            case str(), [content, *_] if name.rstrip("0123456789_") in _WRAPPERS:
                return content
        return WrittenCall(self._place(node), str(name), tuple(arguments), tuple(keywords))

    def _items(self, node: ast.expr, values: Sequence[Any]) -> Items:
        items = Items(values)
        items.place = self._place(node)
        return items

    def _unread(self, node: ast.expr) -> Unread:
        return Unread(self.excerpt.text, node, self._place(node))

    def _place(self, node: ast.expr) -> str:
        return self.excerpt.at(node.lineno, node.col_offset + 1)


def in_brackets(value: object) -> str:
    """Return the place of a value in brackets for a message, nothing where it has none."""
    place = value.place if isinstance(value, Items | WrittenCall | Unread) else ""
    return f" ({place})" if place else ""


def _is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_pair(value: object) -> bool:
    return isinstance(value, Items) and len(value) == 2 and isinstance(value[0], str)


def _last_name(node: ast.expr) -> str | None:
    """Return the last part of a dotted name, None for any other expression."""
    inner = node
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    if not isinstance(inner, ast.Name):
        return None
    return node.attr if isinstance(node, ast.Attribute) else inner.id


def _numbers(arguments: Sequence[object]) -> range | None:
    """Return the range of these arguments, None where they are none, or too many numbers follow."""
    if not 1 <= len(arguments) <= 3 or not all(type(number) is int and abs(number) < 10**6 for number in arguments):
        return None
    if arguments[2:] == [0]:
        return None
    numbers = range(*arguments)  # type: ignore[call-overload]
    return numbers if len(numbers) <= _LONGEST_RANGE else None
