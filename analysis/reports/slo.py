"""Error budgets of reports and how fast they burn.

A look is good when the report was up, or degraded without a stale number; unknown and planned looks count for nothing.
Each look counts by itself, whoever saw the report. Burn rates are judged over two windows, as in "Alerting on SLOs" of
The Site Reliability Workbook (Beyer et al., 2018, chapter 5, approach 6: multiwindow, multi-burn-rate alerts): the long
window says that it matters, the short one that it still goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

FEWEST_BAD = 2  # a single bad look, of however few, burns nothing: it may have been the checker's bad luck
DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Window:
    """Burning `rate` times as fast as the budget allows, over the long and the short window, is worth `severity`."""

    severity: str
    rate: float
    long: str
    short: str


WINDOWS = (
    Window("critical", 14.4, "1h", "5m"),
    Window("critical", 6.0, "6h", "30m"),
    Window("warning", 1.0, "3d", "6h"),
)
SPANS = {
    "5m": timedelta(minutes=5),
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "3d": timedelta(days=3),
}


@dataclass(frozen=True, slots=True)
class Budget:
    """What a target allows and what of it is spent.

    `ratio` of the known looks were good, `budget_looks` of them may be bad; `remaining_ratio` of these is left, less
    than 0 when more were. Ratios are None while nothing is known.
    """

    ratio: float | None
    budget_looks: float
    spent_ratio: float | None
    remaining_ratio: float | None


@dataclass(frozen=True, slots=True)
class Count:
    """Looks within a window: how many are known, how many of them were bad."""

    known: int
    bad: int


@dataclass(frozen=True, slots=True)
class Burn:
    """A budget that burns too fast: by which window, and the rates over its long and its short part."""

    window: Window
    rate: float
    short_rate: float
    long: Count
    short: Count


def budget(good: int, known: int, target: float) -> Budget:
    """The error budget of `known` looks, `good` of them good, at a target such as 0.995."""
    allowed = known * (1.0 - target)
    if known <= 0:
        return Budget(None, 0.0, None, None)
    spent = (known - good) / allowed
    return Budget(good / known, allowed, spent, 1.0 - spent)


def burn_rate(bad: int, known: int, target: float) -> float | None:
    """How many times faster than allowed the budget is spent: 1 spends it in exactly its window. None without looks."""
    return None if known <= 0 else bad / known / (1.0 - target)


def spent_within(rate: float, seconds: float, window_days: float) -> float:
    """The share of a budget for `window_days` that a burn rate spends in so many seconds."""
    return rate * seconds / (window_days * DAY_SECONDS)


def lasts_seconds(rate: float, window_days: float) -> float | None:
    """How long a whole budget lasts at a burn rate; None for ever."""
    return window_days * DAY_SECONDS / rate if rate > 0 else None


def burning(counts: Mapping[str, Count], target: float) -> Burn | None:
    """The most severe window that burns too fast in both its parts, None if none does.

    `counts` are the looks by span, a key of SPANS. The short spans should have at least three looks, so that a report
    that is looked at every five minutes is not judged by a single one; whoever counts sees to that.
    """
    for window in WINDOWS:
        long, short = counts[window.long], counts[window.short]
        rate, short_rate = (burn_rate(one.bad, one.known, target) or 0.0 for one in (long, short))
        if long.bad >= FEWEST_BAD and min(rate, short_rate) >= window.rate:
            return Burn(window, rate, short_rate, long, short)
    return None


def counts_of(row: Mapping[str, int]) -> dict[str, Count]:
    """The counts by span of a row with `known_<span>` and `bad_<span>`, as the query `rule_report_burns` gives it."""
    return {span: Count(row[f"known_{span}"], row[f"bad_{span}"]) for span in SPANS}


def uptimes(days: pl.DataFrame) -> pl.DataFrame:
    """Per report_id the share of known looks that found it not down, `uptime`; null where nothing is known.

    `days` has report_id, known, down (as the query `report_days`).
    """
    sums = days.group_by("report_id", maintain_order=True).agg(pl.col("known", "down").sum())
    uptime = pl.when(pl.col("known") > 0).then(1.0 - pl.col("down") / pl.col("known"))
    return sums.select("report_id", uptime.alias("uptime"))
