"""How fresh a report is, for machines and for the readers of the report: `/freshness/<report>` and `<report>.svg`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app import badges, data, refreshing, words
from app.badges import COLORS
from app.refresh_chase import STALE
from app.times import now

CACHE = {"cache-control": "public, max-age=30"}


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
        "data_as_of": iso_text(row["data_as_of"]),
        "age_seconds": row["age_seconds"],
        "oldest_dataset": row["oldest_dataset"] or None,
        "next_expected": iso_text(row["next_expected_at"]),
        "on_time_ratio": row["on_time_ratio"],
        "as_of": iso_text(found.as_of),
    }


def iso_text(moment: datetime | None) -> str | None:
    """Naive UTC as machines take it, in whole seconds."""
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


def svg(found: dict[str, Any], at: datetime) -> str:
    """The badge: the word `freshness` and the message."""
    return badges.svg("freshness", message(found, at), color_of(found["state"]))
