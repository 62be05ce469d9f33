"""The command line as a whole: failures, exit statuses, the process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from engine import DeviceMemoryExhausted, NonFiniteScores, SearchResult
from engine import __main__ as cli
from tests.engine.conftest import CELL, TINY, Run, check_refused, let_search_fail
from tests.paths import ROOT


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["find"], "invalid choice: 'find' (choose from"),
        (["search", "--seeds", "1"], "unrecognized arguments: --seeds 1"),
        (["search", "a\nb\x1b[1m"], r"unrecognized arguments: a b\x1b[1m"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_wrong_arguments_are_one_line(run: Run, arguments: list[str], message: str):
    check_refused(run, arguments, message)


@pytest.mark.parametrize("error", [NonFiniteScores("the scores are\nnot numbers"), DeviceMemoryExhausted("too little")])
def test_failures_are_one_line(run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception):
    let_search_fail(monkeypatch, error)
    assert run(*TINY) == (cli.FAILED, "", f"error: {' '.join(str(error).split())}\n")


def test_an_interrupt_is_no_error(run: Run, monkeypatch: pytest.MonkeyPatch):
    let_search_fail(monkeypatch, KeyboardInterrupt())
    assert run(*TINY) == (cli.INTERRUPTED, "", "stopped\n")


def test_without_a_command_there_is_help(run: Run):
    status, out, err = run()
    assert (status, err) == (0, "")
    assert all(command in out for command in ("search", "spaces", "proxies", "show", "export"))


def test_the_version_is_that_in_every_result(capsys: pytest.CaptureFixture[str], tiny_results: dict[str, SearchResult]):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr() == (f"FreeNAS {tiny_results['darts'].environment['engine']}\n", "")


def process(*arguments: str, **variables: str) -> subprocess.Popen[str]:
    """A Python process, its output buffered as it is where nothing is set."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"} | variables
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True
    )


@pytest.mark.slow
def test_listing_spaces_does_not_import_torch():
    code = "import sys; from engine.__main__ import main; main(['spaces']); sys.exit('torch' in sys.modules)"
    listing = process("-c", code)
    out, err = listing.communicate(timeout=60)
    assert (listing.returncode, err) == (0, "")
    assert "darts" in out


@pytest.mark.slow
def test_the_status_is_that_of_the_process():
    wrong = process("-m", "engine", "export", CELL, "--to", "onx")
    out, err = wrong.communicate(timeout=60)
    assert (wrong.returncode, out) == (2, "")
    assert err.startswith("error: unknown export format 'onx'")


@pytest.mark.slow
@pytest.mark.parametrize("program", [("-m", "engine"), ("-m", "freenas")], ids=" ".join)
def test_an_output_without_the_alphabet_gets_escapes(program: tuple[str, str]):
    shown = process(*program, "search", "--help", PYTHONIOENCODING="ascii")
    out, err = shown.communicate(timeout=60)
    assert (shown.returncode, err) == (0, "")
    assert r"\u03b1" in out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [("spaces >&-", ""), ("show - <&-", "error: empty text; a genotype begins with "), ("spaces 2>&-", "")],
)
def test_a_process_without_a_stream_leaves_no_traceback(arguments: str, said: str):
    shell = ["sh", "-c", f"exec {sys.executable} -m engine {arguments}"]
    done = subprocess.run(shell, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == (2 if said else 0)
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == bool(said)


@pytest.mark.slow
@pytest.mark.parametrize("to", ["json", "pytorch"])  # less and more than a buffer holds
def test_a_reader_that_goes_away_leaves_no_word(to: str):
    written = process("-m", "engine", "export", CELL, "--to", to)
    written.stdout.close()
    assert written.stderr.read() == ""
    written.stderr.close()
    assert written.wait(timeout=60) == cli.FAILED
