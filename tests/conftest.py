"""What all tests share: one thread (or `FREENAS_THREADS`), reproducible properties, results of tiny searches."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings
from xdist.scheduler.loadscope import LoadScopeScheduling

from engine import SPACES, SearchConfig, SearchResult, search
from engine.common.threads import current_threads

torch.set_num_threads(current_threads())
settings.register_profile(
    "freenas",
    deadline=None,
    max_examples=40,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("quick", settings.get_profile("freenas"), max_examples=3)
settings.load_profile("freenas")

WHOLE = {"browser", "fuzz", "hostile", "test_audit.py", "test_docs.py", "test_examples.py", "test_installed.py"}
"""Tests that take a server, a browser, another process or a whole corpus; so do those that run the whole app."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="one case of every test that needs no server and no browser")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--quick"):
        settings.load_profile("quick")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With --quick, files of whole tests are not even read."""
    whole = collection_path.parent == Path(__file__).parent and collection_path.name in WHOLE
    return True if whole and config.getoption("--quick") else None


class FileScheduling(LoadScopeScheduling):
    """Files of tests go to one process each, and all tests in a browser, which wait more than they compute, to one."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "browser" if file.startswith("tests/browser/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> FileScheduling:
    return FileScheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --quick: the first case of every function that is not marked as slow.

    Coverage, which doubles the time of what computes, is taken of first cases: others run the same lines. The longest
    files come first, so that several processes end at the same time.
    """
    items.sort(key=lambda item: item.nodeid.partition("::")[0].split("/")[1] not in WHOLE)
    seen: set[str] = set()
    chosen, others = [], []
    for item in items:
        name = item.nodeid.partition("[")[0]
        folder = name.partition("::")[0].split("/")[1]
        slow = item.get_closest_marker("slow") is not None or "app" in item.fixturenames
        (others if slow or name in seen else chosen).append(item)
        if folder != "engine" or name in seen:
            item.add_marker("no_cover")
        seen.add(name)
    if config.getoption("--quick"):
        items[:] = chosen
        config.hook.pytest_deselected(items=others)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """What is kept, and the store of runs, are apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FREENAS_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("FREENAS_STORE", f"sqlite:///{tmp_path_factory.mktemp('store') / 'runs.sqlite3'}")
        patch.delenv("FREENAS_TABLES", raising=False)
        yield


def tiny(space: str, **parts: object) -> SearchConfig:
    """The smallest supernet of a space, on the CPU."""
    size = {"channels": 4, "cells": SPACES[space].cells_range.low, "image_size": 8, "device": "cpu"}
    return SearchConfig(**{"space": space, **size, **parts})


@pytest.fixture(scope="session")
def tiny_results() -> dict[str, SearchResult]:
    """An iterative search of the smallest supernet of every space, in the interior where there is one."""
    fields = {name: "full" if space.no_closed_form else "interior" for name, space in SPACES.items()}
    return {name: search(tiny(name, field=field, per_round=8)) for name, field in fields.items()}
