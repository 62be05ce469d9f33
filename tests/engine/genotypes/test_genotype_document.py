from __future__ import annotations

import json

import pytest

from engine import SPACES, load_space, parse_genotype
from engine.genotypes.genotype_document import GeneDocument, GenotypeDocument
from engine.spaces import Gene
from tests.engine.documents import SMALL

BENCH = "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|none~2|"
GENES = [
    *[Gene(0, 1, "nor_conv_3x3"), Gene(0, 2, "none"), Gene(1, 2, "avg_pool_3x3")],
    *[Gene(0, 3, "skip_connect"), Gene(1, 3, "nor_conv_1x1"), Gene(2, 3, "none")],
]


def test_a_document_is_written_key_by_key():
    document = GenotypeDocument.of(SPACES["nas-bench-201"], [("cell", GENES)])
    edges = [{"from": gene.source, "to": gene.target, "operation": gene.operation} for gene in GENES]
    expected = {"schema": "freenas/genotype@1", "space": "nas-bench-201", "cells": {"cell": {"edges": edges}}}
    assert json.dumps(document.to_data()) == json.dumps(expected | {"notation": BENCH})
    assert GenotypeDocument.read(document.to_data()).genes == {"cell": GENES}


def test_an_own_space_travels_in_the_document():
    space = load_space(json.dumps(SMALL))
    genotype = parse_genotype(
        "wide: |nor_conv_3x3~0|+|skip_connect~0|noise~1|; half: |noise~0|+|nor_conv_3x3~0|skip_connect~1|", space
    )
    data = GenotypeDocument.of(space, genotype.genes).to_data()
    assert data["space"] == space.reference
    assert GenotypeDocument.read(data).space == space


def test_fields_are_read_by_their_keys_only():
    assert GeneDocument.from_data({"from": 0, "to": 1, "operation": "none"}).target == 1
    with pytest.raises(ValueError, match="Field required"):
        GeneDocument.from_data({"source": 0, "target": 1, "operation": "none"})


def test_what_else_stands_in_a_document_is_left_aside():
    data = parse_genotype(BENCH).to_dict() | {"surprise": 1, "notation": 5}
    assert GenotypeDocument.read(data).genes == {"cell": GENES}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"schema": None}, "at.schema: None found, 'freenas/genotype@1' expected"),
        ({"space": "x"}, "at.space: unknown search space 'x'; allowed: nas-bench-201"),
        ({"cells": []}, r"at.cells: an object expected, \[\] found"),
        ({"cells": {"cell": 5}}, "at.cells.cell: an object expected, 5 found"),
        ({"cells": {"cell": {}}}, "at.cells.cell.edges: a list expected, None found"),
        ({"cells": {"cell": {"edges": [5]}}}, r"at.cells.cell.edges\[0\]: an object expected, 5 found"),
        ({"cells": {"cell": {"edges": [{"from": 0}]}}}, r"edges\[0\]: from and to must be .*, {'from': 0} found"),
        ({"cells": {"cell": {"edges": [], "concat": None}}}, r"cells.cell.concat: None found, \[\] expected"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(change: dict[str, object], sentence: str):
    with pytest.raises(ValueError, match=sentence):
        GenotypeDocument.read(parse_genotype(BENCH).to_dict() | change, "at")
