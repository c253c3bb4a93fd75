"""What a backtest says in plain words: durations, the smallest shift that is found, and now against proposed."""

from __future__ import annotations

import math

import numpy as np

from analysis.spc.calibration import Calibration
from analysis.spc.power import LARGEST, find_chance, in_units
from analysis.spc.seasonality import Calendar

WEEK = 604_800.0
POWER = 0.9
LEAST_POINTS, MOST_POINTS = 3, 14  # that a lasting shift is given to be found in
STEPS = ((86_400.0, "day"), (3_600.0, "hour"), (60.0, "minute"), (1.0, "second"))


def number(value: float) -> str:
    """Two figures below 10, whole numbers above: 0.04, 1.3, 52."""
    return f"{value:,.0f}" if abs(value) >= 10 or value == 0 else f"{float(f'{value:.2g}'):,.6g}"


def duration(seconds: float) -> str:
    """In the largest unit that it has one of, by halves: 1.5 days, 3 hours."""
    size, name = next(((size, name) for size, name in STEPS if seconds >= size), STEPS[-1])
    count = round(seconds / size, 1)
    return f"{count:g} {name}{'' if count == 1 else 's'}"


def points_in_a_week(step_seconds: float) -> int:
    """The points of 7 days, from 3 to 14: what a lasting shift is given to be found in."""
    return int(np.clip(round(WEEK / step_seconds), LEAST_POINTS, MOST_POINTS))


def smallest_found(calibration: Calibration, metric: int, calendar: Calendar, within: int) -> tuple[float, float]:
    """As `power.smallest_shift` with 90 %, in a tenth of its time: by whole sigmas first, then by tenths."""
    whole = np.arange(1.0, LARGEST + 1)
    enough = np.flatnonzero(find_chance(calibration, metric, whole, within) >= POWER)
    if not enough.size:
        return math.inf, math.inf
    top = float(whole[enough[0]])
    tenths = np.round(np.arange(top - 0.9, top + 0.05, 0.1), 1)
    found = np.flatnonzero(find_chance(calibration, metric, tenths, within) >= POWER)
    sigmas = float(tenths[found[0]]) if found.size else top
    return sigmas, in_units(calibration, metric, calendar, sigmas)


def power_sentence(sigmas: float, units: float, unit: str, within: int, step_seconds: float) -> str:
    """What can be promised to be found."""
    span = duration(within * step_seconds)
    if not math.isfinite(sigmas):
        return f"No lasting shift of up to {LARGEST:g} sigma is found within {span} with 90 %."
    said = f" {unit}" if unit else ""
    return f"Smallest lasting shift found within {span} with 90 %: {sigmas:g} sigma = {_size(units)}{said}."


def _size(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.3g}"


def false_alarms_sentence(now: float, proposed: float) -> str:
    """How the false alarms a year of two plans compare, as the second half of a sentence."""
    alarms = "false alarm" if number(proposed) == "1" else "false alarms"
    if number(now) == number(proposed):
        return f"gives as many false alarms ({number(now)} a year)"
    return f"gives {number(proposed)} {alarms} a year instead of {number(now)}"


def broken_promise(who: str, promised: float, found: float, low: float, high: float) -> str:
    """A note where history speaks against the promised false alarms a year; empty where it does not."""
    if not math.isfinite(promised) or low <= promised <= high:
        return ""
    span = f"{number(low)} to {number(high)}"
    return (
        f"{who}: {number(promised)} false alarms a year are promised, but this history gives {number(found)} ({span})."
    )


def finding_sentence(
    words: str, now: tuple[float, float | None], proposed: tuple[float, float | None], step_seconds: float
) -> str:
    """How fast two plans find an event, as the first half: each plan by its share found and its median delay."""
    (share, delay), (other_share, other_delay) = now, proposed
    if delay is not None and other_delay is not None and delay != other_delay:
        span = duration(abs(other_delay - delay) * step_seconds)
        return f"finds a {words} {span} {'later' if other_delay > delay else 'sooner'}"
    if round(share, 2) != round(other_share, 2):
        return f"finds {other_share:.0%} of {words}s instead of {share:.0%}"
    if share == 0:
        return f"finds no {words}, as now,"
    return f"finds a {words} as soon as now"
