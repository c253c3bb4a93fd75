"""How many false alarms a year chance gives on a metric's own clean history, put together anew from blocks of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import gamma

from analysis.spc.backtest_judge import Ints, Plan, judge
from analysis.spc.backtest_replay import Replay
from analysis.spc.bootstrap import BLOCK, block_resample
from analysis.spc.calibration import LOWEST_RATE
from analysis.spc.detector import REARM, Scored, alarm_starts
from analysis.spc.natural import values_at
from analysis.spc.robust import Flags, Floats

PATHS = 200
LOW, HIGH = 2.5, 97.5  # percentiles of the interval
STRICTNESS = 10.0  # how much rarer than the rarest plan what counts as an event is


@dataclass(frozen=True, slots=True)
class Chance:
    """False alarms a year and the interval they lie in, 19 times in 20, for a history of this length."""

    per_year: float
    low: float
    high: float

    def expected(self, promised: float) -> float:
        """The promised number where history does not speak against it, else history's own."""
        return promised if self.low <= promised <= self.high else self.per_year


def cleaner(plans: tuple[Plan, ...]) -> Plan:
    """The plan that says what is an event for all: ten times as strict as the strictest of `plans`."""
    return Plan(max(min(plan.rate for plan in plans) / STRICTNESS, LOWEST_RATE), 0.0)


def clean_points(signals: Flags, is_event: Flags, origin: int) -> Flags:
    """The judged points, (n,), that no signal of the cleaner is near and nobody knows of."""
    near = signals.copy()
    for back in range(1, REARM + 1):
        near[back:] |= signals[:-back]
        near[:-back] |= signals[back:]
    judged = np.arange(signals.size) >= origin
    clean: Flags = judged & ~near & ~is_event
    return clean if clean.sum() >= judged.sum() / 2 else judged & ~signals & ~is_event


def chances(
    replayed: Replay, plans: tuple[Plan, ...], rows: Ints, clean: Flags, points_per_year: float, seed: int
) -> list[Chance]:
    """For each of `rows` of `replayed` and `plans`: what its limits in force say of the clean past."""
    last = replayed.folds[-1].calibration
    origin, z = replayed.origin, np.where(clean, _comparable(replayed)[rows], np.nan)
    units = _units(replayed)[rows]
    place = np.repeat(np.arange(rows.size), PATHS)
    paths, zeros, scale = (_resampled(part[:, origin:], place, seed) for part in (z, replayed.zeros[rows], units))

    def away(scored: Scored, some: Ints) -> Floats:
        out: Floats = (paths[some] - scored.predicted[some]) * scale[some]
        return out

    of = rows[place]
    judged = judge(last.taken(of), plans, of, paths, np.where(np.isfinite(paths), zeros, np.nan), away)
    starts, seen = alarm_starts(judged.signals).sum(axis=1), np.isfinite(paths).sum(axis=1)
    return [_chance(starts[of == row], seen[of == row], points_per_year) for row in rows.tolist()]


def _resampled(rows: Floats, of: Ints, seed: int) -> Floats:
    """The same places of all rows: every call with this seed draws them alike, and every plan has the same paths."""
    n, block = rows.shape[1], min(BLOCK, rows.shape[1])
    place = block_resample(np.tile(np.arange(n, dtype=np.float64), (PATHS, 1)), n, block, np.random.default_rng(seed))
    return rows[of[:, None], np.tile(place.astype(np.int64), (of.size // PATHS, 1))]


def _comparable(replayed: Replay) -> Floats:
    """Residuals, (plans, n), as shares of the limits in force: those of an earlier fold stood on fewer points."""
    out, last = replayed.z.copy(), replayed.folds[-1].calibration.limits
    for fold in replayed.folds:
        limits = fold.calibration.limits
        up = out[:, fold.start : fold.stop] > 0
        wider = np.where(up, (last.spike_up / limits.spike_up)[:, None], (last.spike_down / limits.spike_down)[:, None])
        out[:, fold.start : fold.stop] *= wider
    return out


def _units(replayed: Replay) -> Floats:
    """What one sigma is in the metric's unit at each judged point, (plans, n)."""
    out = np.ones_like(replayed.z)
    for fold in replayed.folds:
        here, part = slice(fold.start, fold.stop), fold.calendar[: fold.stop - fold.start]
        zero = np.zeros((out.shape[0], fold.stop - fold.start))
        out[:, here] = (values_at(fold.calibration, part, zero + 1) - values_at(fold.calibration, part, zero - 1)) / 2
    return out


def _chance(starts: Ints, seen: Ints, points_per_year: float) -> Chance:
    """The mean of all paths; the interval is the wider of theirs and that of so many alarms seen once (Poisson)."""
    years = np.maximum(seen, 1) / points_per_year
    each, span = starts / years, float(years.mean())
    count = float(starts.sum() / years.sum()) * span
    low = float(gamma.ppf(LOW / 100, count)) / span if count > 0 else 0.0
    high = float(gamma.ppf(HIGH / 100, count + 1)) / span
    return Chance(count / span, min(float(np.percentile(each, LOW)), low), max(float(np.percentile(each, HIGH)), high))
