"""A folder of tables that the server offers."""

import pytest


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("FREENAS_TABLES", str(tmp_path))
    return tmp_path
