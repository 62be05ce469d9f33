"""Connections to a database by its URL, SQLite set to lose nothing, and the sentence for a database that fails."""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote, quote_plus

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import make_url

from engine.runs.run import StoreUnavailable

_PATIENCE = 10
"""Seconds to wait for a server, or for another process that writes."""
_EXAMPLES = "sqlite:////home/me/runs.db or postgresql://me@host/runs"
_LONGEST = 300
_SECRET = re.compile("pass|pwd|secret|token|key|credential", re.IGNORECASE)
"""The parameters of a URL whose values are secrets, a part of their names."""


def connect(url: str) -> Engine:
    """Return the engine of the database at `url`; transactions with the option `writes` may write.

    In SQLite a writing transaction waits for its turn when it begins, one that reads sees one state and keeps nobody
    waiting (WAL), and what is committed is on the disk (`synchronous = FULL`).
    """
    if (parsed := _parsed(url)) is None:
        raise StoreUnavailable(f"the store of runs has no database URL; one looks like {_EXAMPLES}")
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
    """Return the file of a database, or its server and name; its kind alone where the URL can be read in two ways."""
    if (parsed := _parsed(url)) is None:
        return ""
    if parsed.get_backend_name() == "sqlite":
        return str(parsed.database)
    if _ambiguous(url):
        return parsed.get_backend_name()
    return URL.create(parsed.drivername, None, None, parsed.host, parsed.port, parsed.database).render_as_string()


def without_secrets(reason: str, url: str) -> str:
    """Return what a driver says of the database at `url`, without the passwords in it, however they are written."""
    if (parsed := _parsed(url)) is None or _ambiguous(url):
        return "its URL is not clear; a sign such as @ in a password is written as %40"
    secrets = {parsed.password or "", *re.findall(r"://[^:/@]*:([^@]*)@", url)}
    for name, value in [*parsed.normalized_query.items(), *_raw_parameters(url)]:
        if _SECRET.search(name):
            secrets |= {value} if isinstance(value, str) else set(value)
    written = {form(secret) for secret in secrets if secret for form in (str, quote, quote_plus, _escaped)}
    for text in sorted(written, key=len, reverse=True):
        reason = reason.replace(text, "***")
    return reason


def _parsed(url: str) -> URL | None:
    """Return a URL in its parts, None where it is none."""
    try:
        return make_url(url)
    except (exc.ArgumentError, ValueError):  # the latter of a port that is no number
        return None


def _ambiguous(url: str) -> bool:
    """Return True where a password may go on behind the first @, and stand in what is read as host or database."""
    return url.count("@") > 1


def _escaped(text: str) -> str:
    return repr(text)[1:-1]


def _raw_parameters(url: str) -> Iterator[tuple[str, str]]:
    """Yield the parameters of a URL as they are written."""
    for part in url.partition("?")[2].split("&"):
        name, _, value = part.partition("=")
        yield name, value


@contextmanager
def unavailable_on_error(action: str, url: str, *also: type[Exception]) -> Iterator[None]:
    """Turn whatever a database may raise, and `also` others, into `StoreUnavailable`: it cannot be `action`.

    The log has the reason, and so has the error's `explanation`, both without passwords.
    """
    failures: tuple[type[Exception], ...] = (exc.SQLAlchemyError, OSError, ImportError, *also)
    try:
        yield
    except failures as error:
        reason = without_secrets(" ".join(str(getattr(error, "orig", None) or error).split()), url)[:_LONGEST]
        explanation = f"the store of runs ({location(url)}) cannot be {action}: {reason}"
        logging.getLogger(__name__).warning("%s", explanation)
        raise StoreUnavailable(f"the store of runs cannot be {action}", explanation) from None
