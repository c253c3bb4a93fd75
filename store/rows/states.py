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


class Stage(StrEnum):
    """How far a look at a report comes, in this order; the first stage that fails is the verdict."""

    REACHABLE = "reachable"
    LOADED = "loaded"
    FINISHED = "finished"
    PRESENT = "present"
    DRAWN = "drawn"
    PARSED = "parsed"
    EQUAL = "equal"
    FAST = "fast"


class StageState(StrEnum):
    """What became of one stage; `skipped` means not reached, or nothing to do."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class Fault(StrEnum):
    """What is wrong with a report, or with its checker, by stage."""

    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    REDIRECT_LOOP = "redirect_loop"
    REFUSED_ADDRESS = "refused_address"
    HTTP_ERROR = "http_error"
    LOGIN_REQUIRED = "login_required"
    DOWNLOAD = "download"
    TOO_HEAVY = "too_heavy"
    EXCEPTION = "exception"
    ERROR_PAGE = "error_page"
    SCRIPT_ERROR = "script_error"
    UNFINISHED = "unfinished"
    OVERLAY = "overlay"
    BLANK_PAGE = "blank_page"
    MISSING_ELEMENT = "missing_element"
    EMPTY_CHART = "empty_chart"
    MISSING_NUMBER = "missing_number"
    UNREADABLE_NUMBER = "unreadable_number"
    WRONG_UNIT = "wrong_unit"
    WRONG_NUMBER = "wrong_number"
    STALE_NUMBER = "stale_number"
    BACKEND_FAILED = "backend_failed"
    SLOW = "slow"
    NO_BROWSER = "no_browser"
    NO_SIGN_IN = "no_sign_in"
    CHECKER_FAILED = "checker_failed"
    CHECKER_BROKEN = "checker_broken"


class NumberState(StrEnum):
    """A number of a page against its backend; `unknown` means that the backend could not be asked."""

    MATCH = "match"
    IN_FLIGHT = "in_flight"
    STALE = "stale"
    WRONG = "wrong"
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"


class BaselineState(StrEnum):
    """What a person said of a picture."""

    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


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
    VERIFICATION = "verification"
