"""Forms in which pages write a time, as regular expressions over plain text with one set of group names.

Groups: `year`, `month` or `name` (of a month), `day`, `one` and `two` (of 05/06/2026), `hour`, `minute`, `second`,
`half` (AM or PM), `zone`, `today`, `yesterday`, `ago`, `now`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from analysis.reports.month_names import MONTH

HOURS_OF_ZONE: Mapping[str, float] = {
    **dict.fromkeys(("Z", "UTC", "GMT", "WET"), 0),
    **dict.fromkeys(("CET", "MEZ", "BST", "WEST"), 1),
    **dict.fromkeys(("CEST", "MESZ", "EET"), 2),
    **dict.fromkeys(("EEST", "MSK"), 3),
    **{"IST": 5.5, "SGT": 8, "JST": 9, "AEST": 10, "AEDT": 11},
    **{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7},
}
SECONDS_OF: Mapping[str, float] = {
    **{"s": 1, "m": 60, "h": 3_600, "st": 3_600, "w": 604_800},
    **dict.fromkeys("dtj", 86_400),  # day, Tag, jour
}

ZONE = rf"(?P<zone>(?:UTC|GMT)?[+-]\d{{1,2}}(?::?\d{{2}})?(?!\d)|(?-i:(?:{'|'.join(HOURS_OF_ZONE)})\b))"
HALF = r"(?P<half>[ap]\.?m\b\.?)"
CLOCK = (
    r"(?:(?P<hour>\d{1,2})(?:[:h]|\.(?=\d\d[ ]?Uhr))(?P<minute>\d{2})(?!\d)(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    rf"(?:[ ]?{HALF})?(?:[ ]Uhr\b)?(?:[ ]?\(?{ZONE})?)"
)
THEN_CLOCK = rf"(?:(?:[ ,;·|T@-]|\b(?:at|um|à|a las|alle)\b)+{CLOCK})?"
YEAR = r"(?P<year>\d{4}|\d{2})(?!\d|[ ]?:)"
ORDINAL = r"(?:st|nd|rd|th|\.)?"
AMOUNT = r"(?:\d+|(?<![^\W\d_])(?:an?|one|eine[mnr]?|une?|una?)(?![^\W\d_]))"
PIECE = (
    rf"{AMOUNT}[ ]?(?:seconds?|secs?|sekunden?|sek|secondes?|minutes?|minuten?|mins?|minutos?|hours?|hrs?|stunden?|std|"
    r"heures?|horas?|days?|tag(?:en)?|jours?|d[ií]as?|weeks?|wochen?|[smhd])\b\.?(?:,|[ ]and|[ ]und|[ ]et)?[ ]?"
)
FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?<!\d)(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}})(?!\d){THEN_CLOCK}",
        rf"(?<!\d)(?P<day>\d{{1,2}}){ORDINAL}[ -]?(?:de[ ])?(?P<name>{MONTH})(?:(?:,|[ ]de)?[ -]{YEAR})?{THEN_CLOCK}",
        rf"(?P<name>{MONTH})[ ](?P<day>\d{{1,2}}){ORDINAL}(?!\d|:)(?:,?[ ]{YEAR})?{THEN_CLOCK}",
        rf"(?<![\d.])(?P<day>\d{{1,2}})\.[ ]?(?P<month>\d{{1,2}})\.(?:[ ]?{YEAR})?(?!\d){THEN_CLOCK}",
        rf"(?<![\d/])(?P<one>\d{{1,2}})/(?P<two>\d{{1,2}})/{YEAR}{THEN_CLOCK}",
        rf"\b(?:(?:vor|il y a|hace)[ ](?P<ago>(?:{PIECE})+))",
        rf"(?<!\w)(?P<ago>(?:{PIECE})+)(?<=[ ])ago\b",
        r"\b(?P<now>just now|moments? ago|gerade eben|soeben|à l['’]instant)\b",
        rf"\b(?:(?P<today>today|heute|aujourd['’]hui|hoy|oggi)|(?P<yesterday>yesterday|gestern|hier|ayer|ieri))\b{THEN_CLOCK}",
        rf"(?<![\d:]){CLOCK}",
        rf"(?<![\d:.])(?P<hour>\d{{1,2}})[ ]?{HALF}(?:[ ]?\(?{ZONE})?",
    )
)
DIRECTIVES: Mapping[str, str] = {
    "Y": r"(?P<year>\d{4})",
    "y": r"(?P<year>\d{2})",
    "m": r"(?P<month>\d{1,2})",
    **dict.fromkeys("bBh", rf"(?P<name>{MONTH})"),
    **dict.fromkeys("de", r"(?P<day>\d{1,2})"),
    **dict.fromkeys("HI", r"(?P<hour>\d{1,2})"),
    "M": r"(?P<minute>\d{2})",
    "S": r"(?P<second>\d{2})",
    "f": r"\d+",
    "p": HALF,
    **dict.fromkeys("zZ", ZONE),
    **dict.fromkeys("aA", r"[^\W\d_]+\.?"),
    "%": "%",
}
SHORT = {"F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M", "D": "%m/%d/%y"}


def of_format(pattern: str) -> re.Pattern[str]:
    """The form of a strptime format, month names in many languages; raises ValueError for one that cannot be used."""
    for letter, meaning in SHORT.items():
        pattern = pattern.replace(f"%{letter}", meaning)
    parts = re.split(r"%(.)", pattern)
    written = [r"[ ]+".join(map(re.escape, part.split(" "))) for part in parts[::2]]
    unknown = [letter for letter in parts[1::2] if letter not in DIRECTIVES]
    if unknown or len(parts) == 1:
        raise ValueError(f"has %{unknown[0]}, which is not known" if unknown else "has no part such as %H:%M")
    try:
        form = "".join(
            f"{text}{DIRECTIVES.get(letter, '')}" for text, letter in zip(written, [*parts[1::2], ""], strict=True)
        )
        return re.compile(rf"(?<!\d){form}(?!\d)", re.IGNORECASE)
    except re.error as error:
        raise ValueError("names a part twice") from error
