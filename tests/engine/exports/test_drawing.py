"""Pictures of cells: their edges in the colours of their operations, and what is written on them."""

from __future__ import annotations

import pytest

from engine import SPACES
from engine.exports.colours import contrast
from engine.exports.drawing import (
    FAINT_INK,
    INK,
    NODE_FILLS,
    Arrow,
    above_each_other,
    cell_description,
    cell_title,
    draw_cell,
    draw_genotype,
    draw_supernet,
    gene_arrows,
)
from engine.operations.registry import OPERATIONS
from engine.spaces import Gene
from tests.engine.exports.spaces import varied

SPACE, DARTS = SPACES["nas-bench-201"], SPACES["darts"]


def test_an_edge_is_drawn_as_its_arrow_says():
    gene = Gene(0, 1, "nor_conv_3x3")
    plain, wide, faint = draw_cell(SPACE, "cell", [Arrow(gene), *_others(Arrow(gene, 1.0, note="+2"))]).edges[:3]
    assert (plain.id, plain.name, plain.note, plain.faint) == ("edge-cell-0-1", "conv 3", "", False)
    assert plain.colour == plain.pale == plain.ground == OPERATIONS["nor_conv_3x3"].colour
    assert (wide.note, wide.width) == ("+2", 5.0)
    assert faint.faint
    assert faint.pale != faint.colour == OPERATIONS["none"].colour


def _others(arrow: Arrow) -> list[Arrow]:
    return [Arrow(Gene(0, 2, arrow.gene.operation), arrow.width, note=arrow.note), Arrow(Gene(1, 2, "none"))]


@pytest.mark.parametrize("name", OPERATIONS)
def test_labels_can_be_read(name: str):
    for faint in (False, True):
        space = next(space for space in SPACES.values() if name in space.operations)
        (edge,) = draw_cell(space, space.cell_types[0], [Arrow(Gene(*space.edges[0], name), faint=faint)]).edges
        assert contrast(edge.ink, edge.ground) >= 4.5


def test_texts_on_nodes_can_be_read():
    assert all(contrast(INK, fill) >= 4.5 for fill in NODE_FILLS.values())
    assert contrast(FAINT_INK, "#FFFFFF") >= 4.5


def test_an_input_that_is_read_twice_has_two_edges():
    genes = [Gene(0, 2, "sep_conv_3x3"), Gene(0, 2, "max_pool_3x3"), Gene(1, 3, "none"), Gene(1, 3, "none")]
    edges = draw_cell(DARTS, "normal", gene_arrows(genes)).edges
    ids = ["edge-normal-0-2", "edge-normal-0-2-1", "edge-normal-1-3", "edge-normal-1-3-1"]
    assert [edge.id for edge in edges] == ids
    assert [edge.name for edge in edges] == ["sep 3", "max 3", "none", "none"]
    assert len({edge.route for edge in edges}) == 4


def test_a_supernet_has_every_edge_and_no_names():
    edges = draw_supernet(DARTS, "normal").edges
    assert [edge.slot.edge for edge in edges] == [*DARTS.edges]
    assert {edge.name for edge in edges} == {""}


def test_cells_stand_above_each_other_below_their_titles():
    (normal, reduce), page = above_each_other(draw_genotype(varied(DARTS)))
    assert (normal.title, reduce.title) == ("Normal cell", "Reduction cell")
    assert normal.moved.x == reduce.moved.x
    assert reduce.moved.y - normal.moved.y >= normal.drawing.frame.height
    assert page.height >= 2 * normal.drawing.frame.height
    (alone,), page = above_each_other(draw_genotype(varied(SPACE)))
    assert alone.title == ""
    assert (page.width, page.height) == (alone.drawing.frame.width, alone.drawing.frame.height)


@pytest.mark.parametrize(
    ("kind", "title"),
    [("cell", "Cell"), ("reduce", "Reduction cell"), ("normal", "Normal cell"), ("network", "Network")],
)
def test_cell_types_have_titles(kind: str, title: str):
    assert cell_title(kind) == title


def test_a_picture_is_told_edge_by_edge():
    genes = [Gene(0, 1, "nor_conv_3x3"), Gene(1, 3, "none")]
    assert cell_description(SPACE, "cell", genes) == "Cell of NAS-Bench-201: 0→1 nor_conv_3x3, 1→3 none."
