"""PyTorch source of a derived network: one file that needs torch alone."""

from __future__ import annotations

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import get_args

from engine.data.images import CLASSES, IMAGE_SIZE
from engine.genotypes.genotype import Genotype
from engine.networks.cost import network_cost
from engine.operations.layers import Layer
from engine.operations.registry import get_operation
from engine.spaces import Gene, SearchSpace


def pytorch_source(genotype: Genotype, note: str = "") -> str:
    """Return PyTorch source of the network of `genotype`, for any size; it needs torch and nothing else.

    Definitions are copied from the engine as they stand; the space, its plan and the genotype are written as data, the
    note on what the network is worth in the first lines.
    """
    space = genotype.space
    blocks = [
        f'"""{_header(genotype, note)}\n"""\n\n{_IMPORTS}',
        *_definitions(_ENGINE / "operations" / "layers.py", ["Layer", *(layer.__name__ for layer in get_args(Layer))]),
        *_definitions(_ENGINE / "spaces" / "plan.py", ["Gene", "Size", "Plan", "walk"]),
        *_definitions(_ENGINE / "networks" / "derived.py", ["Network"]),
        *_plan(space),
        *_architecture(genotype),
        _BUILD.format(**space.evaluation_size._asdict(), meaning=space.cells_meaning, classes=CLASSES),
        _MAIN.format(size=IMAGE_SIZE),
    ]
    return "\n\n\n".join(blocks) + "\n"


def training_source(genotype: Genotype, note: str = "") -> str:
    """Return a script that trains the network of `genotype`; it takes the file of its PyTorch source.

    It is `engine.exports.training_script` as it stands, with the network in its first lines.
    """
    script = (_ENGINE / "exports" / "training_script.py").read_text("utf-8")
    title, _, rest = script.partition("\n")
    lines = {
        "Genotype": _breakable(genotype.notation),
        "Space": f"{genotype.space.title} ({genotype.space.source})",
        "Worth": _harmless(note),
        "Licence": _LICENCE,
    }
    return f"{title}\n\n{_wrapped(lines)}\n{rest}"


_COLUMNS = 120
_LICENCE = "MIT, Copyright (c) 2026 The FreeNAS dashboard authors"
_ENGINE = Path(__file__).parents[1]
_IMPORTS = """\
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeVar, assert_never

import torch
from torch import Tensor, nn"""
_BUILD = '''\
def build(channels: int = {channels}, cells: int = {cells}, classes: int = {classes}) -> Network:
    """Build the network with `channels` in its first cells and `cells` ({meaning})."""
    return Network(plan(Size(channels, cells)), GENES, OPERATIONS, OUTPUTS, classes)'''
_MAIN = """\
if __name__ == "__main__":
    network = build()
    logits = network(torch.randn(2, 3, {size}, {size}))
    parameters = sum(parameter.numel() for parameter in network.parameters())
    print(f"output {{tuple(logits.shape)}}, {{parameters:,}} parameters")"""


def _header(genotype: Genotype, note: str) -> str:
    space, cost = genotype.space, network_cost(genotype)
    channels, cells = space.evaluation_size
    lines = {
        "Genotype": _breakable(genotype.notation),
        "Space": f"{space.title} ({space.source})",
        "Size": f"{cost.params:,} parameters, {cost.macs / 1e6:,.2f} M multiply-accumulates for an image of "
        f"{IMAGE_SIZE}x{IMAGE_SIZE}, with {channels} channels, {cells} {space.cells_meaning}, {CLASSES} classes",
        "Training": "network = build(), then minimise nn.functional.cross_entropy(network(images), labels) with SGD",
        "Worth": _harmless(note),
        "Licence": _LICENCE,
    }
    return f"A {space.title} network, written by FreeNAS. It needs Python 3.11 and torch.\n\n{_wrapped(lines)}"


def _breakable(notation: str) -> str:
    """Return a notation whose lines end between pairs, not within one."""
    return re.sub(r", (?=\d)", ",\xa0", notation)


def _harmless(note: str) -> str:
    """Return a text of anybody's as it may stand in a docstring."""
    printable = "".join(character for character in " ".join(note.split()) if character.isprintable())
    return printable.replace("\\", "\\\\").replace('"', "'")


def _wrapped(lines: Mapping[str, str]) -> str:
    """Return the texts that are not empty behind their names, in lines of the width of the file."""
    indent = 10
    wrapped = (
        textwrap.fill(f"{name:<{indent}}{text}", _COLUMNS, subsequent_indent=" " * indent, break_long_words=False)
        for name, text in lines.items()
        if text
    )
    return "\n".join(wrapped).replace("\xa0", " ")


def _definitions(path: Path, names: Iterable[str]) -> Iterator[str]:
    """Yield the definitions of `names` in the module at `path`, and of what they use of it, as they stand there.

    Of a class that is defined later only the name is in quotes: the file has annotations that are evaluated, since
    dataclasses take those that are not for names in a module that Python must know.
    """
    source = path.read_text("utf-8")
    lines = source.splitlines()
    statements = {name: statement for statement in ast.parse(source).body if (name := _defined(statement))}
    used: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        used.add(name)
        named = {node.id for node in ast.walk(statements[name]) if isinstance(node, ast.Name)}
        pending += named & (statements.keys() - used)
    defined = [*statements]
    for place, (name, statement) in enumerate(statements.items()):
        if name in used:
            _quote_annotations(lines, statement, defined[place:])
            decorators = statement.decorator_list if isinstance(statement, ast.ClassDef) else []
            first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
            yield "\n".join(lines[first - 1 : statement.end_lineno])


def _quote_annotations(lines: list[str], statement: ast.stmt, names: Sequence[str]) -> None:
    """Put `names` in quotes where the annotations of a statement, in its `lines`, have them."""
    annotations = [node.annotation for node in ast.walk(statement) if isinstance(node, ast.AnnAssign)]
    inside = [node for annotation in annotations for node in ast.walk(annotation) if isinstance(node, ast.Name)]
    places = sorted((node.lineno, node.col_offset, node.end_col_offset) for node in inside if node.id in names)
    for number, start, end in reversed(places):
        line = lines[number - 1]
        lines[number - 1] = f'{line[:start]}"{line[start:end]}"{line[end:]}'


def _defined(statement: ast.stmt) -> str | None:
    match statement:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return None


def _plan(space: SearchSpace) -> Iterator[str]:
    """Yield the definition of the function that plans the networks of `space`, and `plan`: it with its constants."""
    function = space.planner.func
    yield from _definitions(Path(inspect.getfile(function)), [function.__name__])
    yield f"# The plan of a network of this space, of any size.\n{_assignment('plan', space.planner)}"


def _architecture(genotype: Genotype) -> Iterator[str]:
    """Yield the genes of `genotype`, the output nodes of its cells and the operations it names, as constants."""
    genes = [_assignment("GENES", dict(genotype.genes)), _assignment("OUTPUTS", genotype.space.outputs)]
    yield "\n".join(("# The edges of every cell type, and the nodes whose features are its output.", *genes))
    used = {gene.operation for _, cell in genotype.genes for gene in cell}
    operations = [get_operation(name) for name in genotype.space.operations if name in used]
    same = {operation.name: None if operation.zero else operation.layers for operation in operations}
    changing = {operation.name: operation.changing for operation in operations if operation.changing is not None}
    tables = [
        _assignment("OPERATIONS: dict[bool, dict[str, tuple[Layer, ...] | None]]", {False: same}),
        _assignment("OPERATIONS[True]", changing, "OPERATIONS[False] | "),
    ]
    yield "\n".join(("# What the operations are where size and width stay, and where not.", *tables))


def _assignment(name: str, value: object, before: str = "") -> str:
    start = f"{name} = {before}"
    return start + _literal(value, 0, len(start))


def _literal(value: object, indent: int, column: int) -> str:
    """Return `value` as source: on one line if it fits from `column` on, else one element a line."""
    flat = _flat(value)
    elements = _elements(value)
    if elements is None or column + len(flat) < _COLUMNS:
        return flat
    opening, items, closing = elements
    inner = indent + 4
    lines = [f"{' ' * inner}{label}{_literal(item, inner, inner + len(label))},\n" for label, item in items]
    return f"{opening}\n{''.join(lines)}{' ' * indent}{closing}"


def _flat(value: object) -> str:
    elements = _elements(value)
    if elements is not None:
        opening, items, closing = elements
        comma = "," if opening == "(" and len(items) == 1 else ""
        return f"{opening}{', '.join(label + _flat(item) for label, item in items)}{comma}{closing}"
    if isinstance(value, FunctionType):
        return value.__name__
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _elements(value: object) -> tuple[str, list[tuple[str, object]], str] | None:
    """Return the brackets and labelled elements of a value that has them, None for any other."""
    if isinstance(value, dict):
        return "{", [(f"{_flat(key)}: ", item) for key, item in value.items()], "}"
    if isinstance(value, Gene):
        return "Gene(", [("", item) for item in value], ")"
    if isinstance(value, tuple):
        return "(", [("", item) for item in value], ")"
    if isinstance(value, Layer):
        return f"{type(value).__name__}(", list(_layer_arguments(value)), ")"
    if isinstance(value, partial):
        return "partial(", [("", value.func), *((f"{name}=", item) for name, item in value.keywords.items())], ")"
    return None


def _layer_arguments(value: Layer) -> Iterator[tuple[str, object]]:
    """Yield the arguments that make a layer: those without a default by position, the others by name if they differ."""
    for field in fields(value):
        argument = getattr(value, field.name)
        if field.default is MISSING:
            yield "", argument
        elif argument != field.default:
            yield f"{field.name}=", argument
