"""A data point's past from the store, and how it would have been judged: as now, and as somebody proposes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from analysis.spc.backtest import backtest, plan_of
from analysis.spc.backtest_replay import History
from analysis.spc.backtest_result import Backtest
from analysis.spc.budget import Budget, MetricRate, Watched, points_per_week, rates
from analysis.spc.judging_cells import cells_of, step_seconds
from analysis.spc.judging_subject import OF_SHARES
from app.quality.deciding import Look, RefusedError, metric_of
from app.quality.deciding_stages import watch_in_force
from config.estate import Estate
from config.quality import Quality, Watch, profiled_metric
from config.refreshes import Calendar
from store import clock

RATES_SPAN = timedelta(days=56)  # what points a week are counted in


def backtest_of(
    metric_id: str,
    watch: Watch | None,
    look: Look,
    estate: Estate,
    now: datetime | None = None,
) -> Backtest:
    """How the setting in force judges the metric's own past, and how `watch` would; without it only the one in force.

    Raises ValueError with a sentence for a metric the
    estate does not have, a history that is too short, empty or constant, and for what is no rule.
    """
    metric = metric_of(estate, metric_id)
    watches = look("points_watches")
    in_force = watch_in_force(metric, watches)
    budget = budget_of(look, estate, watches, now or clock.now())
    frame = look("backtest_points", metric_id=metric_id).sort("observed_at")
    calendars = {one.id: one for one in estate.calendars}
    history = history_of(frame, in_force, calendars.get(in_force.calendar))
    weekly = points_per_week(history.times)
    plan = plan_of(in_force, rate_of(budget, metric_id, in_force, weekly, estate.quality), weekly)
    proposed, after = None, budget
    if watch is not None:
        after = budget_of(look, estate, watches, now or clock.now(), {metric_id: watch})
        proposed = plan_of(watch, rate_of(after, metric_id, watch, weekly, estate.quality), weekly)
    found = backtest(history, plan, proposed, metric.unit)
    return replace(found, notes=(*found.notes, *_said(frame, watch or in_force), after.sentence(metric_id)))


def history_of(frame: pl.DataFrame, watch: Watch, calendar: Calendar | None = None) -> History:
    """The past in a frame of observed_at (naive UTC, ascending), value, size, is_left_out and is_event.

    Points left out have no value there; on a chart of shares a value is what its size makes of it. Raises RefusedError
    for a frame without rows.
    """
    if frame.is_empty():
        raise RefusedError("There is no value to judge yet; expected a history of numbers.")
    times = frame["observed_at"].to_numpy().astype("datetime64[us]")
    value, size = (frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("value", "size"))
    if watch.chart in OF_SHARES:
        value = value / np.where(size > 0, size, np.nan)
    values = np.where(frame["is_left_out"].to_numpy(), np.nan, value)
    cells = cells_of(times, watch.zone, calendar, step_seconds(times))
    return History(times, values, cells, frame["is_event"].to_numpy().astype(bool))


def budget_of(
    look: Look, estate: Estate, watches: pl.DataFrame, now: datetime, instead: Mapping[str, Watch] | None = None
) -> Budget:
    """The budget over all data points that are in the store and in the estate; `instead` overlays settings in force."""
    known = {one.id: one for one in estate.metrics}
    settings = {row["metric_id"]: row for row in watches.iter_rows(named=True)}
    asked: list[Watched] = []
    for metric_id, weekly in look("backtest_rates", since=now - RATES_SPAN).iter_rows():
        metric = known.get(metric_id) or profiled_metric(metric_id, estate.profiles)
        if metric is None:
            continue
        own = watch_in_force(metric, watches) if metric_id in settings else metric.watch
        asked.append(Watched(metric_id, (instead or {}).get(metric_id, own), weekly))
    return rates(asked, estate.quality)


def rate_of(budget: Budget, metric_id: str, watch: Watch, weekly: float, quality: Quality) -> MetricRate:
    """The rate of a metric in the budget; one that gave no point for weeks has it as if it were the only one."""
    found = budget.rates.get(metric_id)
    return found or rates([Watched(metric_id, watch, weekly)], quality).rates[metric_id]


def _said(frame: pl.DataFrame, watch: Watch) -> tuple[str, ...]:
    out = []
    if frame.height and frame["stage_at"][0] is not None:
        out.append(f"Only the stage since {frame['stage_at'][0]:%d %b %Y} was looked at.")
    if watch.rules and watch.chart != "individuals":
        out.append(f"Chart rules were tried on the detector's innovations, not on the {watch.chart} chart.")
    return tuple(out)
