"""How the public reports are, for their readers: `/status` as a page, `/status/<report>` as JSON, `<report>.svg`.

Only reports that everybody may view are told of, and nothing of their addresses, sources or values.
"""

from __future__ import annotations

import math
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from app import badges, data, status_page
from app.freshness_api import iso_text
from app.status_facts import KEPT_SECONDS, Status, Statuses, statuses
from app.times import now

CACHE = {"cache-control": "public, max-age=30"}
COLORS = {"up": "green", "degraded": "amber", "down": "red"}


def page(_request: Request) -> Response:
    """All public reports on one page, without scripts."""
    return HTMLResponse(_html(id(data.estate())), headers=CACHE)


@st.cache_data(ttl=KEPT_SECONDS, max_entries=2, show_spinner=False, refresh_mode="background")
def _html(loaded_id: int) -> str:  # noqa: ARG001  # the key, as in app.data
    """Kept, because a thousand reports take a while to be written."""
    return status_page.html(statuses(), now())


def status(request: Request) -> Response:
    """One report as JSON; 404 for a report that the estate does not have or does not show to everybody.

    These fields are promised: `report`; `state` (up, degraded, down, maintenance, unknown); `stage` and `fault` of the
    newest look, null where it found nothing wrong; `verified_at`, when all audiences were last seen good;
    `numbers_matching` (null while not known) of `numbers_total`; `uptime_90d`, `slo_target` and `budget_left` as
    shares, the last less than 0 when overspent; `as_of`. Times are UTC in ISO 8601. While the store cannot be asked,
    `state` is unknown and the rest is as last known.
    """
    found = statuses()
    one = _of(found, request)
    return JSONResponse(facts(one, found), headers=CACHE) if one else _missing(found, request)


def badge(request: Request) -> Response:
    """The same as a picture to put into the report."""
    found = statuses()
    one = _of(found, request)
    if one is None:
        return _missing(found, request)
    color = badges.COLORS[COLORS.get(one.state, "grey")]
    said = " · ".join(status_page.said(one, now()))
    return Response(badges.svg("report", said, color), media_type="image/svg+xml", headers=CACHE)


def facts(one: Status, found: Statuses) -> dict[str, Any]:
    """The promised fields; shares are cut, never rounded up."""
    return {
        "report": one.report,
        "state": one.state,
        "stage": one.stage,
        "fault": one.fault,
        "verified_at": iso_text(one.verified_at),
        "numbers_matching": one.numbers_matching,
        "numbers_total": one.numbers_total,
        "uptime_90d": _cut(one.uptime_90d),
        "slo_target": one.slo_target,
        "budget_left": _cut(one.budget_left),
        "as_of": iso_text(found.as_of),
    }


def _cut(share: float | None) -> float | None:
    return None if share is None else math.floor(share * 10_000 + status_page.HAIR) / 10_000


def _of(found: Statuses, request: Request) -> Status | None:
    return next((one for one in found.reports if one.report == request.path_params["report"]), None)


def _missing(found: Statuses, request: Request) -> Response:
    known = ", ".join(sorted(one.report for one in found.reports)[:20]) or "none"
    said = f"There is no public report {request.path_params['report']!r}; there are {known}."
    return JSONResponse({"error": said}, status_code=404)
