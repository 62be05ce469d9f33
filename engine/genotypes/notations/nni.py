"""Architectures of NNI (github.com/microsoft/nni): DARTS as exported by versions 1 to 3, NAS-Bench-201 as queried.

`normal/op_2_0` and `normal/input_2_0` are the operation and the source of the first edge into node 2 (versions 2 and
3, `nni/nas/hub/pytorch/nasnet.py`); `normal_n2_p0` is the operation on the edge from node 0 into node 2, and
`normal_n2_switch` names the two edges that stay (version 1); `0_1` is the operation on the edge from node 0 to node 1
of NAS-Bench-201 (`nni/nas/hub/pytorch/modules/nasbench201.py`), which AutoDL-Projects and HPOBench write `1<-0`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from engine.common.errors import quoted
from engine.genotypes.notations.form import Excerpt, Form, Translation, bracketed
from engine.genotypes.notations.literals import Items, read_literal
from engine.genotypes.notations.pairs import FIELDS, in_words, translate_fields
from engine.spaces import SPACES, Gene, SearchSpace

_DARTS, _BENCH = SPACES["darts"], SPACES["nas-bench-201"]
_NAMES_1 = {
    "maxpool": "max_pool_3x3",
    "avgpool": "avg_pool_3x3",
    "skipconnect": "skip_connect",
    "sepconv3x3": "sep_conv_3x3",
    "sepconv5x5": "sep_conv_5x5",
    "dilconv3x3": "dil_conv_3x3",
    "dilconv5x5": "dil_conv_5x5",
}
"""The operations of version 1 in order, and their names in DARTS."""
_NAMES_201 = {"conv_1x1": "nor_conv_1x1", "conv_3x3": "nor_conv_3x3"}
_KEY_201 = re.compile(r"(?:cell(?:__|/))?([0-3])_([0-3])")
_ARROW = re.compile(r"([0-3])<-([0-3])")


def _translate(excerpt: Excerpt) -> Translation:
    values = read_literal(excerpt, "not a dictionary of NNI")
    if not isinstance(values, dict):
        raise ValueError("an architecture of NNI is a dictionary with keys such as normal/op_2_0, or 0_1")
    values = {_ARROW.sub(r"\2_\1", name): value for name, value in values.items()}
    if any(_KEY_201.fullmatch(name) for name in values):
        return _bench(values)
    node_cell = _cell_1 if any(re.match("(?:normal|reduce)_n2_", name) for name in values) else _cell
    cells = [Items(node_cell(values, kind, node) for node in range(2, _DARTS.nodes)) for kind in _DARTS.cell_types]
    concat = Items(_DARTS.concatenated)
    translation = translate_fields(dict(zip(FIELDS, (cells[0], concat, cells[1], concat), strict=True)), "a cell")
    others = [name for name in values if not re.match("(?:normal|reduce)[/_]", name)]
    return Translation(translation.notation, translation.text, _note(others))


def _note(names: Sequence[str]) -> tuple[str, ...]:
    return (f"left out {in_words(names)}",) if names else ()


def _cell(values: Mapping[str, Any], kind: str, node: int) -> Items:
    """Return the pairs of a node as versions 2 and 3 write them."""
    pairs = []
    for number in range(2):
        operation, source = (values.get(f"{kind}/{what}_{node}_{number}") for what in ("op", "input"))
        match source:
            case Items((int() as single,)):
                source = single
        if operation is None or source is None:
            raise ValueError(f"{kind}/op_{node}_{number} and {kind}/input_{node}_{number} are expected in it")
        pairs.append(Items((operation, source)))
    return Items(pairs)


def _cell_1(values: Mapping[str, Any], kind: str, node: int) -> Items:
    """Return the pairs of a node as version 1 writes them: operations by name, place, or a list of truth values."""
    names = {source: f"{kind}_n{node}_p{source}" for source in range(node)}
    switch = values.get(f"{kind}_n{node}_switch", Items(names.values()))
    if not isinstance(switch, Items):
        raise ValueError(f"{kind}_n{node}_switch: a list expected, {quoted(switch)} found")
    truths = all(isinstance(stays, bool) for stays in switch)
    kept = [name for name, stays in zip(names.values(), switch, strict=False) if stays] if truths else switch
    chosen = {source: values.get(name) for source, name in names.items() if name in kept}
    return Items(
        Items((_operation_1(value, names[source]), source))
        for source, value in chosen.items()
        if value not in ((), None)
    )


def _operation_1(value: object, name: str) -> str:
    operations = list(_NAMES_1.values())
    match value:
        case str():
            return _NAMES_1.get(value, value)
        case int() if value in range(len(operations)):
            return operations[value]
        case Items() if value.count(True) == 1 and value.index(True) < len(operations):
            return operations[value.index(True)]
    raise ValueError(f"{name}: {quoted(value)} is none of {', '.join(_NAMES_1)}")


def _bench(values: Mapping[str, Any]) -> Translation:
    names = {tuple(map(int, match.groups())): values[name] for name in values if (match := _KEY_201.fullmatch(name))}
    missing = [f"{source}_{target}" for source, target in _BENCH.edges if (source, target) not in names]
    if missing:
        raise ValueError(f"the edges {', '.join(missing)} of the NAS-Bench-201 cell are missing")
    operations = {edge: name if isinstance(name, str) else quoted(name) for edge, name in names.items()}
    genes = [Gene(*edge, _NAMES_201.get(operations[edge], operations[edge])) for edge in _BENCH.edges]
    others = [name for name in values if not _KEY_201.fullmatch(name)]
    return Translation("nas-bench-201", _BENCH.notation({"cell": genes}), _note(others))


def _write(space: SearchSpace, cells: Mapping[str, Sequence[Gene]]) -> str:
    if space == _BENCH:
        names = {name: key for key, name in _NAMES_201.items()}
        return json.dumps({f"{a}_{b}": names.get(operation, operation) for a, b, operation in cells["cell"]})
    if space != _DARTS:
        raise ValueError(f"NNI has no dictionary for a genotype of {space.title}, only for NAS-Bench-201 and DARTS")
    values: dict[str, Any] = {}
    for kind, genes in cells.items():
        for index, gene in enumerate(genes):
            place = f"{gene.target}_{index % 2}"
            values |= {f"{kind}/op_{place}": gene.operation, f"{kind}/input_{place}": [gene.source]}
    return json.dumps(values)


FORM = Form(
    name="nni",
    title="an architecture of NNI, as a dictionary or JSON: DARTS of versions 1 to 3, NAS-Bench-201; HPOBench's `1<-0`",
    example="{'normal/op_2_0': 'sep_conv_3x3', 'normal/input_2_0': 0, …}, or {'0_1': 'conv_3x3', …}",
    notations=("darts", "nas-bench-201"),
    find=bracketed(
        r"\{[^{}]*?['\"](?:(?:normal|reduce)(?:/(?:op|input)_2_0|_n2_(?:p0|switch))|(?:cell(?:__|/))?0_1|1<-0)['\"]"
    ),
    translate=_translate,
    write=_write,
)
