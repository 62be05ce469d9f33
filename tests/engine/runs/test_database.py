from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import exc

from engine.runs import StoreUnavailable, database
from engine.runs.database import connect, location, unavailable_on_error


def test_sqlite_is_set_to_lose_nothing(tmp_path: Path):
    engine = connect(f"sqlite:///{tmp_path / 'runs.sqlite3'}")
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
        }
    engine.dispose()
    assert found == {"journal_mode": "wal", "synchronous": 2}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:////home/me/runs.db", "/home/me/runs.db"),
        ("postgresql://me:secret@host/runs", "postgresql://me:***@host/runs"),
        ("no URL", ""),
    ],
)
def test_a_location_holds_no_password(url: str, expected: str):
    assert location(url) == expected


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(url: str):
    with pytest.raises(StoreUnavailable, match="a database in memory keeps no runs"):
        connect(url)


def test_postgresql_is_spoken_to_by_psycopg():
    assert connect("postgresql://me@host/runs").driver == "psycopg"


def test_without_psycopg_the_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(database, "find_spec", lambda name: None)
    with pytest.raises(StoreUnavailable, match=r"pip install 'freenas-dashboard\[postgres\]'"):
        connect("postgresql://me@host/runs")


@pytest.mark.parametrize("error", [exc.OperationalError("SELECT", {}, OSError("full\n disk")), OSError("full disk")])
def test_whatever_a_database_raises_becomes_a_sentence(error: Exception):
    sentence = r"^the store of runs \(/x/runs.db\) cannot be written: full disk$"
    with pytest.raises(StoreUnavailable, match=sentence), unavailable_on_error("written", "sqlite:////x/runs.db"):
        raise error


def test_other_errors_pass():
    with pytest.raises(ValueError, match="no run"), unavailable_on_error("read", "sqlite:////x/runs.db"):
        raise ValueError("no run")
