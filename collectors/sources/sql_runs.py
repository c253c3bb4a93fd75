"""Refresh runs from a scheduler's own table: a database by URL, a DuckDB file, or CSV and Parquet files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from collectors import files
from collectors.base import Collector, Context, SourceError, Yield
from collectors.databases import query_url
from collectors.points import Result
from collectors.run_rows import JobNames, Memo, Told, send_changed
from collectors.run_tables import Reading, read_runs
from config.schedulers import SqlRuns
from store.errors import StatementError

COLLECTOR = Collector(
    name="sql_runs",
    group="files",
    every=timedelta(minutes=1),
    timeout=timedelta(minutes=4),
    help="Runs the `sql` of every source of `sql_runs:` in the estate; runs that are new or changed are kept.",
)
WORKERS = 4
RUN_SECONDS = 200.0
MAX_ROWS = 20_000
NAMES = ("*.csv", "*.csv.gz", "*.parquet")
DUCKDB = re.compile(r"duckdb:(?:///)?")


def collect(ctx: Context) -> Iterator[Yield]:
    """The runs that are new or changed; a source that cannot be asked is a problem and says nothing about its runs."""
    names = JobNames(ctx.estate, COLLECTOR.name)
    work = {source.id: partial(ask_sql, source, names, ctx) for source in ctx.estate.sql_runs}
    yield from send_changed(ctx, work, RUN_SECONDS, WORKERS)


def ask_sql(source: SqlRuns, names: JobNames, ctx: Context, memo: Memo) -> Told:  # noqa: ARG001  (asked whole)
    """The runs that the source has now."""
    reading = Reading(f"sql source {source.id}", names, source.statuses, source.timezone)
    try:
        runs, problem = read_runs(reading, _query(source, ctx), ctx.now)
    except (StatementError, SourceError) as error:
        said = str(error) if str(error).startswith(reading.name) else f"{reading.name}: {str(error).rstrip('.')}."
        return Told(problem=said)
    return Told(runs, problem)


def _query(source: SqlRuns, ctx: Context) -> Result:
    from store.files import query_duckdb, query_file

    folder, seconds = ctx.settings.estate, source.timeout_seconds
    if DUCKDB.match(source.source):
        path = folder / DUCKDB.sub("", source.source, count=1)
        frame = query_duckdb(path, source.sql, seconds, MAX_ROWS)
    elif "://" in source.source:
        return query_url(source.source, source.sql, folder, seconds, MAX_ROWS)
    else:
        found = files.find(folder, source.source, NAMES)
        if not found:
            raise SourceError("there is no such file yet, expected a database URL, or CSV or Parquet files")
        frame = query_file(found, source.sql, seconds, MAX_ROWS)
    return Result(frame.columns, frame.rows())
