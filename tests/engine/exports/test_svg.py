"""Pictures of cells as SVG."""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import SPACES
from engine.exports.drawing import Arrow, gene_arrows
from engine.exports.svg import cell_svg, genotype_svg, supernet_svg, thumbnail_svg
from engine.operations.registry import get_operation
from engine.spaces import Gene, SearchSpace
from tests.engine.exports.pictures import SVG
from tests.engine.exports.spaces import every_space, varied
from tests.engine.strategies import PARALLEL, genotypes


def edges_of(svg: str) -> dict[str, ElementTree.Element]:
    groups = ElementTree.fromstring(svg).iter(f"{SVG}g")
    return {group.get("id"): group for group in groups if group.get("id", "").startswith("edge-")}


def words(edge: ElementTree.Element) -> dict[str, str]:
    return {span.get("class"): span.text or "" for span in edge.iter(f"{SVG}tspan")}


@every_space
def test_pictures_show_every_edge(space: SearchSpace):
    genotype = varied(space)
    edges = edges_of(genotype_svg(genotype))
    assert {name: words(edge)["name"] for name, edge in edges.items()} == {
        f"edge-{kind}-{gene.source}-{gene.target}": get_operation(gene.operation).short
        for kind, genes in genotype.genes
        for gene in genes
    }
    root = ElementTree.fromstring(genotype_svg(genotype))
    assert root.get("role") == "img"
    assert all(gene.operation in root.get("aria-label") for _, genes in genotype.genes for gene in genes)


def test_a_script_finds_what_it_changes():
    edges = edges_of(supernet_svg(SPACES["mobilenet"], "network"))
    assert len(edges) == 21
    for number, edge in enumerate(edges.values(), start=1):
        assert [path.get("class") for path in edge.findall(f"{SVG}path")] == ["line", "head"]
        chip = edge.find(f"{SVG}g[@class='chip']")
        assert [element.tag for element in chip] == [f"{SVG}rect", f"{SVG}text"]
        assert words(edge) == {"label": str(number), "name": "", "note": ""}
    root = ElementTree.fromstring(supernet_svg(SPACES["mobilenet"], "network"))
    assert root.get("role") is None  # an image has no buttons within


def test_edges_have_the_looks_of_their_arrows():
    arrows = [Arrow(Gene(0, 1, "nor_conv_3x3"), 1.0, note="+4"), Arrow(Gene(1, 2, "skip_connect"), faint=True)]
    chosen, faint = edges_of(cell_svg(SPACES["nas-bench-201"], "cell", arrows)).values()
    assert (chosen.get("class"), faint.get("class")) == ("edge chosen", "edge faint")
    assert chosen[0].get("stroke") == chosen[1].get("fill") == get_operation("nor_conv_3x3").colour
    assert (chosen[0].get("stroke-width"), chosen[0].get("stroke-dasharray")) == ("5", None)
    assert faint[0].get("stroke-dasharray")
    assert words(chosen)["note"] == "+4"


def test_names_are_text_and_no_markup():
    arrow = Arrow(Gene(0, 1, "nor_conv_3x3"), note='<b>&"')
    (edge,) = edges_of(cell_svg(SPACES["nas-bench-201"], "cell", [arrow])).values()
    assert words(edge)["note"] == '<b>&"'


def test_white_space_in_labels_is_no_part_of_them():
    edges = edges_of(cell_svg(SPACES["nas-bench-201"], "cell", gene_arrows([Gene(0, 1, "none")])))
    (text,) = next(iter(edges.values())).iter(f"{SVG}text")
    assert "".join(text.itertext()) == "none"


@settings(max_examples=5)
@given(data=st.data())
@pytest.mark.parametrize("name", ["darts"])
def test_pictures_show_every_edge_as_often_as_it_stands_there(name: str, data: st.DataObject):
    genotype = data.draw(genotypes(PARALLEL[name], derivable=False))
    names = Counter(words(edge)["name"] for edge in edges_of(genotype_svg(genotype)).values())
    assert names == Counter(get_operation(gene.operation).short for _, genes in genotype.genes for gene in genes)


def test_a_thumbnail_has_the_edges_and_no_words():
    genotype = varied(SPACES["darts"])
    svg = thumbnail_svg(genotype)
    assert "<text" not in svg
    assert svg.count('class="edge"') == len(genotype.genes[0][1])
