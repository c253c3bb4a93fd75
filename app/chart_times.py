"""Reads a column of times as charts need it: naive UTC, or plain numbers, with a note on what zones were converted."""

from __future__ import annotations

import polars as pl

TIME = "at"
ZONE = r" ?(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)$"
CLOCK_WITH_ZONE = rf"\d:\d{{2}}.*{ZONE}"
UTC = ("Z", "UTC")
FORMATS = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%d")


def read_times(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """`frame` with its column `time` also as column `at`: Datetime of UTC, or Float64; null where it is no time."""
    found = frame["time"]
    if isinstance(found.dtype, pl.Datetime):
        zone = found.dtype.time_zone
        naive = found.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if zone else found
        notes = [f"Times are in {zone} and were converted to UTC."] if zone and zone != "UTC" else []
        return frame.with_columns(naive.cast(pl.Datetime("us")).alias(TIME)), notes
    if found.dtype == pl.Date:
        return frame.with_columns(found.cast(pl.Datetime("us")).alias(TIME)), []
    if found.dtype.is_numeric():
        return frame.with_columns(found.cast(pl.Float64).fill_nan(None).alias(TIME)), []
    return _from_text(frame.with_columns(pl.col("time").cast(pl.String).str.strip_chars()))


def _from_text(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    numbers = frame["time"].cast(pl.Float64, strict=False)
    if numbers.null_count() == frame["time"].null_count():
        return frame.with_columns(numbers.alias(TIME)), []
    text = pl.col("time").str.replace_all("/", "-").str.replace(r"(\d)T(\d)", "${1} ${2}")
    text = pl.when(text.str.contains(r"^\d{4}-\d{2}$")).then(text + "-01").otherwise(text)
    has_zone = pl.col("time").str.contains(CLOCK_WITH_ZONE)
    zone = pl.when(has_zone).then(text.str.extract(f"({ZONE})").str.strip_chars())
    bare = pl.when(has_zone).then(text.str.replace(ZONE, "").str.strip_chars()).otherwise(text)
    split = frame.with_columns(bare.alias("bare"), zone.alias("zone"))
    parsed = [pl.col("bare").str.to_datetime(form, time_unit="us", strict=False) for form in FORMATS]
    at = (pl.coalesce(parsed) - pl.duration(minutes=_minutes(pl.col("zone")))).alias(TIME)
    return split.with_columns(at).drop("bare", "zone"), _notes(split["zone"])


def _minutes(zone: pl.Expr) -> pl.Expr:
    """Minutes east of UTC; 0 for Z, for UTC and for no zone."""
    digits = zone.str.replace_all(r"\D", "")
    hours, minutes = (digits.str.slice(place, 2).cast(pl.Int64, strict=False).fill_null(0) for place in (0, 2))
    sign = pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    return (sign * (hours * 60 + minutes)).fill_null(0)


def _notes(zones: pl.Series) -> list[str]:
    different = sorted(zones.drop_nulls().unique().to_list())
    if not different or (set(different) <= set(UTC) and not zones.null_count()):
        return []
    rest = ", those without one being taken as UTC" if zones.null_count() else ""
    return [f"Times come with {', '.join(different)}; they were converted to UTC{rest}."]
