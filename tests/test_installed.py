"""The wheel, built from a clean checkout and installed in an environment of its own, outside the clone."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.paths import ROOT

TINY = ("--space", "nas-bench-201", "--channels", "4", "--cells", "1", "--image-size", "8", "--no-store", "--quiet")
RUN_THE_PAGE = """
from streamlit.testing.v1 import AppTest
from dashboard.server.installation import SCRIPT
at = AppTest.from_file(str(SCRIPT), default_timeout=120).run()
assert not at.exception, at.exception
print(SCRIPT)
print(at.markdown[0].value)
"""


def run(*command: object, folder: Path, **variables: str) -> str:
    """What a command prints; its output is shown where it fails."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of what is committed or about to be, without what a working clone has beside it."""
    folder = tmp_path_factory.mktemp("checkout")
    names = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder=ROOT).split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", folder=folder)
    (built,) = (folder / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; its dependencies are those that the tests run with."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", folder=folder)
    python = folder / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index")
    run(*pip, wheel, folder=folder)
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=folder).strip()
    (Path(site) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def test_the_wheel_holds_the_program_and_no_more(wheel: Path):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if "dist-info" not in name} == {"engine", "dashboard", "freenas.py"}
    assert {"engine/py.typed", "dashboard/app.py", "dashboard/.streamlit/config.toml"} <= set(names)


def test_a_search_and_an_export_run_elsewhere(environment: Path):
    freenas = environment / "venv" / "bin" / "freenas"
    result = json.loads(run(freenas, "search", *TINY, folder=environment))
    assert result["schema"] == "freenas/search-result@1"
    assert result["environment"]["engine"] == run(freenas, "--version", folder=environment).split()[1]
    source = run(freenas, "export", result["genotype"]["notation"], "--to", "pytorch", folder=environment)
    (environment / "network.py").write_text(source)
    python = environment / "venv" / "bin" / "python"
    assert "output (2, 10)" in run(python, "network.py", folder=environment)
    place = run(python, "-c", "import engine, freenas; print(engine.__file__, freenas.__all__)", folder=environment)
    assert place.startswith(str(environment))
    assert "SearchConfig" in place


def test_the_page_is_drawn_elsewhere(environment: Path):
    lines = run(environment / "venv" / "bin" / "python", "-c", RUN_THE_PAGE, folder=environment).splitlines()
    assert lines[0].startswith(str(environment))
    assert len(lines) > 1


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def server(environment: Path) -> Iterator[str]:
    port = free_port()
    freenas = str(environment / "venv" / "bin" / "freenas")
    command = [freenas, "--server.port", str(port), "--server.headless", "true"]
    with subprocess.Popen(command, cwd=environment, stdout=subprocess.DEVNULL) as process:
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def test_the_command_alone_opens_the_page(server: str):
    deadline = time.monotonic() + 120
    while True:
        try:
            assert urlopen(f"{server}/_stcore/health", timeout=5).read() == b"ok"
            break
        except OSError:
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.2)
    assert b"<title>" in urlopen(server, timeout=5).read()
