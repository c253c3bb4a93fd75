"""The number of a page against its backend: right, in flight, stale, wrong, unreadable, or not known.

A display rounds to its last digit and does not cut: 410k stands for 409,849 and 409k does not. A number that equals
what the backend had a while ago is stale, not wrong; for `skew_seconds` after a change, and while the backend is
changing, it is in flight.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from analysis.reports import judging_words as words
from analysis.reports.backend_values import SAME, Backend, Past
from analysis.reports.number_choice import NOTHING
from analysis.reports.number_text import NumberTextError, Reading, parse_number
from analysis.reports.number_units import SHARES, currencies_of, is_currency
from config.reports import Number, Tolerance
from store.rows import Fault, NumberState


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one number; values, `difference` (page less backend) and `tolerance` are in the contract's unit.

    `tolerance` is how far the two may lie apart, with what the page rounds away. `message` is for a person.
    """

    state: NumberState
    message: str
    fault: Fault | None = None
    page_text: str | None = None
    page_value: float | None = None
    backend_value: float | None = None
    difference: float | None = None
    tolerance: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page shows, in the contract's unit: each value that it can mean with its rounding, likeliest first."""

    text: str
    unit: str
    values: tuple[tuple[float, float], ...]
    tolerance: Tolerance

    @property
    def value(self) -> float:
        return self.values[0][0]

    def allowed(self, backend: float, rounding: float | None = None) -> float:
        """How far page and backend may lie apart: the largest of what the contract allows."""
        own = self.values[0][1] if rounding is None else rounding
        given = (self.tolerance.absolute, self.tolerance.relative * abs(backend))
        return max(*given, own if self.tolerance.rounding else 0.0)

    def equal(self, backend: float) -> float | None:
        """The value that it can mean and that equals the backend; None when there is none."""
        for value, rounding in self.values:
            if abs(value - backend) <= self.allowed(backend, rounding) + SAME * max(abs(value), abs(backend)):
                return value
        return None

    def judged(
        self, state: NumberState, fault: Fault | None, backend: float, end: str, page: float | None = None
    ) -> Judgement:
        """A judgement whose message begins with what both have."""
        value = self.value if page is None else page
        gap, allowed = value - backend, self.allowed(backend, dict(self.values)[value])
        message = f"{self} the backend has {words.figure(backend, self.unit, gap)}{end}"
        return Judgement(state, message, fault, self.text, value, backend, gap, allowed, self.unit)

    def __str__(self) -> str:
        return f"{words.page_shows(self.text, self.value, self.unit)},"


def judge(number: Number, text: str | None, backend: Backend, *, skew_seconds: float, now: datetime) -> Judgement:
    """The verdict on the `text` that the page shows for a number; `now` (naive UTC) is when it was read."""
    shown = _read(number, text, backend)
    if isinstance(shown, Judgement):
        return shown
    if not backend.numbers:
        message = (
            f"{words.page_shows(shown.text, shown.value, shown.unit)}, the backend has no value: {backend.problem}"
        )
        return Judgement(NumberState.UNKNOWN, message, Fault.BACKEND_FAILED, shown.text, shown.value, unit=number.unit)
    skew = timedelta(seconds=skew_seconds)
    return (
        _match(shown, backend)
        or _of_its_stamp(shown, backend, skew, now)
        or _of_earlier(shown, backend, skew, now)
        or _of_a_change(shown, backend, skew, now)
        or _wrong(shown, backend)
    )


def _read(number: Number, text: str | None, backend: Backend) -> _Shown | Judgement:
    """The number of the text in the contract's unit, or the judgement that there is none."""
    if text is None:
        message = f"{number.at} is not on the page, expected a number there."
        return Judgement(NumberState.UNREADABLE, message, Fault.MISSING_NUMBER, unit=number.unit)
    try:
        reading = parse_number(text, number.decimal, number.unit)
    except NumberTextError as error:
        return _unreadable(number, text, error, backend)
    factor = _factor(reading.unit, number.unit)
    if factor is None:
        return _wrong_unit(number, reading, backend)
    return _Shown(reading.text, number.unit, tuple(_scaled(reading, factor)), number.tolerance)


def _wrong_unit(number: Number, reading: Reading, backend: Backend) -> Judgement:
    named = "" if reading.unit in reading.text else f" ({reading.unit})"
    return Judgement(
        NumberState.WRONG,
        f"Page shows {reading.text}{named}, expected a number in {number.unit}.",
        Fault.WRONG_UNIT,
        reading.text,
        reading.value,
        next(iter(backend.numbers), None),
        unit=number.unit,
    )


def _unreadable(number: Number, text: str, error: NumberTextError, backend: Backend) -> Judgement:
    """A dash on the page is no fault of the page when the backend has no value either."""
    shown = " ".join(text.split())
    if backend.is_null and (not shown or NOTHING.fullmatch(shown)):
        message = "Neither the page nor the backend has a number."
        return Judgement(NumberState.UNKNOWN, message, Fault.BACKEND_FAILED, shown, unit=number.unit)
    return Judgement(NumberState.UNREADABLE, f"Page {error}.", Fault.UNREADABLE_NUMBER, shown, unit=number.unit)


def _scaled(reading: Reading, factor: float) -> Iterable[tuple[float, float]]:
    yield reading.value * factor, reading.rounding * factor
    if reading.other is not None:
        yield reading.other * factor, reading.other_rounding * factor


def _factor(shown: str, unit: str) -> float | None:
    """What a number in the unit that is shown is multiplied with; None where that is another unit.

    No unit at all always fits, and so do words: `1,234 orders` may be a number of customers.
    """
    if unit in SHARES:
        return SHARES[shown] / SHARES[unit] if shown in SHARES else None if is_currency(shown) else 1.0
    if not unit:
        return 1.0
    money = currencies_of(unit, unit)
    is_other = shown in SHARES or (is_currency(shown) and shown not in money)
    return None if is_other and shown != unit else 1.0


def _match(shown: _Shown, backend: Backend) -> Judgement | None:
    """Right, when it equals the backend before or after the page was read."""
    for value in backend.numbers:
        equal = shown.equal(value)
        if equal is not None:
            return shown.judged(NumberState.MATCH, None, value, ".", equal)
    return None


def _of_its_stamp(shown: _Shown, backend: Backend, skew: timedelta, now: datetime) -> Judgement | None:
    """In flight or stale, when it equals the backend as of the page's own stamp."""
    then = backend.at_as_of.number if backend.at_as_of is not None else None
    if then is None or backend.page_as_of is None or shown.equal(then) is None:
        return None
    age = now - backend.page_as_of
    said = f"{words.moment(backend.page_as_of, now)}, {words.span(max(age.total_seconds(), 0.0))} old"
    return _late(shown, backend, f": the page is right as of {said}.", is_stale=age > skew)


def _of_earlier(shown: _Shown, backend: Backend, skew: timedelta, now: datetime) -> Judgement | None:
    """In flight or stale, when it equals a value that the backend had before."""
    found = next((one for one in backend.earlier if shown.equal(one.value) is not None), None)
    if found is None:
        return None
    age = now - found.last_seen_at
    if age > skew:
        return _late(
            shown, backend, f": the page equals the backend of {words.moment(found.last_seen_at, now)}.", is_stale=True
        )
    changed = words.span(max(age.total_seconds(), 0.0))
    return _late(shown, backend, f", which changed within the last {changed}.", is_stale=False)


def _late(shown: _Shown, backend: Backend, end: str, *, is_stale: bool) -> Judgement:
    state, fault = (NumberState.STALE, Fault.STALE_NUMBER) if is_stale else (NumberState.IN_FLIGHT, None)
    return shown.judged(state, fault, backend.numbers[0], end)


def _of_a_change(shown: _Shown, backend: Backend, skew: timedelta, now: datetime) -> Judgement | None:
    """In flight, when the backend changed while the page was read.

    Where it is known what the backend had lately, the page must lie about there: a counter that never rests would
    excuse any number otherwise.
    """
    both = (backend.before, backend.after)
    values = backend.numbers
    if len(values) == 2:
        moved = abs(values[0] - values[1])
        if moved <= shown.allowed(values[1]) + SAME * max(map(abs, values)):
            return None
        end = f", and had {words.figure(values[1], shown.unit)} when the page was opened: it is being refreshed."
    elif any(one is not None and one.problem is None and one.number is None for one in both):
        return _late(shown, backend, " now and had no value a moment before: it is being refreshed.", is_stale=False)
    else:
        return None
    lately = [one.value for one in backend.earlier if _is_since(one, now - skew)]
    low, high = min(*values, *lately) - moved, max(*values, *lately) + moved
    is_plausible = not lately or any(low <= value <= high for value, _ in shown.values)
    return _late(shown, backend, end, is_stale=False) if is_plausible else None


def _is_since(one: Past, since: datetime) -> bool:
    return one.last_seen_at >= since


def _wrong(shown: _Shown, backend: Backend) -> Judgement:
    value = backend.numbers[0]
    allowed = shown.allowed(value)
    end = f": {words.difference(shown.value, value, shown.unit)}, {words.allowance(allowed, shown.unit)}."
    end += words.slip(shown.value, value)
    return shown.judged(NumberState.WRONG, Fault.WRONG_NUMBER, value, end)
