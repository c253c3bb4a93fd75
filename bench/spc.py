"""Data quality by control charts: false-alarm rates kept, changes found in time, and 10,000 metrics of two years.

Baseline of the speed: statsmodels' SARIMAX(1,1,1), the detector of TestGen, fitted to 20 of the metrics. The targets of
detection are what the best of the measured peers reach at 0.27 false alarms in 100 days.
"""

from __future__ import annotations

import importlib.util
import time
import warnings
from collections.abc import Callable, Iterator

import numpy as np
from statsmodels.tsa.statespace.sarimax import SARIMAX

from analysis.spc.calibration import DEFAULT_RATE, Calibration, calibrate
from analysis.spc.charts_many import charts_many
from analysis.spc.detector import alarm_starts
from analysis.spc.detector_many import calibrate_many, score_many
from bench.spc_series import AUTOCORRELATIONS, FAMILIES, Floats, days, made

METRICS = 1_500
BASELINE = 84
WATCHED = 182
CHANGES = (
    ("5 sigma spike, same day", 5.0, 1, 0.94),
    ("1.5 sigma shift <= 14 d", 1.5, 14, 0.78),
    ("2 sigma shift <= 14 d", 2.0, 14, 0.98),
    ("3 sigma shift <= 7 d", 3.0, 7, 1.0),
    ("drift 0.15 sigma/d <= 14 d", 0.15, 14, 0.63),
)
MANY, YEARS_DAYS = 10_000, 730


def run() -> Iterator[str]:
    """Rates as a share of the promise, then chances to find a change, then seconds."""
    yield from _rates()
    yield from _changes()
    yield from _speed()


def _rates() -> Iterator[str]:
    yield f"false alarms found / promised ({DEFAULT_RATE:g} a point, {BASELINE} days of baseline; goal 0.80 to 1.20)"
    cases = [(name, size, 0.0) for name, size in FAMILIES] + [("flat", 40.0, phi) for phi in AUTOCORRELATIONS]
    for number, (family, size, phi) in enumerate(cases):
        values = made(family, size, METRICS, BASELINE + WATCHED, 100 + number, phi)
        calendar = days(values.shape[1])
        known = np.ones((METRICS, BASELINE), dtype=bool)
        calibration = calibrate(values[:, :BASELINE], known, calendar[:BASELINE])
        alarms = calibration.score(values[:, BASELINE:], calendar[BASELINE:]).alarms
        starts, points = alarm_starts(alarms).sum(), alarms.size * DEFAULT_RATE
        label = f"{family} {size:g}" + (f", autocorrelation {phi:g}" if phi else "")
        error, all_alarms = np.sqrt(starts) / points, alarms.sum() / points
        yield f"{label:<34} {starts / points:>6.2f} +- {error:.2f}   as points {all_alarms:.2f}"


def _changes() -> Iterator[str]:
    settled = BASELINE + 28
    values = made("normal", 40.0, 3_000, settled + 14, 9)
    calendar = days(settled + 14)
    calibration = calibrate(values[:, :BASELINE], np.ones((3_000, BASELINE), dtype=bool), calendar[:BASELINE])
    yield "chance to find a change (weekday 1000, weekend 600, sigma 40; goal)"
    for name, sigmas, points, goal in CHANGES:
        changed = values.copy()
        size = sigmas * np.arange(1, 15) if "drift" in name else np.full(points, sigmas)
        changed[:, settled : settled + points] += 40 * size[:points]
        alarms = calibration.score(changed[:, BASELINE:], calendar[BASELINE:]).alarms[:, 28 : 28 + points]
        yield f"{name:<34} {alarms.any(axis=1).mean():>6.3f}   ({goal:.2f})"
    values[:, settled : settled + 3] -= 320
    outage = calibration.score(values[:, BASELINE:], calendar[BASELINE:]).alarms[:, 28:31].mean(axis=0)
    yield f"{'-8 sigma outage, days 1, 2, 3':<34} " + " ".join(f"{share:.3f}" for share in outage)


def _speed() -> Iterator[str]:
    part = MANY // 4
    kinds = (("normal", 40.0), ("lognormal", 0.5), ("poisson", 20.0), ("flat", 40.0))
    values = np.concatenate([made(family, size, part, YEARS_DAYS, 7) for family, size in kinds])
    calendar = days(YEARS_DAYS)
    base = _seconds(lambda: _fit_sarimax(values[:20]))[1] * MANY / 20
    yield f"{'SARIMAX(1,1,1), 20 metrics, scaled':<34} {base:>8.0f} s of CPU   1.0 (baseline)"
    known = np.ones(values.shape, dtype=bool)
    made_here: list[Calibration] = []
    learn = _seconds(lambda: made_here.append(calibrate_many(values, known, calendar)))
    yield _line("first calibration (goal < 60 s)", learn, base)
    score = _seconds(lambda: score_many(made_here[0], values, calendar))
    yield _line("detector, calibration from cache", score, base)
    yield _line("charts", _seconds(lambda: charts_many(values)), base)
    if importlib.util.find_spec("pyspc") is None:
        yield "pyspc is not installed: not compared"


def _line(label: str, seconds: tuple[float, float], base: float) -> str:
    wall, cpu = seconds
    return f"{label:<34} {cpu:>8.1f} s of CPU   {cpu / base:.5f}   {wall:.1f} s on the clock"


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _fit_sarimax(values: Floats) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for row in values:
            SARIMAX(row, order=(1, 1, 1)).fit(disp=False)
