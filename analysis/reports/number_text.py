"""Reads the number that a page shows: its value, how much its display rounds away, and its unit."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from analysis.reports.number_choice import EXPECTED, NumberTextError, choose, quoted
from analysis.reports.number_marks import COMMA, Split, preferred, proven, splits
from analysis.reports.number_plain import plain
from analysis.reports.number_scan import Found, scan

__all__ = ["NumberTextError", "Reading", "parse_number"]

MOST_LETTERS = 4_000
MOST_DIGITS = 40
LINE_ENDS = re.compile(r"[\t\v\f\r\n\x1c-\x1e\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """A number as the page shows it: `value` with its scale (1.2M is 1,200,000) and `rounding`, half of its last digit.

    `unit` is an ISO currency code, `%`, `‰`, or the word beside the number. Where the text can mean two numbers, as
    1,234 can, `other` is the less likely one, with its own rounding.
    """

    text: str
    value: float
    rounding: float
    unit: str = ""
    other: float | None = None
    other_rounding: float = 0.0

    @property
    def is_ambiguous(self) -> bool:
        """Whether the text can mean two numbers."""
        return self.other is not None


def parse_number(text: str, decimal: Literal["auto", ".", ","] = "auto", unit: str = "") -> Reading:
    """The number in `text`, whose decimal mark is `decimal`, for a contract in `unit`; raises NumberTextError.

    The first line with a number counts; what stands beside or below it to compare it is passed over.
    """
    if len(text) > MOST_LETTERS:
        raise NumberTextError(f"shows {len(text):,} letters, {EXPECTED}: point `at` to the number itself")
    written = [line.strip() for line in LINE_ENDS.split(text) if plain(line)]
    lines = [plain(line) for line in written]
    found = [scan(line, unit) for line in lines]
    one = choose(lines, written, found, unit)
    if one.is_limit:
        raise NumberTextError(f"shows {quoted(one.shown)}, which is a limit; {EXPECTED}")
    ways = () if one.is_broken or len(one.body) > MOST_DIGITS else splits(one.body, decimal)
    if not ways:
        marked = f" with “{decimal}” as its decimal mark" if decimal != "auto" and splits(one.body) else ""
        raise NumberTextError(f"shows {quoted(one.shown)}, {EXPECTED}{marked}")
    evidence = proven(each.body for each in chain(*found) if not each.is_broken)
    return _reading(one, *_decide(one, ways, evidence), _unit(one, unit))


def _decide(one: Found, ways: tuple[Split, ...], evidence: str | None) -> tuple[Split, Split | None]:
    """How the number is meant, and how else it can be."""
    if any(mark.is_comma for mark in one.marks):
        evidence = COMMA
    wanted = [way for way in ways if evidence in (None, way.decimal)]
    if len(wanted) == 1:
        return wanted[0], None
    if len(ways) == 1:
        return ways[0], None
    is_scaled = any(mark.power for mark in one.marks)
    way, is_open = preferred(ways, is_scaled=is_scaled, is_share=one.is_share, is_money=one.is_money)
    return way, next(other for other in ways if other is not way) if is_open else None


def _reading(one: Found, way: Split, other: Split | None, unit: str) -> Reading:
    power = one.exponent + sum(mark.power for mark in one.marks)
    value, rounding = _value(way, power)
    if not math.isfinite(value):
        raise NumberTextError(f"shows {quoted(one.shown)}, {EXPECTED} that is not as large")
    sign = one.sign
    if one.may_be_negative:
        is_sure = "(" in one.shown and (one.is_bare or one.is_labelled)
        sign = 1 if "(" in one.shown and not is_sure else -1
        if other is None and not is_sure:
            return Reading(one.shown, sign * value, rounding, unit, -sign * value, rounding)
    if other is None:
        return Reading(one.shown, sign * value + 0.0, rounding, unit)
    less_likely, its_rounding = _value(other, power)
    return Reading(one.shown, sign * value, rounding, unit, sign * less_likely, its_rounding)


def _value(way: Split, power: int) -> tuple[float, float]:
    """The number and half of its last digit, both rounded once: no scale is multiplied in floating point."""
    return float(f"{way.whole}.{way.fraction or 0}e{power}"), float(f"5e{power - len(way.fraction) - 1}")


def _unit(one: Found, unit: str) -> str:
    """The currency (the contract's own where the sign fits it), the share, or the word beside the number."""
    kinds = [set(mark.currencies) for mark in one.marks if mark.currencies]
    if kinds:
        shared = set.intersection(*kinds)
        if not shared:
            raise NumberTextError(f"shows {quoted(one.shown)} in two currencies, {EXPECTED} in one")
        first = next(mark.currencies for mark in one.marks if mark.currencies)
        return unit if unit in shared else next(code for code in first if code in shared)
    return next((mark.share or mark.text.rstrip(".") for mark in one.marks if mark.share or mark.is_word), "")
