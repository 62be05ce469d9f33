"""Pictures of cells as TikZ."""

from __future__ import annotations

import re

import pytest

from engine import SPACES
from engine.exports.drawing import draw_genotype
from engine.exports.tikz import genotype_tikz, latex_text
from engine.operations.registry import get_operation
from engine.spaces import SearchSpace
from tests.engine.exports.spaces import every_space, varied


@every_space
def test_pictures_show_every_edge_and_define_their_colours(space: SearchSpace):
    genotype = varied(space)
    text = genotype_tikz(genotype)
    for _, genes in genotype.genes:
        assert all(f"{get_operation(gene.operation).short}" in text for gene in genes)
    assert text.count("\\draw[") == sum(
        len(drawing.edges) + (drawing.layout.joint is not None) for drawing in draw_genotype(genotype)
    )
    assert {*re.findall(r"\bc[0-9A-F]{6}\b", text)} == {*re.findall(r"definecolor{(c[0-9A-F]{6})}", text)}
    assert text.isascii()


def test_braces_and_environments_are_closed():
    text = genotype_tikz(varied(SPACES["darts"]))
    assert text.count("{") == text.count("}")
    assert re.findall(r"\\begin{(\w+)}", text) == ["tikzpicture", "scope", "scope"]
    assert re.findall(r"\\end{(\w+)}", text) == ["scope", "scope", "tikzpicture"]


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("cₖ₋₂", "$c_{k-2}$"),
        ("16² × 64", "16$^2$ $\\times$ 64"),
        ("a, ₁", "a, $_{1}$"),
        ("Σ1", "$\\Sigma$1"),
        ("50 % & more_", "50 \\% \\& more\\_"),
        ("a\\b", "a\\textbackslash{}b"),
    ],
)
def test_texts_are_escaped(text: str, latex: str):
    assert latex_text(text) == latex
