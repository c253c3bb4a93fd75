"""Which segments moved a total: each one's part of the change between two periods, and the parts add up to it.

A sum changes by the sum of its segments' changes. A ratio (numerator over denominator) changes because segments' own
ratios change (rate) and because their shares of the denominator change (mix): both are taken at the mean of the two
periods, so that no part is left over (E. Kitagawa, Journal of the American Statistical Association 50, 1955; the same
as T. Bennet, Journal of the Royal Statistical Society 83, 1920). A segment only one period has is all mix.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

MOST_NAMED = 5
SMALLEST_SHARE = 0.02  # of the sum of all sizes; what moved less is folded into the others
OTHERS = "others"
NO_NAME = "(no segment)"


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both in it."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Part:
    """What a segment did: its `before` and `after`, and the `change` of the total it explains, which is `rate` + `mix`.

    For sums `rate` is the change and `mix` is 0. `before` and `after` of a ratio's segment are its own ratio, NaN
    without a denominator. `state` is "", "new", "vanished", or the number of segments folded, such as "12 segments".
    """

    segment: str
    before: float
    after: float
    change: float
    rate: float
    mix: float
    state: str = ""


@dataclass(frozen=True, slots=True)
class Contributions:
    """The total `before` and `after`, and the parts of its change, the largest first and `others` last."""

    before: float
    after: float
    parts: tuple[Part, ...]
    is_ratio: bool
    note: str = ""

    @property
    def change(self) -> float:
        """The change of the total, in its own unit."""
        return self.after - self.before

    @property
    def share(self) -> float:
        """The change as a share of the size before, NaN where that is 0."""
        return self.change / abs(self.before) if self.before else math.nan


def sum_contributions(
    frame: pl.DataFrame,
    before: Period,
    after: Period,
    most: int = MOST_NAMED,
    smallest: float = SMALLEST_SHARE,
    names: tuple[str, str, str] = ("day", "segment", "value"),
) -> Contributions:
    """How the segments moved the sum of `frame` (columns `names`: day, segment, value) from `before` to `after`.

    Periods of different lengths are compared per day. At most `most` segments are named, each with at least `smallest`
    of all movement. Null values count nothing; a null segment is "(no segment)". Raises ValueError for a period that
    overlaps the other, ends before it starts or has no value, or for missing columns.
    """
    day, segment, value = names
    _check(frame, names, before, after)
    both = [_sums(frame, period, day, segment, (value,)) for period in (before, after)]
    _told(both, (before, after))
    per = (before.days, after.days) if before.days != after.days else (1, 1)
    parts = []
    for name in sorted({*both[0], *both[1]}):
        then, now = (sums.get(name, (0.0,))[0] / days for sums, days in zip(both, per, strict=True))
        parts.append(Part(name, then, now, now - then, now - then, 0.0, _state(name, both)))
    totals = [math.fsum(sums[0] for sums in period.values()) / days for period, days in zip(both, per, strict=True)]
    note = "The periods have different lengths, so means per day are compared." if per != (1, 1) else ""
    return Contributions(totals[0], totals[1], _folded(parts, most, smallest, is_ratio=False), False, note)


def ratio_contributions(
    frame: pl.DataFrame,
    before: Period,
    after: Period,
    most: int = MOST_NAMED,
    smallest: float = SMALLEST_SHARE,
    names: tuple[str, str, str, str] = ("day", "segment", "numerator", "denominator"),
) -> Contributions:
    """How the segments moved the ratio of the sums of numerator and denominator from `before` to `after`.

    As `sum_contributions`; raises ValueError also for a period whose denominators are 0 in all, negative ones, or a
    segment with a numerator and no denominator.
    """
    day, segment, numerator, denominator = names
    _check(frame, names, before, after)
    both = [_sums(frame, period, day, segment, (numerator, denominator)) for period in (before, after)]
    _told(both, (before, after))
    tops, bases = [], []
    for period, sums in zip((before, after), both, strict=True):
        _check_ratio(sums, period)
        tops.append(math.fsum(top for top, _ in sums.values()))
        bases.append(math.fsum(base for _, base in sums.values()))
    totals = [top / base for top, base in zip(tops, bases, strict=True)]
    parts = [_ratio_part(name, both, bases, totals) for name in sorted({*both[0], *both[1]})]
    return Contributions(totals[0], totals[1], _folded(parts, most, smallest, is_ratio=True), True)


Sums = dict[str, tuple[float, ...]]


def _check(frame: pl.DataFrame, names: Sequence[str], before: Period, after: Period) -> None:
    lacking = [name for name in names if name not in frame.columns]
    if lacking:
        raise ValueError(f"The column {lacking[0]} is missing; expected {', '.join(names)}.")
    for period in (before, after):
        if period.days < 1:
            raise ValueError(f"A period goes from {period.first} to {period.last}; expected the first day first.")
    if before.last >= after.first:
        raise ValueError(f"The periods overlap: one ends on {before.last}, the next begins on {after.first}.")


def _sums(frame: pl.DataFrame, period: Period, day: str, segment: str, values: Sequence[str]) -> Sums:
    inside = frame.filter(pl.col(day).cast(pl.Date).is_between(period.first, period.last))
    told = inside.filter(pl.all_horizontal(pl.col(name).cast(pl.Float64).is_finite() for name in values))
    groups = told.select(pl.col(segment).cast(pl.String).fill_null(NO_NAME).alias("_segment"), *values)
    return {
        str(name): tuple([math.fsum(rows[value].to_list()) for value in values])
        for (name,), rows in groups.partition_by("_segment", as_dict=True).items()
    }


def _told(both: Sequence[Sums], periods: Sequence[Period]) -> None:
    for sums, period in zip(both, periods, strict=True):
        if not sums:
            raise ValueError(f"Found no value from {period.first} to {period.last}; choose a period that has some.")


def _check_ratio(sums: Sums, period: Period) -> None:
    for name, (top, base) in sums.items():
        if base < 0 or (base == 0 and top != 0):
            raise ValueError(
                f"Segment {name} has {top:g} over {base:g} from {period.first} to {period.last}; "
                "expected a denominator above 0."
            )
    if math.fsum(base for _, base in sums.values()) == 0:
        raise ValueError(f"The denominators from {period.first} to {period.last} are 0; there is no ratio to compare.")


def _ratio_part(name: str, both: Sequence[Sums], bases: Sequence[float], totals: Sequence[float]) -> Part:
    tops = [sums.get(name, (0.0, 0.0))[0] for sums in both]
    own = [sums.get(name, (0.0, 0.0))[1] for sums in both]
    shares = [base / whole for base, whole in zip(own, bases, strict=True)]
    rates = [top / base if base else math.nan for top, base in zip(tops, own, strict=True)]
    if not any(own):
        return Part(name, rates[0], rates[1], 0.0, 0.0, 0.0)
    then = rates[1] if math.isnan(rates[0]) else rates[0]
    now = rates[0] if math.isnan(rates[1]) else rates[1]
    rate = (shares[0] + shares[1]) / 2 * (now - then)
    mix = ((then + now) / 2 - (totals[0] + totals[1]) / 2) * (shares[1] - shares[0])
    state = "new" if not own[0] else "vanished" if not own[1] else ""
    return Part(name, rates[0], rates[1], rate + mix, rate, mix, state)


def _state(name: str, both: Sequence[Sums]) -> str:
    return "new" if name not in both[0] else "vanished" if name not in both[1] else ""


def _folded(parts: Sequence[Part], most: int, smallest: float, is_ratio: bool) -> tuple[Part, ...]:
    """The largest parts, and the rest as one; a single small part keeps its name."""
    ordered = sorted(parts, key=lambda part: -abs(part.change))
    whole = math.fsum(abs(part.change) for part in parts)
    named = [part for part in ordered[:most] if abs(part.change) >= smallest * whole]
    rest = ordered[len(named) :]
    if len(rest) <= 1:
        return tuple(ordered)
    before, after, change, rate, mix = (
        math.fsum(getattr(part, name) for part in rest) for name in ("before", "after", "change", "rate", "mix")
    )
    levels = (math.nan, math.nan) if is_ratio else (before, after)
    return (*named, Part(OTHERS, *levels, change, rate, mix, f"{len(rest)} segments"))
