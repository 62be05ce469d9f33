"""Configurations of NAS-Bench-301 (arXiv 2008.09777): ConfigSpace dictionaries of DARTS cells.

As in `nasbench301/representations.py` of github.com/automl/nasbench301: `edge_normal_4` is the operation on the fifth
edge of the normal cell, the edges being listed by the node that they lead to, and `inputs_node_normal_3` names the two
nodes that lead to node 3; node 2 has both inputs.
"""

from __future__ import annotations

from typing import Any

from engine.common.errors import quoted
from engine.genotypes.notations.form import Excerpt, Form, Translation, bracketed
from engine.genotypes.notations.literals import Items, read_literal
from engine.genotypes.notations.pairs import FIELDS, translate_fields
from engine.spaces import SPACES

_PREFIX = "NetworkSelectorDatasetInfo:darts:"
_COLON = "_COLON_"
"""The colons in names of YAHPO Gym (github.com/slds-lmu/yahpo_gym)."""
_SPACE = SPACES["darts"]


def _translate(excerpt: Excerpt) -> Translation:
    values = read_literal(excerpt, "not a dictionary of NAS-Bench-301")
    if not isinstance(values, dict):
        raise ValueError(f"a configuration of NAS-Bench-301 is a dictionary with keys such as {_PREFIX}edge_normal_0")
    values = {name.replace(_COLON, ":").removeprefix(_PREFIX): value for name, value in values.items()}
    cells = [_cell(values, kind) for kind in _SPACE.cell_types]
    concat = Items(_SPACE.concatenated)
    translation = translate_fields(dict(zip(FIELDS, (cells[0], concat, cells[1], concat), strict=True)), "a cell")
    others = sum(not name.startswith(("edge_", "inputs_node_")) for name in values)
    notes = (f"left out {others} settings beside the cells",) if others else ()
    return Translation(translation.notation, translation.text, notes)


def _cell(values: dict[str, Any], kind: str) -> Items:
    edges = []
    for index, edge in enumerate(_SPACE.edges):
        operation = values.get(f"edge_{kind}_{index}")
        chosen = str(values.get(f"inputs_node_{kind}_{edge.target}", "")).split("_")
        stands = operation is not None
        if chosen != [""] and stands != (str(edge.source) in chosen):
            raise ValueError(
                f"edge_{kind}_{index} is the edge {edge.source}→{edge.target}, and inputs_node_{kind}_{edge.target} "
                f"{quoted('_'.join(chosen))} {'leaves it out' if stands else 'has it, but no operation is on it'}"
            )
        if stands:
            edges.append((edge.target, Items((operation, edge.source))))
    return Items(Items(pair for target, pair in edges if target == node) for node in range(2, _SPACE.nodes))


FORM = Form(
    name="nas-bench-301",
    title="a configuration of NAS-Bench-301, as a dictionary or JSON",
    example='{"NetworkSelectorDatasetInfo:darts:edge_normal_0": "sep_conv_3x3", …}',
    notations=("darts",),
    find=bracketed(rf"\{{[^{{}}]*?darts(?::|{_COLON})(?:edge|inputs_node)_(?:normal|reduce)_[0-9]"),
    translate=_translate,
)
