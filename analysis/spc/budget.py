"""The alarm budget: which false-alarm rate each data point is judged at, and what chance costs in all.

Every metric has a share of the budget in proportion to its weight. A metric that says itself what chance may cost
(`Watch.false_alarms_per_year`) has that in the place of its share, and nobody else's share changes: the limits of ten
thousand metrics do not move because one of them was set. What it costs more or less than its share is on top of the
budget, and the sentence tells the sum. A share is never more than three sigma would cost: few metrics do not use the
budget up. Rates are clamped to those that a calibration can promise, and each says so.

The rates are those of the calibrated detector; chart rules watched beside it cost `rule_signals_per_year` more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.spc.calibration import DEFAULT_RATE, HIGHEST_RATE, LOWEST_RATE
from analysis.spc.portfolio import DAYS_IN_YEAR, budget_rates
from analysis.spc.rule_run_lengths import expected_alarms_per_year
from analysis.spc.rules import rules_named
from config.quality import Quality, Watch

WEEKS_IN_YEAR = DAYS_IN_YEAR / 7
DAILY = 7.0  # points a week supposed where two points were never seen
RARE_STEP = np.timedelta64(5, "D")  # from here on weeks are too short to count points in
MOST_POINTS_PER_WEEK = 604_800.0


@dataclass(frozen=True, slots=True)
class Watched:
    """A metric that takes part in the budget: how it is judged, and how many points a week it gives (above 0)."""

    metric_id: str
    watch: Watch
    points_per_week: float = DAILY


@dataclass(frozen=True, slots=True)
class MetricRate:
    """The false alarms a point a metric is judged at, and what that makes in a year.

    `is_own` where its watch says it, not the budget; `note` is a sentence where the rate had to be clamped, else empty.
    """

    metric_id: str
    rate: float
    per_year: float
    is_own: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """The rate of every metric by its id, and the budget it came from (false alarms a year over all)."""

    rates: dict[str, MetricRate]
    asked_per_year: float

    @property
    def per_year(self) -> float:
        """The false alarms a year that all metrics together give by chance."""
        return float(sum(one.per_year for one in self.rates.values()))

    @property
    def own(self) -> int:
        """How many metrics say themselves what chance may cost."""
        return sum(one.is_own for one in self.rates.values())

    def sentence(self, metric_id: str = "") -> str:
        """What chance alone gives in all, and by the metric `metric_id` where it is in the budget."""
        count = len(self.rates)
        said = f"Chance alone gives about {_number(self.per_year)} signals a year over {count:,} data points"
        one = self.rates.get(metric_id)
        if one is None:
            return f"{said}."
        return f"{said}; this one {_number(one.per_year)}." + (f" {one.note}" if one.note else "")


def rates(metrics: Sequence[Watched], quality: Quality) -> Budget:
    """The budget over `metrics` (one of each id); none give an empty budget.

    Raises ValueError for points per week that are not above 0.
    """
    asked = quality.false_alarms_per_week * WEEKS_IN_YEAR
    if not metrics:
        return Budget({}, asked)
    points = np.array([one.points_per_week for one in metrics], dtype=np.float64)
    if not (np.isfinite(points) & (points > 0)).all():
        raise ValueError(f"Found {points.min():g} points a week; expected more than 0 for each metric.")
    own = np.array([one.watch.false_alarms_per_year or np.nan for one in metrics], dtype=np.float64)
    shared = budget_rates(quality.false_alarms_per_week, points, [one.watch.weight for one in metrics])
    shared = np.minimum(shared, DEFAULT_RATE)
    wanted = np.where(np.isnan(own), shared, own / WEEKS_IN_YEAR / points)
    found = np.clip(wanted, LOWEST_RATE, HIGHEST_RATE)
    per_year = found * points * WEEKS_IN_YEAR
    rows = zip(metrics, wanted.tolist(), found.tolist(), per_year.tolist(), strict=True)
    return Budget(
        {
            one.metric_id: MetricRate(
                one.metric_id,
                rate,
                yearly,
                one.watch.false_alarms_per_year is not None,
                _note(want, rate, yearly),
            )
            for one, want, rate, yearly in rows
        },
        asked,
    )


def points_per_week(times: npt.ArrayLike) -> float:
    """How many points a week stand at `times` (datetime64, sorted): the median of its whole weeks that have any.

    An outage of weeks does not make a daily metric rare. Weekly and rarer ones go by their median step; what has stood
    for less than two weeks does so too, and fewer than two points are supposed to be daily.
    """
    at = np.asarray(times, dtype="datetime64[s]")
    if at.size < 2:
        return DAILY
    step = np.median(np.diff(at).astype(np.float64))
    whole = int((at[-1] - at[0]) // np.timedelta64(7, "D"))
    if whole >= 2 and step < RARE_STEP / np.timedelta64(1, "s"):
        weeks = ((at[-1] - at) // np.timedelta64(7, "D")).astype(np.int64)
        counts = np.bincount(weeks[weeks < whole], minlength=whole)
        return float(np.median(counts[counts > 0]))
    return float(min(604_800 / max(step, 1.0), MOST_POINTS_PER_WEEK))


def rule_signals_per_year(watch: Watch, points_a_week: float) -> float:
    """What chance costs a year for the chart rules of `watch` beside the detector; 0 where it has none.

    For independent normal points. Raises ValueError for what is no rule, and for rules that judge a chart as a whole.
    """
    if not watch.rules:
        return 0.0
    return expected_alarms_per_year(rules_named(watch.rules), points_a_week * WEEKS_IN_YEAR)


def _note(wanted: float, rate: float, per_year: float) -> str:
    if wanted == rate or not np.isfinite(wanted):
        return ""
    if wanted < rate:
        return f"Fewer than {_number(per_year)} a year cannot be promised for a metric with so many points."
    return f"More than {_number(per_year)} a year are not given: limits that alarm at 1 point in 20 say nothing."


def _number(value: float) -> str:
    """Two figures below 10, whole numbers above: 0.04, 1.3, 52."""
    return f"{value:,.0f}" if value >= 10 or value == 0 else f"{float(f'{value:.2g}'):,.6g}"
