"""Which reports are due for a look, as which persona, in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from collectors.reports.base import Target
from config.estate import Estate

SLACK = timedelta(seconds=2)  # a look that began a moment later than its turn does not wait a whole turn more


def targets(estate: Estate) -> Iterator[Target]:
    """Every report that is rendered, as each of its personas."""
    for report in estate.reports:
        if report.check != "browser":
            continue
        if not report.personas:
            yield Target(report)
        for persona in report.personas:
            yield Target(report, persona)


def every(target: Target) -> timedelta:
    """The time between two looks at it."""
    return timedelta(seconds=target.report.every_seconds * (target.persona.nth if target.persona else 1))


def due(estate: Estate, looked_at: Mapping[tuple[str, str], datetime], now: datetime) -> list[Target]:
    """Targets whose turn has come, the one that has waited longest for its turn first."""
    waits = [(_wait(target, looked_at.get(target.key), now), target) for target in targets(estate)]
    ready = [(wait, target) for wait, target in waits if wait >= timedelta(0)]
    return [target for _, target in sorted(ready, key=lambda one: one[0], reverse=True)]


def _wait(target: Target, looked_at: datetime | None, now: datetime) -> timedelta:
    """How long its turn has been there; negative before. A clock that was set back makes nobody wait for ever."""
    if looked_at is None or looked_at > now + SLACK:
        return timedelta.max
    return now - looked_at - every(target) + SLACK
