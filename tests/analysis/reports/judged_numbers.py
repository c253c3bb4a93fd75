"""Judges a text against what a backend has, for the tests of judgements."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from analysis.reports.backend_values import Asked, Backend, Past
from analysis.reports.judging import Judgement, judge
from config.reports import Number

NOW = datetime(2026, 11, 24, 12, 0)
SKEW = 900.0
AGO = {minutes: NOW - timedelta(minutes=minutes) for minutes in (0, 4, 10, 60, 180, 350)}


def number(unit: str = "EUR", decimal: str = "auto", **tolerance: Any) -> Number:
    return Number.model_validate(
        {"id": "revenue", "at": {"css": "#revenue"}, "unit": unit, "decimal": decimal, "tolerance": tolerance}
        | {"source": "duckdb:mart.duckdb", "sql": "select 1 as value"}
    )


def asked(value: float | None = None, problem: str | None = None) -> Asked:
    return Asked(NOW, value, problem)


def past(value: float, last_seen: datetime) -> Past:
    return Past(value, AGO[350], last_seen)


def verdict(
    text: str | None, *values: float | None, about: Number | None = None, skew: float = SKEW, **known: Any
) -> Judgement:
    """The judgement of a text against the backend's value before and, if given, after the page was read."""
    before, after = (asked(values[0]), asked(values[-1]) if len(values) > 1 else None)
    backend = Backend(before, after, **known)
    return judge(about or number(), text, backend, skew_seconds=skew, now=NOW)
