"""Routes: which channels hear of an alert, and whether people may be disturbed now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerts.alert import Alert
from alerts.silencing import is_match
from config.alerting import Alerting, Hours, Route

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def route_of(alert: Alert, routes: Iterable[Route]) -> Route | None:
    """The first route whose rules, subjects and severities match the alert as it is now."""
    for route in routes:
        if (
            alert.severity in route.severities
            and _is_any(route.rules, alert.rule)
            and _is_any(route.subjects, alert.subject)
        ):
            return route
    return None


def _is_any(patterns: Sequence[str], text: str) -> bool:
    return any(is_match(pattern, text) for pattern in patterns)


def channels_of(alert: Alert, alerting: Alerting) -> list[str]:
    """The channels that hear when the alert fires, each once; none without a route."""
    route = route_of(alert, alerting.routes)
    return list(dict.fromkeys(route.channels)) if route else []


def is_open(route: Route, alerting: Alerting, now: datetime) -> bool:
    """Whether the route's people may be disturbed at `now` (naive UTC); a route without hours is always open."""
    hours = next((one for one in alerting.hours if one.id == route.hours), None)
    return hours is None or is_within(hours, now)


def is_within(hours: Hours, now: datetime) -> bool:
    """Whether `now` (naive UTC) is in the half-open hours, by their own zone; an end not after the begin is tomorrow's.

    A span over midnight belongs to the day on which it begins; equal begin and end mean the whole day.
    """
    local = now.replace(tzinfo=UTC).astimezone(ZoneInfo(hours.timezone))
    begin, end = time.fromisoformat(hours.begin), time.fromisoformat(hours.end)
    at, today = local.time(), DAYS[local.weekday()]
    if begin < end:
        return today in hours.days and begin <= at < end
    yesterday = DAYS[(local - timedelta(days=1)).weekday()]
    return (today in hours.days and at >= begin) or (yesterday in hours.days and at < end)
