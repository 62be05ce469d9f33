"""The files that a result can be taken away as."""

from streamlit.testing.v1 import AppTest

from dashboard.parts.downloads import file_stem
from engine import SearchConfig
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
    stem = "freenas-darts-synaptic-seed0"
    suffixes = [EXPORTS[form].suffix for form in ("json", "pytorch", "svg", "dot")]
    suffixes += [".png", ".result.json", ".scores.csv"]
    assert all(name.endswith(f"download {stem}{suffix}") for name, suffix in zip(names, suffixes, strict=True))


def test_the_names_of_two_questions_differ(nas_bench_201, darts):
    assert file_stem(nas_bench_201) == "freenas-nas-bench-201-synaptic-seed0"
    assert file_stem(darts).startswith(f"freenas-darts-{SearchConfig(space='darts').recipe}-")
