"""The marks within a number: which of them group digits, and which is the decimal mark.

A mark is tried as the decimal one; what is left must then be well grouped, in threes or as in India (12,34,567). Often
only one of the two marks can be meant; `1,234` and `1.234` can be either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

POINT, COMMA = ".", ","
MARKS = (POINT, COMMA)
OTHER: Mapping[str, str] = {POINT: COMMA, COMMA: POINT}
DASHES = ("-", "—")
ARABIC = str.maketrans({"٬": "'"})
ARABIC_DECIMAL = "٫"
GROUPED = re.compile(r"[1-9]\d{0,2}(?P<mark>[.,'’ ])\d{3}(?:(?P=mark)\d{3})*|[1-9]\d?(?:[,]\d\d)+,\d{3}")
PLAIN = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Split:
    """A number taken apart with `decimal` as its decimal mark: the digits before and after it."""

    decimal: str
    whole: str
    fraction: str


def split(body: str, decimal: str) -> Split | None:
    """The digits of `body` when `decimal` is its decimal mark; None when it cannot be. `5,-` is a whole amount."""
    is_whole = body.endswith(DASHES)
    body = body.rstrip("".join(DASHES)).translate(ARABIC).replace(ARABIC_DECIMAL, decimal)
    parts = body.split(decimal)
    whole, fraction = parts[0], "".join(parts[1:])
    is_fraction = bool(PLAIN.fullmatch(fraction)) or (is_whole and not fraction)
    if len(parts) > 2 or (len(parts) == 2 and not is_fraction):
        return None
    if PLAIN.fullmatch(whole) or (not whole and fraction):
        return Split(decimal, whole or "0", fraction)
    if GROUPED.fullmatch(whole):
        return Split(decimal, re.sub(r"\D", "", whole), fraction)
    return None


def splits(body: str, decimal: str = "auto") -> tuple[Split, ...]:
    """The ways in which `body` is a number: none, one, or two that differ, the one with a decimal point first."""
    found = [one for one in (split(body, mark) for mark in (MARKS if decimal == "auto" else (decimal,))) if one]
    if len(found) == 2 and (found[0].whole, found[0].fraction) == (found[1].whole, found[1].fraction):
        return (found[0],)
    return tuple(found)


def proven(bodies: Iterable[str]) -> str | None:
    """The decimal mark that all of these numbers agree on; None when none tells, or two differ."""
    marks = set()
    for body in bodies:
        ways = splits(body)
        if len(ways) == 1 and any(mark in body for mark in MARKS):
            marks.add(ways[0].decimal)
    return marks.pop() if len(marks) == 1 else None


def preferred(ways: tuple[Split, ...], *, is_scaled: bool, is_share: bool, is_money: bool) -> tuple[Split, bool]:
    """Which of two ways is meant most often, and whether the other one stays possible.

    Money has no three decimals, a share no thousands, and `1.234M` would be 1,234 million otherwise (`1.234 k€` may
    well be 1,234 thousand); bare numbers are written in the manner of programs: 1,234 is grouped, 1.234 is not.
    """
    point = next(way for way in ways if way.decimal == POINT)
    comma = next(way for way in ways if way.decimal == COMMA)
    has_fraction = point if point.fraction else comma
    if is_scaled and point.fraction:
        return point, is_money
    if is_share:
        return has_fraction, True
    if is_money:
        return (comma if has_fraction is point else point), True
    return point, True
