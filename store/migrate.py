"""Numbered migrations, each applied in one transaction together with the record that it was applied."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from store import clock
from store.connection import Store
from store.errors import MigrationError, StatementError

FOLDER = Path(__file__).with_name("migrations")
RECORD_TABLE = """
create table if not exists schema_migrations (
    name varchar primary key,
    sha256 varchar not null,
    applied_at timestamp not null
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration file; `applied_at` is None while it is pending."""

    name: str
    sql: str
    sha256: str
    applied_at: datetime | None = None


def files(folder: Path = FOLDER) -> list[Migration]:
    """All migration files in order of their number."""
    found = [(path.stem, path.read_text()) for path in sorted(folder.glob("[0-9]*.sql"))]
    return [Migration(name, sql, hashlib.sha256(sql.encode()).hexdigest()) for name, sql in found]


def listing(store: Store, folder: Path = FOLDER) -> list[Migration]:
    """Every migration with the time it was applied; refuses files that were changed or removed after that."""
    tables = store.fetch("select table_name from duckdb_tables() where table_name = 'schema_migrations'")
    applied = (
        {} if tables.is_empty() else {row["name"]: row for row in store.fetch("from schema_migrations").to_dicts()}
    )
    known = files(folder)
    for name in sorted(applied.keys() - {migration.name for migration in known}):
        raise MigrationError(
            f"The store has migration {name}, which this version does not know; use the newer version that applied it."
        )
    for migration in known:
        record = applied.get(migration.name)
        if record and record["sha256"] != migration.sha256:
            raise MigrationError(
                f"{migration.name}.sql was changed after it had been applied; restore it and add a new migration."
            )
    return [
        Migration(m.name, m.sql, m.sha256, applied[m.name]["applied_at"] if m.name in applied else None) for m in known
    ]


def migrate(store: Store, folder: Path = FOLDER) -> list[str]:
    """Apply what is pending and return the names; a failure leaves its own migration wholly undone."""
    pending = [migration for migration in listing(store, folder) if migration.applied_at is None]
    store.execute(RECORD_TABLE)
    for migration in pending:
        try:
            with store.transaction():
                store.execute(migration.sql)
                store.execute(
                    "insert into schema_migrations values ($name, $sha256, $applied_at)",
                    {"name": migration.name, "sha256": migration.sha256, "applied_at": clock.now()},
                )
        except StatementError as error:
            raise MigrationError(f"Migration {migration.name} failed and was rolled back: {error}") from error
    return [migration.name for migration in pending]
