"""Where one data point is going, day by day: movements, drift, rolling means, and the segments behind. No queries."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from analysis.spc.movements import Movement, movements, verdict
from analysis.spc.segment_words import sentence
from analysis.spc.segments import Period, sum_contributions
from analysis.spc.slopes import drift
from analysis.spc.trend import WINDOWS, rolling_mean_over
from analysis.spc.week_shape import week_shape
from config.quality import Metric

WHOLE_SHARE = 0.8  # of the usual hours of a day: a day with less is not over, or has a gap
DRIFT_DAYS = 91
FEWEST_DRIFT_DAYS = 14
OLD_STEPS = 3  # days between points, at least as many days, after which the newest one is no news
LEAST_REST, MOST_REST = -0.05, 0.5  # of the total: segments that leave another rest are no parts of a sum
FEWEST_SEGMENTS = 2
REST = "the rest"
MOVES = ("last_week", "last_month")
DAILY = {"day": pl.Date, "value": pl.Float64}


@dataclass(frozen=True, slots=True)
class Trend:
    """The trend of one data point: its `daily` values (columns day, value), and what is said of the newest day.

    `judged` is better, worse, moved, unchanged, or unknown, by the same weekday last week; `doubt` says why unknown.
    """

    metric: Metric
    daily: pl.DataFrame
    day: date | None
    value: float | None
    movements: tuple[Movement, ...]
    judged: str
    doubt: str
    drift: str
    segments: tuple[str, ...]


def by_day(hours: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Whole days of a series by hour (columns hour_at, value, points) on the clock of `zone`: columns day, value.

    The mean of a day's points; days with much fewer points than usual are left out.
    """
    if hours.is_empty():
        return pl.DataFrame(schema=DAILY)
    there = pl.col("hour_at").dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date()
    weights = pl.col("points").cast(pl.Float64)
    mean = (pl.col("value") * weights).sum() / weights.sum()
    days = hours.group_by(there.alias("day")).agg(mean.alias("value"), weights.sum().alias("points"))
    usual = pl.col("points") >= WHOLE_SHARE * pl.col("points").median()
    return days.filter(usual).sort("day").select(pl.col("day"), pl.col("value").cast(pl.Float64))


def trend_of(
    metric: Metric, daily: pl.DataFrame, today: date, parts: Mapping[str, pl.DataFrame] | None = None, doubt: str = ""
) -> Trend:
    """What is said of a data point whose whole days are `daily`; `parts` are the days of its segments, by name.

    `doubt` is what makes all of it unknown, such as a store that is away.
    """
    if daily.is_empty():
        return Trend(metric, daily, None, None, (), "unknown", doubt or "there is no whole day yet", "", ())
    found = movements(daily["value"].to_numpy(), daily["day"].to_numpy())
    newest = daily["day"][-1]
    week = found[0]
    doubt = doubt or too_old(daily["day"][0], newest, daily.height, today) or week.missing
    judged = "unknown" if doubt else verdict(week.change, week.share, metric.direction) or "moved"
    if doubt:  # where the newest day is no news, its parts and where it goes are none either
        return Trend(metric, daily, newest, week.value, found, judged, doubt, "", ())
    said = [contribution(metric, daily, one, parts) for one in found if one.name in MOVES]
    segments = tuple([one for one in said if one])
    return Trend(metric, daily, newest, week.value, found, judged, "", drift_of(metric, daily), segments)


def too_old(first: date, newest: date, days: int, today: date) -> str:
    """Why the newest day is no news; empty when it is."""
    step = (newest - first).days / (days - 1) if days > 1 else 1.0
    age = (today - newest).days
    return f"there is no whole day since {newest:%d %b %Y}" if age > OLD_STEPS * max(step, 1.0) else ""


def drift_of(metric: Metric, daily: pl.DataFrame) -> str:
    """One sentence about the slope of the last 91 days without the week's shape."""
    recent = daily.filter(pl.col("day") > daily["day"][-1] - timedelta(days=DRIFT_DAYS))
    if recent.height < FEWEST_DRIFT_DAYS:
        return f"{recent.height} days are too few to see a trend; {FEWEST_DRIFT_DAYS} are needed."
    times = recent["day"].to_numpy().astype("datetime64[us]")
    values = recent["value"].to_numpy()
    days = recent["day"].to_physical().to_numpy().astype(np.float64)
    scale, unit = (100.0, "percentage points") if metric.unit == "ratio" else (1.0, metric.unit)
    found = drift(scale * (values - week_shape(values, times)), days)
    if found.slope == 0:
        return f"No trend: the values do not rise or fall over {recent.height} days."
    return found.sentence(unit, direction=metric.direction)


def rolled(daily: pl.DataFrame) -> pl.DataFrame:
    """The daily values with their rolling means of 7, 28 and 91 days, named in words, for a chart."""
    times = daily["day"].cast(pl.Datetime("us")).to_numpy()
    values = daily["value"].to_numpy()
    means = [pl.Series(f"{days} days", rolling_mean_over(values, times, days)).fill_nan(None) for days in WINDOWS]
    return daily.select(pl.col("day").cast(pl.Datetime("us")), pl.col("value").alias("Day"), *means)


def segments_of(total: Metric, metrics: Sequence[Metric]) -> dict[str, Metric]:
    """The data points that are segments of a total, by the name of the segment.

    They share dataset and unit with it, and with each other what they are cut by. Where several totals do, or several
    cuts, those count whose title begins as the total's does, and of these the cut with the most segments.
    """
    if total.segment or not total.dataset:
        return {}
    alike = [one for one in metrics if (one.dataset, one.unit) == (total.dataset, total.unit)]
    if sum(1 for one in alike if not one.segment) > 1:
        alike = [one for one in alike if one.title.startswith(total.title)]
    cuts: dict[tuple[str, ...], dict[str, Metric]] = {}
    for one in alike:
        if one.segment:
            cuts.setdefault(tuple(sorted(one.segment)), {})[", ".join(one.segment.values())] = one
    return max(cuts.values(), key=len, default={})


def contribution(metric: Metric, daily: pl.DataFrame, move: Movement, parts: Mapping[str, pl.DataFrame] | None) -> str:
    """How the segments made a movement of the total, as a sentence; empty where nobody can tell.

    A segment without a value on one of the two days is part of the rest. Segments that are more than the total, as
    those of a mean are, or less than half of it, or parts of a ratio, explain nothing.
    """
    if not parts or len(parts) < FEWEST_SEGMENTS or move.missing or metric.unit in ("ratio", "%"):
        return ""
    before, after = move.against[0], daily["day"][-1]
    known = [pl.lit(name).alias("segment") for name in parts]
    told = [
        days.filter(pl.col("day").is_in([before, after])).with_columns(name)
        for name, days in zip(known, parts.values(), strict=True)
    ]
    both = [days.select("day", "segment", "value") for days in told if days.height == 2]
    if not both:
        return ""
    frame = pl.concat(both)
    sums = [math.fsum(frame.filter(pl.col("day") == day)["value"].to_list()) for day in (before, after)]
    rests = [total - found for total, found in zip((move.earlier, move.value), sums, strict=True)]
    for rest, total in zip(rests, (move.earlier, move.value), strict=True):
        if not (total and LEAST_REST <= rest / total <= MOST_REST):
            return ""
    if any(abs(rest) > 1e-9 * max(abs(move.earlier), abs(move.value)) for rest in rests):
        rows = {"day": [before, after], "segment": [REST, REST], "value": rests}
        frame = pl.concat([frame, pl.DataFrame(rows, schema=frame.schema)])
    found = sum_contributions(frame, Period(before, before), Period(after, after))
    return f"Against {move.title}: {sentence(found, metric.title, metric.unit)}"
