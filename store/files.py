"""Runs somebody's SELECT over files or over a DuckDB file, in a closed room: it reads those files and nothing else.

Each statement has a connection of its own in memory with one thread, a limit of memory, time and rows, the time zone
UTC, and no way to reach another file or the network. The room is locked before the statement is looked at.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from store.connection import sentence
from store.errors import StatementError
from store.literal import literal
from store.parameters import Bound, rewrite

if TYPE_CHECKING:
    import polars as pl

SECONDS = 15.0
MAX_ROWS = 100_000
ROOM: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "512MB",
    "threads": 1,
    "temp_directory": "",
    "python_enable_replacements": False,
}
READERS = {".parquet": "read_parquet", ".csv": "read_csv", ".tsv": "read_csv"}
COMPRESSED = {".gz", ".zst"}


def query_file(
    paths: Path | Sequence[Path],
    sql: str,
    seconds: float = SECONDS,
    max_rows: int = MAX_ROWS,
    parameters: Mapping[str, Bound] | None = None,
) -> pl.DataFrame:
    """The result of one SELECT over the view `source`, which has the rows of all `paths` (CSV or Parquet, one kind).

    `parameters` are those that the statement names as `:name`. Raises StatementError, in one sentence, when the files
    or the statement cannot be used or a limit is passed.
    """
    found = [paths] if isinstance(paths, Path) else list(paths)
    files = literal([str(path.absolute()) for path in found])
    reader = f"{_reader(found)}({files}, union_by_name = true)"
    return _query(
        f"create view source as from {reader}; set allowed_paths = {files};", sql, seconds, max_rows, parameters
    )


def query_duckdb(
    path: Path,
    sql: str,
    seconds: float = SECONDS,
    max_rows: int = MAX_ROWS,
    parameters: Mapping[str, Bound] | None = None,
) -> pl.DataFrame:
    """The result of one SELECT in the DuckDB file at `path`, opened read-only, as `query_file` gives it."""
    if not path.is_file():
        raise StatementError(f"{path} does not exist, expected a DuckDB file.")
    attach = f"attach {literal(str(path.absolute()))} as source (type duckdb, read_only); use source;"
    try:
        return _query(attach, sql, seconds, max_rows, parameters)
    except StatementError as error:
        if "Could not set lock" not in str(error):
            raise
        raise StatementError(
            f"{path} is being written by another process; it can be read when that has ended."
        ) from error


def _reader(paths: Sequence[Path]) -> str:
    """The table function that reads all of `paths`."""
    kinds = {path.with_suffix("").suffix if path.suffix in COMPRESSED else path.suffix for path in paths}
    readers = {READERS.get(kind.lower()) for kind in kinds}
    reader = readers.pop() if len(readers) == 1 else None
    if reader is None:
        names = ", ".join(sorted(kinds)) or "no file"
        raise StatementError(f"The source has {names}, expected files of one kind, .csv or .parquet.")
    return reader


def _query(
    prepare: str, sql: str, seconds: float, max_rows: int, parameters: Mapping[str, Bound] | None
) -> pl.DataFrame:
    con = duckdb.connect(config=ROOM)
    timer = threading.Timer(seconds, con.interrupt)
    timer.daemon = True
    timer.start()
    try:
        con.execute("set TimeZone = 'UTC'")
        con.execute(prepare)
        con.execute("set enable_external_access = false; set lock_configuration = true")
        statement = _one_select(con, rewrite(sql, "${}".format) if parameters else sql)
        frame = con.sql(statement, params=dict(parameters) if parameters else None).limit(max_rows + 1).pl()
    except duckdb.InterruptException as error:
        raise StatementError(f"The statement took longer than {seconds:g} s and was cut off.") from error
    except duckdb.Error as error:
        raise StatementError(sentence(error)) from error
    finally:
        timer.cancel()
        con.close()
    if frame.height > max_rows:
        raise StatementError(f"The statement returned more than {max_rows:,} rows; aggregate or limit them.")
    return frame


def _one_select(con: duckdb.DuckDBPyConnection, sql: str) -> str:
    """`sql` when it is one SELECT; raises StatementError otherwise."""
    statements = con.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        found = ", ".join(statement.type.name for statement in statements) or "nothing"
        raise StatementError(f"The statement is {found}, expected one SELECT.")
    return statements[0].query
