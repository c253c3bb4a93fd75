"""The public status page: statuses in, one self-contained HTML document out. Every text is escaped, nothing runs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from html import escape
from pathlib import Path
from string import Template

from alerts.said import clock_text
from app import words
from app.charts_reports import BAR, GAP, HEIGHT, HEIGHTS, days_said
from app.status_facts import DAYS, Status, Statuses

FRAME = Template(Path(__file__).with_name("status_page.html").read_text())
HAIR = 1e-6  # what binary fractions lack: 0.57 times 10,000 is 5,699.999…


def html(found: Statuses, at: datetime) -> str:
    """The whole page, as of `at` (naive UTC)."""
    asked = f"as of {clock_text(found.as_of, at)}" if found.as_of else "nothing is known yet"
    notice = ""
    if found.is_away:
        notice = '<p class="notice">Nobody can tell how the reports are now. What stands below is as last known.</p>'
    return FRAME.substitute(
        state=_overall(found),
        headline=escape(headline(found)),
        asked=escape(asked),
        notice=notice,
        reports="\n".join(_report(one, at) for one in found.reports),
        days=DAYS,
    )


def headline(found: Statuses) -> str:
    """How many reports are not up, in one sentence."""
    total = len(found.reports)
    if not total:
        return "There is no public report"
    counts = {name: sum(one.state == name for one in found.reports) for name in ("down", "degraded", "maintenance")}
    unknown = sum(one.state == "unknown" for one in found.reports)
    if unknown == total:
        return "The state of the reports is unknown"
    told = [f"{number} {words.state(name).word.lower()}" for name, number in counts.items() if number]
    told += [f"{unknown} unknown"] if unknown else []
    if not told:
        return f"All {total} reports are up" if total > 1 else "The report is up"
    return f"{', '.join(told)}, of {words.plural(total, 'report')}"


def _overall(found: Statuses) -> str:
    return found.reports[0].state if found.reports else "unknown"


def said(one: Status, at: datetime) -> list[str]:
    """State, when it was last verified and its numbers: `Up`, `verified 08:12 UTC`, `14 numbers match`."""
    parts = [words.state(one.state).word]
    if one.verified_at:
        last = "" if one.state == "up" else "last "
        parts.append(f"{last}verified {clock_text(one.verified_at, at)}")
    else:
        parts.append("not verified lately")
    if one.state == "up" and one.numbers_total:
        parts.append(_numbers(one))
    return parts


def _numbers(one: Status) -> str:
    if one.numbers_matching is None:
        return "numbers not known"
    if one.numbers_matching == one.numbers_total:
        return f"{words.plural(one.numbers_total, 'number')} match{'es' if one.numbers_total == 1 else ''}"
    return f"{one.numbers_matching} of {words.plural(one.numbers_total, 'number')} match"


def uptime(share: float | None) -> str:
    """A share as a percentage that is cut, never rounded up: 0.99996 is `up 99.99 % in 90 days`."""
    return "uptime not known" if share is None else f"up {math.floor(share * 10_000 + HAIR) / 100:g} % in {DAYS} days"


def _report(one: Status, at: datetime) -> str:
    state = words.state(one.state)
    about = ", ".join(said(one, at)[1:])
    return (
        f'<li id="{escape(one.report)}" class="{escape(one.state)}">'
        f'<div class="head"><h2>{escape(one.title)}</h2>'
        f'<span class="state"><i aria-hidden="true">{escape(state.sign)}</i> {escape(state.word)}</span></div>'
        f'{_bars(one)}<p class="facts"><span>{escape(_capital(about))}</span>'
        f"<span>{escape(uptime(one.uptime_90d))}</span></p>{_planned(one, at)}</li>"
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _planned(one: Status, at: datetime) -> str:
    if one.planned is None:
        return ""
    begin, end = one.planned
    until = f"{end:%H:%M} UTC" if begin.date() == end.date() else clock_text(end, at)
    when = f"now, until {until}" if begin <= at else f"{clock_text(begin, at).removesuffix(' UTC')} to {until}"
    return f'<p class="planned">Planned maintenance {escape(when)}</p>'


def _bars(one: Status) -> str:
    """One bar a day, oldest first; worse days are taller as well as of another colour."""
    width = DAYS * (BAR + GAP) - GAP
    paths = "".join(f'<path class="{kind}" d="{path}"/>' for kind, path in _paths(one.days))
    label = escape(days_said(one.days))
    return (
        f'<svg viewBox="0 0 {width} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f"<title>{label}</title>{paths}</svg>"
    )


def _paths(days: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for kind, height in HEIGHTS.items():
        bars = [
            f"M{place * (BAR + GAP)} {HEIGHT}v-{height}h{BAR}v{height}z"
            for place, day in enumerate(days)
            if day == kind
        ]
        if bars:
            yield kind, "".join(bars)
