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


class Verdict(StrEnum):
    """What became of a refresh slot. The first three are not judged yet; `unknown` means that the tracker was blind.

    A slot is `withdrawn` when its expectation changed before it was judged: nothing is expected then any more.
    """

    UPCOMING = "upcoming"
    DUE = "due"
    RUNNING = "running"
    ON_TIME = "on_time"
    LATE_START = "late_start"
    LATE_FINISH = "late_finish"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    TOO_EARLY = "too_early"
    DUPLICATE = "duplicate"
    OUT_OF_ORDER = "out_of_order"
    FAILED = "failed"
    MISSED = "missed"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


class ProposalState(StrEnum):
    """What a person said of an expectation that was learned from history or changed on a page."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class AlertAct(StrEnum):
    """What a person did about an alert."""

    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    NOTED = "noted"


class SilenceState(StrEnum):
    """Whether a silence holds between its start and its end, or was ended by a person."""

    ACTIVE = "active"
    ENDED = "ended"


class DeliveryState(StrEnum):
    """What became of a notification; a withheld one would have been sent but for `reason`."""

    QUEUED = "queued"
    SENT = "sent"
    RETRYING = "retrying"
    UNDELIVERABLE = "undeliverable"
    WITHHELD = "withheld"


class NoticeKind(StrEnum):
    """Why somebody is told."""

    FIRED = "fired"
    RESOLVED = "resolved"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    WATCHDOG = "watchdog"
