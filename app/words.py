"""Numbers and states in the words a person reads: `12.3 GB`, `43 %`, `1.2 s`, `Succeeded`."""

from __future__ import annotations

from app.state_words import STATES as STATES
from app.state_words import State as State
from app.state_words import pill as pill
from app.state_words import pills as pills
from app.state_words import state as state

BYTE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
UNKNOWN_NUMBER = "–"
CURRENCY_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
ABBREVIATIONS = {"cpu": "CPU", "tls": "TLS", "id": "ID", "url": "URL", "sql": "SQL", "http": "HTTP", "1m": "1 min"}


def size(value: float | None) -> str:
    """Bytes with a decimal unit: `12.3 GB`."""
    if value is None:
        return UNKNOWN_NUMBER
    number, unit = float(value), BYTE_UNITS[0]
    for unit in BYTE_UNITS:
        if abs(number) < 1000 or unit == BYTE_UNITS[-1]:
            break
        number /= 1000
    return f"{number:.0f} {unit}" if unit == "B" or abs(number) >= 100 else f"{number:.1f} {unit}"


def share(ratio: float | None) -> str:
    """A ratio as a percentage with the digits that matter: `43 %`, `99.95 %`, `0.4 %`."""
    if ratio is None:
        return UNKNOWN_NUMBER
    percent = 100 * ratio
    if percent in (0, 100):
        return f"{percent:.0f} %"
    if 99 < percent < 100:
        return f"{min(percent, 99.99):.2f} %"
    return f"{percent:.1f} %" if abs(percent) < 10 else f"{percent:.0f} %"


def duration(seconds: float | None) -> str:
    """A span of time in its two largest units: `1.2 s`, `3 min 20 s`, `2 d 4 h`."""
    if seconds is None:
        return UNKNOWN_NUMBER
    if seconds < 0:
        return f"−{duration(-seconds)}"
    if 0 < seconds < 1:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.001 else "< 1 ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    whole = round(seconds)
    for unit, unit_seconds, rest, rest_seconds in (
        ("d", 86400, "h", 3600),
        ("h", 3600, "min", 60),
        ("min", 60, "s", 1),
    ):
        if whole >= unit_seconds:
            left = whole % unit_seconds // rest_seconds
            return f"{whole // unit_seconds} {unit} {left} {rest}" if left else f"{whole // unit_seconds} {unit}"
    return f"{whole} s"


def money(amount: float | None, currency: str) -> str:
    """An amount with its currency: `$1,234.50`, `CHF 12.00`; a currency is always said."""
    if amount is None:
        return UNKNOWN_NUMBER
    sign = CURRENCY_SIGNS.get(currency, f"{currency} ")
    digits = 0 if abs(amount) >= 10_000 else 2
    return f"{'−' if amount < 0 else ''}{sign}{abs(amount):,.{digits}f}"


def count(number: float | None) -> str:
    """A whole number with separators."""
    return UNKNOWN_NUMBER if number is None else f"{number:,.0f}"


def quantity(value: float | None) -> str:
    """A number of no particular unit, to four digits that matter."""
    if value is None:
        return UNKNOWN_NUMBER
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:,.4g}"


def measured(value: float | None, unit: str) -> str:
    """A value in its unit from the metric catalogue or the estate."""
    match unit:
        case "ratio":
            return share(value)
        case "bytes":
            return size(value)
        case "bytes per second":
            return f"{size(value)}/s" if value is not None else UNKNOWN_NUMBER
        case "seconds":
            return duration(value)
        case _:
            return f"{quantity(value)} {unit}".strip()


def plural(number: int, noun: str, nouns: str | None = None) -> str:
    """`1 report`, `2 reports`."""
    return f"{count(number)} {noun if number == 1 else nouns or noun + 's'}"


def spoken(name: str) -> str:
    """An identifier as words: `cpu_busy_ratio` as `CPU busy ratio`."""
    parts = [ABBREVIATIONS.get(part, part) for part in name.replace("-", "_").split("_") if part]
    text = " ".join(parts)
    return text[:1].upper() + text[1:]
