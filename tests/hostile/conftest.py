"""Every hostile test runs in an empty folder and is watched."""

import os
from pathlib import Path

import pytest

from tests.hostile.corpus import MARKER
from tests.hostile.watch import watched


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty folder to work in; at the end nothing was run and nothing was written beside what a test wrote."""
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    monkeypatch.setenv(MARKER, str(tmp_path / "marker"))
    with watched(inside, Path(os.environ["FREENAS_CACHE"])) as seen:
        yield inside
    assert not seen
    assert [each.name for each in tmp_path.iterdir()] == ["inside"]
    assert not [each for each in inside.rglob("*") if "owned" in each.name]
