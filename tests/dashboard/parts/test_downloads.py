"""The files that a result can be taken away as."""

import re
import subprocess
import threading
from collections.abc import Callable

import pytest
import streamlit as st
from hypothesis import given, strategies
from streamlit.testing.v1 import AppTest

from dashboard.parts import downloads
from dashboard.parts.downloads import file_stem, result_stem
from dashboard.server.examples import example_of
from engine import SPACES, SearchConfig, SearchResult, parse_genotype
from engine.exports.formats import EXPORTS
from tests.waiting import PATIENCE


def _page():
    from dashboard.parts.downloads import result_buttons
    from dashboard.server.examples import example_of

    result_buttons(example_of("darts"), "weak: counting parameters does better")


@pytest.fixture
def files(monkeypatch) -> dict[str, Callable[[], str | bytes]]:
    """The files that a page offers, by their names, and the functions that write them."""
    offered = {}
    monkeypatch.setattr(
        st, "download_button", lambda label, data, file_name, *_, **__: offered.update({file_name: data})
    )
    _page()
    return offered


def test_a_result_becomes_files_whose_names_say_its_question(monkeypatch):
    monkeypatch.setattr(downloads, "onnx_installed", lambda: True)
    at = AppTest.from_function(_page, default_timeout=PATIENCE).run()
    assert not at.exception
    names = [str(button.proto.id) for button in at.get("download_button")]
    stem = "freenas_darts_synaptic_seed0"
    ends = [file.end + EXPORTS[file.form].suffix for file in (*downloads._NETWORKS, *downloads._PICTURES)]
    ends += [f".{figure}.{form}" for figure in ("heatmap", "replay") for form in ("svg", "png", "pdf", "html")]
    ends += [".result.json", ".scores.csv"]
    assert all(f"download {stem}{end} in menu" in name for name, end in zip(names, ends, strict=True))
    assert len(set(ends)) == len(ends)


def test_figures_are_those_of_the_engine(files):
    assert files["freenas_darts_synaptic_seed0.heatmap.pdf"]().startswith(b"%PDF")
    assert b"<svg" in files["freenas_darts_synaptic_seed0.heatmap.svg"]()
    assert b"<html" in files["freenas_darts_synaptic_seed0.heatmap.html"]()


def test_a_file_is_written_at_its_click(files, monkeypatch):
    source = files["freenas_darts_synaptic_seed0.py"]()
    assert "Worth     weak: counting parameters does better" in source
    assert "Worth     weak" in files["freenas_darts_synaptic_seed0_train.py"]()
    assert SearchResult.from_json(files["freenas_darts_synaptic_seed0.result.json"]()).space.name == "darts"
    drawn = []
    monkeypatch.setattr(downloads, "export", lambda *_: drawn.append(True))
    at = AppTest.from_function(_page, default_timeout=PATIENCE).run()
    assert (list(at.exception), drawn) == ([], [])


def test_weights_are_written_by_another_process_and_kept(files, monkeypatch):
    commands = []

    def run(command: list[str], input: bytes, **_: object) -> subprocess.CompletedProcess[bytes]:
        commands.append(command[1:])
        return subprocess.CompletedProcess(command, 0, parse_genotype(input.decode()).notation.encode())

    monkeypatch.setattr(downloads.subprocess, "run", run)
    downloads._with_weights.cache_clear()
    write = files["freenas_darts_synaptic_seed0.pt2"]
    assert write() == write() == example_of("darts").genotype.notation.encode()
    assert commands == [["-m", "engine", "export", "-", "--to", "torch-export"]]
    downloads._with_weights.cache_clear()


def test_few_wait_until_weights_are_written(monkeypatch):
    monkeypatch.setattr(downloads, "_room", threading.BoundedSemaphore(1))
    with downloads._turn(), pytest.raises(TimeoutError, match="too many networks are being written"), downloads._turn():
        pass
    with downloads._turn():
        pass


@pytest.mark.parametrize(
    ("name", "value"), [("read_only", lambda: True), ("_MOST_WEIGHTS", 1_000_000), ("onnx_installed", lambda: False)]
)
def test_weights_are_offered_where_they_can_be_written(monkeypatch, name, value):
    monkeypatch.setattr(downloads, name, value)
    forms = {file.form for file in downloads._offered(example_of("darts").genotype)}
    assert {"json", "pytorch", "train"} <= forms
    assert forms & {"onnx", "torch-export"} == ({"torch-export"} if name == "onnx_installed" else set())


def test_the_names_of_two_questions_differ(nas_bench_201, darts):
    assert result_stem(nas_bench_201) == "freenas_nas_bench_201_synaptic_seed0"
    assert result_stem(darts).startswith(f"freenas_darts_{SearchConfig(space='darts').recipe}_")


@pytest.mark.parametrize("space", SPACES)
def test_python_can_import_a_file_of_every_space(space):
    assert file_stem(space, "plain", "seed7").isidentifier()
    assert file_stem(space, 12) == f"freenas_{space.replace('-', '_')}_12"


@given(strategies.lists(strategies.text() | strategies.integers(), max_size=3))
def test_names_of_files_are_words_and_underscores(parts):
    assert re.fullmatch(r"freenas(_\w+)*", file_stem(*parts))


@given(strategies.lists(strategies.text("abz_019-. /\\:é日\n", max_size=9), max_size=3))
def test_names_of_files_are_names_of_modules(parts):
    assert file_stem(*parts).isidentifier()
