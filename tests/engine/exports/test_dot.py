"""Pictures of cells as DOT, and what Graphviz makes of it."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pygraphviz
import pytest

from engine import SPACES, Genotype
from engine.exports.dot import DEFAULTS, PICTURE_FORMATS, cell_statements, genotype_dot, render_picture
from engine.exports.drawing import Arrow, PlacedDrawing, above_each_other, draw_cell, draw_genotype
from engine.exports.geometry import Point
from engine.genotypes.population import Population
from engine.spaces import Gene, SearchSpace
from tests.engine.exports.pictures import SVG, points_of
from tests.engine.exports.spaces import every_space, varied

SIGNATURES = {"svg": b"<svg", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF", "eps": b"%!PS-Adobe-3.0 EPSF"}
SMALL = varied(SPACES["nas-bench-201"])


@every_space
def test_everything_has_its_position(space: SearchSpace):
    genotype = varied(space)
    graph = pygraphviz.AGraph(string=genotype_dot(genotype))
    assert all(node.attr["pos"] for node in graph.nodes())
    drawn = {edge.attr["id"]: edge for edge in graph.edges() if edge.attr["id"]}
    placed, _ = above_each_other(draw_genotype(genotype))
    for drawing, _, moved in placed:
        for edge in drawing.edges:
            end, *points = drawn[edge.id].attr["pos"].split()
            expected = np.array([edge.route.stroke.head[0], *edge.route.stroke.curve]) + np.array(moved)
            found = np.array([point.split(",") for point in (end.removeprefix("e,"), *points)], dtype=float)
            np.testing.assert_allclose(found * [1, -1], expected, atol=0.01)


def test_graphviz_draws_what_it_is_told():
    """Its own SVG has the lines that ours has, moved to another origin."""
    svg = ElementTree.fromstring(render_picture(genotype_dot(SMALL), "svg"))
    ours = {edge.id: edge.route.stroke.curve for edge in draw_genotype(SMALL)[0].edges}
    shifts = []
    for group in svg.iter(f"{SVG}g"):
        if group.get("id") in ours:
            path = next(group.iter(f"{SVG}path")).get("d").replace(",", " ")
            start, end = points_of(path)[[0, -1]]
            curve = ours[group.get("id")]
            assert np.subtract(end, start) == pytest.approx(np.subtract(curve[-1], curve[0]), abs=0.02)
            shifts.append(start - np.array(curve[0]))
    assert len(shifts) == len(ours)
    assert np.ptp(shifts, axis=0) == pytest.approx([0, 0], abs=0.02)


@pytest.mark.parametrize("to", PICTURE_FORMATS)
def test_pictures_are_what_they_are_called(to: str):
    picture = render_picture(genotype_dot(SMALL), to)
    assert SIGNATURES[to] in picture[:600]


def test_a_picture_is_as_large_whatever_is_dropped():
    """Twice as large as on a screen."""
    space = SPACES["darts"]
    sizes = []
    for genotype in (varied(space), Population.sample(space, 1, seed=3).genotype(0)):
        png = render_picture(genotype_dot(genotype), "png")
        sizes.append((int.from_bytes(png[16:20]), int.from_bytes(png[20:24])))
    assert sizes[0] == sizes[1]
    _, page = above_each_other(draw_genotype(varied(space)))
    assert sizes[0] == pytest.approx((page.width * 192 / 72, page.height * 192 / 72), abs=3)


def test_unknown_formats_are_named():
    with pytest.raises(ValueError, match=r"'gif'.*svg, png, pdf, eps"):
        render_picture(genotype_dot(SMALL), "gif")


def test_names_are_text_and_no_markup():
    space = replace(SMALL.space, input_nodes=("a&lt;\\n",))
    drawing = draw_cell(space, "cell", [Arrow(Gene(0, 1, "nor_conv_3x3"), note="<b>&")])
    statements = cell_statements(PlacedDrawing(drawing, "", Point(0, 0)))
    svg = ElementTree.fromstring(render_picture("\n".join(("digraph {", *DEFAULTS, *statements, "}")), "svg"))
    texts = [element.text or "" for element in svg.iter(f"{SVG}text")]
    assert "a&lt;\\n" in texts
    assert any("<b>&" in text for text in texts)


def test_letters_of_any_alphabet_are_drawn(capfd: pytest.CaptureFixture[str]):
    render_picture(genotype_dot(varied(SPACES["darts"])), "eps")
    assert "Warning" not in capfd.readouterr().err


def test_the_same_genotype_is_written_the_same():
    again = Genotype.of(SMALL.space, dict(SMALL.genes))
    assert genotype_dot(SMALL) == genotype_dot(again)
