"""Rows of residuals judged by plans as the live judge judges: the calibrated detector, chart rules, what is no news."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.spc.calibration import Calibration
from analysis.spc.detector import Scored, State, run_detector
from analysis.spc.judging_events import Course, find_events
from analysis.spc.judging_rules import innovation_hits
from analysis.spc.natural import values_at
from analysis.spc.robust import Flags, Floats
from analysis.spc.rules_many import detect_many
from analysis.spc.seasonality import Calendar
from config.quality import Watch

Ints = npt.NDArray[np.int64]
Away = Callable[[Scored, Ints], Floats]  # of the rows of what was scored


@dataclass(frozen=True, slots=True)
class Plan:
    """How a metric is judged: the detector's false alarms a point and a year, chart rules, and what is no signal.

    `rules` judge point by point, on the detector's innovations; `rule_signals` are the false alarms a year that they
    add. `untried` are those of a whole chart, which cannot be tried in copies.
    """

    rate: float
    per_year: float
    direction: Literal["both", "up", "down"] = "both"
    least_change: float = 0.0
    rules: tuple[str, ...] = ()
    rule_signals: float = 0.0
    untried: tuple[str, ...] = ()

    @property
    def promised(self) -> float:
        """The false alarms a year of detector and rules together."""
        return self.per_year + self.rule_signals


@dataclass(frozen=True, slots=True)
class Judged:
    """Signals of m rows of residuals, (m, n), and the detector's causes at them; 0 where only a chart rule ended."""

    signals: Flags
    causes: npt.NDArray[np.int8]


def judge(calibration: Calibration, plans: tuple[Plan, ...], of: Ints, z: Floats, zeros: Floats, away: Away) -> Judged:
    """Judges rows of residuals `z`, (m, n): row i by row i of `calibration` and plan `of[i]`, as the live judge would.

    The detector starts afresh. Signals on the side nobody watches and those smaller than the least change are none;
    `away` says how far points are from their center line, in the metric's unit.
    """
    models, fresh = calibration.models, State.fresh(of.size)
    scored = run_detector(z, models.phi, calibration.limits, 1 / np.maximum(models.profile.points, 1), fresh, zeros)
    signals, rules = scored.cause > 0, np.zeros(z.shape, dtype=bool)
    for place, plan in enumerate(plans):
        rows = np.flatnonzero(of == place)
        if plan.least_change > 0 or (plan.rules and plan.direction != "both"):
            signals[rows] = _by_events(scored, rows, plan, away(scored, rows))
            continue
        if plan.direction != "both":
            signals[rows] &= scored.cause[rows] % 2 == (plan.direction == "up")
        if plan.rules:
            rules[rows] = detect_many(scored.innovation[rows], 0.0, 1.0, plan.rules).any(axis=2)
    signals |= rules
    return Judged(signals, np.where(signals, scored.cause, 0).astype(np.int8))


def _by_events(scored: Scored, rows: Ints, plan: Plan, away: Floats) -> Flags:
    """The signals of `rows` whose whole move is on the side and of the size that is news, row by row, (rows, n)."""
    watch = Watch(direction=plan.direction, least_change=plan.least_change)
    out = np.zeros((rows.size, scored.score.shape[1]), dtype=bool)
    nothing = np.zeros(scored.score.shape[1])
    for place, row in enumerate(rows.tolist()):
        innovation, cause = scored.innovation[row], scored.cause[row].astype(np.float64)
        hits = innovation_hits(plan.rules, innovation)
        if cause.any() or hits:
            seen = np.isfinite(innovation)
            course = Course(away[place], scored.score[row], cause, innovation, nothing, nothing, seen)
            out[place] = find_events(course, watch, hits).signals
    return out


def away_from_center(calibration: Calibration, calendar: Calendar, values: Floats) -> Away:
    """How far `values` (m, n) of the rows of `calibration` are from their center lines, in the metric's unit."""

    def away(scored: Scored, rows: Ints) -> Floats:
        center = values_at(calibration.taken(rows), calendar, scored.predicted[rows])
        out: Floats = values[rows] - center
        return out

    return away
