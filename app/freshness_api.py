"""How fresh a report is, for machines and for the readers of the report: `/freshness/<report>` and `<report>.svg`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app import data, refreshing, words
from app.refresh_chase import STALE
from app.times import now

CACHE = {"cache-control": "public, max-age=30"}
COLORS = {"green": "#2e7d32", "amber": "#b45f06", "red": "#c62828", "grey": "#5f6368"}
LABEL = "#3c4043"
PADDING, HEIGHT = 7, 20
NARROW, WIDE = "fijlrtI.,:;|!' ·()[]", "mwMW@%"  # advance widths of 11 px Verdana, by kind of letter


def freshness(request: Request) -> Response:
    """The report's freshness as JSON; 404 for a report that the estate does not have."""
    found = facts(request.path_params["report"])
    return JSONResponse(found, headers=CACHE) if found else _missing(request)


def badge(request: Request) -> Response:
    """The same as a picture to put into the report."""
    found = facts(request.path_params["report"])
    if found is None:
        return _missing(request)
    return Response(svg(found, now()), media_type="image/svg+xml", headers=CACHE)


def _missing(request: Request) -> Response:
    name = request.path_params["report"]
    known = ", ".join(sorted(data.titles("reports"))[:20]) or "none"
    return JSONResponse({"error": f"There is no report {name!r}; the estate has {known}."}, status_code=404)


def facts(report_id: str) -> dict[str, Any] | None:
    """What is promised to be stable: times are UTC in ISO 8601, ages seconds, shares 0..1; None for no such report.

    `state` is fresh, late_job_fresh_data, stale, late_job_stale_data, green_job_stale_data, refreshed_but_empty or
    unknown; it is unknown while the store cannot be asked, and the rest is then as last known.
    """
    if report_id not in data.titles("reports"):
        return None
    found = refreshing.situation()
    row = next(row for row in found.reports.iter_rows(named=True) if row["report_id"] == report_id)
    return {
        "report": report_id,
        "state": "unknown" if found.is_away else row["state"],
        "data_as_of": _iso(row["data_as_of"]),
        "age_seconds": row["age_seconds"],
        "oldest_dataset": row["oldest_dataset"] or None,
        "next_expected": _iso(row["next_expected_at"]),
        "on_time_ratio": row["on_time_ratio"],
        "as_of": _iso(found.as_of),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.replace(microsecond=0).isoformat()}Z"


def color_of(state: str) -> str:
    """Green, amber, red or grey."""
    if state in {str(name) for name in STALE}:
        return COLORS["red"]
    return COLORS[{"fresh": "green", "late_job_fresh_data": "amber"}.get(state, "grey")]


def message(found: dict[str, Any], at: datetime) -> str:
    """`data as of 06:42 UTC · next 07:00 · on time 99.2 %`; a state other than fresh is said in words."""
    parts = [] if found["state"] == "fresh" else [words.state(found["state"]).word.lower()]
    parts.append(f"data as of {_clock(found['data_as_of'], at)}" if found["data_as_of"] else "age unknown")
    if found["next_expected"]:
        parts.append(f"next {_clock(found['next_expected'], at).removesuffix(' UTC')}")
    if found["on_time_ratio"] is not None:
        parts.append(f"on time {int(found['on_time_ratio'] * 1000) / 10:g} %")
    return " · ".join(parts)


def _clock(iso: str, at: datetime) -> str:
    moment = datetime.fromisoformat(iso).astimezone(UTC).replace(tzinfo=None)
    return f"{moment:%H:%M} UTC" if moment.date() == at.date() else f"{moment.day} {moment:%b %H:%M} UTC"


def width_of(text: str) -> int:
    """Pixels that the text takes at 11 px, rounded up; a little generous, so that no font cuts it."""
    per_letter = (4.2 if letter in NARROW else 10.4 if letter in WIDE else 7.2 for letter in text)
    return round(sum(per_letter) + 0.5)


def svg(found: dict[str, Any], at: datetime) -> str:
    """The badge: the word `data` and the message, as wide as they need."""
    label, said = "freshness", message(found, at)
    left, right = width_of(label) + 2 * PADDING, width_of(said) + 2 * PADDING
    texts = "".join(
        f'<text x="{x}" y="14" textLength="{width}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'
        for x, width, text in ((PADDING, left - 2 * PADDING, label), (left + PADDING, right - 2 * PADDING, said))
    )
    spoken = escape(f"{label}: {said}", {'"': "&quot;"})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{HEIGHT}" role="img" '
        f'aria-label="{spoken}"><title>{escape(f"{label}: {said}")}</title>'
        f'<clipPath id="round"><rect width="{left + right}" height="{HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#round)"><rect width="{left}" height="{HEIGHT}" fill="{LABEL}"/>'
        f'<rect x="{left}" width="{right}" height="{HEIGHT}" fill="{color_of(found["state"])}"/></g>'
        f'<g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">{texts}</g></svg>'
    )
