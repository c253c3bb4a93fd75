"""What is wrong with a report, in the words of a person: `Revenue 9 % too low, wrong from Mart on`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app import words
from config.estate import Estate
from config.reports import BACKEND, Number, Report

PAGE = "page"
LEAST_RATIO, MOST_RATIO = 0.001, 10.0  # beyond these a percentage does not read well
STAGES = {
    "reachable": "Reachable",
    "loaded": "Loaded",
    "finished": "Finished",
    "present": "Parts there",
    "drawn": "Charts drawn",
    "parsed": "Numbers read",
    "equal": "Numbers right",
    "fast": "Fast",
}
STEPS = {**STAGES, "present": "Complete", "drawn": "Drawn", "parsed": "Readable", "equal": "Right"}  # for narrow places
WORST_NUMBERS = ("wrong", "stale", "unreadable", "unknown", "in_flight")


def report_of(estate: Estate, report_id: str) -> Report | None:
    """The report of that id, None when the estate has none."""
    return next((report for report in estate.reports if report.id == report_id), None)


def number_of(report: Report | None, number_id: str) -> Number | None:
    """The number of that id, None when the report promises none."""
    return next((number for number in report.numbers if number.id == number_id), None) if report else None


def number_title(report: Report | None, number_id: str) -> str:
    """The title of a number, or its id in words."""
    number = number_of(report, number_id)
    return number.title if number and number.title else words.spoken(number_id)


def hop_title(report: Report | None, number_id: str, hop: str) -> str:
    """The title of a hop, or its id in words."""
    if hop == PAGE:
        return "Page"
    number = number_of(report, number_id)
    found = next((one for one in number.way if one.id == hop), None) if number else None
    return found.title if found and found.title else "Backend" if hop == BACKEND else words.spoken(hop)


def difference_text(page: float | None, backend: float | None) -> str:
    """How far the page lies from the backend: `9.1 % too low`; empty where one of them is not known."""
    if page is None or backend is None or page == backend:
        return ""
    side = "too high" if page > backend else "too low"
    if backend == 0:
        return f"{words.quantity(abs(page))} {side}"
    ratio = abs(page - backend) / abs(backend)
    if ratio < LEAST_RATIO:
        return f"< {words.share(LEAST_RATIO)} {side}"
    return f"{words.share(ratio)} {side}" if ratio < MOST_RATIO else f"{abs(page / backend):,.0f} times {side}"


def value_text(value: float | None, unit: str) -> str:
    """A number of a page in its unit: `€409,849`, `12.3 %`, `1,240 orders`."""
    if value is None:
        return words.UNKNOWN_NUMBER
    if len(unit) == 3 and unit.isupper():
        return words.money(value, unit)
    if unit == "%":
        return f"{value:,.4g} %"
    return f"{words.share(value)}" if unit == "ratio" else f"{value:,.6g} {unit}".strip()


def number_said(report: Report | None, row: Mapping[str, Any]) -> str:
    """What is wrong with one number, in half a sentence."""
    title = number_title(report, row["number_id"])
    match row["state"]:
        case "wrong":
            far = difference_text(row["page_value"], row["backend_value"]) or "differs"
            return f"{title} {far}{_from(report, row)}"
        case "stale":
            return f"{title} shows an older value"
        case "unreadable":
            return f"{title} cannot be read"
        case "in_flight":
            return f"{title} is being refreshed"
        case _:
            return f"{title} could not be compared"


def _from(report: Report | None, row: Mapping[str, Any]) -> str:
    if not row["hop"]:
        return ""
    if row["hop"] == PAGE:
        return ", wrong on the page only"
    return f", wrong from {hop_title(report, row['number_id'], row['hop'])} on"


def said(row: Mapping[str, Any], report: Report | None, numbers: list[dict[str, Any]]) -> str:
    """What is wrong with a report as one audience sees it, in one sentence without its fault's word; empty if nothing.

    `numbers` are those of the newest look.
    """
    word = row["word"]
    if word in ("wrong_number", "stale_number", "unreadable_number") and numbers:
        bad = sorted(
            (one for one in numbers if one["state"] in WORST_NUMBERS),
            key=lambda one: WORST_NUMBERS.index(one["state"]),
        )
        if bad:
            more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
            return f"{number_said(report, bad[0])}{more}"
    if word == "slow":
        took, limit = words.duration(row["latency_seconds"]), words.duration(row["slow_seconds"])
        return f"useful after {took}, promised within {limit}"
    if row["state"] in ("up", "down", "degraded") and row["look_state"] != row["last_state"]:
        return _unconfirmed(row)
    if word == "maintenance":
        return f"planned; now {words.state(row['fault'] or row['last_state']).word.lower()}"
    return str(row["message"]) if row["state"] != "up" and row["message"] else ""


def _unconfirmed(row: Mapping[str, Any]) -> str:
    if row["look_state"] == "up":
        return "the newest look was good; more have to agree"
    return f"the newest look found: {words.state(row['fault'] or row['look_state']).word.lower()}; more have to agree"


def plain(text: str | None) -> str:
    """A sentence that came from outside, without anything that markdown would draw."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>$#~:|" else sign for sign in (text or "")).replace("\n", " ")


def headline(row: Mapping[str, Any]) -> str:
    """The fault and what it is about: `Wrong number: Revenue 9.1 % too low, wrong from Mart on`."""
    word = words.state(row["word"]).word
    return f"{word}: {row['said']}" if row["said"] else word


def sentence(text: str) -> str:
    """A text from outside with a capital letter at its start, as markdown."""
    return plain(text[:1].upper() + text[1:])
