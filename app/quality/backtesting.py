"""A data point's past from the store, and how it would have been judged: as now, and as somebody proposes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import numpy as np
import polars as pl

from analysis.spc.backtest import backtest, plan_of
from analysis.spc.backtest_replay import History
from analysis.spc.backtest_result import Backtest
from analysis.spc.budget import Budget, Watched, points_per_week, rates
from analysis.spc.judging_cells import cells_of, step_seconds
from analysis.spc.judging_subject import OF_SHARES
from app.quality.deciding import Look, RefusedError, metric_of
from app.quality.deciding_stages import watch_in_force
from app.quality.judge_budget import RATES_SPAN, rate_of, taking_part
from config.estate import Estate
from config.quality import Watch
from config.refreshes import Calendar
from store import clock


def backtest_of(
    metric_id: str,
    watch: Watch | None,
    look: Look,
    estate: Estate,
    now: datetime | None = None,
) -> Backtest:
    """How the setting in force judges the metric's own past, and how `watch` would; without it only the one in force.

    Raises ValueError with a sentence for a metric the estate does not have, a history that is too short, empty or
    constant, and for what is no rule.
    """
    metric = metric_of(estate, metric_id)
    watches = look("points_watches")
    in_force = watch_in_force(metric, watches)
    weekly = dict(look("backtest_rates", since=(now or clock.now()) - RATES_SPAN).iter_rows())
    budget = budget_of(weekly, estate, watches, None)
    frame = look("backtest_points", metric_id=metric_id).sort("observed_at")
    calendars = {one.id: one for one in estate.calendars}
    history = history_of(frame, in_force, calendars.get(in_force.calendar))
    own = Watched(metric_id, in_force, points_per_week(history.times))
    plan = plan_of(in_force, rate_of(budget, own, estate.quality), own.points_per_week)
    proposed, after = None, budget
    if watch is not None:
        own = replace(own, watch=watch)
        after = budget_of(weekly, estate, watches, own)
        proposed = plan_of(watch, rate_of(after, own, estate.quality), own.points_per_week)
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


def budget_of(weekly: Mapping[str, float], estate: Estate, watches: pl.DataFrame, instead: Watched | None) -> Budget:
    """The budget over all data points that gave `weekly` points and are in the estate; `instead` overlays one."""
    found = {name: watched for name, (_, watched) in taking_part(weekly, (), estate, watches).items()}
    if instead is not None and instead.metric_id in found:
        found[instead.metric_id] = replace(found[instead.metric_id], watch=instead.watch)
    return rates(list(found.values()), estate.quality)


def _said(frame: pl.DataFrame, watch: Watch) -> tuple[str, ...]:
    out = []
    if frame.height and frame["stage_at"][0] is not None:
        out.append(f"Only the stage since {frame['stage_at'][0]:%d %b %Y} was looked at.")
    if watch.rules and watch.chart != "individuals":
        out.append(f"Chart rules were tried on the detector's innovations, not on the {watch.chart} chart.")
    return tuple(out)
