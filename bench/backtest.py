"""How long a setting waits for its backtest on a page, and whether its false alarms are those it promised."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from analysis.spc.backtest import backtest
from analysis.spc.backtest_judge import Plan
from analysis.spc.backtest_replay import History
from analysis.spc.seasonality import calendar_of

MOST_SECONDS = 3.0
METRICS = 6
YEAR = 365.25


def run() -> Iterator[str]:
    """One line for daily values of two years, counts of two years, and hours of three months."""
    draw = np.random.default_rng(1)
    shapes = {
        "730 days": (1, [draw.normal(1000, 40, 730) for _ in range(METRICS)]),
        "730 days of counts": (1, [draw.poisson(20, 730).astype(np.float64) for _ in range(METRICS)]),
        "2000 hours": (24, [draw.normal(1000, 40, 2000) for _ in range(METRICS)]),
    }
    for name, (a_day, series) in shapes.items():
        seconds, found = [], []
        for values in series:
            times = np.datetime64("2024-01-01", "us") + np.arange(values.size) * np.timedelta64(86_400 // a_day, "s")
            past = History(times, values, calendar_of(times), np.zeros(values.size, dtype=bool))
            started = time.perf_counter()
            told = backtest(past, Plan(4 / YEAR / a_day, 4.0), Plan(1 / YEAR / a_day, 1.0))
            seconds.append(time.perf_counter() - started)
            found.append(told.now.chance.per_year)
        middle = float(np.median(seconds))
        yield (
            f"{name:<20} {middle:.2f} s, {middle / MOST_SECONDS:.2f} of the {MOST_SECONDS:g} s allowed; "
            f"{np.mean(found):.1f} false alarms a year of 4 promised ({np.mean(found) / 4:.2f})"
        )
