"""The files that a result can be taken away as."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard.parts import downloads
from dashboard.parts.downloads import file_stem, result_stem
from engine import SPACES, SearchConfig
from engine.exports.formats import EXPORTS
from tests.waiting import PATIENCE


def _page():
    from dashboard.parts.downloads import result_buttons
    from dashboard.server.examples import example_of

    result_buttons(example_of("darts"))


def test_a_result_becomes_files_whose_names_say_its_question():
    at = AppTest.from_function(_page, default_timeout=PATIENCE).run()
    assert not at.exception
    labels = [button.label for button in at.get("download_button")]
    assert labels == [
        "Genotype JSON", "PyTorch file", "SVG", "DOT", "PNG", "Full result JSON", "Scores CSV"
    ]  # fmt: skip
    names = [str(button.proto.id) for button in at.get("download_button")]
    stem = "freenas_darts_synaptic_seed0"
    suffixes = [EXPORTS[form].suffix for form in ("json", "pytorch", "svg", "dot")]
    suffixes += [".png", ".result.json", ".scores.csv"]
    assert all(name.endswith(f"download {stem}{suffix}") for name, suffix in zip(names, suffixes, strict=True))


def test_a_file_is_written_once_however_often_the_page_is_drawn(monkeypatch):
    written = []
    monkeypatch.setattr(downloads, "export", lambda genotype, form: written.append(form) or "")
    downloads._written.cache_clear()
    at = AppTest.from_function(_page, default_timeout=PATIENCE).run()
    for _ in range(3):
        at.run()
    downloads._written.cache_clear()
    assert written == ["json", "pytorch", "svg", "dot"]


def test_the_names_of_two_questions_differ(nas_bench_201, darts):
    assert result_stem(nas_bench_201) == "freenas_nas_bench_201_synaptic_seed0"
    assert result_stem(darts).startswith(f"freenas_darts_{SearchConfig(space='darts').recipe}_")


@pytest.mark.parametrize("space", SPACES)
def test_python_can_import_a_file_of_every_space(space):
    assert file_stem(space, "plain", "seed7").isidentifier()
    assert file_stem(space, 12) == f"freenas_{space.replace('-', '_')}_12"


@given(st.lists(st.text() | st.integers(), max_size=3))
def test_names_of_files_are_words_and_underscores(parts):
    assert re.fullmatch(r"freenas(_\w+)*", file_stem(*parts))


@given(st.lists(st.text("abz_019-. /\\:é日\n", max_size=9), max_size=3))
def test_names_of_files_are_names_of_modules(parts):
    assert file_stem(*parts).isidentifier()
