"""A real browser on a real server."""

import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.server_log import errors
from tests.browser.visit import Visit
from tests.paths import ROOT
from tests.waiting import PATIENCE, until

expect.set_options(timeout=PATIENCE * 1000)


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def log_path(tmp_path_factory):
    """The log of the server, in a folder of its own."""
    return tmp_path_factory.mktemp("server") / "log"


@pytest.fixture(scope="package")
def server(tmp_path_factory, log_path):
    store = f"sqlite:///{tmp_path_factory.mktemp('store') / 'runs.sqlite3'}"
    with serving(log_path.parent, FREENAS_STORE=store) as address:
        yield address


@contextmanager
def serving(folder, **environment):
    """The address of a server with an environment of its own, whose log in `folder` holds no error when it ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = folder / "log"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    own = {"CI": "true", "FREENAS_CACHE": str(folder / "cache"), "FREENAS_TABLES": "", **environment}
    with path.open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env=os.environ | own)
    try:
        health = f"http://127.0.0.1:{port}/_stcore/health"
        until(lambda: process.poll() is not None or _answers(health), lambda: path.read_text("utf-8"))
        assert process.poll() is None, path.read_text("utf-8")
        yield f"http://127.0.0.1:{port}"
        log = path.read_text("utf-8")
        assert errors(log) == [], log
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _answers(url):
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE):
            return True
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="package")
def browser():
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments, timeout=PATIENCE * 1000)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def context(browser):
    """One for all visits, which share what was loaded once."""
    with browser.new_context() as context:
        yield context


@pytest.fixture
def visit(server, context):
    opened = []

    def make(**kwargs):
        opened.append(Visit(context, server, **kwargs))
        return opened[-1]

    yield make
    for one in opened:
        one.close()
