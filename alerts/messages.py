"""One message to one channel, as the engine decides it and the notifier delivers it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerts.letters import Letter
from store.rows import NoticeKind


@dataclass(frozen=True, slots=True)
class Message:
    """What a person is told. `id` is the same for the same notice to the same channel, whatever restarts between.

    `attached` are alerts that this one explains and that are not told of themselves; `points` (time, value) and `limit`
    make the chart of a mail; `link` is the part of the address after the host, such as `alerts?incident=...`. A message
    that is written already has a `letter`: then that is sent as it is.
    """

    id: str
    kind: NoticeKind
    channel: str
    rule: str
    subject: str
    severity: str
    title: str
    evidence: str
    occurred_at: datetime
    incident_id: str = ""
    help: str = ""
    link: str = ""
    attached: tuple[str, ...] = ()
    points: tuple[tuple[datetime, float], ...] = ()
    limit: float | None = None
    unit: str = ""
    letter: Letter | None = None
