"""Download buttons for the files that a result or a genotype can become."""

from __future__ import annotations

import re
from functools import lru_cache

import streamlit as st

from engine.exports.drawing import genotype_dot, render_png
from engine.exports.formats import EXPORTS, export
from engine.genotypes.genotype import Genotype
from engine.searches.result import SearchResult

_FORMS = (
    ("Genotype JSON", "json", "application/json"),
    ("PyTorch file", "pytorch", "text/x-python"),
    ("SVG", "svg", "image/svg+xml"),
    ("DOT", "dot", "text/vnd.graphviz"),
)


def file_stem(*parts: object) -> str:
    """Return the beginning of a file's name, of words and underscores alone, so that Python can import the file."""
    return "_".join(re.findall(r"\w+", " ".join(map(str, ("freenas", *parts)))))


def result_stem(result: SearchResult) -> str:
    """Return the beginning of the names of a result's files: space, recipe, seed."""
    config = result.config
    return file_stem(result.space.name, config.recipe, f"seed{config.seed}")


def genotype_buttons(genotype: Genotype, name: str) -> None:
    """Draw download buttons for everything that a genotype can become."""
    for label, form, mime in _FORMS:
        _button(label, _written(genotype, form), f"{name}{EXPORTS[form].suffix}", mime)
    _button("PNG", render_png(genotype_dot(genotype)), f"{name}.png", "image/png")


def result_buttons(result: SearchResult) -> None:
    """Draw download buttons for a whole result."""
    name = result_stem(result)
    genotype_buttons(result.genotype, name)
    text, table = _documents(result)
    _button("Full result JSON", text, f"{name}.result.json", "application/json")
    _button("Scores CSV", table, f"{name}.scores.csv", "text/csv")


@lru_cache(maxsize=256)
def _written(genotype: Genotype, form: str) -> str | bytes:
    """Return a genotype in a form; written once, since a page is drawn again and again."""
    return export(genotype, form)


@lru_cache(maxsize=16)
def _documents(result: SearchResult) -> tuple[str, str]:
    """Return a result as JSON and its scores as CSV; written once, too."""
    return result.to_json(), result.to_csv()


def _button(label: str, data: str | bytes, file_name: str, mime: str) -> None:
    st.download_button(
        label, data, file_name, mime, key=f"download {file_name}", on_click="ignore", icon=":material/download:"
    )
