"""How long people wait: `python -m bench.pages [--out FILE.json]`.

Server time is that of a script run under Streamlit's AppTest, with nothing drawn; what a browser adds is measured with
a real one (Chromium): from the start of the process to the first paint, what the first page weighs, from asking for a
page of a warm server to its headline and its picture, and from a click to the picture that follows it.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page, Request, sync_playwright
from streamlit.testing.v1 import AppTest

from bench.server import Server, served
from bench.table import Row, parser, report
from dashboard.server.installation import SCRIPT

Act = Callable[[AppTest], object]
PAGES = ("atlas", "evidence", "viewer", "learn")


def server_times(rounds: int) -> list[Row]:
    """Script runs of the start page for each thing one does to it."""
    acts: list[tuple[str, Act]] = [
        ("first run of a session", lambda at: None),
        ("another number in the fields", lambda at: at.segmented_control(key="measure").set_value("share")),
        ("table of scores", lambda at: at.session_state.__setitem__("below", "Table")),
        ("another seed, estimated later", lambda at: at.number_input(key="seed").set_value(1)),
    ]
    seconds: dict[str, list[float]] = {name: [] for name, _ in acts}
    for index in range(rounds + 1):
        at = AppTest.from_file(str(SCRIPT), default_timeout=120)
        at.query_params["space"] = "darts"
        for name, act in acts:
            act(at)
            started = time.perf_counter()
            at.run()
            if index:
                seconds[name].append(time.perf_counter() - started)
        assert not at.exception
    return [Row.of(f"server, DARTS, {name}", values) for name, values in seconds.items()]


def start_up(rounds: int) -> list[Row]:
    """From the start of the process to the first paint, what that page weighs, and what of torch the server holds."""
    answers: list[float] = []
    paints: list[float] = []
    weights: list[float] = []
    with _browser() as browser:
        for _ in range(rounds):
            with served() as server:
                paint, weight = _first_paint(browser, server)
                torch = "no" if "libtorch" not in Path(f"/proc/{server.process}/maps").read_text() else "yes"
            answers.append(server.seconds)
            paints.append(server.seconds + paint)
            weights.append(weight)
    return [
        Row.of("process start to a server that answers", answers),
        Row.of("process start to the headline", paints, note=f"torch in the server's process: {torch}"),
        Row.of("weight of the first page", weights, "MB", note="as it travels, all files"),
    ]


def _first_paint(browser: Browser, server: Server) -> tuple[float, float]:
    """Seconds to the headline of the first page of a server, and the megabytes that came."""
    page, came = browser.new_page(), list[Request]()
    page.on("requestfinished", lambda request: came.append(request))
    seconds = _until(page, partial(page.goto, server.address), "h1")
    page.wait_for_load_state("networkidle")
    weight = sum(request.sizes()["responseBodySize"] for request in came)
    page.close()
    return seconds, weight / 1e6


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def browser_times(rounds: int) -> list[Row]:
    """What a browser at a warm server sees."""
    paints: list[float] = []
    clicks: list[float] = []
    numbers: list[float] = []
    searches: list[float] = []
    others: dict[str, list[float]] = {name: [] for name in PAGES}
    with served() as server, _browser() as browser:
        address = server.address
        for index in range(rounds + 1):
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            paint = _until(page, partial(page.goto, f"{address}/?space=darts"), ".heat td.chosen")
            click = _until(page, page.locator("#edge-reduce-0-2").click, ".heat td.selected")
            number = _until(page, page.get_by_text("Flow share", exact=True).click, "table[aria-label*='Flow share']")
            searched = _searched(page, f"{address}/?space=nas-bench-201&seed={1000 + index}")
            taken = {name: _until(page, partial(page.goto, f"{address}/{name}"), "h1") for name in PAGES}
            page.close()
            if index:
                paints.append(paint)
                clicks.append(click)
                numbers.append(number)
                searches.append(searched)
                for name, seconds in taken.items():
                    others[name].append(seconds)
    return [
        Row.of("browser, first picture of a real result", paints, note="address to heatmap, server warm"),
        Row.of("browser, click to an edge of the other cell", clicks, note="click to its fields"),
        Row.of("browser, click to another number in the fields", numbers, note="by way of the server"),
        Row.of("browser, search on NAS-Bench-201 over the search itself", searches, note="click to answer"),
        *(Row.of(f"browser, headline of /{name}", values) for name, values in others.items()),
    ]


def _searched(page: Page, address: str) -> float:
    """Seconds from the click that searches to the answer, beside those of the search itself."""
    page.goto(address)
    page.get_by_text("Quick estimate").wait_for()
    seconds = _until(page, page.locator(".st-key-search button").click, "text=computed here just now")
    words = page.locator(".st-key-status").inner_text()
    return seconds - float(words.removeprefix("Found in ").partition(" s ")[0])


def _until(page: Page, act: Callable[[], object], selector: str) -> float:
    started = time.perf_counter()
    act()
    page.wait_for_selector(selector, timeout=60_000, state="attached")
    return time.perf_counter() - started


def main(arguments: Sequence[str] | None = None) -> None:
    command = parser(__doc__)
    command.add_argument("--rounds", type=int, default=5, help="measurements of each (default 5)")
    options = command.parse_args(arguments)
    sections = (start_up, browser_times, server_times)
    report((row for section in sections for row in section(options.rounds)), options.out)
    os._exit(0)  # the workers that AppTest started are for nobody


if __name__ == "__main__":
    main()
