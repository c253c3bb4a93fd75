"""Reads the columns a chart needs from a CSV or Parquet file, one series per group, and says what it made of the rows.

Rows count from 1, the header aside. Nothing is dropped or reordered in silence: every such act is a note, and what
cannot be read is a sentence with its row.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from app.chart_times import TIME, read_times
from collectors.base import SourceError

Numbers = npt.NDArray[np.float64]
NO_VALUE = ("", "na", "n/a", "nan", "null", "none", "-")
SEPARATORS = (",", ";", "\t", "|")
ROWS_NAMED = 5
KEPT = "kept in the order of the file."  # the end of the note about times that come again
UNREADABLE = (pl.exceptions.PolarsError, OSError, EOFError, zlib.error)


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns: the value, and what was named beside it."""

    value: str
    time: str | None = None
    size: str | None = None
    subgroup: str | None = None
    by: str | None = None

    def named(self) -> dict[str, str]:
        """Role to column name, for the roles that were given."""
        roles = {"value": self.value, "time": self.time, "size": self.size, "subgroup": self.subgroup, "by": self.by}
        return {role: name for role, name in roles.items() if name}


@dataclass(frozen=True, slots=True)
class Series:
    """One series in chart order: rows of the file, values, times if asked, sizes, subgroup names; notes about it."""

    name: str
    rows: npt.NDArray[np.int64]
    values: Numbers
    times: pl.Series | None = None
    sizes: Numbers | None = None
    subgroups: pl.Series | None = None
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Told:
    """Notes gathered while a file is read."""

    notes: list[str] = field(default_factory=list)


def read_frame(path: Path, columns: Columns) -> tuple[pl.DataFrame, list[str]]:
    """Column `row`, and one column per role: `value`, `size` as read, `time` (naive UTC or a number), `subgroup`, `by`.

    The second is what was done to the times. Raises SourceError for a file or a column that is not there.
    """
    lazy = scan_file(path, columns)
    try:
        known = lazy.collect_schema().names()
        for name in columns.named().values():
            if name not in known:
                raise SourceError(f"{path} has no column {name!r}; it has {', '.join(known)}.")
        wanted = [pl.col(name).alias(role) for role, name in columns.named().items()]
        frame = lazy.select(wanted).with_row_index("row", offset=1).collect()
    except UNREADABLE as error:
        raise _unreadable(path, error) from error
    return read_times(frame) if columns.time else (frame, [])


def series_of(frame: pl.DataFrame, columns: Columns) -> Iterator[tuple[str, Series | SourceError]]:
    """Every series by name, in order of first appearance; one that cannot be charted is the sentence why."""
    groups = [("", frame)]
    if columns.by:
        named = frame.with_columns(pl.col("by").cast(pl.String).fill_null(""))
        parts = named.partition_by("by", maintain_order=True)
        groups = [(str(part["by"][0]), part) for part in parts]
    for name, rows in groups:
        try:
            yield name, _series(name, rows, columns)
        except SourceError as error:
            yield name, error


def _series(name: str, frame: pl.DataFrame, columns: Columns) -> Series:
    told = Told()
    values = _numbers(frame, "value", columns.value)
    missing = frame["row"].filter(values.is_null())
    if missing.len():
        have = "rows have" if frame.height > 1 and missing.len() > 1 else "rows has"
        said = f"{missing.len()} of {frame.height} {have} no value ({_rows(missing)})"
        told.notes.append(f"{said}; left out.")
    clean = frame.with_columns(values).filter(pl.col("value").is_not_null())
    if clean.is_empty():
        raise SourceError(f"Column {columns.value!r} has no values: {frame.height} rows, none with a number.")
    if columns.time:
        clean = _ordered(clean, columns.time, told)
    if columns.subgroup:
        _refuse(clean, pl.col("subgroup").is_null(), columns.subgroup, "the name of a subgroup", "subgroup")
    sizes = _sizes(clean, columns.size) if columns.size else None
    return Series(
        name,
        clean["row"].cast(pl.Int64).to_numpy(),
        clean["value"].to_numpy(),
        clean[TIME] if columns.time else None,
        sizes,
        clean["subgroup"].cast(pl.String) if columns.subgroup else None,
        tuple(told.notes),
    )


def _numbers(frame: pl.DataFrame, role: str, column: str) -> pl.Series:
    """The column as numbers, null where there is none. Raises SourceError for a text, an infinity or another type."""
    found = frame[role]
    if found.dtype == pl.String:
        text = found.str.strip_chars()
        numbers = text.cast(pl.Float64, strict=False)
        wrong = numbers.is_null() & text.is_not_null() & ~text.str.to_lowercase().is_in(NO_VALUE)
        _refuse(frame, wrong, column, "a number", role)
    elif found.dtype.is_numeric() or found.dtype == pl.Null:
        numbers = found.cast(pl.Float64)
    else:
        raise SourceError(f"Column {column!r} holds {found.dtype}, expected numbers.")
    _refuse(frame, numbers.is_infinite(), column, "a finite number", role)
    return numbers.fill_nan(None)


def _sizes(frame: pl.DataFrame, column: str) -> Numbers:
    sizes = _numbers(frame, "size", column)
    _refuse(frame, sizes.is_null(), column, "a number above 0", "size")
    _refuse(frame, sizes <= 0, column, "a size above 0", "size")
    return sizes.to_numpy()


def _ordered(frame: pl.DataFrame, column: str, told: Told) -> pl.DataFrame:
    _refuse(frame, frame[TIME].is_null(), column, "a time such as 2026-11-23 12:00", "time")
    times = frame[TIME]
    back = (times < times.shift(1)).fill_null(value=False)
    if back.any():
        first = int(back.arg_max() or 0)
        rows = frame["row"]
        told.notes.append(
            f"The rows were not in order of time (row {rows[first]} is earlier than row {rows[first - 1]}); sorted."
        )
        frame = frame.sort(TIME, maintain_order=True)
    again = (frame[TIME] == frame[TIME].shift(1)).fill_null(value=False)
    if again.any() and "subgroup" not in frame.columns:
        told.notes.append(f"Times that stood in a row before come again in {_rows(frame['row'].filter(again))}; {KEPT}")
    return frame


def _refuse(frame: pl.DataFrame, wrong: pl.Series | pl.Expr, column: str, expected: str, role: str) -> None:
    """SourceError naming the first wrong row, what was found there, and what was `expected`."""
    bad = frame.filter(wrong).head(1)
    if bad.is_empty():
        return
    found = bad[role][0]
    shown = "nothing" if found is None else repr(found) if isinstance(found, str) else str(found)
    raise SourceError(f"Column {column!r} has {shown} in row {bad['row'][0]}, expected {expected}.")


def _rows(rows: pl.Series) -> str:
    """`row 4`, `rows 4, 7, 9`, and how many more there are."""
    named = ", ".join(map(str, rows.head(ROWS_NAMED)))
    more = f" and {rows.len() - ROWS_NAMED} more" if rows.len() > ROWS_NAMED else ""
    return f"{'row' if rows.len() == 1 else 'rows'} {named}{more}"


def scan_file(path: Path, columns: Columns) -> pl.LazyFrame:
    """All columns of the file, those of a CSV as text. Raises SourceError for what is neither CSV nor Parquet."""
    if not path.is_file():
        raise SourceError(f"There is no file {path}.")
    try:
        if ".parquet" in path.suffixes[-2:]:
            packed = path.suffix == ".gz"
            return pl.scan_parquet(BytesIO(gzip.decompress(path.read_bytes())) if packed else path)
        return pl.scan_csv(path, infer_schema=False, separator=_separator(path, columns.value))
    except UNREADABLE as error:
        raise _unreadable(path, error) from error


def _separator(path: Path, column: str) -> str:
    """The separator by which the header has the column of values; a comma where none has."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", errors="replace") as file:
            header = file.readline().rstrip("\r\n")
    except UNREADABLE as error:
        raise _unreadable(path, error) from error
    having = [mark for mark in SEPARATORS if column in [name.strip('"') for name in header.split(mark)]]
    return having[0] if having else ","


def _unreadable(path: Path, error: Exception) -> SourceError:
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    return SourceError(f"{path} cannot be read ({said}); expected a CSV with a header, or Parquet.")
