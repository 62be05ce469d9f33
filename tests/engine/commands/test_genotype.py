"""The commands `show` and `export`."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from engine import SPACES, SearchResult, parse_genotype
from engine.common.jsontext import MAX_TEXT
from engine.exports.formats import EXPORTS, export
from tests.engine.conftest import CELL, Run, check_refused
from tests.paths import ROOT


def test_show_prints_space_edges_and_cost(run: Run):
    status, out, err = run("show", CELL)
    assert (status, err) == (0, "")
    assert "NAS-Bench-201" in out
    assert CELL in out.splitlines()
    rows = [line.split()[:3] for line in out.splitlines()]
    assert all(
        [str(gene.source), str(gene.target), gene.operation] in rows for gene in parse_genotype(CELL).cells["cell"]
    )
    assert "587,386" in out
    assert "82.49 M" in out


def test_show_gives_the_cost_at_both_sizes(run: Run, tiny_results: dict[str, SearchResult]):
    result = tiny_results["darts"]
    _, out, _ = run("show", result.genotype.notation)
    assert f"{result.cost['params']:,}" in out
    assert f"{result.cost['at_search_size']['params']:,}" in out


@pytest.mark.parametrize(
    ("suffix", "start"), [(".svg", b"<svg"), (".png", b"\x89PNG"), (".dot", b"digraph"), (".TXT", b"NAS-Bench-201")]
)
def test_show_writes_pictures(run: Run, tmp_path: Path, suffix: str, start: bytes):
    path = tmp_path / f"cell{suffix}"
    assert run("show", CELL, "--out", str(path))[:2] == (0, "")
    assert path.read_bytes().startswith(start)


def test_genotypes_come_from_anywhere(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_results: dict[str, SearchResult]
):
    genotype = parse_genotype(CELL)
    notation, written, result = tmp_path / "Genotype", tmp_path / "genotype.json", tmp_path / "result.json"
    notation.write_text(f"\n{CELL}\n")
    written.write_text("\ufeff" + genotype.to_json(), "utf-8")
    result.write_text(tiny_results["darts"].to_json())
    assert run("export", str(notation), "--to", "nas-bench-201")[1] == f"{CELL}\n"
    assert run("export", str(written), "--to", "nas-bench-201")[1] == f"{CELL}\n"
    assert run("export", str(result), "--to", "darts")[1] == f"{tiny_results['darts'].genotype.notation}\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CELL.encode())))
    assert run("export", "-", "--to", "nas-bench-201")[1] == f"{CELL}\n"


@pytest.mark.parametrize("to", [name for name in EXPORTS if name == "nas-bench-201" or name not in {*SPACES, "cells"}])
def test_export_prints_or_writes_every_format(run: Run, tmp_path: Path, to: str):
    text = export(parse_genotype(CELL), to)
    status, out, _ = run("export", CELL, "--to", to)
    assert (status, out.rstrip("\n")) == (0, text.rstrip("\n"))
    path = tmp_path / f"cell{EXPORTS[to].suffix}"
    assert run("export", CELL, "--to", to, "--out", str(path))[:2] == (0, "")
    assert path.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show"], "the following arguments are required: GENOTYPE"),
        (["show", "cell.json"], "'cell.json' is neither a file nor a genotype in a known notation"),
        (["show", "|relu~0|"], "a NAS-Bench-201 cell has 3 nodes joined by '+', this text has 1"),
        (["show", CELL.replace("none", "conv")], "unknown operation 'conv'; allowed: none, skip_connect"),
        (["show", CELL, "--out", "cell.gif"], "'cell.gif' must end in one of .svg, .png, .dot, .txt"),
        (["show", str(ROOT)], "cannot be read: Is a directory"),
        (["export", CELL], "the following arguments are required: --to"),
        (["export", CELL, "--to", "onnx"], "unknown export format 'onnx'; allowed: json, dot, svg"),
        (["export", CELL, "--to", "darts"], "a genotype of NAS-Bench-201 has no DARTS notation"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_wrong_arguments_are_one_line(run: Run, arguments: list[str], message: str):
    check_refused(run, arguments, message)


def test_files_that_are_no_text_are_refused(run: Run, tmp_path: Path):
    large, binary = tmp_path / "large", tmp_path / "binary"
    large.write_bytes(b" " * (MAX_TEXT + 1))
    binary.write_bytes(CELL.encode() + b"\xff")
    assert run("show", str(large))[::2] == (2, f"error: {str(large)!r} has more than 4 MB, too much for a genotype\n")
    status, _, err = run("show", str(binary))
    assert (status, err) == (2, f"error: {str(binary)!r} is not UTF-8 text: byte {len(CELL) + 1} cannot be read\n")
