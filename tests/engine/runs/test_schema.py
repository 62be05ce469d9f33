from __future__ import annotations

import pytest
from sqlalchemy import Engine, create_engine, inspect, text

from engine.runs import ORDERS, StoreUnavailable, schema
from engine.runs.store import RunStore
from tests.engine.runs.samples import FIRST


def test_every_order_has_an_index_that_leaves_out_what_is_deleted(url: str):
    engine = create_engine(url)
    schema.migrate(engine)
    indexes = {index["name"]: index["column_names"] for index in inspect(engine).get_indexes("runs")}
    engine.dispose()
    assert indexes == {f"runs_by_{order}": ["deleted", order, "id"] for order in ORDERS}


def _add_stars(connection):
    connection.execute(text("ALTER TABLE runs ADD COLUMN stars INTEGER DEFAULT 3"))


def test_an_older_database_is_migrated_and_keeps_its_runs(store: RunStore, url: str, monkeypatch: pytest.MonkeyPatch):
    kept = store.add(FIRST, name="from before", tags=["x"])
    store.close()
    calls = []
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, _add_stars, calls.append))
    for _ in range(2):
        newer = RunStore(url)
        assert newer.find() == [kept]
        assert newer.document(kept.id) == FIRST.to_json()
        newer.close()
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT stars FROM runs")).scalar() == 3
        assert connection.execute(text("SELECT version FROM schema_version")).all() == [(4,)]
    engine.dispose()
    assert len(calls) == 1


def test_a_database_of_version_1_gets_the_columns_of_a_new_one(store: RunStore, url: str):
    kept = store.add(FIRST, name="from before", tags=["x"])
    store.close()
    engine = create_engine(url)
    new = _columns(engine)
    with engine.begin() as connection:
        for change in ("ALTER TABLE runs DROP COLUMN owner", "ALTER TABLE runs DROP COLUMN imported"):
            connection.execute(text(change))
        connection.execute(text("UPDATE schema_version SET version = 1"))
    migrated = RunStore(url)
    assert _columns(engine) == new
    engine.dispose()
    assert migrated.find() == [kept]
    assert (kept.owner, kept.imported) == ("", False)
    assert migrated.update(kept.id, name="after").name == "after"
    assert migrated.delete([kept.id]) == 1
    migrated.close()


def _columns(engine: Engine) -> list[tuple[object, ...]]:
    """The columns of the table of runs, as the database describes them."""
    columns = inspect(engine).get_columns("runs")
    return [(column["name"], str(column["type"]), column["nullable"]) for column in columns]


def test_a_migration_that_fails_changes_nothing(store: RunStore, url: str, monkeypatch: pytest.MonkeyPatch):
    kept = store.add(FIRST)
    store.close()

    def fail(connection):
        connection.execute(text("ALTER TABLE nowhere ADD COLUMN x INTEGER"))

    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, _add_stars, fail))
        with pytest.raises(StoreUnavailable, match="cannot be opened") as caught:
            RunStore(url)
    assert "nowhere" in caught.value.explanation
    engine = create_engine(url)
    assert "stars" not in {column["name"] for column in inspect(engine).get_columns("runs")}
    engine.dispose()
    again = RunStore(url)
    assert again.find() == [kept]
    again.close()


def test_a_database_of_a_newer_version_is_left_alone(store: RunStore, url: str):
    store.add(FIRST)
    store.close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE schema_version SET version = 7"))
    with pytest.raises(StoreUnavailable, match="has version 7, this FreeNAS knows up to 2: update it"):
        RunStore(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM runs")).scalar() == 1
    engine.dispose()
