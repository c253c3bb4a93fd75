"""The calendar of points in a metric's own week: its clock, its holidays, and no week where it has only weeks."""

from __future__ import annotations

import numpy as np
import polars as pl

from analysis.spc.judging_subject import Times
from analysis.spc.seasonality import Calendar as Cells
from analysis.spc.seasonality import calendar_of
from analysis.timetable_calendar import WEEKDAYS, is_workday
from config.refreshes import Calendar

WEEKLY = 5 * 86_400.0  # seconds: steps from here on have no weekday


def local_times(times: Times, zone: str) -> Times:
    """UTC `times` (n,) as a clock in `zone` shows them."""
    if zone == "UTC":
        return times
    series = pl.Series(times.astype("datetime64[us]")).dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    return series.dt.replace_time_zone(None).to_numpy()


def step_seconds(times: Times) -> float:
    """The median step of `times` in seconds; a day for fewer than two."""
    return float(np.median(np.diff(times) / np.timedelta64(1, "s"))) if times.size > 1 else 86_400.0


def cells_of(times: Times, zone: str, calendar: Calendar | None, step: float) -> Cells:
    """The cells of UTC `times` (n,) of a metric whose usual step is `step` seconds: the same for any part of them."""
    local = local_times(times, zone)
    unit = np.timedelta64(7, "D") if step >= WEEKLY else np.timedelta64(1, "h")
    before = local[:1] - unit * np.arange(local.size + 2, 0, -1)  # so that a gap does not look like a weekly step
    free = np.zeros(before.size + local.size, dtype=bool)
    if calendar is not None:
        free[before.size :] = holidays_at(local, calendar)
    return calendar_of(np.concatenate([before, local]), free)[before.size :]


def holidays_at(local: Times, calendar: Calendar) -> np.ndarray:
    """Which of the `local` times (n,) fall on a day off that is no weekend."""
    days, places = np.unique(local.astype("datetime64[D]"), return_inverse=True)
    off = [
        WEEKDAYS[day.weekday()] not in calendar.weekend and not is_workday(calendar, day)
        for day in days.astype(object).tolist()
    ]
    return np.asarray(off, dtype=bool)[places]
