"""A real browser on a real server."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.paths import ROOT

expect.set_options(timeout=20_000)  # on a busy machine, the time to draw a page
WIDE, NARROW = {"width": 1440, "height": 1000}, {"width": 390, "height": 844}


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path_factory.mktemp("server") / "log").open("w+")
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    own = {"CI": "true", "FREENAS_CACHE": str(tmp_path_factory.mktemp("cache")), "FREENAS_TABLES": ""}
    own["FREENAS_STORE"] = f"sqlite:///{tmp_path_factory.mktemp('store') / 'runs.sqlite3'}"
    process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env=os.environ | own)
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", process, log)
        yield f"http://127.0.0.1:{port}"
        log.seek(0)
        assert "Traceback" not in log.read()
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def _wait(url, process, log):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    log.seek(0)
    pytest.fail(f"the server did not start: {log.read()}")


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


class Visit:
    """A page, and what it asked of other hosts."""

    def __init__(self, browser: Browser, base: str, viewport=WIDE, theme="light"):
        self.context = browser.new_context(viewport=viewport, color_scheme=theme, accept_downloads=True)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.base, self.elsewhere = base, []
        self.page.on("request", self._note)

    def _note(self, request):
        local = request.url.startswith((self.base, self.base.replace("http", "ws"), "data:", "blob:"))
        if not local:
            self.elsewhere.append(request.url)

    def open(self, path="/"):
        self.page.goto(self.base + path)
        self.page.wait_for_selector("h4")
        return self.page


@pytest.fixture
def visit(server, browser):
    opened = []

    def make(**kwargs):
        opened.append(Visit(browser, server, **kwargs))
        return opened[-1]

    yield make
    for each in opened:
        each.context.close()
