"""The command line: what it prints where, and with which status it ends."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from engine import SPACES, DeviceMemoryExhausted, NonFiniteScores, SearchConfig, SearchResult, parse_genotype
from engine import __main__ as cli
from engine.commands import search as search_command
from engine.exports.formats import EXPORTS, export
from engine.genotypes.genotype import MAX_TEXT
from engine.proxies import PROXIES
from tests.engine.conftest import Run
from tests.paths import ROOT

CELL = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_3x3~2|"
TINY = ["search", "--channels", "4", "--cells", "1", "--image-size", "8", "--device", "cpu"]


@pytest.fixture(autouse=True)
def threads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of threads that were asked for; the tests keep theirs."""
    asked: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    return asked


def failed(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let every search end in `error`."""

    def search(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(search_command, "search", search)


# search


def test_search_prints_the_result_and_nothing_else(run: Run):
    status, out, err = run(*TINY)
    result = SearchResult.from_json(out)
    assert status == 0
    assert out == result.to_json()
    assert [f"warning: {notice.message}" for notice in result.notices] == err.splitlines()


@pytest.mark.parametrize(
    "given",
    [
        {"space": "darts", "recipe": "released", "per_round": 5, "channels": 6, "cells": 4, "field": "full"}
        | {"pinned": "reduce:0-2:skip_connect, normal:3-5:max_pool_3x3", "banned": "normal:0-2:none"},
        {"seed": 3, "image_size": 12, "dtype": "float64", "device": "cpu", "proxy": "freeflow", "cells": 1}
        | {"max_params": 900_000, "max_macs": 120_000_000, "field": "interior"},
    ],
    ids=["constraints", "budget"],
)
def test_every_option_reaches_the_configuration(run: Run, given: dict[str, object]):
    _, out, _ = run("search", *(f"--{name.replace('_', '-')}={value}" for name, value in given.items()))
    texts = {name: str(given[name]).split(", ") for name in ("pinned", "banned") if name in given}
    assert json.loads(out)["config"] == json.loads(json.dumps(SearchConfig(**given | texts).to_dict()))


def configured(run: Run, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> SearchConfig:
    """The configuration that a command searches with."""
    found: list[SearchConfig] = []

    def search(config: SearchConfig, **_: object) -> None:
        found.append(config)
        raise KeyboardInterrupt

    monkeypatch.setattr(search_command, "search", search)
    run("search", *arguments)
    return found[0]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *[("900000", 900_000), ("900_000", 900_000), ("900k", 900_000), ("0.9M", 900_000), ("0.0009G", 900_000)],
        *[("1", 1), ("007", 7), ("1.25k", 1250), ("220.119040M", 220_119_040), ("1000G", 10**12)],
    ],
)
def test_counts_may_be_short(run: Run, monkeypatch: pytest.MonkeyPatch, text: str, number: int):
    found = configured(run, monkeypatch, "--max-params", text, "--max-macs", text, "--max-latency", "2.5")
    assert found.limits == {"params": number, "macs": number, "latency": 2.5}


def test_places_are_listed_with_commas(run: Run, monkeypatch: pytest.MonkeyPatch):
    found = configured(run, monkeypatch, "--pinned", " 1-2:none,0-1:skip_connect ", "--banned", "0-3:none,,0-3:none,")
    assert (found.pinned, found.banned) == (("0-1:skip_connect", "1-2:none"), ("0-3:none",))


def test_a_search_says_what_its_budget_asked_and_cost(run: Run, tmp_path: Path):
    path, limit = tmp_path / "result.json", 900_000
    status, out, err = run(*TINY, "--max-params", "0.9M", "--banned", "0-3:nor_conv_3x3", "--out", str(path))
    result = SearchResult.from_json(path.read_text())
    assert (status, err) == (0, "")
    assert result.cost["params"] <= limit
    assert "nor_conv_3x3~0" not in result.genotype.notation.split("+")[2]
    (line,) = [line for line in out.splitlines() if line.startswith("Budget: ")]
    free = int(result.budget.free_costs["params"])
    assert f"{result.cost['params']:,} of at most 900,000 parameters ({free:,} without a budget)" in line
    assert f"the best of {result.budget.within:,} among 12,500 cells" in line


def test_parts_override_the_recipe(run: Run):
    _, out, _ = run(*TINY, "--recipe", "released", "--normalisation", "bypass", "--alpha", "ones")
    config = json.loads(out)["config"]
    assert [config[part] for part in ("normalisation", "alpha", "method")] == ["bypass", "ones", "one-shot"]


def test_search_writes_a_file_and_prints_a_summary(run: Run, tmp_path: Path):
    path = tmp_path / "result.json"
    status, out, err = run(*TINY, "--out", str(path))
    result = SearchResult.from_json(path.read_text())
    assert (status, err) == (0, "")
    assert os.listdir(tmp_path) == ["result.json"]
    lines = out.splitlines()
    assert lines[0] == result.genotype.notation
    assert f"{result.cost['params']:,} parameters, {result.cost['macs'] / 1e6:,.2f} M MACs" in lines[1]
    assert lines[2].startswith(f"{len(result.passes)} passes in ")
    assert lines[3:-1] == [f"warning: {notice.message}" for notice in result.notices]
    assert lines[-1] == f"written to {path}"


def test_quiet_leaves_the_warnings(run: Run, tmp_path: Path):
    path = tmp_path / "result.json"
    status, out, err = run(*TINY, "--quiet", "--out", str(path))
    notices = SearchResult.from_json(path.read_text()).notices
    assert (status, out) == (0, "")
    assert err.splitlines() == [f"warning: {notice.message}" for notice in notices]
    assert notices


def test_a_terminal_sees_the_progress(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    _, out, err = run(*TINY)
    passes = len(json.loads(out)["passes"])
    assert f"pass 0/{passes} " in err
    assert f"pass {passes}/{passes} " in err


def test_threads_are_all_cores_but_one_or_as_many_as_asked_for(
    run: Run, threads: list[int], monkeypatch: pytest.MonkeyPatch
):
    for cores in (8, 1):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: set(range(cores)), raising=False)
        run(*TINY)
        run(*TINY, "--threads", "1")
    assert threads == [7, 1, 1, 1]


# wrong arguments


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["find"], "invalid choice: 'find' (choose from"),
        (["search", "--space", "nb101"], "unknown search space 'nb101'; allowed: nas-bench-201, darts"),
        (["search", "--seed", "one"], "argument --seed: 'one' is not a whole number"),
        (["search", "--seed", "-1"], "seed: input should be greater than or equal to 0, -1 given"),
        (["search", "--recipe", "best"], "unknown recipe 'best'; allowed: synaptic, released"),
        (["search", "--alpha", "two"], "alpha: input should be 'ones' or 'noise', 'two' given"),
        (["search", "--cells", "101"], "cells: 101 is out of range; nas-bench-201 takes 1 to 100"),
        (["search", "--device", "gpu"], "unknown device 'gpu'; allowed: auto, cpu, cuda, cuda:N, mps"),
        (["search", "--device", "cuda:99"], "device 'cuda:99' is not available here; available: cpu"),
        (["search", "--proxy", "naswot"], "unknown proxy 'naswot'; allowed: freeflow"),
        (["search", "--max-params", "0.5x"], "argument --max-params: '0.5x' is no count; written like 900000, 900k or"),
        (["search", "--max-params", "1.5"], "argument --max-params: '1.5' is not a whole number"),
        (["search", "--max-params", "0.0001k"], "argument --max-params: '0.0001k' is not a whole number"),
        (["search", "--max-params", "-3"], "argument --max-params: '-3' is no count"),
        (["search", "--max-params", "1e6"], "argument --max-params: '1e6' is no count"),
        (["search", "--max-params", ""], "argument --max-params: '' is no count"),
        (["search", "--max-params", "９"], "argument --max-params: '９' is no count"),
        (["search", "--max-params", "9" * 5000], "argument --max-params: '999"),
        (["search", "--max-params", "0"], "max_params: input should be greater than 0, 0 given"),
        (["search", "--max-params", "1001G"], "max_params: input should be less than or equal to 1000000000000, 1001"),
        (["search", "--max-macs", "many"], "argument --max-macs: 'many' is no count"),
        (["search", "--max-latency", "fast"], "argument --max-latency: 'fast' is not a number of milliseconds"),
        (["search", "--max-latency", "nan"], "max_latency: input should be"),
        (["search", "--max-latency=-1"], "max_latency: input should be greater than 0, -1.0 given"),
        (["search", "--recipe", "released", "--max-params", "1M"], "a budget needs the recipe 'synaptic'"),
        ([*TINY, "--max-params", "70k"], "has 73,306 parameters"),
        (["search", "--pinned", "0-1"], "'0-1' names no operation on an edge; written like '0-1:avg_pool_3x3'"),
        (["search", "--banned", "0-4:none"], "'0-4:none': NAS-Bench-201 has no edge from node 0 to node 4"),
        (["search", "--pinned", "0-1:none", "--banned", "0-1:none"], "'0-1:none' is pinned, and banned"),
        (["search", "--space", "darts", "--banned", "0-2:none"], "'0-2:none': a cell type expected before the edge"),
        (
            ["search", "--pinned", "0-1:none,0-2:none,0-3:none"],
            "cell: pins and bans leave no path from input to output",
        ),
        (["search", "--threads", "0"], "argument --threads: 0 is out of range; 1 to "),
        (["search", "--threads", "100000"], "argument --threads: 100000 is out of range; 1 to "),
        (["search", "--seeds", "1"], "unrecognized arguments: --seeds 1"),
        (["search", "a\nb\x1b[1m"], r"unrecognized arguments: a b\x1b[1m"),
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
    status, out, err = run(*arguments)
    assert (status, out) == (cli.WRONG_ARGUMENT, "")
    assert err.startswith("error: ")
    assert message in err
    assert err.count("\n") == 1


def test_files_that_are_no_text_are_refused(run: Run, tmp_path: Path):
    large, binary = tmp_path / "large", tmp_path / "binary"
    large.write_bytes(b" " * (MAX_TEXT + 1))
    binary.write_bytes(CELL.encode() + b"\xff")
    assert run("show", str(large))[::2] == (2, f"error: {str(large)!r} has more than 4 MB, too much for a genotype\n")
    status, _, err = run("show", str(binary))
    assert (status, err) == (2, f"error: {str(binary)!r} is not UTF-8 text: byte {len(CELL) + 1} cannot be read\n")


# failures


@pytest.mark.parametrize("error", [NonFiniteScores("the scores are\nnot numbers"), DeviceMemoryExhausted("too little")])
def test_failures_are_one_line(run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception):
    failed(monkeypatch, error)
    assert run(*TINY) == (cli.FAILED, "", f"error: {' '.join(str(error).split())}\n")


def test_an_interrupt_is_no_error(run: Run, monkeypatch: pytest.MonkeyPatch):
    failed(monkeypatch, KeyboardInterrupt())
    assert run(*TINY) == (cli.INTERRUPTED, "", "stopped\n")


def test_a_place_that_cannot_be_written_to_is_known_before_the_search(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    failed(monkeypatch, AssertionError("the search has begun"))
    for path in (tmp_path, tmp_path / "nowhere" / "result.json"):
        status, out, err = run(*TINY, "--out", str(path))
        assert (status, out) == (cli.FAILED, "")
        assert err.startswith(f"error: cannot write {str(path)!r}: it")
        assert err.count("\n") == 1


def test_a_file_is_written_whole_or_not_at_all(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "cell.txt"
    path.write_text("before")

    def full(self: Path, data: bytes) -> None:
        with open(self, "wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    status, out, err = run("show", CELL, "--out", str(path))
    assert (status, out) == (cli.FAILED, "")
    assert err.endswith(": No space left on device\n")
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["cell.txt"]


def test_a_new_file_takes_the_place_of_the_old_one(run: Run, tmp_path: Path):
    path = tmp_path / "cell.txt"
    path.write_text("before")
    with open(path) as old:
        run("show", CELL, "--out", str(path))
        assert old.read() == "before"
    assert CELL in path.read_text()


def test_a_link_stays_a_link(run: Run, tmp_path: Path):
    (tmp_path / "link.txt").symlink_to("cell.txt")
    run("show", CELL, "--out", str(tmp_path / "link.txt"))
    assert (tmp_path / "link.txt").is_symlink()
    assert CELL in (tmp_path / "cell.txt").read_text()


def test_a_pipe_is_written_to_and_not_replaced(run: Run, tmp_path: Path):
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    status, _, _ = run("show", CELL, "--out", str(pipe))
    received = os.read(reader, 65_536).decode()
    os.close(reader)
    assert status == 0
    assert CELL in received
    assert pipe.is_fifo()


# lists


def test_spaces_and_proxies_are_listed(run: Run):
    for command, registry in (("spaces", SPACES), ("proxies", PROXIES)):
        status, out, err = run(command)
        assert (status, err) == (0, "")
        header, *rows = out.splitlines()
        assert [row.split()[0] for row in rows] == list(registry)
        assert all(row.index(registry[row.split()[0]].source) == header.index("source") for row in rows)
        _, out, _ = run(command, "--json")
        assert [entry["name"] for entry in json.loads(out)] == list(registry)


def test_spaces_as_json_are_complete(run: Run):
    found = {entry["name"]: entry for entry in json.loads(run("spaces", "--json")[1])}
    assert found["nas-bench-201"]["architectures"] == 15_625
    assert found["darts"]["edges"] == [list(edge) for edge in SPACES["darts"].edges]
    assert found["darts"]["evaluation_size"] == {"channels": 36, "cells": 20}


def test_without_a_command_there_is_help(run: Run):
    status, out, err = run()
    assert (status, err) == (0, "")
    assert all(command in out for command in ("search", "spaces", "proxies", "show", "export"))


def test_the_version_is_that_in_every_result(capsys: pytest.CaptureFixture[str], tiny_results: dict[str, SearchResult]):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr() == (f"FreeNAS {tiny_results['darts'].environment['engine']}\n", "")


# show and export


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


# the process


def process(*arguments: str, **variables: str) -> subprocess.Popen[str]:
    """A Python process, its output buffered as it is where nothing is set."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"} | variables
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True
    )


def test_listing_spaces_does_not_import_torch():
    code = "import sys; from engine.__main__ import main; main(['spaces']); sys.exit('torch' in sys.modules)"
    listing = process("-c", code)
    out, err = listing.communicate(timeout=60)
    assert (listing.returncode, err) == (0, "")
    assert "darts" in out


def test_the_status_is_that_of_the_process():
    wrong = process("-m", "engine", "export", CELL, "--to", "onnx")
    out, err = wrong.communicate(timeout=60)
    assert (wrong.returncode, out) == (2, "")
    assert err.startswith("error: unknown export format 'onnx'")


def test_an_output_without_the_alphabet_gets_escapes():
    shown = process("-m", "engine", "search", "--help", PYTHONIOENCODING="ascii")
    out, err = shown.communicate(timeout=60)
    assert (shown.returncode, err) == (0, "")
    assert r"\u03b1" in out


@pytest.mark.parametrize("to", ["json", "pytorch"])  # less and more than a buffer holds
def test_a_reader_that_goes_away_leaves_no_word(to: str):
    written = process("-m", "engine", "export", CELL, "--to", to)
    written.stdout.close()
    assert written.stderr.read() == ""
    written.stderr.close()
    assert written.wait(timeout=60) == cli.FAILED
