"""Connections to a database by its URL, SQLite set to lose nothing, and the sentence for a database that fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import make_url

from engine.runs.run import StoreUnavailable

_PATIENCE = 10
"""Seconds to wait for a server, or for another process that writes."""
_EXAMPLES = "sqlite:////home/me/runs.db or postgresql://me@host/runs"
_LONGEST = 300


def connect(url: str) -> Engine:
    """Return the engine of the database at `url`; transactions with the option `writes` may write.

    In SQLite a writing transaction waits for its turn when it begins, one that reads sees one state and keeps nobody
    waiting (WAL), and what is committed is on the disk (`synchronous = FULL`).
    """
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        raise StoreUnavailable(f"the store of runs has no database URL; one looks like {_EXAMPLES}") from None
    if parsed.get_backend_name() != "sqlite":
        return _server(parsed)
    if parsed.database in (None, "", ":memory:"):
        raise StoreUnavailable(f"a database in memory keeps no runs; give a file, as in {_EXAMPLES}")
    return _sqlite(parsed)


def _server(url: URL) -> Engine:
    """Return the engine of a database on a server; psycopg speaks to PostgreSQL where the URL names no other driver."""
    if url.drivername == "postgresql":
        if find_spec("psycopg") is None:
            raise StoreUnavailable(
                "PostgreSQL is spoken to by psycopg, which is not installed (pip install 'freenas-dashboard[postgres]')"
            )
        url = url.set(drivername="postgresql+psycopg")
    waits = {"connect_timeout": _PATIENCE} if url.get_backend_name() == "postgresql" else {}
    return create_engine(url, pool_pre_ping=True, connect_args=waits)


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": _PATIENCE})

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # transactions begin below, so that they hold the making of tables too
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        with suppress(sqlite3.OperationalError):  # while another process makes the file, which then does it
            connection.execute("PRAGMA journal_mode = WAL")

    @event.listens_for(engine, "begin")
    def began(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def location(url: str) -> str:
    """Return the file or the address of a database, without a password in it."""
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        return ""
    return str(parsed.database) if parsed.get_backend_name() == "sqlite" else parsed.render_as_string()


@contextmanager
def unavailable_on_error(action: str, url: str) -> Iterator[None]:
    """Turn whatever a database may raise into `StoreUnavailable`: it cannot be `action`, such as read, and why."""
    try:
        yield
    except (exc.SQLAlchemyError, OSError, ImportError) as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).split())[:_LONGEST]
        raise StoreUnavailable(f"the store of runs ({location(url)}) cannot be {action}: {reason}") from error
