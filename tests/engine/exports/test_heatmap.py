"""Heatmaps as tables."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from engine.exports.colours import VIRIDIS, contrast
from engine.exports.figure_sheet import FigureSheet, write_sheet
from engine.exports.heatmap import Heatmap, HeatmapField, heatmap_html

FIELDS = (
    (HeatmapField("1", 1.0), HeatmapField("100", 100.0, "pinned", "solid")),
    (HeatmapField("×", note="banned"), HeatmapField("10", 10.0, border="dashed")),
)
HEATMAP = Heatmap(
    title="Cell of <b>R&D</b>",
    notes=('% of "it"',),
    edges=("0→1", "<1>→2"),
    operations=("none", "nor_conv_3x3"),
    fields=FIELDS,
    limits=(1.0, 100.0),
    legend=("×: pruned",),
)


def texts(drawing: ElementTree.Element) -> list[str]:
    return [" ".join(element.itertext()).strip() for element in drawing.iter() if element.tag.endswith("text")]


def test_a_drawing_has_the_numbers_names_and_signs():
    found = texts(ElementTree.fromstring(write_sheet(FigureSheet(((HEATMAP,),)), "svg")))
    expected = ["Cell of <b>R&D</b>", '% of "it"', "0→1", "<1>→2", "none", "conv 3", "1", "100", "10", "×"]
    assert [text for text in [*expected, "pinned", "banned", "×: pruned"] if text not in found] == []


def test_fields_are_large_enough_and_have_the_colours_of_their_numbers():
    drawing = ElementTree.fromstring(write_sheet(FigureSheet(((HEATMAP,),)), "svg"))
    shapes = {element.get("fill"): element for element in drawing.iter() if element.tag.endswith("polygon")}
    assert {VIRIDIS[0].lower(), "#22908c", VIRIDIS[-1].lower()} <= {str(fill).lower() for fill in shapes}
    points = [tuple(map(float, point.split(","))) for point in shapes["#440154"].get("points", "").split()]
    width, height = (max(axis) - min(axis) for axis in zip(*points, strict=True))
    assert width >= 48 - 1
    assert height >= 36 - 1


@pytest.mark.parametrize("field", [field for row in FIELDS for field in row])
def test_every_text_is_read_on_its_ground(field: HeatmapField):
    ground, ink = field.colours((1.0, 100.0), log=True)
    assert contrast(ground, ink) >= 4.5


def test_html_is_a_table_without_markup_of_others():
    table = heatmap_html(HEATMAP)
    drawing = ElementTree.fromstring(table.replace("<br>", "<br/>"))
    assert [cell.text for cell in drawing.iter("th")] == ["none", "conv 3", "0→1", "<1>→2"]
    assert "<script" not in table
    assert "<b>R" not in table
    assert [cell.text for row in drawing.find("tbody") or [] for cell in row.iter("td")] == ["1", "100", "×", "10"]


def test_the_scale_is_labelled_with_its_numbers():
    assert HEATMAP.scale_labels == ("1", "10", "100")
    in_proportion = Heatmap("", (), (), (), (), (1.0, 100.0), log=False)
    assert in_proportion.scale_labels == ("0", "50", "100")
