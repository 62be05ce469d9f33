"""Download buttons for the files that a result or a genotype can become.

A file is written when its button is clicked: the buttons are drawn with functions in place of contents.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import NamedTuple

import streamlit as st

from dashboard.server.installation import PACKAGE
from dashboard.server.limits import read_only
from engine.exports.formats import EXPORTS, export
from engine.exports.weights import onnx_installed
from engine.genotypes.genotype import Genotype
from engine.networks.cost import network_cost
from engine.searches.figures import result_figure
from engine.searches.result import SearchResult


class _File(NamedTuple):
    """A file that a genotype can become: the words on its button, its format, media type, and the end of its name."""

    label: str
    form: str
    mime: str
    end: str = ""


_TRAINING = _File("Training script", "train", "text/x-python", "_train")
_NETWORKS = (
    _File("Genotype JSON", "json", "application/json"),
    _File("PyTorch file", "pytorch", "text/x-python"),
    _TRAINING,
    _File("ONNX", "onnx", "application/octet-stream"),
    _File("torch.export", "torch-export", "application/octet-stream"),
)
_PICTURES = (
    _File("SVG", "svg", "image/svg+xml"),
    _File("PNG", "png", "image/png"),
    _File("PDF", "pdf", "application/pdf"),
    _File("EPS", "eps", "application/postscript"),
    _File("TikZ", "tikz", "application/x-tex"),
    _File("DOT", "dot", "text/vnd.graphviz"),
)
_FIGURES = (*_PICTURES[:3], _File("HTML", "html", "text/html"))
_MOST_WEIGHTS = 25_000_000
"""Parameters of the largest network whose weights a server writes."""
_PATIENCE = 300.0
"""Seconds that a network with its weights may take, and that it may wait for others."""
_WEIGHTS = "With weights as PyTorch draws them, from seed 0: untrained. It takes about half a minute to write."
_one_at_a_time = threading.Lock()


def file_stem(*parts: object) -> str:
    """Return the beginning of a file's name, of words and underscores alone, so that Python can import the file."""
    return "_".join(re.findall(r"\w+", " ".join(map(str, ("freenas", *parts)))))


def result_stem(result: SearchResult) -> str:
    """Return the beginning of the names of a result's files: space, recipe, seed."""
    config = result.config
    return file_stem(result.space.name, config.recipe, f"seed{config.seed}")


def genotype_buttons(genotype: Genotype, name: str, note: str = "") -> None:
    """Draw download buttons for everything that a genotype can become, source with a `note` on what it is worth."""
    with _group("Network"):
        for file in _offered(genotype):
            _genotype_button(file, genotype, name, note)
    with _group("Picture of the cell"):
        for file in _PICTURES:
            _genotype_button(file, genotype, name, note)


def result_buttons(result: SearchResult, note: str = "") -> None:
    """Draw download buttons for a whole result, source with a `note` on what it is worth."""
    name = result_stem(result)
    genotype_buttons(result.genotype, name, note)
    figures = ("heatmap", "replay") if result.steps else ("heatmap",)
    for figure in figures:
        with _group(figure.capitalize()):
            for file in _FIGURES:
                write = partial(result_figure, result, figure, file.form)
                _button(file.label, write, f"{name}.{figure}.{file.form}", file.mime)
    with _group("Numbers"):
        _button("Full result JSON", result.to_json, f"{name}.result.json", "application/json")
        _button("Scores CSV", result.to_csv, f"{name}.scores.csv", "text/csv")


def training_button(genotype: Genotype, name: str, note: str = "") -> None:
    """Draw the button that takes away the script which trains a genotype."""
    _genotype_button(_TRAINING._replace(label="Train it"), genotype, name, note, place="next")


@contextmanager
def _group(title: str) -> Iterator[None]:
    """Draw a row of buttons below its title."""
    st.caption(title)
    with st.container(horizontal=True, gap="xsmall"):
        yield


def _genotype_button(file: _File, genotype: Genotype, name: str, note: str, place: str = "menu") -> None:
    file_name = f"{name}{file.end}{EXPORTS[file.form].suffix}"
    if EXPORTS[file.form].weights:
        _button(file.label, partial(_with_weights, genotype, file.form), file_name, file.mime, _WEIGHTS)
    else:
        _button(file.label, partial(export, genotype, file.form, None, note), file_name, file.mime, place=place)


def _offered(genotype: Genotype) -> Iterator[_File]:
    """Yield the files of a network, those with weights where this server computes and the network is not too large."""
    weights = not read_only() and network_cost(genotype).params <= _MOST_WEIGHTS
    for file in _NETWORKS:
        if (weights or not EXPORTS[file.form].weights) and (file.form != "onnx" or onnx_installed()):
            yield file


@lru_cache(maxsize=4)
def _with_weights(genotype: Genotype, form: str) -> bytes:
    """Return a genotype in a format with weights, written in a process of its own, one at a time for all sessions."""
    if not _one_at_a_time.acquire(timeout=_PATIENCE):
        raise TimeoutError("too many networks are being written; try again in a while")
    try:
        command = [sys.executable, "-m", "engine", "export", "-", "--to", form]
        text = genotype.to_json().encode()
        return subprocess.run(
            command, input=text, capture_output=True, check=True, timeout=_PATIENCE, cwd=PACKAGE.parent
        ).stdout
    finally:
        _one_at_a_time.release()


def _button(
    label: str,
    write: Callable[[], str | bytes],
    file_name: str,
    mime: str,
    words: str | None = None,
    place: str = "menu",
) -> None:
    st.download_button(
        label,
        write,
        file_name,
        mime,
        key=f"download {file_name} in {place}",
        help=words,
        on_click="ignore",
        icon=":material/download:",
    )
