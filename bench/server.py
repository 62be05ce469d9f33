"""A server of the dashboard for a benchmark."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]


class Server(NamedTuple):
    """A server that answers: its port, its process, the seconds from its start to its first answer."""

    port: int
    process: int
    seconds: float
    log: Path

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def served() -> Iterator[Server]:
    """A server with a cache and a store of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    with tempfile.TemporaryDirectory() as folder:
        own = {"FREENAS_CACHE": folder, "FREENAS_STORE": f"sqlite:///{folder}/runs.db"}
        log, started = Path(folder, "log"), time.perf_counter()
        with log.open("w") as out:
            process = subprocess.Popen(command, cwd=ROOT, env=os.environ | own, stdout=out, stderr=subprocess.STDOUT)
        try:
            while not _answers(f"http://127.0.0.1:{port}/_stcore/health"):
                if process.poll() is not None:
                    raise RuntimeError(f"the server did not start: {log.read_text()}")
                time.sleep(0.02)
            yield Server(port, process.pid, time.perf_counter() - started, log)
        finally:
            process.terminate()
            process.wait(20)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False
