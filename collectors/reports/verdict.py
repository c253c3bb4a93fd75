"""The stages of one look put together: the first that fails is the verdict."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from collectors.reports.base import Finding, state_of
from store.rows import CheckState, Fault, Stage, StageState

STAGES = tuple(Stage)
WORTH_SAYING = (Stage.EQUAL, Stage.FAST)  # of a good report


def speed(seconds: float | None, slow_seconds: float) -> Finding:
    """How soon the page was useful; None: never."""
    if seconds is None:
        return Finding(Stage.FAST, StageState.SKIPPED)
    if seconds > slow_seconds:
        said = f"Useful after {seconds:.1f} s, slow from {slow_seconds:g} s."
        return Finding(Stage.FAST, StageState.FAILED, seconds, said, Fault.SLOW)
    return Finding(Stage.FAST, StageState.PASSED, seconds, f"Useful after {seconds:.1f} s.")


def ended(stage: Stage, fault: Fault, message: str) -> tuple[Finding, ...]:
    """The stages of a look that ended at `stage`; those before it have passed."""
    is_known = state_of(fault) is not CheckState.UNKNOWN
    at = STAGES.index(stage)
    return (
        *(Finding(one, StageState.PASSED) for one in STAGES[:at]),
        Finding(stage, StageState.FAILED if is_known else StageState.UNKNOWN, message=message, fault=fault),
        *(Finding(one, StageState.SKIPPED) for one in STAGES[at + 1 :]),
    )


def after_first(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The first fault is the verdict; a later stage keeps what it found, but its speed is not judged any more."""
    first = next((number for number, one in enumerate(findings) if one.fault is not None), None)
    if first is None or findings[-1].stage is not Stage.FAST or first == len(findings) - 1:
        return findings
    return (*findings[:-1], Finding(Stage.FAST, StageState.SKIPPED))


def stages_json(findings: Sequence[Finding]) -> str:
    """The stages as `report_checks.stages` keeps them."""
    return orjson.dumps(
        [
            {"stage": one.stage, "state": one.state, "seconds": round(one.seconds, 3), "message": one.message}
            for one in findings
        ]
    ).decode()


def message(findings: Sequence[Finding]) -> str:
    """The first stage that failed in one sentence, or what was proven of a good report."""
    bad = first_bad(findings)
    if bad is not None:
        return bad.message
    said = (one.message for one in findings if one.stage in WORTH_SAYING and one.state is StageState.PASSED)
    return " ".join(filter(None, said))


def first_bad(findings: Sequence[Finding]) -> Finding | None:
    """The first stage that failed or could not be judged."""
    return next((finding for finding in findings if finding.fault is not None), None)
