"""The memory of this machine and of a process, and the bounds that people set on it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from engine.common.errors import quoted

_UNITS = {"M": 10**6, "G": 10**9, "T": 10**12}
_SIZE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?([MGT])B?", re.IGNORECASE)
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?) ?%")
_RESIDENT = re.compile(r"^Vm(?:RSS|Swap):\s*(\d+) kB$", re.MULTILINE)
_CGROUPS = PurePosixPath("/sys/fs/cgroup")


def memory_size(text: str) -> int:
    """Return the bytes that a text such as `4G`, `500 MB` or `50 %`, a share of the machine, names.

    `ValueError` for any other text, for nothing at all, and for more than the machine has.
    """
    machine = machine_memory()
    if match := _SHARE.fullmatch(text):
        size = int(machine * float(match[1]) / 100)
    elif match := _SIZE.fullmatch(text):
        size = int(float(match[1]) * _UNITS[match[2].upper()])
    else:
        raise ValueError(f"{quoted(text)} is neither a size such as 4G nor a share of the machine such as 50 %")
    if not 0 < size <= machine:
        raise ValueError(f"{quoted(text)} is not above 0 and up to the {size_text(machine)} of this machine")
    return size


def size_text(size: int) -> str:
    """Write a number of bytes: in GB where there is at least one, else in MB."""
    return f"{size / 10**9:.1f} GB" if size >= 10**9 else f"{size / 10**6:.0f} MB"


def machine_memory() -> int:
    """Return the bytes of memory of this machine, or of the control groups of Linux that this process is in."""
    return min([os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), *_group_bounds()])


def _group_bounds() -> list[int]:
    """Return the bounds on memory of the control groups (version 2) that this process is in, its container's too."""
    file = Path("/proc/self/cgroup")
    group = re.search("^0::/(.*)$", file.read_text() if file.exists() else "", re.MULTILINE)
    place = _CGROUPS / (group[1] if group else "")
    files = [Path(folder, "memory.max") for folder in (place, *place.parents)]
    texts = [file.read_text().strip() for file in files if file.is_file()]
    return [int(text) for text in texts if text.isdecimal()]


def resident_memory(process: int) -> int:
    """Return the bytes that a process and all that it began have in memory and, on Linux, in its swap; 0 once ended."""
    if Path("/proc/self/status").exists():
        return _resident_on_linux(process)
    command = ["ps", "-axo", "pid=,ppid=,rss="]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split("\n")
    return 1024 * _sum_of_family(process, [tuple(map(int, line.split())) for line in listed if line])


def _resident_on_linux(process: int) -> int:
    folder = Path("/proc", str(process))
    try:
        size = 1024 * sum(map(int, _RESIDENT.findall((folder / "status").read_text())))
        children = [child for file in folder.glob("task/*/children") for child in file.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return 0
    return size + sum(_resident_on_linux(int(child)) for child in children)


def _sum_of_family(process: int, listed: Sequence[tuple[int, ...]]) -> int:
    """Return the sizes of a process and of all below it; each is listed by its number, its parent's, and its size."""
    own = sum(size for number, _, size in listed if number == process)
    return own + sum(_sum_of_family(number, listed) for number, parent, _ in listed if parent == process)
