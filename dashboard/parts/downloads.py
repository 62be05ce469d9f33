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
    """A file that a genotype can become: the words on its button, its format, and the end of its name."""

    label: str
    form: str
    end: str = ""


_TRAINING = _File("Training script", "train", "_train")
_NETWORKS = (
    _File("Genotype JSON", "json"),
    _File("PyTorch file", "pytorch"),
    _TRAINING,
    _File("ONNX", "onnx"),
    _File("torch.export", "torch-export"),
)
_PICTURES = (
    *(_File("SVG", "svg"), _File("PNG", "png"), _File("PDF", "pdf")),
    *(_File("EPS", "eps"), _File("TikZ", "tikz"), _File("DOT", "dot")),
)
_FIGURES = (*_PICTURES[:3], _File("HTML", "html"))
_MIMES = {
    "csv": "text/csv",
    "dot": "text/vnd.graphviz",
    "eps": "application/postscript",
    "html": "text/html",
    "json": "application/json",
    "md": "text/markdown",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "png": "image/png",
    "py": "text/x-python",
    "svg": "image/svg+xml",
    "tex": "application/x-tex",
}
"""Media types by the ends of files."""
_MOST_WEIGHTS = 25_000_000
"""Parameters of the largest network whose weights a server writes."""
_PATIENCE = 300.0
"""Seconds that a network with its weights may take, and that it may wait for others."""
_WEIGHTS = "With weights as PyTorch draws them, from seed 0: untrained. It takes about half a minute to write."
_BUSY = "too many networks are being written; try again in a while"
_one_at_a_time, _room = threading.Lock(), threading.BoundedSemaphore(3)
"""The process that writes weights, and the threads that it may keep from writing other files meanwhile."""


def file_stem(*parts: object) -> str:
    """Return the beginning of a file's name, of words and underscores alone, so that Python can import the file."""
    return "_".join(re.findall(r"\w+", " ".join(map(str, ("freenas", *parts)))))


def result_stem(result: SearchResult) -> str:
    """Return the beginning of the names of a result's files: space, recipe, seed."""
    config = result.config
    return file_stem(result.space.name, config.recipe, f"seed{config.seed}")


def mime_type(file_name: str) -> str:
    """Return the media type of a file by the end of its name."""
    return _MIMES.get(file_name.rpartition(".")[2], "application/octet-stream")


def export_menu(key: str, draw: Callable[[], None], disabled_help: str = "") -> None:
    """Draw the menu of files, which `draw` fills once it is open; `disabled_help` is the reason why there are none."""
    menu = st.popover(
        "Export",
        icon=":material/download:",
        key=key,
        on_change="rerun",
        disabled=bool(disabled_help),
        help=disabled_help or None,
    )
    if menu.open and not disabled_help:
        with menu:
            draw()


def file_button(
    label: str, write: Callable[[], str | bytes], file_name: str, words: str | None = None, place: str = "menu"
) -> None:
    """Draw the button of a file, which is written at the click; a page has one for each file and `place`."""
    st.download_button(
        label,
        write,
        file_name,
        mime_type(file_name),
        key=f"download {file_name} in {place}",
        help=words,
        on_click="ignore",
        icon=":material/download:",
    )


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
                file_button(file.label, write, f"{name}.{figure}.{file.form}")
    with _group("Numbers"):
        file_button("Full result JSON", result.to_json, f"{name}.result.json")
        file_button("Scores CSV", result.to_csv, f"{name}.scores.csv")


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
        file_button(file.label, partial(_with_weights, genotype, file.form), file_name, _WEIGHTS)
    else:
        file_button(file.label, partial(export, genotype, file.form, None, note), file_name, place=place)


def _offered(genotype: Genotype) -> Iterator[_File]:
    """Yield the files of a network, those with weights where this server computes and the network is not too large."""
    weights = not read_only() and network_cost(genotype).params <= _MOST_WEIGHTS
    for file in _NETWORKS:
        if (weights or not EXPORTS[file.form].weights) and (file.form != "onnx" or onnx_installed()):
            yield file


@lru_cache(maxsize=4)
def _with_weights(genotype: Genotype, form: str) -> bytes:
    """Return a genotype in a format with weights, written in a process of its own, one at a time for all sessions."""
    with _turn():
        command = [sys.executable, "-m", "engine", "export", "-", "--to", form]
        text = genotype.to_json().encode()
        return subprocess.run(
            command, input=text, capture_output=True, check=True, timeout=_PATIENCE, cwd=PACKAGE.parent
        ).stdout


@contextmanager
def _turn() -> Iterator[None]:
    """Wait until no other weights are written; `TimeoutError` where too many wait, or for too long."""
    if not _room.acquire(blocking=False):
        raise TimeoutError(_BUSY)
    try:
        if not _one_at_a_time.acquire(timeout=_PATIENCE):
            raise TimeoutError(_BUSY)
        try:
            yield
        finally:
            _one_at_a_time.release()
    finally:
        _room.release()
