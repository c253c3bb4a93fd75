"""The alarm budget over all data points that are in the store and in the estate, as limits are made for it."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from analysis.spc.budget import DAILY, Watched, rates
from app.quality.deciding_stages import watch_in_force
from app.quality.judge_reading import Settings
from config.estate import Estate
from config.quality import Metric, profiled_metric
from store.connection import Store
from store.read import ask

RATES_SPAN = timedelta(days=56)  # what points a week are counted in


def settings_of(store: Store, estate: Estate, seen: set[str], now: datetime) -> dict[str, Settings]:
    """How each metric is judged that gave points lately or was `seen`; those gone from the estate are left out.

    One that gave no point for weeks has its rate as if it were the only one.
    """
    watches = ask(store, "judge_watches").with_columns(pl.lit(False).alias("is_withdrawn"))
    saved = set(watches["metric_id"])
    known = {metric.id: metric for metric in estate.metrics}
    calendars = {calendar.id: calendar for calendar in estate.calendars}
    weekly: dict[str, float] = dict(ask(store, "backtest_rates", since=now - RATES_SPAN).iter_rows())
    found: dict[str, tuple[Metric, Watched]] = {}
    for name in sorted({*seen, *weekly}):
        metric = known.get(name) or profiled_metric(name, estate.profiles)
        if metric is not None:
            watch = watch_in_force(metric, watches) if name in saved else metric.watch
            found[name] = metric, Watched(name, watch, weekly.get(name, DAILY))
    budget = rates([watched for name, (_, watched) in found.items() if name in weekly], estate.quality)
    out = {}
    for name, (metric, watched) in found.items():
        one = budget.rates.get(name) or rates([watched], estate.quality).rates[name]
        out[name] = Settings(metric, watched.watch, one.rate, calendars.get(watched.watch.calendar))
    return out
