"""What changes in a text from day to day though it says the same: figures, dates, times, durations, ids."""

from __future__ import annotations

import re

PLACE = "…"
SIGNS = r"-+−±▲▼△▽↑↓↗↘"
CURRENCY = r"[$€£¥₹₽₺₩]"
MONTHS = (
    "January February March April May June July August September October November December "
    "Januar Februar März Mai Juni Juli Oktober Dezember "
    "Jan Feb Mar Mär Mrz Apr Jun Jul Aug Sep Sept Oct Okt Nov Dec Dez"
)
WEEKDAYS = (
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday "
    "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag Mon Tue Wed Thu Fri Sat Sun"
)
SPANS = (
    "ms|s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|d|days?|weeks?|months?|years?|"
    "Sekunden?|Minuten?|Stunden?|Tag(?:en?)?|Wochen?|Monat(?:en?)?|Jahr(?:en?)?"
)
SCALES = "k|m|b|t|g|bn|mn|mio|mrd|tsd|thousand|million|billion"
ID = re.compile(
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|\b(?=[a-f]*[0-9])[0-9a-f]{8,}\b"
    r"|\b(?=[a-z]*[0-9])(?=[0-9]*[a-z])[a-z0-9]{16,}\b",
    re.IGNORECASE,
)
FIGURE = re.compile(
    rf"[{SIGNS}(]{{0,3}} ?"
    r"\d+(?:(?:[.,:/'’T \u00a0\u202f\u2009–-]|, )\d+)*"  # 1,204.50 or 2026-11-25T08:12
    rf"(?:\s?(?:{SCALES}|[ap]m|st|nd|rd|th|Z)\b)?\.?\)?",
    re.IGNORECASE,
)
NAMED_TIME = re.compile(
    rf"\b(?:(?:{'|'.join((MONTHS + ' ' + WEEKDAYS).split())})\b\.?"
    r"|just now\b|(?:an?|one) (?:second|minute|hour|day|week|month|year) ago\b"
    r"|(?:[Tt]oday|[Yy]esterday|[Tt]omorrow|[Hh]eute|[Gg]estern|[Mm]orgen)\b)"
)
MONEY = re.compile(rf" ?[{SIGNS}(]{{0,3}} ?({CURRENCY}) ?{PLACE}")
SPAN = re.compile(rf"{PLACE} ?(?:{SPANS})\b(?: ago\b)?", re.IGNORECASE)
RUN = re.compile(rf"{PLACE}(?:[\s.,:;/–—-]*{PLACE})+")
PLURAL = re.compile(rf"(?<={PLACE} )(\w{{2,}})s\b")
BLANKS = re.compile(r"\s+")


def settled(text: str) -> str:
    """The text with what is volatile in it replaced by `…`; currencies, `%` and words stay."""
    text = ID.sub(PLACE, BLANKS.sub(" ", text).strip())
    text = NAMED_TIME.sub(PLACE, text)
    text = BLANKS.sub(" ", FIGURE.sub(f" {PLACE} ", text)).strip()
    text = SPAN.sub(PLACE, MONEY.sub(rf" \1{PLACE}", text)).strip()
    return PLURAL.sub(r"\1", RUN.sub(PLACE, text))
