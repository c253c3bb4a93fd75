"""A backtest as text for a terminal: every event by its share found and its delay, now beside proposed."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.spc.backtest_result import Backtest, Found, Outcome
from analysis.spc.backtest_words import duration, number
from app.cli_output import table

MOST_ALARMS = 12


def text_of(found: Backtest) -> str:
    """The verdict, the table of events, false alarms, alarms in history, and the notes."""
    both = [("now", found.now)] + ([("proposed", found.proposed)] if found.proposed else [])
    span = f"{found.from_at:%Y-%m-%d} to {found.to_at:%Y-%m-%d}, judged from {found.judged_from_at:%Y-%m-%d}"
    lines = [found.verdict, f"{found.points:,} points from {span}.", "", _events(found, both), ""]
    for name, outcome in both:
        lines += _outcome(name, outcome)
    return "\n".join([*lines, *(f"Note: {note}" for note in found.notes)])


def _events(found: Backtest, both: list[tuple[str, Outcome]]) -> str:
    header = ["event", f"size{f' ({found.unit})' if found.unit else ''}", "within"]
    for name, _ in both:
        header += [f"found {name}", "half after", "9 of 10 after"]
    rows: list[tuple[object, ...]] = []
    for place, event in enumerate(found.now.found):
        cells: list[object] = [
            event.event,
            "" if event.size_in_units is None else number(event.size_in_units),
            duration(event.within_points * found.step_seconds),
        ]
        for _, outcome in both:
            cells += _cells(outcome.found[place])
        rows.append(tuple(cells))
    return table(rows, tuple(header))


def _cells(event: Found) -> list[object]:
    return [f"{event.share:.0%}", _after(event.median_seconds), _after(event.p90_seconds)]


def _after(seconds: float | None) -> str:
    """A delay counted from the first point of the event."""
    if seconds is None:
        return "not found"
    return "at once" if seconds == 0 else duration(seconds)


def _outcome(name: str, outcome: Outcome) -> Iterator[str]:
    chance = outcome.chance
    promised = number(outcome.promised_per_year) if outcome.promised_per_year >= 0 else "unknown"
    said = f"{number(chance.per_year)} ({number(chance.low)} to {number(chance.high)})"
    yield f"{name}: {promised} false alarms a year promised, {said} by chance on this history. {outcome.power}"
    days = [f"{alarm.at:%Y-%m-%d %H:%M} {alarm.cause}" for alarm in outcome.alarms[-MOST_ALARMS:]]
    more = f" (the last {MOST_ALARMS})" if len(outcome.alarms) > MOST_ALARMS else ""
    found = f"{len(outcome.alarms)} signal{'' if len(outcome.alarms) == 1 else 's'}"
    yield f"{name}: {found} in history itself{more}{': ' if days else ''}{', '.join(days)}"
