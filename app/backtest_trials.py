"""What the verb `backtest` tries: a data point of the store, or a file. Brings all statistics, so it comes late."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypedDict

import numpy as np
import polars as pl
from pydantic import ValidationError

from analysis.spc.backtest import backtest as tried
from analysis.spc.backtest import plan_of
from analysis.spc.backtest_result import Backtest
from analysis.spc.budget import WEEKS_IN_YEAR, MetricRate, Watched, points_per_week, rates
from analysis.spc.calibration import DEFAULT_RATE
from app.chart_files import KEPT, Columns, Series, read_frame, series_of
from app.cli_chart import rules_of
from app.quality.backtesting import backtest_of, history_of
from app.quality.commands import estate, look
from app.quality.deciding import metric_of
from app.quality.deciding_stages import watch_in_force
from collectors.base import SourceError
from config.quality import Quality, Watch

LAST = "of each such time the last value counts."


class Options(TypedDict):
    """What is proposed; None where nothing was said."""

    false_alarms_per_year: float | None
    rules: str | None
    direction: str | None
    least_change: float | None


def of_metric(metric: str, options: Options) -> Backtest:
    """A data point of the store, as it is judged now and as the options propose."""
    found = estate()
    in_force = watch_in_force(metric_of(found, metric), look("points_watches"))
    return backtest_of(metric, _proposed(in_force, options), look, found)


def of_file(path: Path, columns: Columns, unit: str, options: Options) -> Backtest:
    """A file is judged as by default, 0.27 false alarms in 100 points, and as the options propose beside it."""
    frame, notes = read_frame(path, columns)
    _, series = next(iter(series_of(frame, columns)))
    if isinstance(series, SourceError):
        raise SourceError(f"{path}: {series}")
    said = [note.replace(KEPT, LAST) for note in series.notes]
    history = history_of(_points(path, series), Watch())
    weekly = points_per_week(history.times)
    yearly = DEFAULT_RATE * weekly * WEEKS_IN_YEAR
    now = plan_of(Watch(), MetricRate("", DEFAULT_RATE, yearly), weekly)
    watch = _proposed(Watch(), options)
    proposed = None
    if watch is not None:
        rate = rates([Watched("", watch, weekly)], Quality()).rates[""] if watch.false_alarms_per_year else None
        proposed = plan_of(watch, rate or MetricRate("", now.rate, now.per_year), weekly)
        notes += [rate.note] if rate and rate.note else []
    try:
        found = tried(history, now, proposed, unit)
    except ValueError as error:
        raise SourceError(" ".join([f"{path}: {error}", *said])) from error
    return replace(found, notes=(*found.notes, *notes, *said))


def _points(path: Path, series: Series) -> pl.DataFrame:
    """The series as the store would give it; of a time that stands twice the last value counts."""
    times = series.times
    if times is None or not isinstance(times.dtype, pl.Datetime):
        raise SourceError(f"{path}: the times are plain numbers; expected times such as 2026-11-23 12:00.")
    frame = pl.DataFrame({"observed_at": times, "value": np.asarray(series.values)})
    return frame.unique("observed_at", keep="last", maintain_order=True).with_columns(
        pl.lit(None).alias("size"), pl.lit(False).alias("is_left_out"), pl.lit(False).alias("is_event")
    )


def _proposed(now: Watch, options: Options) -> Watch | None:
    """`now` with what the options change; None where they say nothing."""
    changed: dict[str, object] = {name: given for name, given in options.items() if given is not None}
    if not changed:
        return None
    said = options["rules"]
    if said is not None:
        changed["rules"] = [] if said.strip().lower() == "none" else list(rules_of(said))
    try:
        return Watch.model_validate(now.model_dump() | changed)
    except ValidationError as error:
        first = error.errors()[0]
        name = "--" + "-".join(str(first["loc"][0]).split("_")) if first["loc"] else "The setting"
        raise SourceError(f"{name} is {first['input']}: {first['msg'].lower()}.") from error
