"""The completion of the command line in a shell."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from engine.commands.completion import SHELLS
from tests.engine.conftest import Run


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_gets_the_commands_and_options(run: Run, shell: str):
    status, out, err = run("completion", shell)
    assert (status, err) == (0, "")
    assert "freenas" in out
    assert "python -m engine" not in out
    assert all(name in out for name in ("search", "evidence", "--max-params", "--seeds"))


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_takes_the_script(run: Run):
    _, script, _ = run("completion", "bash")
    completed = "\nCOMP_WORDS=(freenas ev); COMP_CWORD=1; _shtab_freenas; echo ${COMPREPLY[@]}"
    done = subprocess.run(["bash", "-c", script + completed], capture_output=True, text=True, check=True)
    assert done.stdout == "evidence\n"


def test_an_unknown_shell_is_named(run: Run):
    status, out, err = run("completion", "fish")
    assert (status, out) == (2, "")
    assert "unknown shell 'fish'; allowed: bash, zsh" in err


def test_where_shtab_is_missing_a_sentence_says_so(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "shtab", None)
    status, out, err = run("completion", "bash")
    assert (status, out) == (1, "")
    assert "pip install 'freenas-dashboard[completion]'" in err
