"""The command `figure`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine import SearchResult
from engine.exports.figure_sheet import SHEET_FORMATS
from engine.studies.seeds import study_seeds
from tests.conftest import tiny
from tests.engine.conftest import Run, check_refused

STARTS = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF", "eps": b"%!PS-Adobe-3.0 EPSF", "html": b"<!doctype html>"}


@pytest.fixture
def result_file(tmp_path: Path, tiny_results: dict[str, SearchResult]) -> Path:
    path = tmp_path / "result.json"
    path.write_text(tiny_results["nas-bench-201"].to_json())
    return path


@pytest.mark.parametrize("to", SHEET_FORMATS)
def test_the_end_of_the_file_chooses_the_format(run: Run, result_file: Path, to: str):
    out = result_file.with_name(f"figure.{to.upper()}")
    assert run("figure", str(result_file), "--out", str(out)) == (0, "", "")
    assert out.read_bytes().startswith(STARTS[to])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["heatmap", "cell", "replay", "seeds"])
def test_every_kind_is_printed(run: Run, result_file: Path, kind: str):
    seeds = ["--seeds", "2"] * (kind == "seeds")
    status, out, err = run("figure", str(result_file), "--kind", kind, *seeds)
    assert (status, err) == (0, "")
    assert out.startswith("<svg")
    assert "conv 3" in out


def test_a_study_is_drawn_as_it_is(run: Run, tmp_path: Path):
    path = tmp_path / "study.json"
    study = study_seeds(tiny("nas-bench-201", method="one-shot"), range(3))
    path.write_text(study.to_json())
    status, out, _ = run("figure", str(path), "--linear")
    assert status == 0
    assert "chosen under 3 seeds" in out
    check_refused(run, ["figure", str(path), "--kind", "replay"], "a study of seeds has no replay; its figure is seeds")
    check_refused(run, ["figure", str(path), "--seeds", "4"], "argument --seeds: the study has its own 3")
    broken = json.loads(study.to_json())
    broken["shares"]["cell"] = [[[1.0]]]
    path.write_text(json.dumps(broken))
    check_refused(run, ["figure", str(path)], "shares.cell: a table of 3 by 6 by 5 numbers expected")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--kind", "heatmpa"],
            "unknown figure 'heatmpa'; allowed: heatmap, cell, replay, seeds (did you mean 'heatmap'?)",
        ),
        (["--importance", "flow"], "unknown importance 'flow'; allowed: share, score, edge"),
        (["--to", "jpeg"], "unknown format 'jpeg'; allowed: svg, png, pdf, eps, html"),
        (["--out", "figure.gif"], "argument --out: 'figure.gif' must end in one of .svg, .png, .pdf, .eps, .html"),
        (["--cell", "reduce"], "unknown cell type 'reduce'; allowed: cell"),
        (["--step", "99"], "step 99 is out of range; this search has the steps 0 to 24"),
        (["--kind", "replay", "--step", "1"], "a replay shows several steps"),
        (["--kind", "seeds", "--step", "1"], "argument --step"),
        (["--kind", "seeds", "--seeds", "0"], "0 seeds given; 1 to 1024 are allowed"),
        (["--kind", "cell", "--seeds", "2"], "argument --seeds: the figure cell is of one seed"),
    ],
)
def test_wrong_options_are_named(run: Run, result_file: Path, options: list[str], message: str):
    check_refused(run, ["figure", str(result_file), *options], message)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "freenas/genotype@1"}', '{"schema": ["freenas"]}'])
def test_a_file_of_another_kind_is_named(run: Run, tmp_path: Path, text: str):
    path = tmp_path / "other.json"
    path.write_text(text)
    check_refused(run, ["figure", str(path)], f"{str(path)!r}: ")
