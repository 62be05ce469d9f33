"""The folders and the database of the engine, as environment variables set them or not."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from engine.common.settings import cache_folder, store_url


def test_variables_come_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("FREENAS_CACHE", str(tmp_path / "tables"))
    monkeypatch.setenv("FREENAS_STORE", "postgresql+psycopg://host/runs")
    assert cache_folder() == tmp_path / "tables"
    assert store_url() == "postgresql+psycopg://host/runs"
    assert not (tmp_path / "tables").exists()


@pytest.mark.parametrize("value", [None, ""])
def test_without_them_the_users_folders_are_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str | None):
    for name in ("FREENAS_CACHE", "FREENAS_STORE"):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: tmp_path / "cache" / name)
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name: tmp_path / "data" / name)
    assert cache_folder() == tmp_path / "cache" / "freenas"
    assert store_url() == f"sqlite:///{tmp_path / 'data' / 'freenas' / 'runs.sqlite3'}"
    assert (tmp_path / "data" / "freenas").is_dir(), "the file needs its folder"


def test_a_folder_that_cannot_be_made_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "data").write_text("a file in its place")
    monkeypatch.delenv("FREENAS_STORE", raising=False)
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name: tmp_path / "data" / name)
    with pytest.raises(OSError, match="Not a directory"):
        store_url()
