"""The store of runs: one small interface on any database that SQLAlchemy speaks to."""

from __future__ import annotations

import time
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

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
from engine.runs import run as runs
from engine.runs.database import connect, said
from engine.runs.run import ORDERS, Filter, Run, run_of
from engine.runs.schema import RESULTS, RUNS, TAGS, prepare
from engine.searches.result import SearchResult

_UNDO = 24 * 3600
"""Seconds for which what was deleted can be restored; it is removed at the next deletion after that."""
_AT_ONCE = 500
"""How many ids stand in one statement."""
_EVERY = Filter()
_THERE, _DELETED = RUNS.c.deleted == 0, RUNS.c.deleted > 0
_LISTS = {"spaces": RUNS.c.space, "proxies": RUNS.c.proxy, "recipes": RUNS.c.recipe, "devices": RUNS.c.device}


class Kept(NamedTuple):
    """A run with the JSON text of its result."""

    run: Run
    document: str


class RunStore:
    """The runs in the database at `url`, which is made or brought up to date; for any number of threads.

    Every method raises `StoreUnavailable` where the database cannot be read or written. What a method has written when
    it returns stays, whatever becomes of the process.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        with said("opened", url):
            self._engine = connect(url)
            try:
                prepare(self._engine)
            except Exception:
                self.close()
                raise

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def add(self, result: SearchResult, *, name: str = "", note: str = "", tags: Sequence[str] = ()) -> Run:
        """Keep the result of a search that ended now; one that is there already stays as it is.

        `ValueError` where its words are too long.
        """
        run = run_of(result, created=time.time(), name=name, note=note, tags=tags)
        self.keep([Kept(run, result.rounded().to_json())])
        return self.get(run.id)

    def keep(self, kept: Iterable[Kept]) -> list[str]:
        """Keep runs, all or none; the ids of those that were not there. A deleted one is there again as it was."""
        with self._writing() as connection:
            return [each.run.id for each in kept if _keep(connection, each)]

    def get(self, run_id: str) -> Run:
        """The run with an id; `ValueError` if there is none."""
        with self._reading() as connection:
            return _get(connection, run_id)

    def document(self, run_id: str) -> str:
        """The JSON of the result of a run, as it was written; `ValueError` if there is none, or it is damaged."""
        with self._reading() as connection:
            _get(connection, run_id)
            packed = connection.execute(select(RESULTS.c.document).where(RESULTS.c.run == run_id)).scalar()
        try:
            return zlib.decompress(packed or b"").decode()
        except (zlib.error, UnicodeDecodeError):
            raise ValueError(f"the result of run {run_id} is damaged") from None

    def result(self, run_id: str) -> SearchResult:
        """The result of a run, as it was; `ValueError` if there is none, or it cannot be read."""
        document = self.document(run_id)
        try:
            return SearchResult.from_json(document)
        except ValueError as error:
            raise ValueError(f"the result of run {run_id} cannot be read: {error}") from None

    def find(
        self,
        wanted: Filter = _EVERY,
        *,
        order: str = "created",
        descending: bool = True,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Run]:
        """The runs that a filter lets through, in an order of `ORDERS`, at most `limit` of them after `offset`."""
        if order not in ORDERS:
            raise unknown_name("order", order, ORDERS)
        columns = [each.desc() if descending else each.asc() for each in (RUNS.c[order], RUNS.c.id)]
        query = _rows().where(*_passing(wanted)).order_by(*columns).limit(limit).offset(offset)
        with self._reading() as connection:
            return _runs(connection, connection.execute(query))

    def count(self, wanted: Filter = _EVERY) -> int:
        """How many runs a filter lets through."""
        query = select(func.count()).select_from(RUNS).where(*_passing(wanted))
        with self._reading() as connection:
            return connection.execute(query).scalar() or 0

    def values(self) -> dict[str, list[str]]:
        """What runs can be filtered by: the values that there are, for every list of a `Filter`."""
        with self._reading() as connection:
            queries = {name: select(column).distinct().where(_THERE) for name, column in _LISTS.items()}
            found = {name: sorted(connection.execute(query).scalars()) for name, query in queries.items()}
            return found | {"tags": _tags(connection)}

    def update(
        self, run_id: str, *, name: str | None = None, note: str | None = None, tags: Sequence[str] | None = None
    ) -> Run:
        """Change what is said of a run; None leaves it. `ValueError` where it is too long, or there is no such run."""
        changed: dict[str, Any] = {} if name is None else {"name": runs.checked_name(name)}
        changed |= {} if note is None else {"note": runs.checked_note(note)}
        changed |= {} if tags is None else {"tags": runs.checked_tags(tags)}
        with self._writing() as connection:
            run = replace(_get(connection, run_id), **changed)
            values = {"name": run.name, "note": run.note, "words": runs.words_of(run)}
            connection.execute(update(RUNS).where(RUNS.c.id == run_id).values(values))
            connection.execute(delete(TAGS).where(TAGS.c.run == run_id))
            _insert_tags(connection, run)
        return run

    def delete(self, run_ids: Collection[str]) -> int:
        """Delete runs; how many there were. For a day they can be restored."""
        now = time.time()
        with self._writing() as connection:
            connection.execute(delete(RUNS).where(_DELETED, RUNS.c.deleted < now - _UNDO))
            return _mark(connection, run_ids, _THERE, now)

    def restore(self, run_ids: Collection[str]) -> int:
        """Take back a deletion; how many runs are there again."""
        with self._writing() as connection:
            return _mark(connection, run_ids, _DELETED, 0.0)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with said("read", self._url), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with said("written", self._url), self._engine.execution_options(writes=True).begin() as connection:
            yield connection


def _rows() -> Select[Any]:
    return select(*(column for column in RUNS.c if column.name not in ("words", "deleted")))


def _runs(connection: Connection, rows: CursorResult[Any]) -> list[Run]:
    """The runs in rows of the table, with their tags."""
    found = [row._asdict() for row in rows]
    tags: dict[str, list[str]] = {row["id"]: [] for row in found}
    for part in _parts(tags):
        for run_id, tag in connection.execute(select(TAGS.c.run, TAGS.c.tag).where(TAGS.c.run.in_(part))):
            tags[run_id].append(tag)
    return [Run(**row, tags=tuple(sorted(tags[row["id"]]))) for row in found]


def _get(connection: Connection, run_id: str) -> Run:
    known = runs.ID.fullmatch(run_id) is not None
    found = known and _runs(connection, connection.execute(_rows().where(RUNS.c.id == run_id, _THERE)))
    if not found:
        raise ValueError(f"no run {quoted(run_id)} in this store")
    return found[0]


def _passing(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    """The conditions of a filter."""
    yield _THERE
    for name, column in _LISTS.items():
        if values := getattr(wanted, name):
            yield column.in_(values)
    for tag in wanted.tags:
        yield RUNS.c.id.in_(select(TAGS.c.run).where(TAGS.c.tag == tag))
    for word in runs.words_in(wanted.text):
        yield RUNS.c.words.contains(word, autoescape=True)


def _tags(connection: Connection) -> list[str]:
    """The tags of the runs that are there."""
    used, every = TAGS.alias(), select(TAGS.c.tag).distinct().subquery()
    there = select(used.c.run).join(RUNS).where(used.c.tag == every.c.tag, _THERE).exists()
    return sorted(connection.execute(select(every.c.tag).where(there)).scalars())


def _keep(connection: Connection, kept: Kept) -> bool:
    """Whether a run was not there, or deleted, and now is."""
    run, same = kept.run, RUNS.c.id == kept.run.id
    if connection.execute(update(RUNS).where(same, _DELETED).values(deleted=0.0)).rowcount:
        return True
    if connection.execute(select(RUNS.c.id).where(same)).first() is not None:
        return False
    values = {column.name: getattr(run, column.name) for column in _rows().selected_columns}
    document = zlib.compress(kept.document.encode())
    try:
        with connection.begin_nested():
            connection.execute(insert(RUNS).values(**values, words=runs.words_of(run), deleted=0.0))
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


def _parts(run_ids: Iterable[str]) -> Iterator[list[str]]:
    """Ids, as many at once as a statement may hold."""
    left = list(run_ids)
    for first in range(0, len(left), _AT_ONCE):
        yield left[first : first + _AT_ONCE]
