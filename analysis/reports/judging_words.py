"""The judgement of a number in one sentence for a person; times are UTC."""

from __future__ import annotations

import math
from datetime import datetime

PERCENT = 100.0
SHARES = ("%", "ratio")
MOST_DECIMALS = 12
SPANS = (("s", 1.0, 100.0), ("min", 60.0, 100.0), ("h", 3_600.0, 48.0), ("d", 86_400.0, math.inf))
SLIP = 0.005  # how near a number must come when it is scaled, as a share of the backend
SLIPS: tuple[tuple[float, str], ...] = (
    (-1.0, "with the other sign"),
    (1e3, "times 1,000"),
    (1e6, "times 1,000,000"),
    (100.0, "times 100"),
)
SLIPS += ((1e-3, "divided by 1,000"), (1e-6, "divided by 1,000,000"), (0.01, "divided by 100"))


def figure(value: float, unit: str, step: float = 0.0) -> str:
    """`1,318,402 EUR`, `12.3 %`: with two decimals, or as many as a difference of `step` needs to be seen."""
    if unit == "ratio":
        value, unit, step = value * PERCENT, "%", step * PERCENT
    return f"{digits(value, step)} {unit}".rstrip()


def digits(value: float, step: float = 0.0) -> str:
    """A number in groups of three, without zeros at its end."""
    finest = min((abs(size) for size in (value, step) if size), default=1.0)
    decimals = 2 if finest >= 1 else min(MOST_DECIMALS, 2 - math.floor(math.log10(finest)))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def page_shows(text: str, value: float, unit: str) -> str:
    """`Page shows 1.2M (1,200,000)`: with the value where its digits are not there to be read."""
    said = digits(value * PERCENT if unit == "ratio" else value)
    return f"Page shows {text}" + ("" if said in text else f" ({said})")


def difference(page: float, backend: float, unit: str) -> str:
    """`118,402 EUR (9.0 %) too low`; a share differs by points."""
    gap, way = abs(page - backend), "too low" if page < backend else "too high"
    if unit in SHARES:
        return f"{digits(gap * (PERCENT if unit == 'ratio' else 1.0))} points {way}"
    if not backend:
        return f"{figure(gap, unit)} {way}"
    share = gap / abs(backend) * PERCENT
    return f"{figure(gap, unit)} ({f'{share:,.1f}' if share >= 0.1 else f'{share:.1g}'} %) {way}"


def allowance(allowed: float, unit: str) -> str:
    """`50,000 EUR allowed`."""
    if not allowed:
        return "no difference allowed"
    if unit in SHARES:
        return f"{digits(allowed * (PERCENT if unit == 'ratio' else 1.0))} points allowed"
    return f"{figure(allowed, unit)} allowed"


def slip(page: float, backend: float) -> str:
    """` Times 1,000 it would be about right.`: what a lost scale or sign looks like; empty otherwise."""
    for factor, words in SLIPS:
        if page and abs(page * factor - backend) <= SLIP * abs(backend):
            return f" {words.capitalize()} it would be about right."
    return ""


def span(seconds: float) -> str:
    """`45 s`, `23 min`, `5.5 h`, `3 d`."""
    for unit, size, limit in SPANS:
        if seconds < limit * size:
            return f"{seconds / size:.3g} {unit}" if unit in ("h", "d") else f"{seconds / size:.0f} {unit}"
    return ""


def moment(at: datetime, now: datetime) -> str:
    """`06:10 UTC`, with its day when that is another one: `24 Nov 06:10 UTC`."""
    day = "" if at.date() == now.date() else f"{at.day} {at:%b} " if at.year == now.year else f"{at.day} {at:%b %Y} "
    return f"{day}{at:%H:%M} UTC"
