"""The streaming monitor: false alarms on clean series, changes found, the NAB score, and rows a second.

Baseline of the NAB score: the windowed Gaussian detector's published 39.6; leaders publish about 70 on all of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from analysis.spc.streaming import THRESHOLD, watch
from bench.monitor_series import CHANGES, SIGMAS, STEP, clean
from bench.nab import best_threshold, left_out, load, score_at, worth

NAB = Path(__file__).resolve().parents[2] / "shared" / "practice" / "anomaly" / "nab"
ROWS, SEEDS, SETTLED = 5_000, (11, 12, 13, 14), 750
AT, WITHIN = 3_000, 300


def run() -> Iterator[str]:
    """False alarms, then changes found, then the benchmark with real series where it is there."""
    yield from _quiet()
    yield from _changes()
    if NAB.is_dir():
        yield from _nab()


def _quiet() -> Iterator[str]:
    yield f"false alarms in 1,000 rows of clean series: the first {SETTLED} rows, and later"
    seconds = np.arange(ROWS) * STEP
    made = [clean(ROWS, seed) for seed in SEEDS]
    for name in made[0]:
        alarms = np.array([watch(series[name], seconds).alarms for series in made])
        early, late = alarms[:, :SETTLED].mean(), alarms[:, SETTLED:].mean()
        yield f"{name:<30} {1000 * early:>6.2f} {1000 * late:>6.2f}"


def _changes() -> Iterator[str]:
    yield f"share of changes found within {WITHIN} rows, and false alarms in the {WITHIN} rows before"
    seconds = np.arange(AT + WITHIN) * STEP
    for what, change in CHANGES.items():
        found, wrong = [], 0
        for seed in SEEDS:
            series = clean(AT + WITHIN, seed)
            for name, sigma in SIGMAS.items():
                if "peak" in what and name not in ("day", "office hours", "counts of a day"):
                    continue
                alarms = watch(change(series[name], AT, sigma), seconds).alarms
                found.append((name, bool(alarms[AT:].any())))
                wrong += int(alarms[AT - WITHIN : AT].sum())
        missed = sorted({name for name, is_found in found if not is_found})
        share = np.mean([is_found for _, is_found in found])
        yield f"{what:<30} {share:>6.2f} {wrong:>4}   {'missed in ' + ', '.join(missed) if missed else ''}"


def _nab() -> Iterator[str]:
    series = load(NAB)
    worths = [worth(one.values.size, one.windows) for one in series]
    started = time.perf_counter()
    scores = [watch(one.values, one.seconds).scores for one in series]
    rows = sum(one.values.size for one in series) / (time.perf_counter() - started)
    best, level = best_threshold(scores, worths)
    fixed, found, wrong = score_at(THRESHOLD, scores, worths)
    yield f"{'NAB, 23 series, standard':<30} {fixed:>6.1f} at {THRESHOLD:g}, {best:.1f} at {level:.3f}"
    windows = sum(one.windows for one in worths)
    yield f"{'':<30} {found} of {windows} windows, {wrong} false positives (baseline 39.6, goal 70)"
    others = left_out(scores, worths)
    yield f"{'threshold from the others':<30} {others:>6.1f} (each series at the best threshold of the rest)"
    yield f"{'speed':<30} {rows:>6,.0f} rows/s"
