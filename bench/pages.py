"""How long people wait: `python -m bench.pages [--out FILE.json]`.

Server time is that of a script run under Streamlit's AppTest, with nothing drawn; what a browser adds is measured with
a real one (Chromium): from asking for a page of a warm server to its headline and its picture, and from a click to the
picture that follows it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from streamlit.testing.v1 import AppTest

from bench.speed import Row, machine, show

ROOT = Path(__file__).resolve().parents[1]
Act = Callable[[AppTest], object]
PAGES = ("atlas", "evidence", "viewer", "how_it_works")


def server_times(rounds: int) -> list[Row]:
    """Script runs of the start page for each thing one does to it."""
    acts: list[tuple[str, Act]] = [
        ("first run of a session", lambda at: None),
        ("another measure", lambda at: at.segmented_control(key="measure").set_value("edge")),
        ("the reduction cell", lambda at: at.segmented_control(key="kind").set_value("reduce")),
        ("replay on", lambda at: at.toggle(key="replay").set_value(True)),
        ("replay, 40 steps on", lambda at: at.slider(key="step").set_value(40)),
        ("table of scores", lambda at: at.session_state.__setitem__("table", True)),
    ]
    seconds: dict[str, list[float]] = {name: [] for name, _ in acts}
    for index in range(rounds + 1):
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        at.query_params["space"] = "darts"
        for name, act in acts:
            act(at)
            started = time.perf_counter()
            at.run()
            if index:
                seconds[name].append(time.perf_counter() - started)
        assert not at.exception
    return [Row.of(f"server, DARTS, {name}", values) for name, values in seconds.items()]


def browser_times(rounds: int) -> list[Row]:
    """What a browser at a warm server sees."""
    paints: list[float] = []
    clicks: list[float] = []
    others: dict[str, list[float]] = {name: [] for name in PAGES}
    with _server() as (address, cold), sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for index in range(rounds + 1):
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            paint = _until(page, partial(page.goto, f"{address}/?space=darts"), ".js-plotly-plot .heatmaplayer")
            other_cell = page.get_by_text("Reduction cell", exact=True).first
            click = _until(page, other_cell.click, "#edge-reduce-0-2")
            taken = {name: _until(page, partial(page.goto, f"{address}/{name}"), "h4") for name in PAGES}
            page.close()
            if index:
                paints.append(paint)
                clicks.append(click)
                for name, seconds in taken.items():
                    others[name].append(seconds)
        browser.close()
    return [
        Row.of("process start to a server that answers", [cold]),
        Row.of("browser, first picture of a real result", paints, note="address to heatmap, server warm"),
        Row.of("browser, click to the other cell", clicks, note="click to the drawn cell"),
        *(Row.of(f"browser, headline of /{name}", values) for name, values in others.items()),
    ]


def _until(page: Page, act: Callable[[], object], selector: str) -> float:
    started = time.perf_counter()
    act()
    page.wait_for_selector(selector, timeout=60_000, state="attached")
    return time.perf_counter() - started


@contextmanager
def _server() -> Iterator[tuple[str, float]]:
    """A server of its own, warm: its address, and the seconds it took to answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, started = f"http://127.0.0.1:{port}", time.perf_counter()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"FREENAS_CACHE": folder}
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while not _answers(f"{address}/_stcore/health"):
                time.sleep(0.05)
            yield address, time.perf_counter() - started
        finally:
            process.terminate()
            process.wait(20)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each (default 5)")
    parser.add_argument("--out", type=Path, help="write the table as JSON to this file")
    options = parser.parse_args(arguments)
    where, rows = machine(), []
    print(", ".join(f"{key} {value}" for key, value in where.items()), flush=True)
    for section in (browser_times, server_times):
        for row in section(options.rounds):
            print(show(row), flush=True)
            rows.append(row)
    if options.out:
        options.out.write_text(json.dumps({"machine": where, "rows": [asdict(row) for row in rows]}, indent=2) + "\n")
    os._exit(0)  # the workers that AppTest started are for nobody


if __name__ == "__main__":
    main()
