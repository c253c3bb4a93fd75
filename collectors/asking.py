"""Runs one SELECT on any kind of source: a database by URL, a DuckDB file, or CSV and Parquet files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from collectors import files
from collectors.base import SourceError
from collectors.databases import query_url
from collectors.points import Result
from store.parameters import Bound
from store.settings import Settings

if TYPE_CHECKING:
    import polars as pl

NAMES = ("*.csv", "*.csv.gz", "*.parquet")
EXPORT = "{export}"
PASSWORD = re.compile(r":[^:@/]+@")
DUCKDB = re.compile(r"duckdb:(?:///)?")


def ask_source(
    source: str,
    sql: str,
    settings: Settings,
    seconds: float,
    max_rows: int,
    parameters: Mapping[str, Bound] | None = None,
) -> Result:
    """What the SELECT returns: `source` is a SQLAlchemy URL, `duckdb:FILE`, or a path or glob (view `source`).

    Files are relative to the estate's folder, `{export}` is the folder of the exports. `parameters` are those that the
    statement names as `:name`; with None it is sent as it stands. Raises SourceError or StatementError in one sentence.
    """
    place = source.replace(EXPORT, str(settings.export_path))
    folder = settings.estate
    if DUCKDB.match(place):
        from store.files import query_duckdb

        frame = query_duckdb(folder / DUCKDB.sub("", place, count=1), sql, seconds, max_rows, parameters)
    elif "://" in place:
        return query_url(place, sql, folder, seconds, max_rows, parameters)
    else:
        from store.files import query_file

        found = files.find(folder, place, NAMES)
        if not found:
            shown = PASSWORD.sub(":***@", place)  # a mistyped URL ends up here
            raise SourceError(f"{shown} does not exist yet, expected a CSV or Parquet file.")
        frame = query_file(found, sql, seconds, max_rows, parameters)
    return _result(frame)


def _result(frame: pl.DataFrame) -> Result:
    """The rows as Python values; raises SourceError for a time that Python cannot hold, such as `infinity`."""
    from polars import Date, Datetime

    for column in (frame[name] for name, kind in frame.schema.items() if kind in (Date, Datetime)):
        is_fine = column.is_null() | column.dt.year().is_between(1, 9999).fill_null(value=False)
        if not is_fine.all():
            row = int((~is_fine).arg_max() or 0) + 1
            raise SourceError(
                f"Column {column.name} has a time outside the years 1 to 9999 in row {row}, such as infinity; "
                "leave it out in the statement."
            )
    return Result(frame.columns, frame.rows())
