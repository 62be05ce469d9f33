"""Sheets of figures."""

from __future__ import annotations

import re
from io import BytesIO
from xml.etree import ElementTree

import pytest
from PIL import Image

from engine.exports import figure_sheet
from engine.exports.drawing import gene_arrows
from engine.exports.figure_sheet import SHEET_FORMATS, CellPicture, FigureSheet, sheet_html, sheet_page, write_sheet
from engine.genotypes.genotype import parse_genotype
from tests.engine.exports.test_heatmap import HEATMAP
from tests.engine.genotypes.test_genotype import DARTS

GENOTYPE = parse_genotype(DARTS)
PICTURE = CellPicture(GENOTYPE.space, "normal", tuple(gene_arrows(GENOTYPE.cells["normal"])))
SHEET = FigureSheet(((HEATMAP, HEATMAP), (PICTURE, PICTURE)), "Two & <two>")


@pytest.mark.parametrize("to", SHEET_FORMATS)
def test_every_format_is_written_with_letters_beyond_latin(to: str, capfd: pytest.CaptureFixture[str]):
    starts = {
        "svg": b"<svg",
        "png": b"\x89PNG",
        "pdf": b"%PDF",
        "eps": b"%!PS-Adobe-3.0 EPSF",
        "html": b"<!doctype html>",
    }
    assert write_sheet(SHEET, to).startswith(starts[to])
    assert "Latin1" not in capfd.readouterr().err


def test_an_unknown_format_is_refused_before_it_reaches_graphviz():
    with pytest.raises(ValueError, match="unknown format 'jpeg'; allowed: svg, png, pdf, eps, html"):
        write_sheet(SHEET, "jpeg")


def test_a_png_too_large_for_memory_is_refused():
    with pytest.raises(ValueError, match="million pixels; take svg, pdf, eps or html"):
        write_sheet(FigureSheet(((PICTURE,) * 8,) * 40), "png")


def test_a_large_png_has_fewer_pixels_an_inch(monkeypatch: pytest.MonkeyPatch):
    whole = Image.open(BytesIO(write_sheet(SHEET, "png"))).size
    monkeypatch.setattr(figure_sheet, "_MOST_PIXELS", whole[0] * whole[1] / 2)
    smaller = Image.open(BytesIO(write_sheet(SHEET, "png"))).size
    assert 0.4 < smaller[0] * smaller[1] / (whole[0] * whole[1]) < 0.6


def test_panels_stand_in_rows_and_columns():
    drawing = ElementTree.fromstring(write_sheet(SHEET, "svg"))
    texts = [element for element in drawing.iter() if element.tag.endswith("text")]

    def places(word: str) -> list[tuple[float, float]]:
        return [(float(text.get("x", "")), float(text.get("y", ""))) for text in texts if text.text == word]

    (left, top), (right, same) = places("pinned")
    assert right > left + 100
    assert top == same
    (first, below), (second, level) = places("cₖ₋₁")
    assert below == level > top
    assert second - first == pytest.approx(right - left, abs=0.1)


def test_a_page_needs_nothing_and_runs_nothing():
    page = sheet_page(SHEET)
    assert "<title>Two &amp; &lt;two&gt;</title>" in page
    assert re.findall("<script|<link|<img|@import|url\\(", page) == []
    assert sheet_html(SHEET) in page
    assert (page.count("<table"), page.count("<svg")) == (2, 2)
