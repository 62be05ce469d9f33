"""Everything that is fuzzed takes its own seeds, and the fuzzer runs."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.fuzz.targets import TARGETS, run, seeds
from tests.hostile.corpus import ROOT


@pytest.mark.parametrize("name", TARGETS)
def test_no_seed_is_a_finding(name):
    found = seeds(name)
    assert len(found) > 5
    for data in found:
        run(TARGETS[name], data)


def _crash(data):
    raise KeyError(data)


def _mumble(data):
    raise ValueError("two\nlines")


@pytest.mark.parametrize("target", [_crash, _mumble])
def test_another_exception_and_a_bad_sentence_are_findings(target):
    with pytest.raises((KeyError, AssertionError)):
        run(target, b"")


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is for Linux")
def test_the_fuzzer_finds_nothing_in_a_few_seconds(tmp_path):
    command = [sys.executable, "-m", "tests.fuzz", "all", "--seconds", "3"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    found = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr[-3000:]
    assert "Done" in found.stderr
