"""What a backtest answers, for people, and as plain values to be kept beside the setting it was made for."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any, cast

from analysis.spc.backtest_chance import Chance
from analysis.spc.backtest_judge import Plan


@dataclass(frozen=True, slots=True)
class Found:
    """How one event was found: the share of copies, and the delay of the half and of 9 in 10 of them.

    Delays count from 0 at its first point, in points and in seconds; None where fewer were found. `size_in_units` is
    its size in the metric's unit, None where it has none.
    """

    event: str
    kind: str
    size: float
    size_in_units: float | None
    within_points: int
    copies: int
    share: float
    median_points: float | None
    p90_points: float | None
    median_seconds: float | None
    p90_seconds: float | None


@dataclass(frozen=True, slots=True)
class Alarm:
    """A signal that history itself gives: when it began, what was seen, and why."""

    at: datetime
    value: float
    cause: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one plan does: its false alarms a year, the alarms in history itself, the events it found, its power.

    `promised_per_year` is NaN where rules promise nothing; `chance` is what this history says and `expected_per_year`
    the promise where history does not speak against it. `power_units` is `power_sigmas` in the metric's unit.
    """

    plan: Plan
    promised_per_year: float
    expected_per_year: float
    chance: Chance
    alarms: tuple[Alarm, ...]
    alarms_per_year: float
    found: tuple[Found, ...]
    power_sigmas: float
    power_units: float
    power: str


@dataclass(frozen=True, slots=True)
class Backtest:
    """The answer: `now`, and `proposed` beside it where there is one; `verdict` compares them in a sentence."""

    points: int
    judged: int
    from_at: datetime
    judged_from_at: datetime
    to_at: datetime
    step_seconds: float
    unit: str
    now: Outcome
    proposed: Outcome | None
    verdict: str
    notes: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """All that a person needs to decide: the comparison, what is found for sure, and the notes."""
        power = [self.proposed.power] if self.proposed else []
        return " ".join([self.verdict, *power, *self.notes])

    def as_plain(self) -> dict[str, Any]:
        """Dictionaries, lists, numbers and texts, for JSON: times as ISO text, None for what is no number."""
        return cast(dict[str, Any], _plain(self))


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return None if isinstance(value, float) and not math.isfinite(value) else value
