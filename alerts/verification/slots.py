"""When verification mails are due: once a day by the clock of their time zone, on the days they name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.alerting import Verification
from config.refreshes import Weekday

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_LATE = timedelta(hours=6)  # a mail about the morning helps nobody in the evening
FURTHEST = timedelta(days=40)  # further back nobody counts what was missed


@dataclass(frozen=True, slots=True)
class Due:
    """What has come since the last time: the slot to send for, if any, and those that it is too late for."""

    slot: datetime | None
    missed: tuple[datetime, ...] = ()


def due(verification: Verification, after: datetime, now: datetime) -> Due:
    """Of the slots in (`after`, `now`], in UTC: the newest if it is less than 6 hours old; all others are missed."""
    slots = slots_between(verification, max(after, now - FURTHEST), now)
    if not slots:
        return Due(None)
    if now - slots[-1] < MOST_LATE:
        return Due(slots[-1], tuple(slots[:-1]))
    return Due(None, tuple(slots))


def slots_between(verification: Verification, after: datetime, until: datetime) -> list[datetime]:
    """Slots in (`after`, `until`], in UTC: one a day, also when the clock is changed.

    A time that the clock jumps over comes as much later as the clock was put forward; of a time that comes twice, the
    first counts.
    """
    zone, at = ZoneInfo(verification.timezone), time.fromisoformat(verification.at)
    day = (after.replace(tzinfo=UTC).astimezone(zone) - timedelta(days=1)).date()
    last = until.replace(tzinfo=UTC).astimezone(zone).date()
    found = []
    while day <= last:
        slot = datetime.combine(day, at, zone).astimezone(UTC).replace(tzinfo=None)
        if WEEKDAYS[day.weekday()] in verification.days and after < slot <= until:
            found.append(slot)
        day += timedelta(days=1)
    return found
