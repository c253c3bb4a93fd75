"""The key figures of the overview: value, state, one detail and a trend each. What is not known now is never green."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from app import collecting, control, costs, data, machine, watching, words
from app.answers import Answer

HOUR_SECONDS = 3600
TREND_SPAN = timedelta(hours=1)
DISK_SPAN = timedelta(days=7)
ACTIVITY_SECONDS = 120
JUDGED = ("in_control", "signal", "watched", "answered")


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure; `state` names how it is shown, `page` where the evidence is."""

    label: str
    value: str
    state: str
    detail: str
    page: str
    trend: tuple[float, ...] = ()
    is_bars: bool = False


def figures() -> tuple[list[Figure], list[Answer]]:
    """All key figures in the order of the screen, and the answers that they rest on."""
    found = [_reports(), _refreshes(), _points(), _collectors(), *_machine(), _cost()]
    return [figure for figure, _ in found], [answer for _, answers in found for answer in answers]


def none_yet(answer: Answer) -> str:
    """What stands for a figure without rows: nothing stored yet, or not known because the store is away."""
    return "Unknown" if answer.is_stale else "None yet"


def no_sample(answer: Answer) -> str:
    """Why a machine has no value."""
    return "the store is away" if answer.is_stale else "no sample yet"


def _reports() -> tuple[Figure, list[Answer]]:
    frame, newest, day = watching.reports()
    trend = data.answer("report_latency", since=watching.DAY, step_seconds=HOUR_SECONDS)
    hours = trend.frame.group_by("bucket_at").agg((1 - pl.col("down").sum() / pl.col("checks").sum()).alias("up"))
    seen = "last_state" if newest.is_stale else "state"
    up = frame.filter(pl.col(seen).is_in(["up", "degraded"])).height
    counts = {name: frame.filter(pl.col(seen) == name).height for name in ("down", "unknown", "degraded")}
    worst = next((name for name, number in counts.items() if number), "up" if frame.height else "unknown")
    said = ", ".join(f"{number} {words.state(name).word.lower()}" for name, number in counts.items() if number)
    figure = Figure(
        label="Reports up",
        value=none_yet(newest) if newest.as_of is None or frame.is_empty() else f"{up} of {frame.height}",
        state="unknown" if newest.is_stale else worst,
        detail="as last known" if newest.is_stale else said or ("all answer" if frame.height else "no report named"),
        page="reports",
        trend=tuple(hours.sort("bucket_at")["up"]),
    )
    return figure, [newest, day, trend]


def _refreshes() -> tuple[Figure, list[Answer]]:
    answer = data.answer("refresh_outcomes", since=watching.DAY, step_seconds=HOUR_SECONDS)
    good, bad = int(answer.frame["succeeded"].sum()), int(answer.frame["failed"].sum())
    state = "unknown" if answer.is_stale or not good + bad else "failed" if bad else "succeeded"
    figure = Figure(
        label="Refresh runs, 24 h",
        value=words.share(good / (good + bad)) if good + bad else none_yet(answer),
        state=state,
        detail=f"{bad} of {good + bad} failed" if bad else f"all {good} succeeded" if good else "no run has ended",
        page="refreshes",
        trend=tuple(float(count) for count in answer.frame["succeeded"]),
        is_bars=True,
    )
    return figure, [answer]


def _points() -> tuple[Figure, list[Answer]]:
    frame, answer = control.states()
    calm, signals, watched, answered = (frame.filter(pl.col("state") == one).height for one in JUDGED)
    judged = calm + signals + watched + answered
    worst = "signal" if signals else "watched" if watched else "in_control" if calm else "answered"
    odd = [(watched, "only watched"), (answered, "answered"), (frame.height - judged, "not judged")]
    parts = [words.plural(signals, "signal") if signals else "no signal", *(f"{n} {said}" for n, said in odd if n)]
    figure = Figure(
        label="Data points in control",
        value=f"{calm} of {judged}" if judged else none_yet(answer),
        state="unknown" if answer.is_stale or not judged else worst,
        detail=", ".join(parts) if judged else "too few points",
        page="control_charts",
        trend=tuple(map(float, control.signals_by_day(frame))),
        is_bars=True,
    )
    return figure, [answer]


def _collectors() -> tuple[Figure, list[Answer]]:
    frame, runs, batches = collecting.collectors()
    good, worst, said = collecting.verdict(frame)
    activity = data.answer("collector_activity", since=TREND_SPAN, step_seconds=ACTIVITY_SECONDS)
    waiting = int(frame["waiting"].sum())
    waits = f"{words.plural(waiting, 'batch', 'batches')} waiting" if waiting else "all as due"
    figure = Figure(
        label="Collectors healthy",
        value=none_yet(runs) if runs.is_stale or frame.is_empty() else f"{good} of {frame.height}",
        state=worst,
        detail="the store is away" if runs.is_stale else said or waits,
        page="collectors",
        trend=tuple(map(float, activity.frame["succeeded"])),
        is_bars=True,
    )
    return figure, [runs, batches, activity]


def _machine() -> list[tuple[Figure, list[Answer]]]:
    limits = data.estate().estate.host
    newest = machine.newest()
    trend = data.metric_history(["cpu_busy_ratio", "memory_used_ratio"], TREND_SPAN)
    return [
        (_host("CPU busy", "cpu_busy_ratio", limits.cpu_warn_ratio, newest, trend), [newest, trend]),
        (_host("Memory used", "memory_used_ratio", limits.memory_warn_ratio, newest, trend), []),
        (_disk(newest), []),
    ]


def _host(label: str, metric: str, warn: float, newest: Answer, trend: Answer) -> Figure:
    """The busiest host speaks for all."""
    rows = newest.frame.filter(pl.col("metric") == metric).sort("value", descending=True, nulls_last=True)
    if rows.is_empty():
        return Figure(label, none_yet(newest), "unknown", no_sample(newest), "infrastructure")
    row = rows.row(0, named=True)
    points = trend.frame.filter((pl.col("metric") == metric) & (pl.col("host") == row["host"]))
    is_silent = machine.is_silent(row["observed_at"], newest)
    return Figure(
        label=label,
        value=words.share(row["value"]),
        state="unknown" if is_silent else machine.level(row["value"], warn, 1.01),
        detail=f"{row['host']}, silent" if is_silent else str(row["host"]),
        page="infrastructure",
        trend=tuple(points["mean"].drop_nulls()),
    )


def _disk(newest: Answer) -> Figure:
    rows = machine.disks(newest)
    if rows.is_empty():
        return Figure("Fullest disk", none_yet(newest), "unknown", no_sample(newest), "infrastructure")
    row = rows.row(0, named=True)
    detail = f"{row['mount']}, {words.size(row['disk_free_bytes'])} free"
    history = data.metric_history(["disk_used_ratio"], DISK_SPAN).frame
    points = history.filter((pl.col("host") == row["host"]) & (pl.col("instance") == row["mount"]))["mean"]
    share = words.share(row["disk_used_ratio"])
    return Figure("Fullest disk", share, row["state"], detail, "infrastructure", tuple(points.drop_nulls()))


def _cost() -> tuple[Figure, list[Answer]]:
    month = costs.newest_month()
    if month is None:
        _, answer = costs.months()
        said = "the store is away" if answer.is_stale else "no charge is loaded"
        return Figure("Cost this month", none_yet(answer), "unknown", said, "cost"), [answer]
    found = costs.spent(month)
    planned = found.planned_to_date
    detail = f"{words.share(found.cost / planned)} of plan to date" if planned else "no plan in this currency"
    days = found.days.group_by("day_at").agg(pl.col("effective_cost").sum()).sort("day_at")
    figure = Figure(
        label=f"Cost, {month.title}",
        value=words.money(found.cost, month.currency),
        state=found.state,
        detail=detail,
        page="cost",
        trend=tuple(days["effective_cost"]),
        is_bars=True,
    )
    return figure, list(found.answers)
