"""Pictures of cells."""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import SPACES
from engine.exports.drawing import (
    Arrow,
    cell_description,
    cell_dot,
    cell_graph,
    cell_title,
    gene_arrows,
    has_rows,
    render_png,
    render_svg,
)
from engine.exports.formats import export
from engine.spaces import Edge, Gene, SearchSpace
from tests.engine.exports.spaces import every_space, varied
from tests.engine.reference import PUBLISHED
from tests.engine.strategies import PARALLEL, genotypes


@every_space
def test_pictures_show_every_edge(space: SearchSpace):
    genotype = varied(space)
    drawing = ElementTree.fromstring(export(genotype, "svg"))
    found = {element.get("id") for element in drawing.iter() if element.get("id", "").startswith("edge-")}
    edges = {f"edge-{kind}-{gene.source}-{gene.target}" for kind, genes in genotype.genes for gene in genes}
    assert found == edges
    dot = export(genotype, "dot")
    assert dot.startswith("digraph")
    assert all(edge in dot for edge in edges)


def test_widths_are_relative_to_the_largest_and_alike_without_any():
    genes = [Gene(0, 1, "skip_connect"), Gene(0, 2, "none"), Gene(1, 2, "nor_conv_3x3")]
    widths = {Edge(0, 1): 1.0, Edge(0, 2): 0.0, Edge(1, 2): 4.0}
    assert [arrow.width for arrow in gene_arrows(genes, widths)] == [0.25, 0, 1]
    assert [arrow.width for arrow in gene_arrows(genes, dict.fromkeys(widths, 0.0))] == [0, 0, 0]
    assert len({arrow.width for arrow in gene_arrows(genes)}) == 1
    assert [arrow.gene for arrow in gene_arrows(genes, widths)] == genes


@every_space
def test_a_graph_has_the_nodes_of_its_space_and_an_output(space: SearchSpace):
    _, genes = varied(space).genes[0]
    graph = cell_graph(space, gene_arrows(genes))
    roles = Counter(nx.get_node_attributes(graph, "role").values())
    assert (roles["input"], roles["output"]) == (space.inputs, 1)
    assert len(graph) == space.nodes + bool(space.concatenated)
    joined = {edge for edge, arrow in nx.get_edge_attributes(graph, "arrow").items() if arrow is None}
    assert joined == {(node, "output", 0) for node in space.concatenated}
    assert set(graph.edges) - joined == {(*gene[:2], 0) for gene in genes}


@pytest.mark.parametrize(
    ("kind", "title"),
    [("cell", "Cell"), ("reduce", "Reduction cell"), ("normal", "Normal cell"), ("network", "Network")],
)
def test_cell_types_have_titles(kind: str, title: str):
    assert cell_title(kind) == title


def test_a_picture_is_told_edge_by_edge():
    space = SPACES["nas-bench-201"]
    genes = [Gene(0, 1, "nor_conv_3x3"), Gene(1, 3, "none")]
    assert cell_description(space, "cell", genes) == "Cell of NAS-Bench-201: 0→1 nor_conv_3x3, 1→3 none."


def test_layers_stand_in_rows_and_nodes_of_cells_do_not():
    assert {name for name in PUBLISHED if has_rows(SPACES[name])} == {"nas-bench-macro", "mobilenet"}


def test_names_of_operations_are_text_and_no_markup():
    arrow = Arrow(Gene(0, 1, "nor_conv_3x3"), note="<b>&")
    svg = ElementTree.fromstring(render_svg(cell_dot(SPACES["nas-bench-201"], "cell", [arrow])))
    assert any("<b>&" in (element.text or "") for element in svg.iter())


def test_a_png_is_twice_as_large_as_on_a_screen():
    dot = cell_dot(SPACES["nas-bench-201"], "cell", [])
    width = float(ElementTree.fromstring(render_svg(dot)).get("width").removesuffix("pt")) / 72  # inches
    png = render_png(dot)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20]) == pytest.approx(192 * width, abs=3)


def test_an_input_that_is_read_twice_has_two_arrows_with_a_label_each():
    space = SPACES["darts"]
    genes = [Gene(0, 2, "sep_conv_3x3"), Gene(0, 2, "max_pool_3x3"), Gene(1, 3, "none"), Gene(1, 3, "none")]
    drawing = ElementTree.fromstring(render_svg(cell_dot(space, "normal", gene_arrows(genes))))
    edges = {element.get("id"): element for element in drawing.iter() if element.get("id", "").startswith("edge-")}
    assert list(edges) == ["edge-normal-0-2", "edge-normal-0-2-1", "edge-normal-1-3", "edge-normal-1-3-1"]
    labels = [next(each.text for each in edge.iter() if each.tag.endswith("text")) for edge in edges.values()]
    assert labels == ["sep 3", "max 3", "none", "none"]
    paths = [next(each for each in edge.iter() if each.tag.endswith("path")) for edge in edges.values()]
    assert len({path.get("d") for path in paths}) == 4
    assert [path.get("stroke-dasharray") is not None for path in paths] == [False, False, True, True]
    assert [edge.get("class") for edge in edges.values()] == ["edge chosen", "edge chosen", "edge faint", "edge faint"]


@settings(max_examples=10)
@given(data=st.data())
@pytest.mark.parametrize("space", PARALLEL.values(), ids=PARALLEL)
def test_pictures_show_every_edge_as_often_as_it_stands_there(space: SearchSpace, data: st.DataObject):
    genotype = data.draw(genotypes(space, derivable=False))
    for kind, genes in genotype.genes:
        graph = cell_graph(space, gene_arrows(genes))
        drawn = [arrow.gene for _, _, arrow in graph.edges(data="arrow") if arrow is not None]
        assert Counter(drawn) == Counter(genes)
        assert cell_dot(space, kind, gene_arrows(genes)).count(" -> ") == len(genes) + len(space.concatenated)
