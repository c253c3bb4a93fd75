"""What people and the product itself did: requests, collector runs, alerts, actions, housekeeping."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from store.rows.base import Row
from store.rows.states import ActionState, AlertState, Outcome, RequestState


@dataclass(frozen=True, slots=True)
class RequestEvent(Row):
    """One step in the life of an access request; the state after the last step is the request's state."""

    TABLE: ClassVar[str] = "request_events"
    TIME: ClassVar[str] = "occurred_at"
    LATEST: ClassVar[tuple[str, ...]] = ("request_id",)

    request_id: str
    occurred_at: datetime
    state: RequestState
    actor_id: str
    requester_id: str
    asset_id: str
    entitlement: str
    justification: str
    ends_on: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CollectorRun(Row):
    """One execution of a collector."""

    TABLE: ClassVar[str] = "collector_runs"
    TIME: ClassVar[str] = "started_at"
    LATEST: ClassVar[tuple[str, ...]] = ("collector",)

    collector: str
    run_id: str
    started_at: datetime
    outcome: Outcome
    rows: int
    seconds: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class AlertTransition(Row):
    """A change of state of one alert of one rule."""

    TABLE: ClassVar[str] = "alert_transitions"
    TIME: ClassVar[str] = "occurred_at"
    LATEST: ClassVar[tuple[str, ...]] = ("rule", "subject")

    rule: str
    subject: str
    occurred_at: datetime
    state: AlertState
    severity: str
    evidence: str
    incident_id: str = ""
    cause: str = ""  # `rule|subject` of the alert that it is attached to; empty for a cause of its own
    value: float | None = None
    impact: int = 0  # how many reports and user groups it hits


@dataclass(frozen=True, slots=True)
class ActionEvent(Row):
    """A step of a corrective action."""

    TABLE: ClassVar[str] = "action_events"
    TIME: ClassVar[str] = "occurred_at"
    LATEST: ClassVar[tuple[str, ...]] = ("playbook", "subject")

    playbook: str
    subject: str
    occurred_at: datetime
    state: ActionState
    detail: str


@dataclass(frozen=True, slots=True)
class SetAsideBatch(Row):
    """A spooled batch that could not be stored and was kept for a person to look at."""

    TABLE: ClassVar[str] = "set_aside_batches"
    TIME: ClassVar[str] = "set_aside_at"

    batch_id: str
    collector: str
    set_aside_at: datetime
    path: str
    problem: str


@dataclass(frozen=True, slots=True)
class Pass(Row):
    """A finished pass of housekeeping (`rollup`, `export`) through all batches up to `batch_no`."""

    TABLE: ClassVar[str] = "passes"
    TIME: ClassVar[str] = "finished_at"

    kind: str
    finished_at: datetime
    batch_no: int
    seconds: float
