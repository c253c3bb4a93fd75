"""The states that rows are in: one StrEnum per CHECK constraint of the migrations."""

from __future__ import annotations

from enum import StrEnum


class RunStatus(StrEnum):
    """Status of a refresh run, whatever its source calls it."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


class CheckState(StrEnum):
    """Verdict of a report check; UNKNOWN means the checker, not the report, failed."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class FreshnessState(StrEnum):
    """Result of a freshness check."""

    FRESH = "fresh"
    WARN = "warn"
    STALE = "stale"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """How a collector run ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    SKIPPED = "skipped"


class RequestState(StrEnum):
    """State of an access request after an event."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class AlertState(StrEnum):
    """State of an alert after a transition."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


class ActionState(StrEnum):
    """State of a corrective action after an event."""

    ACTING = "acting"
    CURED = "cured"
    NOT_CURED = "not_cured"
    REFUSED = "refused"
