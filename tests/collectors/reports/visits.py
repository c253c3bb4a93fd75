"""Looks at pages of a test with real browsers, several at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collectors.reach import Reach
from collectors.reports.base import Finding, Target, Visit
from collectors.reports.browser import Slot
from collectors.reports.limits import Limits
from collectors.reports.pool import Pool
from collectors.reports.visit import visit
from config.reports import Persona, Report
from store.rows import StageState

HOSTS = ("127.0.0.1", "localhost")
SECONDS = 30.0  # of patience: a page that is bad is bad sooner, and a machine may be slow


def report(url: str, **settings: Any) -> Report:
    """A report at `url`."""
    given = {"id": "sales", "title": "Sales", "url": url, "subsystem": "sales", "timeout_seconds": SECONDS}
    return Report.model_validate({**given, **settings})


def visited(slot: Slot, looked_at: Report, persona: Persona | None = None) -> Visit:
    """One look in a room of its own."""
    reach = Reach.of(HOSTS, looked_at.url)
    with slot.room(Limits.of(looked_at), reach, width=looked_at.width, height=looked_at.height) as room:
        return visit(room.page, Target(looked_at, persona), room.notes)


def visit_all(pool: Pool, reports: Mapping[str, Report], seconds: float = 170) -> dict[str, Visit | BaseException]:
    """Every report's visit, or the error it ended in, by its key."""

    def work(looked_at: Report) -> Any:
        return lambda slot: visited(slot, looked_at)

    return dict(pool.run({key: work(one) for key, one in reports.items()}, seconds))


def failed(visit: Visit) -> Finding | None:
    """The first stage that failed."""
    return next((finding for finding in visit.findings if finding.state is StageState.FAILED), None)


def verdict(seen: Visit | BaseException) -> tuple[str | None, str | None]:
    """Fault and stage of the first failed stage, both None for a good page."""
    if isinstance(seen, BaseException):
        return repr(seen), None
    finding = failed(seen)
    return (None, None) if finding is None or finding.fault is None else (finding.fault.value, finding.stage.value)
