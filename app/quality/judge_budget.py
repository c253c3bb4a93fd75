"""The alarm budget over all data points that are in the store and in the estate, as limits are made for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import polars as pl

from analysis.spc.budget import DAILY, Budget, MetricRate, Watched, rates
from app.quality.deciding_stages import watch_in_force
from app.quality.judge_reading import Settings
from config.estate import Estate
from config.quality import Metric, Quality, profiled_metric
from store.connection import Store
from store.read import ask

RATES_SPAN = timedelta(days=56)  # what points a week are counted in


def taking_part(
    weekly: Mapping[str, float], seen: Iterable[str], estate: Estate, watches: pl.DataFrame
) -> dict[str, tuple[Metric, Watched]]:
    """Every metric that gave `weekly` points or was `seen` and is in the estate, as `watches` say it is judged."""
    known = {metric.id: metric for metric in estate.metrics}
    saved = set(watches["metric_id"])
    out: dict[str, tuple[Metric, Watched]] = {}
    for name in sorted({*seen, *weekly}):
        metric = known.get(name) or profiled_metric(name, estate.profiles)
        if metric is not None:
            watch = watch_in_force(metric, watches) if name in saved else metric.watch
            out[name] = metric, Watched(name, watch, weekly.get(name, DAILY))
    return out


def rate_of(budget: Budget, watched: Watched, quality: Quality) -> MetricRate:
    """The rate of a metric in the budget; one that gave no point for weeks has it as if it were the only one."""
    return budget.rates.get(watched.metric_id) or rates([watched], quality).rates[watched.metric_id]


def settings_of(store: Store, estate: Estate, seen: set[str], now: datetime) -> dict[str, Settings]:
    """How each metric is judged that gave points lately or was `seen`; those gone from the estate are left out."""
    calendars = {calendar.id: calendar for calendar in estate.calendars}
    weekly: dict[str, float] = dict(ask(store, "backtest_rates", since=now - RATES_SPAN).iter_rows())
    found = taking_part(weekly, seen, estate, ask(store, "points_watches"))
    budget = rates([watched for name, (_, watched) in found.items() if name in weekly], estate.quality)
    return {
        name: Settings(
            metric, watched.watch, rate_of(budget, watched, estate.quality).rate, calendars.get(watched.watch.calendar)
        )
        for name, (metric, watched) in found.items()
    }
