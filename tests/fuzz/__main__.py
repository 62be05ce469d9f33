"""`python -m tests.fuzz TARGET --seconds 60`: fuzz a target, or all of them by turns; a finding ends it with status 77.

The input that was found is written to a file that the last lines name; `--again FILE` runs it alone.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["engine", "dashboard"], enable_loader_override=False):
    from tests.fuzz.mutate import changed_json
    from tests.fuzz.targets import DOCUMENTS, TARGETS, Target, run, seeds

_ALL = "all"
_LONGEST_SEED = 50_000
"""Bytes; the fuzzer slows down with longer ones, which the corpus has tried already."""


def main() -> None:
    """Fuzz as the command line says; ends the process."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", choices=[*TARGETS, _ALL])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--again", type=Path, help="a file with one input, run alone")
    arguments = parser.parse_args()
    if arguments.again is not None:
        run(TARGETS[arguments.target], arguments.again.read_bytes())
        return
    begun = Path(tempfile.mkdtemp(prefix="freenas-fuzz-"))
    for place, data in enumerate(_seeds(arguments.target)):
        (begun / f"{place:04}").write_bytes(data)
    options = [f"-max_total_time={arguments.seconds}", "-timeout=20", "-rss_limit_mb=4096", "-print_final_stats=1"]
    command = [sys.argv[0], *options, f"-artifact_prefix={begun}/found-", str(begun)]
    mutator = {"custom_mutator": _changed} if arguments.target in DOCUMENTS else {}
    atheris.Setup(command, _tried(arguments.target), **mutator)
    atheris.Fuzz()


def _changed(data: bytes, most: int, seed: int) -> bytes:
    """Three times in four a document that is one still, otherwise any bytes."""
    changed = changed_json(data, seed) if seed % 4 else None
    return changed if changed is not None and len(changed) <= most else atheris.Mutate(data, most)


def _seeds(name: str) -> list[bytes]:
    if name == _ALL:
        return [bytes([turn]) + data for turn, each in enumerate(TARGETS) for data in _seeds(each)[:20]]
    return [data for data in seeds(name) if len(data) <= _LONGEST_SEED]


def _tried(name: str) -> Target:
    """What is run for every input; for all targets the first byte says which."""
    if name != _ALL:
        return lambda data: run(TARGETS[name], data)
    by_turns = list(TARGETS.values())
    return lambda data: run(by_turns[data[0] % len(by_turns)], data[1:]) if data else None


if __name__ == "__main__":
    main()
