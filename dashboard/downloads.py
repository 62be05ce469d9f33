"""The files that a result or a genotype can be taken away as."""

from __future__ import annotations

import streamlit as st

from engine.drawing import genotype_dot, render_png, render_svg
from engine.export import export
from engine.genotype import Genotype
from engine.result import SearchResult


def stem(result: SearchResult) -> str:
    """How file names of a result begin: space, recipe, seed."""
    config = result.config
    return f"freenas-{config.space}-{config.recipe}-seed{config.seed}"


def genotype_buttons(genotype: Genotype, name: str) -> None:
    """Download buttons for everything that a genotype can become."""
    dot = genotype_dot(genotype)
    _button("Genotype JSON", genotype.to_json(), f"{name}.genotype.json", "application/json")
    _button("PyTorch file", export(genotype, "pytorch"), f"{name}.py", "text/x-python")
    _button("SVG", render_svg(dot), f"{name}.svg", "image/svg+xml")
    _button("PNG", render_png(dot), f"{name}.png", "image/png")
    _button("DOT", dot, f"{name}.dot", "text/vnd.graphviz")


def result_buttons(result: SearchResult) -> None:
    """Download buttons for a whole result."""
    name = stem(result)
    genotype_buttons(result.genotype, name)
    _button("Full result JSON", result.to_json(), f"{name}.result.json", "application/json")
    _button("Scores CSV", result.to_csv(), f"{name}.scores.csv", "text/csv")


def _button(label: str, data: str | bytes, file_name: str, mime: str) -> None:
    st.download_button(
        label, data, file_name, mime, key=f"download {file_name}", on_click="ignore", icon=":material/download:"
    )
