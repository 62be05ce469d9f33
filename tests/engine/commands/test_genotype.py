"""The commands `show` and `export`."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from engine import SPACES, SearchResult, parse_genotype
from engine.__main__ import WRONG_ARGUMENT, main
from engine.common.jsontext import MAX_TEXT
from engine.exports.formats import EXPORTS, Export, export
from engine.studies.worth import result_worth
from tests.engine.conftest import CELL, Run, check_refused
from tests.engine.spaces.published_darts import GENOTYPES_PY, PARAMETERS
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
    ("suffix", "start"),
    [
        *[(".svg", b"<svg"), (".png", b"\x89PNG"), (".pdf", b"%PDF"), (".eps", b"%!PS")],
        *[(".dot", b"digraph"), (".TXT", b"NAS-Bench-201")],
    ],
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


def test_the_source_of_a_weak_result_says_so(run: Run, tmp_path: Path, tiny_results: dict[str, SearchResult]):
    path = tmp_path / "result.json"
    sources = []
    for space in ("darts", "nas-bench-201"):
        path.write_text(tiny_results[space].to_json())
        sources.append(" ".join(run("export", str(path), "--to", "pytorch")[1].split()))
    weak, supported = sources
    assert f"Worth {result_worth(tiny_results['darts']).sentence}" in weak
    assert "counting parameters" not in supported


TEXTS = [
    name for name, form in EXPORTS.items() if not form.weights and name not in {*SPACES, "cells"} - {"nas-bench-201"}
]


@pytest.mark.parametrize("to", TEXTS)
def test_export_prints_or_writes_every_format(run: Run, tmp_path: Path, to: str):
    content = export(parse_genotype(CELL), to)
    path = tmp_path / f"cell{EXPORTS[to].suffix}"
    assert run("export", CELL, "--to", to, "--out", str(path))[:2] == (0, "")
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)
    if isinstance(content, str):
        status, out, _ = run("export", CELL, "--to", to)
        assert (status, out.rstrip("\n")) == (0, content.rstrip("\n"))


def test_what_is_no_text_goes_to_a_pipe_and_to_no_terminal(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
):
    written = Export("weights", ".onnx", lambda genotype, seed: b"\xff%d" % seed, weights=True)
    monkeypatch.setitem(EXPORTS, "onnx", written)
    command = ["export", CELL, "--to", "onnx", "--seed", "3"]
    assert (main(command), capsysbinary.readouterr().out) == (0, b"\xff3")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert (main(command), capsysbinary.readouterr().out) == (WRONG_ARGUMENT, b"")


def test_a_file_that_cannot_be_written_costs_no_network(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(EXPORTS, "onnx", Export("weights", ".onnx", lambda genotype, seed: 1 / 0, weights=True))
    status, _, err = run("export", CELL, "--to", "onnx", "--out", "nowhere/net.onnx")
    assert (status, err[:42]) == (1, "error: cannot write 'nowhere/net.onnx': it")


def test_what_was_chosen_or_left_out_is_said_on_standard_error(run: Run, tmp_path: Path):
    log = tmp_path / "log.txt"
    log.write_text(f"06/27 arch: {CELL.replace('none', 'skip_connect')}\n06/28 arch: {CELL}\n")
    assert run("export", str(log), "--to", "nas-bench-201") == (0, f"{CELL}\n", "note: read the last of 2 genotypes\n")
    status, out, err = run("show", f"Structure(4 nodes with {CELL})")
    assert (status, err) == (0, "")
    assert CELL in out.splitlines()


def test_one_of_several_genotypes_is_chosen_by_its_name(run: Run, tmp_path: Path):
    path = tmp_path / "genotypes.py"
    path.write_text(GENOTYPES_PY)
    check_refused(run, ["show", str(path)], "6 genotypes have names in this text: DARTS_V1, DARTS_V2, PDARTS, ")
    check_refused(run, ["show", str(path), "--name", "SNAS"], "unknown genotype 'SNAS'; allowed: DARTS_V1, ")
    for name, params in PARAMETERS.items():
        status, out, err = run("show", str(path), "--name", name)
        assert (status, err) == (0, "")
        assert f"{params:,}" in out


def test_an_index_is_read_where_the_space_is_named(run: Run):
    written = run("export", "nas-bench-201#12", "--to", "nas-bench-201")
    assert run("export", "12", "--space", "nas-bench-201", "--to", "nas-bench-201") == written
    assert run("export", "#12", "--space", "nas-bench-201", "--to", "nas-bench-201") == written
    check_refused(run, ["show", "12"], "12 is a number alone; an index of NAS-Bench-201 is written nas-bench-201#12")


@pytest.mark.parametrize("to", ["naslib", "nas-bench-201-index", "nni"])
def test_forms_of_others_are_written_and_read(run: Run, to: str):
    written = run("export", CELL, "--to", to)[1]
    assert run("export", written, "--to", "nas-bench-201")[1] == f"{CELL}\n"
    check_refused(run, ["export", "01220211", "--to", to], "NAS-Bench-Macro")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show"], "the following arguments are required: GENOTYPE"),
        (["show", "cell.json"], "'cell.json' is neither a file nor a genotype in a known notation"),
        (["show", "|relu~0|"], "a NAS-Bench-201 cell has 3 nodes joined by '+', this text has 1"),
        (["show", CELL.replace("none", "conv")], "unknown operation 'conv'; allowed: none, skip_connect"),
        (["show", CELL, "--out", "cell.gif"], "'cell.gif' must end in one of .svg, .png, "),
        (["show", str(ROOT)], "cannot be read: Is a directory"),
        (["export", CELL], "the following arguments are required: --to"),
        (["export", CELL, "--to", "keras"], "unknown export format 'keras'; allowed: json, "),
        (["export", CELL, "--to", "pytorch", "--seed", "1"], "format 'pytorch' holds no weights"),
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


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_file_is_read_in_the_encoding_that_its_mark_names(run: Run, tmp_path: Path, encoding: str):
    path = tmp_path / "cell.txt"
    path.write_text(CELL, encoding)
    assert run("export", str(path), "--to", "nas-bench-201") == (0, f"{CELL}\n", "")


@pytest.mark.parametrize("arguments", [["show"], ["export", "--to", "json"]], ids=lambda arguments: arguments[0])
def test_a_dash_is_standard_output(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]):
    monkeypatch.chdir(tmp_path)
    assert run(*arguments, CELL, "--out", "-") == run(*arguments, CELL)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("command", ["show", "search", "evidence --table x.csv"])
def test_a_space_that_is_no_text_is_one_line(run: Run, tmp_path: Path, command: str):
    path = tmp_path / "space.json"
    path.write_bytes(b"{\x00\xff")
    status, out, err = run(*command.split(), "--space", str(path))
    assert (status, out) == (2, "")
    assert err == f"error: argument --space: {str(path)!r} is not UTF-8 text: byte 3 cannot be read\n"
