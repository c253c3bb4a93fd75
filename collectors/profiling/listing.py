"""Which tables a source has: the schemas of a database, the DuckDB files or the CSV and Parquet files of a pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from collectors import files
from collectors.asking import DUCKDB, EXPORT, NAMES, PASSWORD, ask_source
from collectors.base import SourceError
from collectors.databases import reading
from collectors.profiling.kinds import of_duckdb, of_sqlalchemy
from collectors.profiling.tables import Backend, Column, Table
from store.errors import StatementError
from store.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect, Inspector

MOST_COLUMNS = 200_000  # of one DuckDB file
NO_TABLES_OF_PEOPLE = re.compile(
    r"information_schema|pg_.*|mysql|performance_schema|sys|guest|db_.*|crdb_internal", re.IGNORECASE
)
ONE_SCHEMA = {"mysql", "mariadb"}  # a database there is a schema; the others on the server are others' business
NO_SCHEMA = {"sqlite"}
CATALOG = """
select c.schema_name, c.table_name, c.column_name, c.data_type, c.is_nullable
from duckdb_columns() c
join duckdb_tables() t using (database_name, schema_name, table_name)
where c.database_name = 'source' and not t.internal
order by c.schema_name, c.table_name, c.column_index
"""
DESCRIBED = 'select column_name, column_type, "null" from (describe source)'


@dataclass(slots=True)
class Listed:
    """Tables by name, and sentences about parts of the source that could not be read.

    What is in a part that was not read begins with one of `unread`: nobody knows whether it is still there.
    """

    tables: dict[str, Table] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def list_tables(source: str, settings: Settings, seconds: float) -> Listed:
    """Every table of a source as `TableProfile.source` names it; raises SourceError in one sentence.

    Tables are `schema.table`; in SQLite `table`, of files the file's path below the part of the pattern that is fixed,
    in one of several DuckDB files `file/schema.table`. Views are left out.
    """
    place = source.replace(EXPORT, str(settings.export_path))
    if DUCKDB.match(place):
        return _of_duckdb(DUCKDB.sub("", place, count=1), settings, seconds)
    if "://" in place:
        with reading(place, settings.estate, seconds) as connection:
            return Listed({table.name: table for table in _of_connection(place, connection)})
    backend = duckdb_backend()
    return Listed({name: Table(name, str(path), "source", backend) for name, path in _files(settings.estate, place)})


def columns_of_file(table: Table, settings: Settings, seconds: float) -> tuple[Column, ...]:
    """The columns of a CSV or Parquet file; raises StatementError."""
    found = ask_source(table.source, DESCRIBED, settings, seconds, MOST_COLUMNS)
    return tuple(Column(str(name), str(said), null == "YES", of_duckdb(str(said))) for name, said, null in found.rows)


def duckdb_backend() -> Backend:
    """DuckDB writes names as PostgreSQL does."""
    from sqlalchemy.dialects import postgresql

    return Backend("duckdb", postgresql.dialect(paramstyle="named"))  # type: ignore[no-untyped-call]


def _of_duckdb(pattern: str, settings: Settings, seconds: float) -> Listed:
    """Of one file or several; one that cannot be read (it is being written) does not hide the others."""
    if not files.MAGIC.search(pattern):
        path = settings.estate / pattern
        return Listed({table.name: table for table in _of_duckdb_file(path, "", settings, seconds)})
    listed = Listed()
    for name, path in _files(settings.estate, pattern):
        prefix = f"{name}/"
        try:
            listed.tables |= {table.name: table for table in _of_duckdb_file(path, prefix, settings, seconds)}
        except (SourceError, StatementError) as error:
            listed.problems.append(str(error))
            listed.unread.append(prefix)
    return listed


def _of_duckdb_file(path: Path, prefix: str, settings: Settings, seconds: float) -> Iterator[Table]:
    backend, source = duckdb_backend(), f"duckdb:{path}"
    columns: dict[tuple[str, str], list[Column]] = {}
    for schema, table, name, said, is_nullable in ask_source(source, CATALOG, settings, seconds, MOST_COLUMNS).rows:
        column = Column(str(name), str(said), bool(is_nullable), of_duckdb(str(said)))
        columns.setdefault((str(schema), str(table)), []).append(column)
    for (schema, table), found in columns.items():
        address = ".".join(backend.quote(part) for part in ("source", schema, table))
        yield Table(f"{prefix}{schema}.{table}", source, address, backend, tuple(found))


def _of_connection(source: str, connection: Connection) -> Iterator[Table]:
    """By SQLAlchemy's inspector, a schema at a time."""
    from sqlalchemy import inspect
    from sqlalchemy.engine.reflection import ObjectKind

    inspector = inspect(connection)
    backend = Backend(connection.dialect.name, _named(connection.dialect))
    for schema in _schemas(inspector, connection.dialect):
        for (_, name), found in inspector.get_multi_columns(schema=schema, kind=ObjectKind.TABLE).items():
            parts = [schema, name] if schema else [name]
            columns = tuple(
                Column(
                    column["name"],
                    _type_name(column["type"], connection.dialect),
                    bool(column.get("nullable", True)),
                    of_sqlalchemy(column["type"], backend.name),
                )
                for column in found
            )
            yield Table(".".join(parts), source, ".".join(map(backend.quote, parts)), backend, columns)


def _named(dialect: Dialect) -> Dialect:
    """A dialect that writes names as they are: with the driver's own style a percent sign would be doubled."""
    from sqlalchemy.engine.default import DefaultDialect

    made: type[DefaultDialect] = type(dialect)  # type: ignore[assignment]
    return made(paramstyle="named")


def _schemas(inspector: Inspector, dialect: Dialect) -> list[str | None]:
    if dialect.name in NO_SCHEMA:
        return [None]
    if dialect.name in ONE_SCHEMA and inspector.default_schema_name:
        return [inspector.default_schema_name]
    return [name for name in sorted(inspector.get_schema_names()) if not NO_TABLES_OF_PEOPLE.fullmatch(name)]


def _type_name(found: object, dialect: Dialect) -> str:
    """The type as the database writes it; of one that SQLAlchemy does not know, its class."""
    from sqlalchemy import exc
    from sqlalchemy.types import NullType, TypeEngine

    if not isinstance(found, TypeEngine) or isinstance(found, NullType):
        return "unknown"
    try:
        return found.compile(dialect=dialect)
    except exc.CompileError:
        return type(found).__name__


def _files(folder: Path, pattern: str) -> list[tuple[str, Path]]:
    """Files by their name below the fixed part of the pattern; raises SourceError when there is none."""
    found = files.find(folder, pattern, NAMES)
    if not found:
        shown = PASSWORD.sub(":***@", pattern)  # a mistyped URL ends up here
        raise SourceError(f"{shown} does not exist yet, expected a file with tables")
    whole = folder.absolute() / Path(pattern).expanduser()
    if whole.is_file():
        return [(path.name, path) for path in found]
    parts = () if whole.is_dir() else whole.parts
    magic = [place for place, part in enumerate(parts) if files.MAGIC.search(part)]
    fixed = Path(*parts[: magic[0]]) if magic else whole
    return [(str(path.relative_to(fixed)), path) for path in found]
