"""The stages of a look as the store keeps them, read for a person."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from store.rows import CheckState, ReportCheck, Stage, StageState


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage: how it ended, after how many seconds of the look (None: it did not begin), and why."""

    stage: Stage
    state: StageState
    seconds: float | None = None
    message: str | None = ""


LINES = TypeAdapter(list[StageLine])
ENDED = {CheckState.UP: StageState.PASSED, CheckState.UNKNOWN: StageState.UNKNOWN}


def stages_of(check: ReportCheck) -> list[StageLine]:
    """All stages in order; of a look that keeps none, the one that decided it."""
    try:
        found = LINES.validate_json(check.stages or "[]")
    except ValueError:  # written by a newer version
        found = []
    state = ENDED.get(check.state, StageState.FAILED)
    found = [replace(one, seconds=None) if one.state is StageState.SKIPPED else one for one in found]
    return found or [StageLine(check.stage, state, check.latency_seconds, check.message)]
