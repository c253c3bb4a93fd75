"""Text of a page in its plainest letters, without what looks like a number and is none: dates, ranges, periods."""

from __future__ import annotations

import re
import unicodedata

from analysis.reports.month_names import MONTH

HIDDEN = "\ufffc"  # stands where a date or the like stood
HYPHENS = "−–‐‑﹣"  # the em dash is left out: it stands for nothing
LIKE = {**dict.fromkeys(HYPHENS, "-"), "٪": "%", "￥": "¥", "￡": "£", "\ufe0f": ""}
FULLWIDTH = range(0xFF01, 0xFF5F)
TO_ASCII = 0xFEE0
END = r"(?![.,']?\d)"
NOT_NUMBERS = re.compile(
    "|".join(
        (
            r"\b\d{4}-\d{1,2}(?:-\d{1,2})?(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?!\d)",
            rf"\b\d{{1,2}}(?:st|nd|rd|th|\.)?[ -]?{MONTH},?(?:[ -]\d{{4}}{END})?",
            rf"{MONTH}[ ]\d{{1,2}}(?:st|nd|rd|th)?(?:,?[ ]\d{{4}})?{END}",
            rf"{MONTH}[ ]\d{{4}}{END}",
            rf"\b\d{{1,2}}\.[ ]?\d{{1,2}}\.[ ]?(?:\d{{4}}|\d{{2}}){END}",
            r"\b\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:[ ]?[ap]\.?m\b\.?)?(?!\d)",
            r"\b\d+(?:[ ]?/[ ]?\d+)+",
            r"\b\d[\d.,']{0,24}(?:(?!e-)[^\W\d_]{1,2}|[ ]?%)?(?:-|[ ]-[ ])\d[\d.,']*",
            rf"\b(?:top|last|past|previous|prior|next|rolling|trailing|letzten?|vergangenen?|nächsten?)[ -]\d+{END}",
            rf"\b(?:derni[eè]re?s?|prochaine?s?|últim[oa]s|ultimi|week|kw|cw|fy|quarter)[ ]\d+{END}",
        )
    ),
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """`text` with every digit, space, minus and mark in its plainest form, single spaces and nothing invisible."""
    return re.sub(r" {2,}", " ", "".join(map(_plain, text))).strip()


def without_dates(line: str) -> str:
    """A plain line in which every date, time, range, fraction and period is hidden, at the same length."""
    return NOT_NUMBERS.sub(lambda hit: HIDDEN * len(hit[0]), line)


def _plain(letter: str) -> str:
    if "\x20" <= letter <= "\x7e":
        return letter
    if letter in LIKE:
        return LIKE[letter]
    kind = unicodedata.category(letter)
    if kind == "Nd":
        return str(unicodedata.decimal(letter))
    if kind == "Zs":
        return " "
    if ord(letter) in FULLWIDTH:
        return chr(ord(letter) - TO_ASCII)
    return "" if kind == "Cf" else letter
