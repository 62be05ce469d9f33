"""The store of runs: one small interface to any database that SQLAlchemy speaks to."""

from __future__ import annotations

import time
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Select,
    delete,
    exc,
    func,
    insert,
    select,
    update,
)

from engine.common.errors import quoted, unknown_name
from engine.runs.database import connect, unavailable_on_error
from engine.runs.run import ORDERS, Filter, Run, StoredRun, search_text
from engine.runs.run_document import RUN_ID
from engine.runs.schema import RESULTS, RUNS, TAGS, migrate
from engine.runs.words import checked_name, checked_note, checked_tags, search_words
from engine.searches.result import SearchResult

_UNDO = 24 * 3600
"""Seconds for which what was deleted can be restored, by the count of a store that is open for so long."""
_AT_ONCE = 500
"""The largest number of ids in one statement."""
_EVERY = Filter()
_PRESENT, _DELETED = RUNS.c.deleted == 0, RUNS.c.deleted != 0
_LISTS = {"spaces": RUNS.c.space, "proxies": RUNS.c.proxy, "recipes": RUNS.c.recipe, "devices": RUNS.c.device}


class RunStore:
    """The runs in the database at `url`, which is made or brought up to date; for any number of threads.

    Every method raises `StoreUnavailable` where the database cannot be read or written. What a method has written when
    it returns stays, whatever becomes of the process.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._deletions: dict[tuple[str, float], float] = {}  # when each was first seen, by `time.monotonic`
        with unavailable_on_error("opened", url, ValueError, TypeError):  # of a parameter that a driver does not take
            self._engine = connect(url)
            try:
                migrate(self._engine)
            except Exception:
                self.close()
                raise

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def add(self, result: SearchResult, *, name: str = "", note: str = "", tags: Sequence[str] = ()) -> Run:
        """Keep the result of a search that ended now, and return its run; one that is there already stays as it is.

        `ValueError` where its words are too long.
        """
        stored = StoredRun.of(result, created=time.time(), name=name, note=note, tags=tags)
        self.keep([stored])
        return self.get(stored.run.id)

    def keep(self, runs: Iterable[StoredRun]) -> list[str]:
        """Keep runs, all or none; return the ids of those that were not there.

        A deleted one is there again as it was, one that another owner deleted as a new one.
        """
        with self._writing() as connection:
            return [stored.run.id for stored in runs if _keep(connection, stored)]

    def get(self, run_id: str) -> Run:
        """Return the run with an id; `ValueError` if there is none."""
        with self._reading() as connection:
            return _get(connection, run_id)

    def document(self, run_id: str) -> str:
        """Return the JSON of the result of a run, as it was written; `ValueError` if it is not there, or damaged."""
        with self._reading() as connection:
            _get(connection, run_id)
            packed = connection.execute(select(RESULTS.c.document).where(RESULTS.c.run == run_id)).scalar()
        try:
            return zlib.decompress(packed or b"").decode()
        except (zlib.error, UnicodeDecodeError):
            raise ValueError(f"the result of run {run_id} is damaged") from None

    def result(self, run_id: str) -> SearchResult:
        """Return the result of a run, as it was; `ValueError` if there is none, or it cannot be read."""
        document = self.document(run_id)
        try:
            return SearchResult.from_json(document)
        except ValueError as error:
            raise ValueError(f"the result of run {run_id} cannot be read: {error}") from None

    def find(
        self,
        filters: Filter = _EVERY,
        *,
        order: str = "created",
        descending: bool = True,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Run]:
        """Return the runs that `filters` let through, in an order of `ORDERS`: at most `limit` after `offset`."""
        if order not in ORDERS:
            raise unknown_name("order", order, ORDERS)
        columns = [column.desc() if descending else column.asc() for column in (RUNS.c[order], RUNS.c.id)]
        query = _rows().where(*_conditions(filters)).order_by(*columns).limit(limit).offset(offset)
        with self._reading() as connection:
            return _runs(connection, connection.execute(query))

    def count(self, filters: Filter = _EVERY) -> int:
        """Count the runs that `filters` let through."""
        query = select(func.count()).select_from(RUNS).where(*_conditions(filters))
        with self._reading() as connection:
            return connection.execute(query).scalar() or 0

    def values(self) -> dict[str, list[str]]:
        """Return the values that runs can be filtered by, for every list of a `Filter`."""
        with self._reading() as connection:
            queries = {name: select(column).distinct().where(_PRESENT) for name, column in _LISTS.items()}
            values = {name: sorted(connection.execute(query).scalars()) for name, query in queries.items()}
            return values | {"tags": _tags(connection)}

    def update(
        self,
        run_id: str,
        *,
        name: str | None = None,
        note: str | None = None,
        tags: Sequence[str] | None = None,
        owner: str | None = None,
    ) -> Run:
        """Change the words of a run, None leaving them, as `owner` or, where that is None, as who may change every run.

        `ValueError` where they are too long, or it is not there, or not the owner's.
        """
        changed: dict[str, Any] = {} if name is None else {"name": checked_name(name)}
        changed |= {} if note is None else {"note": checked_note(note)}
        changed |= {} if tags is None else {"tags": checked_tags(tags)}
        with self._writing() as connection:
            run = replace(_get(connection, run_id), **changed)
            _check_owner(connection, [run_id], owner)
            values = {"name": run.name, "note": run.note, "words": search_text(run)}
            connection.execute(update(RUNS).where(RUNS.c.id == run_id).values(values))
            connection.execute(delete(TAGS).where(TAGS.c.run == run_id))
            _insert_tags(connection, run)
        return run

    def delete(self, run_ids: Collection[str], owner: str | None = None) -> int:
        """Delete runs, and return their number; `ValueError` where one is not the `owner`'s, if that is not None.

        For a day at least they can be restored. No clock says when that day is over, since one that is wrong may jump
        by years: a run is removed for good at a deletion in a store that has been open for a day since it saw the run
        deleted.
        """
        with self._writing() as connection:
            _check_owner(connection, run_ids, owner)
            count = _mark(connection, run_ids, _PRESENT, max(time.time(), 1.0))
            _remove(connection, self._past_deletions(connection))
            return count

    def restore(self, run_ids: Collection[str], owner: str | None = None) -> int:
        """Take back a deletion, and return the number of runs that are there again; for the `owner` as in `delete`."""
        with self._writing() as connection:
            _check_owner(connection, run_ids, owner)
            return _mark(connection, run_ids, _DELETED, 0.0)

    def purge(self) -> int:
        """Remove all deleted runs for good, and return their number."""
        with self._writing() as connection:
            return connection.execute(delete(RUNS).where(_DELETED)).rowcount

    def unknown(self, run_ids: Collection[str]) -> list[str]:
        """Return those ids that no run has, neither one that is there nor a deleted one."""
        query = select(RUNS.c.id)
        with self._reading() as connection:
            parts = (connection.execute(query.where(RUNS.c.id.in_(part))).scalars() for part in _parts(run_ids))
            stored = {run_id for part in parts for run_id in part}
        return [run_id for run_id in run_ids if run_id not in stored]

    def _past_deletions(self, connection: Connection) -> list[str]:
        """Return the ids of deleted runs that this store saw a day ago, in the same deletion."""
        now, query = time.monotonic(), select(RUNS.c.id, RUNS.c.deleted).where(_DELETED)
        seen = self._deletions
        self._deletions = {one: seen.get(one, now) for one in map(tuple, connection.execute(query))}
        return [run_id for (run_id, _), since in self._deletions.items() if now - since > _UNDO]

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with unavailable_on_error("read", self._url), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with (
            unavailable_on_error("written", self._url),
            self._engine.execution_options(writes=True).begin() as connection,
        ):
            yield connection


def _rows() -> Select[Any]:
    return select(*(column for column in RUNS.c if column.name not in ("words", "deleted")))


def _runs(connection: Connection, rows: CursorResult[Any]) -> list[Run]:
    """Return the runs in rows of the table, with their tags."""
    values = [row._asdict() for row in rows]
    tags: dict[str, list[str]] = {row["id"]: [] for row in values}
    for part in _parts(tags):
        for run_id, tag in connection.execute(select(TAGS.c.run, TAGS.c.tag).where(TAGS.c.run.in_(part))):
            tags[run_id].append(tag)
    return [Run(**row, tags=tuple(sorted(tags[row["id"]]))) for row in values]


def _get(connection: Connection, run_id: str) -> Run:
    well_formed = RUN_ID.fullmatch(run_id) is not None
    runs = well_formed and _runs(connection, connection.execute(_rows().where(RUNS.c.id == run_id, _PRESENT)))
    if not runs:
        raise ValueError(f"no run {quoted(run_id)} in this store")
    return runs[0]


def _conditions(filters: Filter) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions of a selection."""
    yield _PRESENT
    for name, column in _LISTS.items():
        if values := getattr(filters, name):
            yield column.in_(values)
    for tag in filters.tags:
        yield RUNS.c.id.in_(select(TAGS.c.run).where(TAGS.c.tag == tag))
    for word in search_words(filters.text):
        yield RUNS.c.words.contains(word, autoescape=True)


def _tags(connection: Connection) -> list[str]:
    """Return the tags of the runs that are there."""
    used, every = TAGS.alias(), select(TAGS.c.tag).distinct().subquery()
    in_use = select(used.c.run).join(RUNS).where(used.c.tag == every.c.tag, _PRESENT).exists()
    return sorted(connection.execute(select(every.c.tag).where(in_use)).scalars())


def _keep(connection: Connection, stored: StoredRun) -> bool:
    """Keep a run; return True where it was not there, or deleted."""
    run, same = stored.run, RUNS.c.id == stored.run.id
    connection.execute(delete(RUNS).where(same, _DELETED, RUNS.c.owner != run.owner))
    if connection.execute(update(RUNS).where(same, _DELETED).values(deleted=0.0)).rowcount:
        return True
    if connection.execute(select(RUNS.c.id).where(same)).first() is not None:
        return False
    values = {column.name: getattr(run, column.name) for column in _rows().selected_columns}
    document = zlib.compress(stored.document.encode())
    try:
        with connection.begin_nested():
            connection.execute(insert(RUNS).values(**values, words=search_text(run), deleted=0.0))
            connection.execute(insert(RESULTS).values(run=run.id, document=document))
            _insert_tags(connection, run)
    except exc.IntegrityError:  # another process was first
        return False
    return True


def _insert_tags(connection: Connection, run: Run) -> None:
    if run.tags:
        connection.execute(insert(TAGS), [{"run": run.id, "tag": tag} for tag in run.tags])


def _mark(connection: Connection, run_ids: Iterable[str], state: ColumnElement[bool], deleted: float) -> int:
    marking = update(RUNS).where(state).values(deleted=deleted)
    return sum(connection.execute(marking.where(RUNS.c.id.in_(part))).rowcount for part in _parts(run_ids))


def _check_owner(connection: Connection, run_ids: Iterable[str], owner: str | None) -> None:
    """Raise `ValueError` where one of the runs is not the owner's; None owns all."""
    for part in _parts(run_ids) if owner is not None else ():
        others = select(RUNS.c.id).where(RUNS.c.id.in_(part), RUNS.c.owner != owner)
        if (other := connection.execute(others).scalar()) is not None:
            raise ValueError(f"run {other} is not yours, and only its owner changes it")


def _remove(connection: Connection, run_ids: Iterable[str]) -> None:
    for part in _parts(run_ids):
        connection.execute(delete(RUNS).where(_DELETED, RUNS.c.id.in_(part)))


def _parts(run_ids: Iterable[str]) -> Iterator[list[str]]:
    """Yield ids, as many at once as a statement may hold."""
    left = list(run_ids)
    for first in range(0, len(left), _AT_ONCE):
        yield left[first : first + _AT_ONCE]
