"""Which trends are shown and in which order, and the facts of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

import polars as pl

from analysis.spc.movements import verdict
from app import data
from app.answers import Answer
from app.quality import trend_facts
from app.quality.trend_facts import Trend
from app.times import now
from config.quality import Metric

MOVES_SPAN = timedelta(days=45)  # the same day of last month is at most 31 days before, and the newest may be old
YEAR = timedelta(days=366)
WARM_UP = timedelta(days=91)
GROUPS = ("worse", "moved", "unchanged", "better", "unknown")
AWAY = "the store does not answer now"


def moves(metric_ids: Collection[str] | None = None) -> tuple[pl.DataFrame, Answer]:
    """Every data point of the estate, or of these ids, with `judged` and `share` against the same weekday last week.

    The worst first: what got worse and what has no good direction by the size of the move, then the rest.
    """
    metrics = data.estate().estate.metrics
    asked = data.answer("trend_moves", metrics=[one.id for one in metrics], since=MOVES_SPAN)
    known = {row["metric_id"]: row for row in asked.frame.iter_rows(named=True)}
    today = now().date()
    rows = [_move(metric, known.get(metric.id), today, bool(asked.problem)) for metric in metrics]
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    if metric_ids is not None:
        frame = frame.filter(pl.col("metric_id").is_in(list(metric_ids)))
    place = pl.col("judged").replace_strict({"worse": 0, "moved": 0, "unchanged": 1, "better": 2, "unknown": 3})
    size = pl.col("share").abs().fill_null(-1.0)
    return frame.sort(place, size, "title", descending=[False, True, False], maintain_order=True), asked


SCHEMA = {
    "metric_id": pl.String,
    "title": pl.String,
    "day": pl.Date,
    "value": pl.Float64,
    "week_before": pl.Float64,
    "month_before": pl.Float64,
    "share": pl.Float64,
    "month_share": pl.Float64,
    "judged": pl.String,
}


def _move(metric: Metric, row: dict[str, object] | None, today: date, is_away: bool) -> tuple[object, ...]:
    names = ("day", "value", "week_before", "month_before", "first_day", "days")
    day, value, week, month, first, days = (row[name] if row else None for name in names)
    if not (isinstance(value, float) and isinstance(day, date) and isinstance(first, date) and isinstance(days, int)):
        return (metric.id, metric.title, None, None, None, None, None, None, "unknown")
    share, month_share = (_share(value, earlier) for earlier in (week, month))
    is_unknown = is_away or not isinstance(week, float) or bool(trend_facts.too_old(first, day, days, today))
    change = value - week if isinstance(week, float) else float("nan")
    judged = verdict(change, share if share is not None else float("nan"), metric.direction) or "moved"
    said = "unknown" if is_unknown else judged
    return (metric.id, metric.title, day, value, week, month, share, month_share, said)


def _share(value: float, earlier: object) -> float | None:
    return (value - earlier) / abs(earlier) if isinstance(earlier, float) and earlier else None


def trends(metric_ids: Sequence[str], span: timedelta) -> tuple[list[Trend], Answer]:
    """The trends of some data points in this order, with enough history for `span` and for a year's movement."""
    metrics = data.estate().estate.metrics
    chosen = [one for name in metric_ids for one in metrics if one.id == name]
    parts = {one.id: trend_facts.segments_of(one, metrics) for one in chosen}
    wanted = {one.id: one for one in chosen} | {part.id: part for found in parts.values() for part in found.values()}
    asked = data.answer("trend_hours", metrics=sorted(wanted), since=max(YEAR, span) + WARM_UP)
    hours = {str(name): rows for (name,), rows in asked.frame.partition_by("metric_id", as_dict=True).items()}
    none = asked.frame.clear()
    days = {one.id: trend_facts.by_day(hours.get(one.id, none), one.watch.zone) for one in wanted.values()}
    doubt = AWAY if asked.problem else ""
    found = [
        trend_facts.trend_of(
            one, days[one.id], now().date(), {name: days[part.id] for name, part in parts[one.id].items()}, doubt
        )
        for one in chosen
    ]
    return found, asked
