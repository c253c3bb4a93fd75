"""What the backend of a number says now, and what it said before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

MOST_PAST = 48
SAME = 1e-12  # sums of the same rows differ by about this much of themselves from one run to the next


@dataclass(frozen=True, slots=True)
class Asked:
    """What a hop answered at a time: its value, or the sentence that says why there is none; neither for a null."""

    at: datetime
    value: float | None = None
    problem: str | None = None

    @property
    def number(self) -> float | None:
        """The value, when it is a number: neither missing, nor NaN, nor infinite."""
        is_number = self.problem is None and self.value is not None and math.isfinite(self.value)
        return self.value if is_number else None


@dataclass(frozen=True, slots=True)
class Past:
    """A value that the backend had, and when it was first and last seen (naive UTC)."""

    value: float
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Backend:
    """What is known of the backend of a number during one look.

    It is asked before and after the page was read; where the page says how old its data is (`page_as_of`) and the
    statement can look back, also as of then. `earlier` values come newest first, as `remember` keeps them.
    """

    before: Asked
    after: Asked | None = None
    at_as_of: Asked | None = None
    page_as_of: datetime | None = None
    earlier: Sequence[Past] = ()

    @property
    def numbers(self) -> tuple[float, ...]:
        """The values that it has now, the newest first: two, one, or none."""
        return tuple(one.number for one in (self.after, self.before) if one is not None and one.number is not None)

    @property
    def is_null(self) -> bool:
        """Whether it answers, and always without a value."""
        asked = [one for one in (self.before, self.after) if one is not None]
        return all(one.problem is None and one.value is None for one in asked)

    @property
    def problem(self) -> str:
        """Why it has no value now, in one sentence; empty where it has one."""
        if self.numbers:
            return ""
        asked = [one for one in (self.after, self.before) if one is not None]
        said = next((one.problem for one in asked if one.problem is not None), None)
        if said is not None:
            return said
        return "It answered null, expected a number." if self.is_null else "It answered no finite number."


def remember(earlier: Sequence[Past], value: float | None, at: datetime, most: int = MOST_PAST) -> list[Past]:
    """`earlier` with what the backend had at a time: the newest value lasts longer, or a new one comes first.

    What is no number leaves it as it is, and so does an answer older than the newest one.
    """
    kept = list(earlier)
    if value is None or not math.isfinite(value) or (kept and at < kept[0].last_seen_at):
        return kept[:most]
    if kept and math.isclose(kept[0].value, value, rel_tol=SAME):
        return [replace(kept[0], last_seen_at=at), *kept[1:]][:most]
    return [Past(value, at, at), *kept][:most]


def to_json(earlier: Sequence[Past]) -> list[list[object]]:
    """For a JSON file: `[value, first seen, last seen]`, times in ISO 8601."""
    return [[one.value, one.first_seen_at.isoformat(), one.last_seen_at.isoformat()] for one in earlier]


def from_json(kept: object) -> list[Past]:
    """What `to_json` gave; entries that are not of that form are left out."""
    found = (_from_json(one) for one in kept) if isinstance(kept, list) else ()
    return [one for one in found if one is not None]


def _from_json(kept: object) -> Past | None:
    if not isinstance(kept, list) or len(kept) != 3 or not isinstance(kept[0], int | float):
        return None
    try:
        return Past(float(kept[0]), datetime.fromisoformat(kept[1]), datetime.fromisoformat(kept[2]))
    except (TypeError, ValueError):
        return None
