"""What one look at a report is made of: what is visited, what the page showed, and the verdict by stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from config.reports import Persona, Report
from store.rows import CheckState, Fault, Stage, StageState

STATE_OF: Mapping[Fault, CheckState] = {
    Fault.REFUSED_ADDRESS: CheckState.UNKNOWN,
    Fault.BACKEND_FAILED: CheckState.UNKNOWN,
    Fault.NO_BROWSER: CheckState.UNKNOWN,
    Fault.NO_SIGN_IN: CheckState.UNKNOWN,
    Fault.CHECKER_FAILED: CheckState.UNKNOWN,
    Fault.CHECKER_BROKEN: CheckState.UNKNOWN,
    Fault.STALE_NUMBER: CheckState.DEGRADED,
    Fault.SLOW: CheckState.DEGRADED,
}


def state_of(fault: Fault | None) -> CheckState:
    """The state of a report with this fault: whatever is not named above is down."""
    return CheckState.UP if fault is None else STATE_OF.get(fault, CheckState.DOWN)


@dataclass(frozen=True, slots=True)
class Finding:
    """One stage of one look: how it ended, after how many seconds of the look, and why, in one sentence."""

    stage: Stage
    state: StageState
    seconds: float = 0.0
    message: str = ""
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What is looked at: a report as one persona sees it (None: its only audience)."""

    report: Report
    persona: Persona | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What tells targets apart."""
        return self.report.id, self.persona.id if self.persona else ""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of the page: how it is found again, what kind it is, and whether it shows anything."""

    where: str
    kind: str
    is_empty: bool
    message: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a look took: the most memory of its browser beyond that of an idle one, and the bytes received."""

    peak_memory_bytes: int = 0
    received_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Visit:
    """What a browser found on the page: the stages up to `drawn`, and what the others need.

    `texts` has for every number of the report the text it stands in, None when it is not there; `as_of_text` likewise.
    `png` is the picture, `layout` the page's structure as text (accessibility tree), both with masks applied; they are
    None when there was nothing to take.
    """

    findings: tuple[Finding, ...]
    useful_seconds: float | None = None
    http_status: int | None = None
    texts: Mapping[str, str | None] = field(default_factory=dict)
    as_of_text: str | None = None
    charts: tuple[Chart, ...] = ()
    png: bytes | None = None
    layout: str | None = None
    console: tuple[str, ...] = ()
    usage: Usage = Usage()

    @property
    def fault(self) -> Fault | None:
        """The fault of the first stage that failed."""
        return next((finding.fault for finding in self.findings if finding.fault), None)
