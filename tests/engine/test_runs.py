from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.common.settings import store_url
from engine.runs import StoreUnavailable, open_store
from tests.engine.runs.samples import FIRST
from tests.paths import ROOT


def test_the_store_is_made_in_the_users_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("FREENAS_STORE")
    monkeypatch.setattr("platformdirs.user_data_path", lambda name: tmp_path / "data" / name)
    store = open_store()
    store.add(FIRST)
    store.close()
    assert store_url() == f"sqlite:///{tmp_path}/data/freenas/runs.sqlite3"
    assert (tmp_path / "data/freenas/runs.sqlite3").stat().st_size


@pytest.mark.slow
def test_a_database_is_loaded_only_by_those_who_open_it():
    code = "import sys, engine.__main__, engine.runs; print('sqlalchemy' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout == "False\n"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("FREENAS_STORE")
    (tmp_path / "data").write_text("no folder")
    monkeypatch.setattr("platformdirs.user_data_path", lambda name: tmp_path / "data" / name)
    with pytest.raises(StoreUnavailable, match=r"the folder of the store of runs cannot be made$") as caught:
        open_store()
    assert "data" in caught.value.explanation
