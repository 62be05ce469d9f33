"""Pictures of cells."""

from __future__ import annotations

from xml.etree import ElementTree

from engine.exports.formats import export
from engine.spaces import SearchSpace
from tests.engine.exports.spaces import every_space, varied


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
