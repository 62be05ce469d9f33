"""Genotypes written as other programs write them, by hand and apart from the engine."""

from __future__ import annotations

import json
import re
from collections import namedtuple
from collections.abc import Callable, Sequence

from engine import Genotype

Tuple = namedtuple("Genotype", "normal normal_concat reduce reduce_concat")
Pairs = list[tuple[str, int]]


def pairs(genotype: Genotype) -> list[Pairs]:
    """The (operation, source) pairs of both cells of a DARTS genotype."""
    return [[(gene.operation, gene.source) for gene in cell] for cell in genotype.cells.values()]


def as_tuple(genotype: Genotype, change: Callable[[Pairs], Sequence[object]] = list) -> Tuple:
    """DARTS' namedtuple, its cells changed."""
    normal, reduce = map(change, pairs(genotype))
    return Tuple(normal, range(2, 6), reduce, range(2, 6))


def by_node(cell: Pairs) -> list[Pairs]:
    """The pairs of a cell, node by node."""
    return [cell[at : at + 2] for at in range(0, len(cell), 2)]


def _listed(genotype: Genotype) -> dict[str, object]:
    normal, reduce = pairs(genotype)
    return {"normal": normal, "normal_concat": [2, 3, 4, 5], "reduce": reduce, "reduce_concat": [2, 3, 4, 5]}


def _fields(cells: Sequence[object], *, start: str = "Genotype(", more: str = "") -> str:
    normal, reduce = cells
    return f"{start}normal={normal}, normal_concat=range(2, 6), reduce={reduce}, reduce_concat=range(2, 6){more})"


def _wrapped(genotype: Genotype, wrapper: str, name: str = "{!r}") -> str:
    def cell(part: Pairs) -> str:
        return f"[{', '.join(f'({name.format(operation)}, {wrapper.format(source)})' for operation, source in part)}]"

    return _fields([cell(part) for part in pairs(genotype)])


def _config(genotype: Genotype) -> dict[str, object]:
    """The ConfigSpace dictionary of NAS-Bench-301, as `convert_genotype_to_config` there makes it."""
    config: dict[str, object] = {"NetworkSelectorDatasetInfo:darts:layers": 8, "OptimizerSelector:sgd:momentum": 0.9}
    for kind, cell in zip(("normal", "reduce"), pairs(genotype), strict=True):
        start = 0
        for node in range(4):
            part = cell[2 * node : 2 * node + 2]
            for operation, source in part:
                config[f"NetworkSelectorDatasetInfo:darts:edge_{kind}_{start + source}"] = operation
            if node:
                sources = "_".join(str(source) for source in sorted(source for _, source in part))
                config[f"NetworkSelectorDatasetInfo:darts:inputs_node_{kind}_{node + 2}"] = sources
            start += node + 2
    return config


def _nni(genotype: Genotype, wrap: Callable[[int], object] = int) -> dict[str, object]:
    values: dict[str, object] = {"width": 36, "num_cells": 20}
    for kind, cell in zip(("normal", "reduce"), pairs(genotype), strict=True):
        for at, (operation, source) in enumerate(cell):
            values[f"{kind}/op_{at // 2 + 2}_{at % 2}"] = operation
            values[f"{kind}/input_{at // 2 + 2}_{at % 2}"] = wrap(source)
    return values


_NNI_1 = {
    "max_pool_3x3": "maxpool",
    "avg_pool_3x3": "avgpool",
    "skip_connect": "skipconnect",
    "sep_conv_3x3": "sepconv3x3",
    "sep_conv_5x5": "sepconv5x5",
    "dil_conv_3x3": "dilconv3x3",
    "dil_conv_5x5": "dilconv5x5",
}


def _nni_1(genotype: Genotype, form: Callable[[str], object], chosen: bool = True) -> dict[str, object]:
    values: dict[str, object] = {}
    for kind, cell in zip(("normal", "reduce"), pairs(genotype), strict=True):
        for node, part in enumerate(by_node(cell), start=2):
            operations = {source: operation for operation, source in part}
            for source in range(node):
                stands = source in operations
                values[f"{kind}_n{node}_p{source}"] = form(operations[source]) if stands else []
            stay = [f"{kind}_n{node}_p{source}" for source in sorted(operations)]
            values[f"{kind}_n{node}_switch"] = stay if chosen else [source in operations for source in range(node)]
    return values


def _one_hot(operation: str) -> list[bool]:
    return [name == operation for name in _NNI_1]


def _compact(genotype: Genotype) -> tuple[object, ...]:
    return tuple(
        tuple((source, list(_NNI_1).index(operation)) for operation, source in cell) for cell in pairs(genotype)
    )


_UNAS = ("skip_connect", "sep_conv_3x3", "max_pool_3x3", "dil_conv_3x3", "sep_conv_5x5", "avg_pool_3x3")


def in_unas(genotype: Genotype) -> bool:
    """Return True where UNAS has all its operations."""
    return all(operation in _UNAS for cell in pairs(genotype) for operation, _ in cell)


def as_unas(genotype: Genotype) -> str:
    """A genotype of UNAS, its operations as numbers."""

    def cell(part: Pairs) -> list[object]:
        nodes = [tuple(zip(*node, strict=True)) for node in by_node(part)]
        return [[{"inputs": list(sources), "ops": [_UNAS.index(name) for name in names]} for names, sources in nodes]]

    return _fields([cell(part) for part in pairs(genotype)], more=", alphas_normal=None, alphas_reduce=None")


def in_order(genotype: Genotype) -> Genotype:
    """The genotype with the edges into every node by their sources, which some programs do not keep in order."""
    return Genotype.of(
        genotype.space, {kind: sorted(genes, key=lambda gene: gene[1::-1]) for kind, genes in genotype.genes}
    )


DARTS: dict[str, Callable[[Genotype], str]] = {
    "the namedtuple": lambda g: repr(as_tuple(g)),
    "an assignment": lambda g: f"MINE = {as_tuple(g)}\n",
    "an annotated assignment": lambda g: f"MINE: Genotype = {as_tuple(g)}",
    "under a comment, over lines": lambda g: (
        "# mine\nMINE = " + repr(as_tuple(g)).replace("(", "(\n  ").replace(")", ",\n)")
    ),
    "double quotes": lambda g: repr(as_tuple(g)).replace("'", '"'),
    "quoted": lambda g: f'"{as_tuple(g)}"',
    "quoted in JSON": lambda g: json.dumps(repr(as_tuple(g)).replace("'", '"').replace("(n", "(\n n")),
    "quotes of a word processor": lambda g: re.sub("'(\\w+)'", "‘\\1’", repr(as_tuple(g))).replace(", ", ",\u00a0"),
    "in triple quotes": lambda g: f'"""\n{as_tuple(g)}\n"""',
    "in a fence": lambda g: f"```python\n{as_tuple(g)}\n```",
    "behind a module": lambda g: f"genotypes.{as_tuple(g)}",
    "behind a short module": lambda g: f"x = gt.{as_tuple(g)}  # gt is the module",
    "a list a node": lambda g: repr(as_tuple(g, by_node)),
    "a tuple a node": lambda g: _fields(
        [tuple(map(tuple, by_node(c))) for c in pairs(g)], more=", connectN=None, connects=None"
    ),
    "positional": lambda g: "Genotype({}, range(2,6), {}, range(2,6))".format(*pairs(g)),
    "positional, further ones": lambda g: "Genotype({}, [2,3,4,5], {}, (2,3,4,5), None, None)".format(*pairs(g)),
    "one concat": lambda g: "Genotype(normal={}, reduce={}, concat=range(2, 6))".format(*pairs(g)),
    "a list of a range": lambda g: repr(as_tuple(g)).replace("range(2, 6)", "list(range(2, 6))"),
    "empty fields": lambda g: _fields(pairs(g), more=", normal_bottleneck='', alphas=[])"[:-1]),
    "NumPy 2": lambda g: _wrapped(g, "np.int64({})", "np.str_({!r})"),
    "numpy": lambda g: _wrapped(g, "numpy.int32({})"),
    "tensors": lambda g: _wrapped(g, "tensor({}, device='cuda:0')"),
    "tensors of a graph": lambda g: _wrapped(g, "torch.tensor({}, grad_fn=<SelectBackward0>)"),
    "_asdict as JSON": lambda g: json.dumps(_listed(g)),
    "_asdict as JSON over lines": lambda g: json.dumps(_listed(g), indent=2),
    "_asdict": lambda g: repr(as_tuple(g)._asdict()),
    "_asdict of old": lambda g: f"OrderedDict({[*as_tuple(g)._asdict().items()]})",
    "the namedtuple as JSON": lambda g: json.dumps([*_listed(g).values()], indent=1),
    "a list a node as JSON": lambda g: json.dumps([*as_tuple(g, by_node)], default=list),
    "NASLib": lambda g: repr(_compact(g)),
    "NASLib as JSON": lambda g: json.dumps(_compact(g), indent=1),
    "NASLib of NumPy 2": lambda g: repr(_compact(g)).replace("(0,", "(np.int64(0),"),
    "NNI": lambda g: repr(_nni(g)),
    "NNI as JSON": lambda g: json.dumps(_nni(g, lambda source: [source]), indent=2),
}
"""Writers that keep the order of edges; none of them has `none`."""
SORTED: dict[str, Callable[[Genotype], str]] = {
    "NAS-Bench-301": lambda g: repr(_config(g)),
    "NAS-Bench-301 as JSON": lambda g: json.dumps(
        {"optimized_hyperparamater_config": _config(g), "loss": 5.1}, indent=2
    ),
    "NAS-Bench-301 of ConfigSpace": lambda g: f"Configuration(values={_config(g)})",
    "NNI 1, names": lambda g: json.dumps(_nni_1(g, _NNI_1.__getitem__)),
    "NNI 1, places": lambda g: repr(_nni_1(g, list(_NNI_1).index, chosen=False)),
    "NNI 1, truth values": lambda g: json.dumps(_nni_1(g, _one_hot)),
}
"""Writers that have the edges of a node by their sources."""


def _nodes(genotype: Genotype) -> list[tuple[tuple[str, int], ...]]:
    cell = genotype.cells["cell"]
    return [tuple((gene.operation, gene.source) for gene in cell if gene.target == node) for node in range(1, 4)]


def _nni_201(genotype: Genotype, key: str = "{}_{}") -> dict[str, str]:
    return {key.format(a, b): name.replace("nor_", "") for a, b, name in genotype.cells["cell"]}


_PLACES = ("skip_connect", "none", "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3")


def _places(genotype: Genotype) -> tuple[int, ...]:
    operations = {(a, b): name for a, b, name in genotype.cells["cell"]}
    return tuple(_PLACES.index(operations[edge]) for edge in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)))


BENCH: dict[str, Callable[[Genotype], str]] = {
    "blanks round the plus": lambda g: g.notation.replace("+", " + "),
    "line ends round the plus": lambda g: g.notation.replace("+", "+\n"),
    "lines of another system": lambda g: g.notation.replace("+", "\r\n+"),
    "blanks in the bars": lambda g: g.notation.replace("|", " | "),
    "quoted": lambda g: repr(g.notation),
    "in an assignment": lambda g: f'BEST = "{g.notation}"',
    "Structure": lambda g: f"Structure(4 nodes with {g.notation})",
    "_Structure": lambda g: f"best = _Structure(4 nodes with {g.notation})",
    "nodes": lambda g: repr(_nodes(g)),
    "nodes in a Structure": lambda g: f"Structure({_nodes(g)})",
    "nodes as JSON": lambda g: json.dumps(_nodes(g)),
    "NASLib": lambda g: repr(_places(g)),
    "NASLib as JSON": lambda g: json.dumps(_places(g), indent=1),
    "NASLib of NumPy 2": lambda g: f"[{', '.join(f'np.int64({place})' for place in _places(g))}]",
    "NASLib printed by NumPy": lambda g: repr(_places(g)).replace(",", "").replace("(", "[").replace(")", "]"),
    "NASLib as an array": lambda g: f"array({list(_places(g))})",
    "NASLib in a log": lambda g: f"INFO best: {_places(g)}",
    "NNI": lambda g: repr(_nni_201(g)),
    "NNI of a module": lambda g: json.dumps(_nni_201(g, "cell/{}_{}")),
    "NNI of a label": lambda g: json.dumps(_nni_201(g, "cell__{}_{}"), indent=1),
}
