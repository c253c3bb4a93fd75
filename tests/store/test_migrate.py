"""Migrations: all or nothing, recorded, never changed afterwards; and the tables agree with the row types."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from store.connection import Store, open_store
from store.errors import MigrationError
from store.migrate import files, listing, migrate
from store.rows import TABLES


@pytest.fixture
def empty(tmp_path: Path) -> Store:
    return open_store(f"duckdb:{tmp_path / 'empty.duckdb'}", tmp_path)


def test_migrations_are_applied_once_and_listed(empty: Store) -> None:
    assert all(migration.applied_at is None for migration in listing(empty))
    assert migrate(empty) == [migration.name for migration in files()]
    assert migrate(empty) == []
    assert all(migration.applied_at is not None for migration in listing(empty))


def test_a_migration_whose_second_statement_fails_leaves_nothing(empty: Store, tmp_path: Path) -> None:
    (tmp_path / "0001_make_one.sql").write_text("create table one (n int);")
    (tmp_path / "0002_break.sql").write_text("create table two (n int); create table two (n int);")
    with pytest.raises(MigrationError, match="0002_break failed and was rolled back"):
        migrate(empty, tmp_path)
    assert empty.fetch("select table_name from duckdb_tables() order by 1")["table_name"].to_list() == [
        "one",
        "schema_migrations",
    ]
    assert [migration.applied_at is not None for migration in listing(empty, tmp_path)] == [True, False]


def test_a_changed_file_is_refused(empty: Store, tmp_path: Path) -> None:
    file = tmp_path / "0001_make_one.sql"
    file.write_text("create table one (n int);")
    migrate(empty, tmp_path)
    file.write_text("create table one (n bigint);")
    with pytest.raises(MigrationError, match="was changed after it had been applied"):
        migrate(empty, tmp_path)


def test_a_store_of_a_newer_version_is_refused(empty: Store, tmp_path: Path) -> None:
    file = tmp_path / "0001_make_one.sql"
    file.write_text("create table one (n int);")
    migrate(empty, tmp_path)
    file.unlink()
    with pytest.raises(MigrationError, match="use the newer version"):
        listing(empty, tmp_path)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_table_has_the_columns_of_its_row_type(store: Store, table: str) -> None:
    columns = store.fetch(
        "select column_name from duckdb_columns() where table_name = $t order by column_index", {"t": table}
    )
    assert columns["column_name"].to_list() == [field.name for field in fields(TABLES[table])]


def test_no_column_has_a_default_that_calls_a_function(store: Store) -> None:
    found = store.fetch("select table_name, column_default from duckdb_columns() where column_default like '%(%'")
    assert found.is_empty(), found
