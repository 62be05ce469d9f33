from __future__ import annotations

import re
import traceback
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import exc

from engine.runs import StoreUnavailable, database
from engine.runs.database import connect, location, unavailable_on_error, without_secrets
from engine.runs.store import RunStore


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
        ("postgresql://me:secret@host/runs", "postgresql://host/runs"),
        ("postgresql://me@[::1]:5433/runs?password=secret", "postgresql://[::1]:5433/runs"),
        ("postgresql://me:sec@ret@host/runs", "postgresql"),
        ("postgresql+psycopg://me:a@sec/ret@host/runs", "postgresql"),
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
def test_whatever_a_database_raises_becomes_a_sentence_and_its_reason_is_logged(
    error: Exception, caplog: pytest.LogCaptureFixture
):
    with (
        pytest.raises(StoreUnavailable, match=r"^the store of runs cannot be written$") as caught,
        unavailable_on_error("written", "sqlite:////x/runs.db"),
    ):
        raise error
    assert caught.value.explanation == "the store of runs (/x/runs.db) cannot be written: full disk"
    assert caplog.messages == [caught.value.explanation]


URLS = {
    "in its place": "postgresql://me:Se+cr%20%25t@127.0.0.1:1/runs",
    "as a parameter": "postgresql://127.0.0.1:1/runs?user=me&password=Se%2Bcr%20%25t",
    "as a parameter of a form": "postgresql://127.0.0.1:1/runs?password=Se%2Bcr+%25t",
    "of a key": "postgresql://me@127.0.0.1:1/runs?sslpassword=Se%2Bcr+%25t&sslkey=Se%2Bcr+%25t",
    "an unescaped @ before it": "postgresql://me:a@Se+cr%20%25t@127.0.0.1:1/runs",
    "an unescaped @ behind it": "postgresql://me:Se+cr%20%25t@b@127.0.0.1:1/runs",
    "an @ and a slash": "postgresql://me:a@b/Se+cr%20%25t@127.0.0.1:1/runs",
    "an @ and a question mark": "postgresql://me:a@127.0.0.1:1/b?Se+cr%20%25t@127.0.0.1:1/runs",
    "an @ and a colon": "postgresql://me:a@b:Se+cr%20%25t@127.0.0.1:1/runs",
    "no host": "postgresql://me:Se+cr%20%25t/runs",
    "of a file": "sqlite://me:Se+cr%20%25t@host/runs",
    "as a parameter of a file": "sqlite:///file:/nowhere/runs.db?uri=true&password=Se%2Bcr+%25t",
    "as a number of a file": "sqlite:///runs.db?timeout=x&password=Se%2Bcr+%25t",
    "another driver": "mssql+pymssql://me:Se+cr%20%25t@host/runs?password=Se%2Bcr+%25t",
    "an unknown kind": "runs://me:Se+cr%20%25t@host/runs",
    "no URL": "host=127.0.0.1 password='Se+cr %t'",
}
"""URLs with the password `Se+cr %t`, whose percent-escapes differ from it, and from those of a form."""


@pytest.mark.parametrize("url", URLS.values(), ids=[*URLS])
def test_no_password_is_in_what_is_said_or_logged(url: str, caplog: pytest.LogCaptureFixture):
    with pytest.raises(StoreUnavailable) as caught:
        RunStore(url)
    trace = "".join(traceback.format_exception(caught.value))
    for text in (str(caught.value), caught.value.explanation, trace, caplog.text):
        assert not re.search(r"Se.{1,3}cr|%t|%25t", text), text


@pytest.mark.parametrize("written", ["Se+cr %t", "Se%2Bcr%20%25t", "Se%2Bcr+%25t"])
@pytest.mark.parametrize("name", ["in its place", "as a parameter", "as a parameter of a form", "of a key"])
def test_a_driver_that_repeats_a_password_is_not_repeated(name: str, written: str):
    assert without_secrets(f"bad '{written}' in conninfo", URLS[name]) == "bad '***' in conninfo"


@given(st.text(st.characters(codec="utf-8"), min_size=3).filter(lambda text: "*" not in text))
def test_no_password_of_any_signs_is_repeated(password: str):
    for url in (
        f"postgresql://me:{quote(password, safe='')}@host/runs",
        f"postgresql://host/runs?password={quote_plus(password)}",
    ):
        assert password not in without_secrets(f"[{password}]", url)


def test_other_errors_pass():
    with pytest.raises(ValueError, match="no run"), unavailable_on_error("read", "sqlite:////x/runs.db"):
        raise ValueError("no run")
