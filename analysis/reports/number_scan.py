"""Finds what may be a number in a line of a page, with all that belongs to it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from analysis.reports.number_plain import HIDDEN, without_dates
from analysis.reports.number_sides import DOWN, EXPONENT, LETTER, after, before
from analysis.reports.number_units import Mark

BODY = re.compile(
    r"(?<!\d)(?<!\d[.,'’٬٫])"
    r"(?:\d{1,3}(?:[ ]\d{3})+(?:[.,٫]\d+)?(?!\d)|\d+(?:[.,'’٬٫]\d+)*(?:[.,][-—]{1,2}(?![\w-]))?|(?<![.,])[.,]\d+)"
)
IN_A_NAME = re.compile(rf"(?:st|nd|rd|th)(?!\w)|{LETTER}+\d|_\w", re.IGNORECASE)  # 3rd, 5x5
MOST_BEFORE = 24  # letters: sign, currency and brackets before a number are shorter
CUT = re.compile(r"[.,'’]\d")


@dataclass(frozen=True, slots=True)
class Found:
    """What may be a number: `body` are its digits and marks, `shown` all of it, from `start` to `end` of its line.

    `is_change`: written with a sign, an arrow or in brackets. `may_be_negative`: brackets or an arrow down leave its
    sign open. `is_limit` as in `< 5`; `is_broken` where more of the number follows than can be read. `is_bare`: nothing
    else stands in its line but other numbers.
    """

    body: str
    shown: str
    start: int
    end: int
    sign: int
    exponent: int
    marks: tuple[Mark, ...]
    is_change: bool
    may_be_negative: bool
    is_labelled: bool
    is_limit: bool
    is_broken: bool
    is_bare: bool = False

    @property
    def is_share(self) -> bool:
        """Whether the sign of a share stands beside it."""
        return any(mark.share for mark in self.marks)

    @property
    def is_money(self) -> bool:
        """Whether a currency stands beside it."""
        return any(mark.currencies for mark in self.marks)


def scan(line: str, unit: str = "") -> list[Found]:
    """Every number of a plain line, for a contract in `unit`."""
    line = without_dates(line)
    found = list(_numbers(line, unit))
    edges = [0, *(edge for one in found for edge in (one.start, one.end)), len(line)]
    rest = "".join(line[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
    is_bare = not any(letter.isalnum() or letter == HIDDEN for letter in rest)
    return [replace(one, is_bare=is_bare) for one in found]


def _numbers(line: str, unit: str) -> Iterator[Found]:
    done = 0
    for hit in BODY.finditer(line):
        start, end = hit.span()
        since = max(done, start - MOST_BEFORE)
        left = before(line[since:start], unit) if start >= done else None
        if left is None or (IN_A_NAME.match(line, end) and not EXPONENT.match(line, end)):
            continue
        right = after(line, end, unit, is_open=left.has_bracket)
        in_brackets = left.has_bracket and right.has_bracket
        is_signed = bool(left.sign or right.sign)
        start, done = since + left.at, right.at
        yield Found(
            body=hit[0],
            shown=line[start:done].strip(),
            start=start,
            end=done,
            sign=-1 if -1 in (left.sign, right.sign) else 1,
            exponent=right.exponent,
            marks=left.marks + right.marks,
            is_change=is_signed or in_brackets or bool(left.arrow),
            may_be_negative=not is_signed and (in_brackets or left.arrow in [*DOWN]),
            is_labelled=line[:start].rstrip().endswith(":"),
            is_limit=left.is_limit or right.is_limit,
            is_broken=_is_broken(line, end),
        )


def _is_broken(line: str, end: int) -> bool:
    """Whether digits go on in a way that no number has, or a fraction such as ½ follows."""
    if CUT.match(line, end):
        return True
    letter = line[end : end + 1]
    return bool(letter) and unicodedata.numeric(letter, 0.0) % 1 != 0
