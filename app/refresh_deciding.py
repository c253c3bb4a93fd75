"""What people decide about expectations: a learned one accepted or rejected, margins changed.

A decision is on disk, in the spool, before the page says that it is taken, and takes the place of the estate's own
expectation with the same due times. The role is checked at the act, not only where the button is drawn.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import polars as pl
import streamlit as st

from app import data, people
from app.answers import Answer
from app.times import now
from app.tracker import effective_jobs
from config.estate import ROLES, RefreshJob
from config.refreshes import Expectation
from store.errors import SpoolFullError
from store.rows import ExpectationEvent, ProposalState
from store.settings import settings
from store.spool import Spool

__all__ = ["DecisionError", "ProposalState", "SpoolFullError"]  # what the page needs of the layers below
OURS = "expectation_decisions"  # decisions of this session, in force on its pages until the store has them
COLLECTOR = "app_refreshes"
ROLE = "operator"


class DecisionError(ValueError):
    """The viewer may not decide this, or there is nothing to decide; the message is one sentence for them."""


@lru_cache(maxsize=4)
def _spool(root: Path) -> Spool:
    return Spool(root, COLLECTOR)


def may_decide() -> bool:
    """Whether the viewer's highest role is at least operator."""
    return max(map(ROLES.index, people.current_user().roles), default=-1) >= ROLES.index(ROLE)


def decide(
    job_id: str,
    expectation: Expectation,
    state: ProposalState,
    confidence: float | None = None,
    reason: str | None = None,
) -> None:
    """File a decision; raises DecisionError, or SpoolFullError when the disk has no room."""
    if not may_decide():
        raise DecisionError(f"Deciding about expectations needs the role {ROLE}; ask for it under Access.")
    if job_id not in data.titles("jobs"):
        raise DecisionError(f"The estate has no job {job_id!r} any more; reload the page.")
    event = ExpectationEvent(
        job_id=job_id,
        expectation_id=expectation.id,
        occurred_at=now(),
        state=state,
        actor_id=people.current_user().id,
        expectation=expectation.model_dump_json(exclude_defaults=True),
        confidence=confidence,
        reason=reason,
    )
    _spool(settings().spool_path).put([event])
    st.session_state[OURS] = [*st.session_state.get(OURS, []), event]


def with_margins(
    expectation: Expectation, start_margin_seconds: float | None = None, deadline_seconds: float | None = None
) -> Expectation:
    """The expectation with other margins; a deadline in seconds takes the place of one on the clock."""
    changed = expectation.model_dump(exclude_defaults=True)
    if start_margin_seconds is not None:
        changed["start_margin_seconds"] = start_margin_seconds
    if deadline_seconds is not None:
        changed.pop("deadline", None)
        changed["deadline_seconds"] = deadline_seconds
    return Expectation.model_validate(changed)


def decisions() -> tuple[pl.DataFrame, Answer]:
    """The newest decision per job and expectation, with what this session decided and the store does not have yet."""
    answer = data.answer("track_expectations")
    ours: list[ExpectationEvent] = st.session_state.get(OURS, [])
    if not ours:
        return answer.frame, answer
    rows = [
        {name: str(getattr(event, name)) for name in ("job_id", "expectation_id", "state", "expectation", "actor_id")}
        | {"occurred_at": event.occurred_at}
        for event in ours
    ]
    mine = pl.DataFrame(rows, schema_overrides=answer.frame.schema).select(answer.frame.columns)
    newest = pl.concat([answer.frame, mine]).sort("occurred_at")
    return newest.unique(["job_id", "expectation_id"], keep="last", maintain_order=True), answer


def jobs_in_force() -> list[RefreshJob]:
    """The estate's jobs with the expectations that people accepted."""
    return effective_jobs(data.estate().estate, decisions()[0])
