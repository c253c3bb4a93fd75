"""The state of one alert: what was seen, what is firing, who was told, what a person did about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from alerts.base import Finding
from store.rows import AlertAct, AlertState, AlertTransition

Key = tuple[str, str]  # rule, subject

RANKS = {"info": 1, "warning": 2, "critical": 3}


def rank_of(severity: str) -> int:
    """1 for info up to 3 for critical, 0 for none."""
    return RANKS.get(severity, 0)


def name_of(key: Key) -> str:
    """`rule|subject`, as the store writes the cause of an alert."""
    return f"{key[0]}|{key[1]}"


def digest_of(*parts: object) -> str:
    """64 hex digits that are the same for the same parts, whatever restarts between."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()


@dataclass(slots=True)
class Told:
    """Who heard of the present firing: `severity` is the highest that was told, empty for never."""

    severity: str = ""
    channels: list[str] = field(default_factory=list)
    first_at: datetime | None = None
    last_at: datetime | None = None
    is_escalated: bool = False
    withheld: list[str] = field(default_factory=list)  # why it was withheld, each reason once


@dataclass(slots=True)
class Alert:
    """One alert of a (rule, subject). RESOLVED is the quiet state; a quiet alert is kept while it may yet flap.

    `looks` are the newest looks of a pending alert (True is bad), `good_looks` the good ones in a row of a firing one
    since `good_at`. `bad_at` is the first bad look, `fired_at` the beginning of the present firing and part of its ids;
    `since_at` is the same, but follows when the clock is set back. `changes` are the times at which it fired or
    cleared. `cause` names the alert it is attached to; `is_orphaned` marks the one pass between the end of that alert
    and standing alone.
    """

    rule: str
    subject: str
    finding: Finding
    severity: str
    help: str = ""
    state: AlertState = AlertState.RESOLVED
    looks: list[bool] = field(default_factory=list)
    good_looks: int = 0
    good_at: datetime | None = None
    bad_at: datetime | None = None
    fired_at: datetime | None = None
    since_at: datetime | None = None
    pending_seconds: float = 0.0
    is_held: bool = False
    changes: list[datetime] = field(default_factory=list)
    incident_id: str = ""
    cause: str = ""
    is_orphaned: bool = False
    told: Told = field(default_factory=Told)
    act: AlertAct | None = None
    act_at: datetime | None = None

    @property
    def key(self) -> Key:
        """What there is one alert of."""
        return self.rule, self.subject

    @property
    def is_active(self) -> bool:
        """Pending or firing."""
        return self.state is not AlertState.RESOLVED

    @property
    def is_firing(self) -> bool:
        """Firing, also while its clearing is held off or nobody can tell."""
        return self.state is AlertState.FIRING

    @property
    def is_acknowledged(self) -> bool:
        """A person has seen the present firing."""
        return self.act is AlertAct.ACKNOWLEDGED

    def begin(self, now: datetime) -> None:
        """The first bad look: an incident of its own, until it turns out to have a cause."""
        self.bad_at = now
        self.incident_id = digest_of(self.rule, self.subject, now.isoformat())[:16]
        self.cause, self.is_orphaned = "", False

    def fire(self, now: datetime) -> None:
        """Start firing: nobody is told yet, nobody has acknowledged. Two firings never share their `fired_at`."""
        if self.fired_at is None or now > self.fired_at:
            self.fired_at = now
        else:
            self.fired_at += timedelta(microseconds=1)
        self.state, self.since_at = AlertState.FIRING, now
        self.told, self.act, self.act_at = Told(), None, None
        self.changes.append(now)
        self.good_looks, self.good_at, self.is_held, self.looks = 0, None, False, []

    def rest(self, now: datetime) -> None:
        """Stop firing or pending. Who was told stays until the resolution is out."""
        if self.is_firing:
            self.changes.append(now)
        self.state, self.bad_at = AlertState.RESOLVED, None
        self.good_looks, self.good_at, self.is_held, self.looks = 0, None, False, []

    def hear(self, act: AlertAct, at: datetime) -> None:
        """Take an act in if it is about the present firing and newer than what is known; the order does not matter."""
        if act is AlertAct.NOTED or not self.is_firing or self.since_at is None or at < self.since_at:
            return
        if self.act is None or self.act_at is None or (at, act) > (self.act_at, self.act):
            self.act, self.act_at = act, at

    def clip(self, now: datetime) -> None:
        """After the clock was set back: no time lies ahead, so that no span stands still until it is caught up."""
        self.changes = [min(at, now) for at in self.changes]
        self.bad_at = self.bad_at and min(self.bad_at, now)
        self.good_at = self.good_at and min(self.good_at, now)
        self.since_at = self.since_at and min(self.since_at, now)
        self.told.first_at = self.told.first_at and min(self.told.first_at, now)
        self.told.last_at = self.told.last_at and min(self.told.last_at, now)

    def transition(self, now: datetime, evidence: str) -> AlertTransition:
        """The row that records the present state."""
        return AlertTransition(
            self.rule,
            self.subject,
            now,
            self.state,
            self.severity,
            evidence,
            self.incident_id,
            self.cause,
            self.finding.value,
            self.finding.impact,
        )

    def essence(self) -> list[Any]:
        """All that decides what happens next, without the evidence, which every look brings anew."""
        return [getattr(self, name) for name in ESSENTIAL]


ESSENTIAL = tuple(name for name in Alert.__dataclass_fields__ if name not in {"finding", "help"})
