"""Numbers and hops of verification mails in words: how far off, where first wrong, with what proof."""

from __future__ import annotations

import math

from alerts.verification.account import Account
from alerts.wording import one_line
from analysis.reports.hops import PAGE
from config.reports import BACKEND
from store.rows import NumberState, ReportHop, ReportNumber

PERCENT = 100.0
LEAST_SHARE, MOST_SHARE = 0.01, 1000.0  # percent; outside, the difference itself says more
NUMBERS = {
    NumberState.MATCH: "✓ match",
    NumberState.IN_FLIGHT: "✓ in flight",
    NumberState.STALE: "✗ stale",
    NumberState.WRONG: "✗ wrong",
    NumberState.UNREADABLE: "✗ unreadable",
    NumberState.UNKNOWN: "? unknown",
}


def number_title(account: Account, number_id: str) -> str:
    """As the estate names it."""
    found = next((one.title for one in account.report.numbers if one.id == number_id), "")
    return one_line(found or number_id)


def hop_title(account: Account, number_id: str, hop: str) -> str:
    """As the estate names it, `the page`, `the backend`."""
    ways = [one.way for one in account.report.numbers if one.id == number_id]
    found = next((one.title for way in ways for one in way if one.id == hop and one.id != BACKEND), "")
    return one_line(found or {PAGE: "the page", BACKEND: "the backend"}.get(hop, hop))


def off_text(number: ReportNumber) -> str:
    """`9 % too low`, `1.2 points too high`; nothing where it cannot be said."""
    page, backend = number.page_value, number.backend_value
    if page is None or backend is None or page == backend or not math.isfinite(page - backend):
        return ""
    way, gap = "too low" if page < backend else "too high", abs(page - backend)
    if number.unit in ("%", "ratio"):
        return f"{gap * (PERCENT if number.unit == 'ratio' else 1):.3g} points {way}"
    share = gap / abs(backend) * PERCENT if backend else math.inf
    if LEAST_SHARE <= share < MOST_SHARE:
        return f"{share:.0f} % {way}" if share >= PERCENT else f"{share:.2g} % {way}"
    return f"{value_text(gap, number.unit)} {way}"


def value_text(value: float | None, unit: str) -> str:
    """A value with its unit: `1,234,567.8 EUR`, `12.3 %`; a dash for none."""
    if value is None or not math.isfinite(value):
        return "–"
    if unit == "ratio":
        value, unit = value * PERCENT, "%"
    digits = f"{value:,.4g}" if abs(value) < 1 else f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{digits} {one_line(unit)}".rstrip()


def difference_of(number: ReportNumber) -> float | None:
    """Page minus backend, in the unit of the number."""
    if number.page_value is None or number.backend_value is None:
        return None
    return number.page_value - number.backend_value


def number_cells(account: Account, number: ReportNumber) -> tuple[str, ...]:
    """Verdict, number, page, backend, difference, allowed."""
    unit = number.unit
    page = number.page_text or value_text(number.page_value, unit)
    return (
        NUMBERS[number.state],
        number_title(account, number.number_id),
        one_line(page),
        value_text(number.backend_value, unit),
        value_text(difference_of(number), unit),
        "–" if number.tolerance is None else f"± {value_text(number.tolerance, unit)}",
    )


def hop_cells(account: Account, hop: ReportHop) -> tuple[str, str, str]:
    """Hop, value, and what is wrong there with its proof."""
    unit = next((one.unit for one in account.report.numbers if one.id == hop.number_id), "")
    name = f"{number_title(account, hop.number_id)}: {hop_title(account, hop.number_id, hop.hop)}"
    return name, value_text(hop.value, unit), proof_of(hop, unit) if hop.is_wrong else one_line(hop.message or "")


def proof_of(hop: ReportHop, unit: str) -> str:
    """`✗ first wrong hop, on 21 Nov 2026, segment “Gold”: 900 EUR in 10 rows, 1,000 EUR in 12 rows before`."""
    where = [f"on {hop.day.day} {hop.day:%b %Y}"] if hop.day else []
    where += [f"segment “{one_line(hop.segment)}”"] if hop.segment else []
    said = ", ".join(["✗ first wrong hop", *where])
    here = _with_rows(hop.value_here, hop.rows_here, unit, "")
    before = _with_rows(hop.value_before, hop.rows_before, unit, " before")
    counts = ", ".join(one for one in (here, before) if one)
    return f"{said}: {counts}" if counts else said


def _with_rows(value: float | None, rows: int | None, unit: str, when: str) -> str:
    if value is None and rows is None:
        return ""
    counted = "" if rows is None else f"{rows:,} row{'' if rows == 1 else 's'}"
    said = " in ".join(part for part in (value_text(value, unit) if value is not None else "", counted) if part)
    return f"{said}{when}"
