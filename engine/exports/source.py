"""PyTorch source of a derived network: one file that needs torch alone."""

from __future__ import annotations

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Collection, Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import get_args

from engine.data.images import CLASSES, IMAGE_SIZE
from engine.genotypes.genotype import Genotype
from engine.networks.cost import network_cost
from engine.operations.layers import Layer
from engine.operations.registry import get_operation
from engine.spaces import Gene, SearchSpace


def pytorch(genotype: Genotype) -> str:
    """PyTorch source of the network of `genotype`, for any size: it needs torch and nothing else."""
    described = genotype.space
    blocks = [
        f'"""{_header(genotype)}\n"""\n\n{_IMPORTS}',
        *_definitions(_PACKAGE / "operations" / "layers.py", _LAYERS),
        *_definitions(_PACKAGE / "spaces" / "base.py", _DESCRIPTIONS),
        *_definitions(_PACKAGE / "networks" / "derived.py", _MODULES),
        *_plan(described),
        *_choices(genotype),
        _BUILD.format(**described.evaluation_size._asdict(), meaning=described.cells_meaning, classes=CLASSES),
        _MAIN.format(size=IMAGE_SIZE),
    ]
    return "\n\n\n".join(blocks) + "\n"


_COLUMNS = 120


_PACKAGE = Path(__file__).parents[1]


_IMPORTS = """\
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn"""


_LAYERS = ("Layer", *(layer.__name__ for layer in get_args(Layer)))


_DESCRIPTIONS = ("Gene", "Size", "Passage", "CellPlan", "Plan")


_MODULES = (
    "Operations",
    "Zero",
    "GaussianNoise",
    "FactorisedReduction",
    "TwoBranches",
    "sequence",
    "convolution",
    "pooling",
    "edge",
    "Cell",
    "Network",
)


_BUILD = '''\
def build(channels: int = {channels}, cells: int = {cells}, classes: int = {classes}) -> Network:
    """The network with `channels` in its first cells and `cells` ({meaning})."""
    return Network(plan(Size(channels, cells)), GENES, OPERATIONS, OUTPUTS, classes)'''


_MAIN = """\
if __name__ == "__main__":
    network = build()
    logits = network(torch.randn(2, 3, {size}, {size}))
    parameters = sum(parameter.numel() for parameter in network.parameters())
    print(f"output {{tuple(logits.shape)}}, {{parameters:,}} parameters")"""


def _header(genotype: Genotype) -> str:
    described, cost = genotype.space, network_cost(genotype)
    channels, cells = described.evaluation_size
    lines = {
        "Genotype": re.sub(r", (?=\d)", ",\xa0", genotype.notation),  # lines end between pairs, not within one
        "Space": f"{described.title} ({described.source})",
        "Size": f"{cost.params:,} parameters, {cost.macs / 1e6:,.2f} M multiply-accumulates for an image of "
        f"{IMAGE_SIZE}x{IMAGE_SIZE}, with {channels} channels, {cells} {described.cells_meaning}, {CLASSES} classes",
        "Training": "network = build(), then minimise nn.functional.cross_entropy(network(images), labels) with SGD",
        "Licence": "MIT, Copyright (c) 2026 The FreeNAS dashboard authors",
    }
    indent = 10
    wrapped = (
        textwrap.fill(f"{name:<{indent}}{text}", _COLUMNS, subsequent_indent=" " * indent, break_long_words=False)
        for name, text in lines.items()
    )
    title = f"A {described.title} network, written by FreeNAS. It needs Python 3.10 and torch.\n"
    return "\n".join((title, *wrapped)).replace("\xa0", " ")


def _definitions(path: Path, names: Collection[str]) -> Iterator[str]:
    """The statements that define `names` in the module at `path`, as they stand there."""
    source = path.read_text("utf-8")
    lines = source.splitlines()
    for statement in ast.parse(source).body:
        if _defined(statement) in names:
            decorators = statement.decorator_list if isinstance(statement, ast.ClassDef) else []
            first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
            yield "\n".join(lines[first - 1 : statement.end_lineno])


def _defined(statement: ast.stmt) -> str | None:
    match statement:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return None


def _plan(space: SearchSpace) -> Iterator[str]:
    """The constants and fields that the `plan` of `space` uses, and `plan` itself as a function."""
    source = textwrap.dedent(inspect.getsource(type(space).plan))
    names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    constants = list(_definitions(Path(inspect.getfile(type(space).plan)), names))
    field = re.compile(r"\bself\.(\w+)")
    constants += [_assigned(name.upper(), getattr(space, name)) for name in sorted(set(field.findall(source)))]
    if constants:
        yield "\n".join(constants)
    signature, body = field.sub(lambda found: found[1].upper(), source).replace("(self, ", "(", 1).split("\n", 1)
    yield f'{signature}\n    """The plan of a {space.title} network of `size`."""\n{body.rstrip()}'


def _choices(genotype: Genotype) -> Iterator[str]:
    """The genes of `genotype`, the output nodes of its cells and the operations it names, as constants."""
    genes = [_assigned("GENES", dict(genotype.genes)), _assigned("OUTPUTS", genotype.space.outputs)]
    yield "\n".join(("# The edges of every cell type, and the nodes whose features are its output.", *genes))
    used = {gene.operation for _, cell in genotype.genes for gene in cell}
    candidates = [get_operation(name) for name in genotype.space.operations if name in used]
    plain = {found.name: None if found.zero else found.layers for found in candidates}
    changing = {found.name: found.changing for found in candidates if found.changing is not None}
    operations = [
        _assigned("OPERATIONS: dict[bool, dict[str, tuple[Layer, ...] | None]]", {False: plain}),
        _assigned("OPERATIONS[True]", changing, "OPERATIONS[False] | "),
    ]
    yield "\n".join(("# What the operations are where size and width stay, and where not.", *operations))


def _assigned(name: str, value: object, before: str = "") -> str:
    start = f"{name} = {before}"
    return start + _literal(value, 0, len(start))


def _literal(value: object, indent: int, taken: int) -> str:
    """`value` as source: on one line if it fits behind the `taken` columns, else one element a line."""
    flat = _flat(value)
    elements = _elements(value)
    if elements is None or taken + len(flat) < _COLUMNS:
        return flat
    opening, items, closing = elements
    inner = indent + 4
    lines = [f"{' ' * inner}{label}{_literal(item, inner, inner + len(label))},\n" for label, item in items]
    return f"{opening}\n{''.join(lines)}{' ' * indent}{closing}"


def _flat(value: object) -> str:
    elements = _elements(value)
    if elements is None:
        return json.dumps(value) if isinstance(value, str) else repr(value)
    opening, items, closing = elements
    comma = "," if opening == "(" and len(items) == 1 else ""
    return f"{opening}{', '.join(label + _flat(item) for label, item in items)}{comma}{closing}"


def _elements(value: object) -> tuple[str, list[tuple[str, object]], str] | None:
    """Brackets and labelled elements of a value that has them."""
    if isinstance(value, dict):
        return "{", [(f"{_flat(key)}: ", item) for key, item in value.items()], "}"
    if isinstance(value, Gene):
        return "Gene(", [("", item) for item in value], ")"
    if isinstance(value, tuple):
        return "(", [("", item) for item in value], ")"
    if isinstance(value, Layer):
        return f"{type(value).__name__}(", list(_arguments(value)), ")"
    return None


def _arguments(value: Layer) -> Iterator[tuple[str, object]]:
    """The arguments that make a layer: those without a default by position, the others by name if they differ."""
    for field in fields(value):
        given = getattr(value, field.name)
        if field.default is MISSING:
            yield "", given
        elif given != field.default:
            yield f"{field.name}=", given
