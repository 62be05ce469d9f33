"""The memory of processes, and the texts that bound it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.common import memory
from engine.common.memory import machine_memory, memory_size, resident_memory, size_text

HELD = 50_000_000
HOLD = f"import subprocess, sys; held = bytearray({HELD}); print(flush=True)"
CHILD = f"{HOLD}; input()"
PARENT = f"{HOLD}; subprocess.run([sys.executable, '-c', {CHILD!r}])"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    """A machine of 8 GB."""
    monkeypatch.setattr(memory, "machine_memory", lambda: 8 * 10**9)


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    ("text", "size"),
    [
        *(("4G", 4 * 10**9), ("4 GB", 4 * 10**9), ("1.5g", 1_500_000_000), ("300M", 3 * 10**8), ("0.001T", 10**9)),
        *(("50%", 4 * 10**9), ("12.5 %", 10**9), ("100 %", 8 * 10**9), ("8G", 8 * 10**9)),
    ],
)
def test_a_size_or_a_share_of_the_machine_is_a_number_of_bytes(text: str, size: int):
    assert memory_size(text) == size


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("text", ["", "4", "all", "-1G", "4  G", "4K", "1e3M", "50", "1,5G", "\u0664G", "9" * 40])
def test_any_other_text_is_refused_with_the_two_forms(text: str):
    with pytest.raises(ValueError, match=r" is neither a size such as 4G nor a share of the machine such as 50 %$"):
        memory_size(text)


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("text", ["0G", "0 %", "0.000M", "101 %", "8.1G", "1T"])
def test_nothing_and_more_than_the_machine_has_are_refused(text: str):
    with pytest.raises(ValueError, match=rf"^'{text}' is not above 0 and up to the 8\.0 GB of this machine$"):
        memory_size(text)


@given(st.integers(10**6, 10**13))
def test_a_size_is_written_to_three_digits(size: int):
    number, unit = size_text(size).split()
    assert abs(float(number) * {"MB": 10**6, "GB": 10**9}[unit] / size - 1) <= 0.5
    assert size < 10**9 or abs(float(number) * 10**9 - size) <= 10**8


@pytest.mark.parametrize("linux", [True, False], ids=["as the system tells it", "by ps"])
def test_the_memory_of_a_process_counts_what_it_began(linux: bool, monkeypatch: pytest.MonkeyPatch):
    if not linux:
        exists = Path.exists
        monkeypatch.setattr(Path, "exists", lambda path: str(path) != "/proc/self/status" and exists(path))
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(2):
            process.stdout.readline()
        assert 2 * HELD < resident_memory(process.pid) < 2 * HELD + 10**8
        process.stdin.close()
    assert resident_memory(process.pid) == 0


def test_the_machine_has_no_more_memory_than_its_control_group_lets_it(monkeypatch: pytest.MonkeyPatch):
    assert HELD < resident_memory(os.getpid()) < machine_memory()
    monkeypatch.setattr(memory, "_group_bounds", lambda: [10**9, 10**8])
    assert machine_memory() == 10**8


def test_the_bounds_of_all_groups_above_a_process_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for folder, text in (("", "max"), ("user", "3000"), ("user/one", "5000")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "memory.max").write_text(f"{text}\n")
    monkeypatch.setattr(memory, "_CGROUPS", tmp_path)
    monkeypatch.setattr(Path, "read_text", _with(Path.read_text, "/proc/self/cgroup", "0::/user/one\n"))
    assert sorted(memory._group_bounds()) == [3000, 5000]


def _with(read, name: str, text: str):
    return lambda path: text if str(path) == name else read(path)
