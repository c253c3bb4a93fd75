"""The four key figures of refreshes. What is not known now is never shown as good."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from app import words
from app.refresh_chase import STALE
from app.refresh_words import named, ratio_text
from app.refreshing import Situation

BUDGET_LOW = 0.25
WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure; `state` says how it is shown, and is never good while anything in it is unknown."""

    label: str
    value: str
    state: str
    detail: str
    help: str


def figures(found: Situation, trend: pl.DataFrame) -> list[Figure]:
    """Stale datasets, jobs in trouble, likely misses, and the share on time with its objective."""
    return [_stale(found), _wrong(found), _risky(found), _on_time(found, trend)]


def _stale(found: Situation) -> Figure:
    rows = found.datasets
    stale = rows.filter(pl.col("state").is_in(list(map(str, STALE))))
    unknown = rows.filter(pl.col("state") == "unknown").height
    green = stale.filter(pl.col("state") == "green_job_stale_data").height
    notes = [f"{green} behind a green job" if green else "", f"{unknown} unknown" if unknown else ""]
    detail = ", ".join(filter(None, notes)) or named(stale["title"].to_list(), "all as fresh as promised")
    return Figure(
        "Datasets stale",
        _value(found, f"{stale.height} of {rows.height}" if rows.height else "None named"),
        _shown(found, "stale" if stale.height else "unknown" if unknown or not rows.height else "fresh"),
        "as last known" if found.is_away else detail if rows.height else "no dataset in the estate",
        "Datasets whose newest data is older than promised, or whose last refresh brought nothing.",
    )


def _wrong(found: Situation) -> Figure:
    rows = found.jobs.filter(~pl.col("state").is_in(["unscheduled", "paused"]))
    wrong = rows.filter("is_wrong")
    unknown = rows.filter("is_unknown").height
    counts = wrong.group_by("state", maintain_order=True).len().rows()
    said = ", ".join(f"{number} {words.state(name).word.lower()}" for name, number in counts)
    said = ", ".join(filter(None, (said, f"{unknown} unknown" if unknown else "")))
    is_failed = wrong.filter(pl.col("state").is_in(["failed", "missed"])).height
    state = "failed" if is_failed else "late" if wrong.height else "unknown" if unknown or rows.is_empty() else "ok"
    return Figure(
        "Jobs failed or late",
        _value(found, f"{wrong.height} of {rows.height}" if rows.height else "None due"),
        _shown(found, state),
        "as last known" if found.is_away else said or ("none now" if rows.height else "no job has a schedule"),
        "Jobs whose newest slot went wrong and was not made good yet.",
    )


def _risky(found: Situation) -> Figure:
    risky = found.jobs.filter("is_at_risk").sort("miss_ratio", descending=True)
    forecast = found.jobs.filter(pl.col("miss_ratio").is_not_null()).height
    state = "at_risk" if risky.height else "ok" if forecast else "unknown"
    detail = "no open run is forecast" if not forecast else f"{words.plural(forecast, 'open run')} forecast"
    if risky.height:
        row = risky.row(0, named=True)
        detail = f"{row['title']}, {row['miss_ratio']:.0%}".replace("%", " %")
    return Figure(
        "About to miss",
        _value(found, words.count(risky.height) if forecast else "Unknown"),
        _shown(found, state),
        "as last known" if found.is_away else detail,
        "Runs that are not finished and will more likely than not be after their deadline.",
    )


def _on_time(found: Situation, trend: pl.DataFrame) -> Figure:
    judged, good = int(found.jobs["judged"].sum()), int(found.jobs["on_time"].sum())
    allowed = float(((1 - found.jobs["slo_ratio"]) * found.jobs["judged"]).sum())
    if not judged:
        return Figure("On time, 30 d", _value(found, "None judged"), "unknown", "no slot was judged", "")
    left = 1 - (judged - good) / allowed if allowed else 0.0
    detail = f"{words.share(left)} of budget left" if left > 0 else "error budget spent"
    week = trend.tail(WEEK_DAYS)
    lately = int(week["on_time"].sum()) / max(int(week["judged"].sum()), 1)
    return Figure(
        "On time, 30 d",
        ratio_text(good / judged),
        _shown(found, "ok" if left > BUDGET_LOW else "warning" if left > 0 else "critical"),
        "as last known" if found.is_away else detail,
        "Share of judged slots that were on time; the objective allows each job an error budget. "
        f"In the last {week.height} days it was {ratio_text(lately)}.",
    )


def _value(found: Situation, value: str) -> str:
    return "Unknown" if found.as_of is None else value


def _shown(found: Situation, state: str) -> str:
    return "unknown" if found.is_away else state
