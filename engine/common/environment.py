"""The environment that numbers are computed in: devices, versions, processor or GPU, threads."""

from __future__ import annotations

import platform
import re
from functools import cache
from pathlib import Path
from typing import Any

from engine.common.errors import quoted
from engine.common.threads import current_threads
from engine.common.version import __version__

_DEVICE = re.compile(r"auto|cpu|mps|cuda(:[0-9]{1,2})?")


def environment(device: str) -> dict[str, Any]:
    """Return the versions, machine and threads that numbers on `device` are computed with, as every result has them."""
    import torch

    return {
        "engine": __version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "device": device,
        "device_name": device_name(device),
        "threads": current_threads(),
    }


def devices() -> list[str]:
    """Return the names of the devices of this machine, the one that `auto` means first."""
    import torch

    gpus = [f"cuda:{index}" for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0)]
    return [*gpus, *(["mps"] if torch.backends.mps.is_available() else []), "cpu"]


def device_name(device: str) -> str:
    """Return the name of the card that a device is, or of the processor."""
    import torch

    index = int(device.partition(":")[2] or 0)
    return torch.cuda.get_device_name(index) if device.startswith("cuda") else processor()


def check_device(name: str) -> None:
    """Raise `ValueError` for a text that is no name of a device; it need not be on this machine."""
    if not _DEVICE.fullmatch(name):
        raise ValueError(f"unknown device {quoted(name)}; allowed: auto, cpu, cuda, cuda:N, mps")


def resolve_device(name: str) -> str:
    """Return the device that `name` means; `auto` is cuda, then mps, then cpu. `ValueError` if it is not there."""
    check_device(name)
    available = devices()
    if name == "auto":
        return available[0].removesuffix(":0")
    if (f"{name}:0" if name == "cuda" else name) not in available:
        raise ValueError(f"device '{name}' is not available here; available: {', '.join(available)}")
    return name


@cache
def processor() -> str:
    """Return the name of the processor, as far as the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
