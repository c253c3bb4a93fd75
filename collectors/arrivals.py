"""A file that arrived, as a refresh run: when, how large, and of a Parquet file how many rows and how new its data."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from collectors.base import SourceError
from store.clock import to_utc
from store.rows import RefreshRun, RunStatus

if TYPE_CHECKING:
    import polars as pl


def changed_at(path: Path) -> datetime:
    """When the file was last written, naive UTC."""
    seconds, nanoseconds = divmod(path.stat().st_mtime_ns, 1_000_000_000)
    return to_utc(datetime.fromtimestamp(seconds, UTC)) + timedelta(microseconds=nanoseconds // 1000)


def read_arrival(path: Path, name: str, job_id: str, landed_column: str | None, now: datetime) -> RefreshRun:
    """The run that brought the file; raises SourceError for a Parquet file that cannot be read or lacks its column."""
    at = changed_at(path)
    rows, landed_at = _look_into(path, landed_column) if path.suffix.lower() == ".parquet" else (None, None)
    return RefreshRun(
        job_id=job_id,
        run_id=f"{name}@{at.isoformat(timespec='microseconds')}",
        source="files",
        status=RunStatus.SUCCEEDED,
        collected_at=now,
        started_at=at,
        finished_at=at,
        rows=rows,
        landed_at=landed_at,
        bytes=path.stat().st_size,
    )


def _look_into(path: Path, column: str | None) -> tuple[int, datetime | None]:
    """The number of rows, and the greatest value of `column` as naive UTC."""
    import polars as pl

    try:
        frame = pl.scan_parquet(path, glob=False)
        if column is not None and column not in frame.collect_schema():
            raise SourceError(f"{path} has no column {column!r}, expected it as landed_column; correct one of them.")
        found = frame.select(pl.len().alias("rows"), *_newest(column)).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        said = str(error).splitlines()[0]
        raise SourceError(
            f"{path} cannot be read ({said}), expected a whole Parquet file; it is read again at the next run."
        ) from error
    rows, *newest = found.row(0)
    return int(rows), _instant(path, column, newest[0]) if newest else None


def _newest(column: str | None) -> list[pl.Expr]:
    import polars as pl

    return [] if column is None else [pl.col(column).max().alias("newest")]


def _instant(path: Path, column: str | None, found: object) -> datetime | None:
    """A time without a zone is taken to be UTC, a day is its midnight."""
    if found is None:
        return None
    if isinstance(found, datetime):
        return to_utc(found)
    if isinstance(found, date):
        return datetime.combine(found, time())
    raise SourceError(f"{path} has {type(found).__name__} in column {column!r}, expected times; name another column.")
