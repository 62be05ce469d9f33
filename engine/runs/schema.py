"""The tables of the store, and the migrations of a database of an older version."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Double,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
    insert,
    inspect,
    select,
    text,
    update,
)

from engine.runs.run import ORDERS, OWNER_DIGITS, StoreUnavailable
from engine.runs.words import MAX_NAME, MAX_TAG

METADATA = MetaData()

RUNS = Table(
    "runs",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("name", String(MAX_NAME), nullable=False),
    Column("note", Text, nullable=False),
    Column("space", String(64), nullable=False),
    Column("proxy", String(64), nullable=False),
    Column("recipe", String(64), nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("device", String(64), nullable=False),
    Column("created", Double, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("params", BigInteger, nullable=False),
    Column("macs", BigInteger, nullable=False),
    Column("notation", Text, nullable=False),
    Column("genotype", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("deleted", Double, nullable=False),
    Column("owner", String(OWNER_DIGITS), nullable=False, server_default=""),
    Column("imported", Boolean, nullable=False, server_default=false()),
)
"""A row a run. Texts are looked for in `words`; `deleted` is the time of its deletion, 0 where it was not deleted."""
for _order in ORDERS:
    Index(f"runs_by_{_order}", RUNS.c.deleted, RUNS.c[_order], RUNS.c.id)

TAGS = Table(
    "run_tags",
    METADATA,
    Column("run", String(16), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", String(MAX_TAG), primary_key=True, index=True),
)
RESULTS = Table(
    "run_results",
    METADATA,
    Column("run", String(16), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("document", LargeBinary, nullable=False),
)
"""The JSON of every result, compressed; apart from the rows, so that looking through those reads none of it."""

VERSIONS = Table("schema_version", METADATA, Column("version", Integer, nullable=False))


def _add_owners(connection: Connection) -> None:
    """Add to every run that it is nobody's, and was not imported as far as is known."""
    connection.execute(text(f"ALTER TABLE runs ADD COLUMN owner VARCHAR({OWNER_DIGITS}) DEFAULT '' NOT NULL"))
    connection.execute(text("ALTER TABLE runs ADD COLUMN imported BOOLEAN DEFAULT false NOT NULL"))


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_add_owners,)
"""The first takes a database of version 1 to version 2, and so on; a new database gets the tables of today."""
_LOCK = 4_237_001
"""The key of PostgreSQL's lock for those who change tables."""


def migrate(engine: Engine) -> None:
    """Bring a database to the version of this code; `StoreUnavailable` if it is of a newer one."""
    today = 1 + len(MIGRATIONS)
    with engine.connect() as connection:
        if _version(connection) == today:
            return
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        version = _version(connection)
        if version > today:
            raise StoreUnavailable(
                f"the store of runs has version {version}, this FreeNAS knows up to {today}: update it"
            )
        if not version:
            METADATA.create_all(connection)
            connection.execute(insert(VERSIONS).values(version=today))
            return
        for migration in MIGRATIONS[version - 1 :]:
            migration(connection)
        connection.execute(update(VERSIONS).values(version=today))


def _version(connection: Connection) -> int:
    """Return the version of the tables, 0 where there are none."""
    if not inspect(connection).has_table(VERSIONS.name):
        return 0
    return connection.execute(select(VERSIONS.c.version)).scalar() or 0
