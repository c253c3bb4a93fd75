"""A metric's own history judged again as it came: limits are learned from what was before, never from what they judge.

The history is divided at rolling origins. The limits of each part are learned from the points before it, within the
judge's own window and without those that were signals then, and judge the points up to the next origin. Several plans
(now and proposed) are judged side by side, one row each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from analysis.spc.backtest_judge import Ints, Plan, away_from_center, judge
from analysis.spc.calibration import Calibration, calibrate, residuals
from analysis.spc.judging_events import AFTER_SHIFT
from analysis.spc.judging_schedule import window_start
from analysis.spc.kinds import MetricKind, counter_steps
from analysis.spc.models import standardise, zero_chances
from analysis.spc.robust import Flags, Floats
from analysis.spc.seasonality import Calendar

FEWEST = 42  # points: 28 to learn from and 14 to judge
MOST = 2_000  # newest points that are looked at
LEARN_LEAST, LEARN_MOST = 28, 84
RELEARN = 90  # points after which limits are learned anew
FOLDS = 5
WEEK = 604_800.0
Times = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class History:
    """n points in time order: UTC `times` (datetime64), `values` (NaN: missing or left out), their `calendar`.

    `is_event` (n,) marks what people know of: such points are judged, but nothing is learned from them.
    """

    times: Times
    values: Floats
    calendar: Calendar
    is_event: Flags

    @property
    def step_seconds(self) -> float:
        """The median step."""
        return float(np.median(np.diff(self.times.astype("datetime64[us]")).astype(np.float64))) / 1e6

    def newest(self, points: int) -> History:
        """Its last points."""
        part = slice(max(self.times.size - points, 0), None)
        return History(self.times[part], self.values[part], self.calendar[part], self.is_event[part])


@dataclass(frozen=True, slots=True)
class Fold:
    """The points `start` to `stop` (not in it), judged by limits of what was before; `reach` is how far copies may go.

    `calibration` has one row per plan; `values` (steps, where it is a counter), `z` and `zeros` are (plans, reach -
    start).
    """

    start: int
    stop: int
    reach: int
    calibration: Calibration
    calendar: Calendar
    values: Floats
    z: Floats
    zeros: Floats


@dataclass(frozen=True, slots=True)
class Replay:
    """All folds, and per plan and point, (plans, n): residuals out of sample, zero chances, signals and their causes.

    Before the first origin nothing is judged.
    """

    folds: tuple[Fold, ...]
    z: Floats
    zeros: Floats
    signals: Flags
    causes: npt.NDArray[np.int8]

    @property
    def origin(self) -> int:
        """Where judging begins."""
        return self.folds[0].start


def origins(points: int, step_seconds: float) -> Ints:
    """Where limits are learned anew among so many points: after a third of them, 84 or two weeks, then every 90."""
    most = max(LEARN_MOST, round(2 * WEEK / step_seconds))
    first = min(max(points // 3, LEARN_LEAST), most)
    step = max(RELEARN, -(-(points - first) // FOLDS))
    return np.arange(first, points, step)


def replay(history: History, plans: tuple[Plan, ...], horizon: int) -> Replay:
    """Judges `history` by each of `plans`; copies of a fold may go `horizon` points on.

    Raises ValueError with a sentence for a history that is too short, empty or constant.
    """
    n, rows = history.values.size, len(plans)
    _check(history.values)
    values = np.repeat(history.values[None], rows, axis=0)
    usable = np.repeat((np.isfinite(history.values) & ~history.is_event)[None], rows, axis=0)
    z, zeros = np.full((rows, n), np.nan), np.ones((rows, n))
    signals = np.zeros((rows, n), dtype=bool)
    causes = np.zeros((rows, n), dtype=np.int8)
    starts = origins(n, history.step_seconds).tolist()
    folds: list[Fold] = []
    for start, stop in zip(starts, [*starts[1:], n], strict=True):
        learned = _learned(history, values, usable, plans, start)
        is_open = signals[0, max(start - AFTER_SHIFT, 0) : start].any()
        if folds and (learned is None or is_open):
            learned = folds[-1].calibration  # the judge learns nothing anew while a signal is open
        if learned is None:
            raise ValueError(
                f"The first {start} of {n} points hold too few different values to learn limits from; "
                "expected a longer history."
            )
        fold = _fold(history, values, learned, (start, stop, min(stop + horizon, n)))
        here, span = slice(start, stop), slice(0, stop - start)
        away = away_from_center(fold.calibration, fold.calendar, fold.values)
        judged = judge(fold.calibration, plans, np.arange(rows), fold.z, fold.zeros, away)
        signals[:, here], causes[:, here] = judged.signals[:, span], judged.causes[:, span]
        z[:, here], zeros[:, here] = fold.z[:, span], fold.zeros[:, span]
        usable[:, here] &= ~signals[:, here]
        folds.append(fold)
    return Replay(tuple(folds), z, zeros, signals, causes)


def _check(values: Floats) -> None:
    seen = values[np.isfinite(values)]
    if not values.size or not seen.size:
        raise ValueError("There is no value to judge; expected a history of numbers.")
    if seen.size < FEWEST:
        points = "is 1 point" if seen.size == 1 else f"are {seen.size} points"
        raise ValueError(f"There {points} with a value; expected {FEWEST} or more to look back on.")
    if (seen == seen[0]).all():
        raise ValueError(
            f"All {seen.size} values are {seen[0]:g}: any change of them is a signal, there is nothing to compare."
        )


def _learned(
    history: History, values: Floats, usable: Flags, plans: tuple[Plan, ...], start: int
) -> Calibration | None:
    """Limits from the points before `start`; None where one row has too few or all alike."""
    first = window_start(history.times, start, 0)
    part, rates = slice(first, start), np.array([plan.rate for plan in plans])
    learned = calibrate(values[:, part], usable[:, part], history.calendar[part], rates)
    nothing = np.isin(learned.models.kind, (MetricKind.EMPTY, MetricKind.CONSTANT))
    return None if nothing.any() else learned


def _fold(history: History, values: Floats, learned: Calibration, span: tuple[int, int, int]) -> Fold:
    start, stop, reach = span
    seen = values[:, :start][:, np.isfinite(history.values[:start])]
    models = replace(learned.models, last=seen[:, -1])
    calendar, part = history.calendar[start:reach], values[:, start:reach]
    z, zeros = residuals(models, part, calendar), zero_chances(models, part, calendar)
    counters = models.kind == MetricKind.COUNTER
    if counters.any():
        part = np.where(counters[:, None], counter_steps(part, models.last), part)
    calibration = replace(learned, models=models)
    return Fold(start, stop, reach, calibration, calendar, part, z, np.ones_like(z) if zeros is None else zeros)


def standard(calibration: Calibration, values: Floats, calendar: Calendar) -> tuple[Floats, Floats]:
    """Residuals and zero chances of `values` (steps, where it is a counter), (m, n) each."""
    zeros = zero_chances(calibration.models, values, calendar)
    z = standardise(calibration.models, values, calendar)
    return z, np.ones_like(z) if zeros is None else zeros
