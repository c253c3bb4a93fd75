"""The sentence of a signal: what was seen, when, what was expected, how far off it is, and what chance gives."""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np

from analysis.spc.judging_cells import WEEKLY, local_times
from analysis.spc.judging_events import Course, Event
from analysis.spc.judging_rules import Hit
from analysis.spc.judging_subject import Kept, Subject
from analysis.spc.kinds import MetricKind
from analysis.spc.robust import Floats
from analysis.spc.rule_catalogue import find_rule
from analysis.spc.rule_evidence import explain
from analysis.spc.rules import Signal

DAY = 86_400.0
YEAR = 365.25 * DAY
KINDS = {
    MetricKind.COUNTER: "It is a counter, so its steps are judged.",
    MetricKind.INTERMITTENT: "It is often exactly 0, so zeros are judged by how many come in a row.",
    MetricKind.CONSTANT: "It never changed before, so any change is a signal.",
    MetricKind.COUNTS: "It is a count, so it is judged by the chance of whole numbers.",
    MetricKind.RATIO: "It is a share between 0 and 1 and judged as one.",
}


def sentence(
    subject: Subject, kept: Kept, course: Course, limits: tuple[Floats, Floats], first: int, event: Event
) -> str:
    """The evidence of `event` in `course`, which begins at place `first` of the subject; `limits` low and high."""
    times = local_times(subject.times[first : first + course.values.size], subject.watch.zone)
    said = _Said(subject, kept, course, limits, times)
    if event.hit is not None:
        what = said.rule(event.hit)
    elif event.rule == "spike":
        what = said.spike(event)
    else:
        what = said.shift(event)
    kind = KINDS.get(MetricKind(kept.row.kind), "")
    return f"{what}; {chance_sentence(kept, event.hit is not None)}.{f' {kind}' if kind else ''}"


def chance_sentence(kept: Kept, is_rule: bool = False) -> str:
    """The promised false-alarm rate in words."""
    yearly = kept.row.rate * YEAR / max(float(kept.judge["step"]), 1.0)
    if yearly >= 1.5:
        often = f"about {yearly:,.0f} a year"
    elif yearly > 0.67:
        often = "about one a year"
    else:
        often = f"about one in {1 / yearly:,.0f} years"
    return f"false alarms of the calibrated chart: {often}" if is_rule else f"false alarms of this chart: {often}"


class _Said:
    """One course as sentences see it."""

    def __init__(
        self, subject: Subject, kept: Kept, course: Course, limits: tuple[Floats, Floats], times: np.ndarray
    ) -> None:
        self.subject, self.kept, self.course, self.limits = subject, kept, course, limits
        self.times: list[datetime] = times.astype("datetime64[us]").tolist()
        self.step = float(kept.judge["step"])

    def spike(self, event: Event) -> str:
        """The strongest point, and since when there are such."""
        at, c = event.strongest, self.course
        low, high = (float(line[at]) for line in self.limits)
        if self.kept.row.kind == MetricKind.COUNTS and math.ceil(low) <= math.floor(high):
            low, high = math.ceil(low), math.floor(high)  # those of whole numbers that are expected
        if high - low <= 0:
            before = f"was always {number(float(c.center[at]))} in the {self.kept.row.points} points before"
            what = f"{self.subject.title} was {self._amount(c.values[at])} on {self._when(at)}; it {before}"
        else:
            what = (
                f"{self.subject.title} was {self._amount(c.values[at])} on {self._when(at)}; "
                f"expected {number(low)} to {number(high)}{self._usual(at)}; {self._far(c.innovation[at])}"
            )
        count = len(event.alarms)
        if count > 1:
            what += f"; the strongest of {count} points since {self._when(event.alarms[0])}"
        return what

    def shift(self, event: Event) -> str:
        """Since when, how many points, their mean and what was expected."""
        c = self.course
        places = [place for place in sorted(event.members) if c.judged[place]]
        mean, usual = float(np.mean(c.values[places])), float(np.mean(c.center[places]))
        moved = "shifted" if event.rule == "shift" else "drifted"
        share = f" ({100 * (mean - usual) / abs(usual):+.1f} %)" if usual else ""
        far = float(np.mean(c.innovation[places]))
        return (
            f"{self.subject.title} has {moved} {'up' if event.is_up else 'down'} since {self._when(places[0])}: "
            f"mean {self._amount(mean)} over {len(places)} points, expected {number(usual)}{share}; "
            f"{self._far(far)} on average; evidence {event.score:.1f} times its limit"
        )

    def rule(self, hit: Hit) -> str:
        """What the rule says, with its points."""
        c = self.course
        members = tuple(place + 1 for place in hit.members if place >= 0)
        found = Signal(hit.rule, hit.at + 1, members)
        told = explain(found, c.values, c.center, c.sigma, self.subject.unit, self.times).rstrip(".")
        return f"{self.subject.title}: {told} ({find_rule(hit.rule).title})"

    def _amount(self, value: float) -> str:
        unit = "" if self.subject.unit.casefold() in self.subject.title.casefold() else self.subject.unit
        return f"{number(float(value))} {unit}".strip()

    def _far(self, sigmas: float) -> str:
        size = f"{abs(sigmas):.1f}" if abs(sigmas) < 1000 else "more than 1,000"
        return f"{size} sigma {'above' if sigmas > 0 else 'below'}"

    def _when(self, at: int) -> str:
        time = self.times[at]
        clock = f" {time:%H:%M}" if self.step < 0.8 * DAY else ""
        return f"{time:%a} {time.day} {time:%b}{clock}"

    def _usual(self, at: int) -> str:
        if self.step >= WEEKLY or not self._has_week():
            return ""
        clock = f" at {self.times[at]:%H:%M}" if self.step < 0.8 * DAY else ""
        return f" on a {self.times[at]:%A}{clock}"

    def _has_week(self) -> bool:
        effects = self.kept.plain["models"]["profile"]["effects"]
        return any(np.abs(np.nan_to_num(np.asarray(row, dtype=float))).max() > 0 for row in effects.values())


def number(value: float) -> str:
    """Four digits, or all before the point while a person can read them."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"
