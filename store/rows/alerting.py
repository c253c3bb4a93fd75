"""What people and the engine did about alerts: acts, silences, notifications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from store.rows.base import Row
from store.rows.states import AlertAct, DeliveryState, NoticeKind, SilenceState


@dataclass(frozen=True, slots=True)
class AlertEvent(Row):
    """What a person did about a firing alert, and why."""

    TABLE: ClassVar[str] = "alert_events"
    TIME: ClassVar[str] = "occurred_at"

    rule: str
    subject: str
    occurred_at: datetime
    act: AlertAct
    actor_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Silence(Row):
    """No page between `starts_at` and `ends_at` about what matches all patterns (`*` and `?` as in file names)."""

    TABLE: ClassVar[str] = "silences"
    TIME: ClassVar[str] = "occurred_at"
    LATEST: ClassVar[tuple[str, ...]] = ("silence_id",)

    silence_id: str
    occurred_at: datetime
    state: SilenceState
    actor_id: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    rule: str = "*"
    subject: str = "*"
    severity: str = "*"
    is_maintenance: bool = False


@dataclass(frozen=True, slots=True)
class Notification(Row):
    """One message to one channel; `reason` says why it was withheld, `problem` why it could not be delivered."""

    TABLE: ClassVar[str] = "notifications"
    TIME: ClassVar[str] = "occurred_at"
    LATEST: ClassVar[tuple[str, ...]] = ("notification_id",)

    notification_id: str
    occurred_at: datetime
    state: DeliveryState
    kind: NoticeKind
    channel: str
    rule: str
    subject: str
    severity: str
    title: str
    incident_id: str = ""
    attempts: int = 0
    reason: str = ""
    problem: str | None = None
