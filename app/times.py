"""From the store's naive UTC to the viewer's clock: the only place where a zone is applied."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
import streamlit as st

from app import words
from store import clock


def now() -> datetime:
    """The current instant in naive UTC."""
    return clock.now()


def zone_name() -> str:
    """The viewer's time zone as the browser tells it, UTC when it tells none that is known here."""
    name = st.context.timezone
    try:
        return ZoneInfo(name).key if isinstance(name, str) and name else "UTC"
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


def local(moment: datetime) -> datetime:
    """A naive UTC moment on the viewer's clock."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone_name()))


def from_local(moment: object) -> datetime | None:
    """A naive time on the viewer's clock, as a widget gives it, in naive UTC; None when there is none."""
    if not isinstance(moment, datetime):
        return None
    return moment.replace(tzinfo=ZoneInfo(zone_name())).astimezone(UTC).replace(tzinfo=None)


def localized(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every naive time as a time of the viewer's zone."""
    naive = [name for name, kind in frame.schema.items() if kind == pl.Datetime and kind.time_zone is None]  # type: ignore[attr-defined]
    return frame.with_columns(pl.col(naive).dt.replace_time_zone("UTC").dt.convert_time_zone(zone_name()))


def in_utc(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every naive time marked as UTC, as charts take it; the browser puts it on the viewer's clock."""
    naive = [name for name, kind in frame.schema.items() if kind == pl.Datetime and kind.time_zone is None]  # type: ignore[attr-defined]
    return frame.with_columns(pl.col(naive).dt.replace_time_zone("UTC"))


def clock_text(moment: datetime) -> str:
    """A naive UTC moment as `14:05:09` on the viewer's clock, with the day when it is not today."""
    there = local(moment)
    is_today = there.date() == local(now()).date()
    return f"{there:%H:%M:%S}" if is_today else f"{there.day} {there:%b %H:%M}"


def ago(moment: datetime | None) -> str:
    """How long ago a naive UTC moment was: `12 s ago`."""
    if moment is None:
        return "never"
    age = now() - moment
    if age < timedelta(seconds=1):
        return "just now"
    return f"{words.duration(float(round(age.total_seconds())))} ago"


def month_text(moment: datetime) -> str:
    """A calendar month: `November 2026`; billing periods are UTC and stay so."""
    return f"{moment:%B %Y}"
