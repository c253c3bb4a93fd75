"""The expectation of a job in its drawer: what is due, what history suggests, what other margins would have changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from math import ceil

import polars as pl
import streamlit as st

from analysis.learned_schedule import Proposal, learn
from analysis.what_if import Replay, replay
from app import charts_refresh, data, times, ui, words
from app.refresh_deciding import (
    DecisionError,
    ProposalState,
    SpoolFullError,
    decide,
    decisions,
    may_decide,
    with_margins,
)
from app.refresh_words import due_text, expectation_text
from config.estate import RefreshJob
from config.refreshes import Expectation

MINUTE = 60.0
LEAST_MINUTES = 60
SPAN = timedelta(days=90)
STEP_MINUTES = 5


def show(job: RefreshJob, runs: pl.DataFrame, slots: pl.DataFrame) -> None:
    """Expectations with what people decided about them, the learned proposal, and the margins to try out."""
    decided = {row["expectation_id"]: row for row in decisions()[0].filter(pl.col("job_id") == job.id).to_dicts()}
    for expectation in job.expectations:
        st.markdown(expectation_text(expectation))
        row = decided.get(expectation.id)
        if row is not None and row["state"] == ProposalState.ACCEPTED:
            _decided(job, expectation, row["actor_id"], row["occurred_at"])
    if not job.expectations:
        ui.empty("No schedule", "Give the job an expectation in the estate, or accept what its history suggests.")
    _learned(job, runs, decided)
    if job.expectations and not slots.is_empty():
        _what_if(job, slots)


def _decided(job: RefreshJob, expectation: Expectation, actor: str, at: datetime) -> None:
    said = f"Accepted by {actor}, {times.ago(at)}; in force instead of the estate's own."
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(said, width="stretch")
        if st.button("Withdraw", key=f"withdraw_{job.id}_{expectation.id}", disabled=not may_decide()):
            _act(job, expectation, ProposalState.WITHDRAWN, "Withdrawn. The estate's own expectation is in force.")


def bad_periods(job_id: str) -> list[tuple[datetime, datetime]]:
    """Maintenance windows that name the job: what happened in them is not learned from."""
    frame = data.answer("engine_silences", since=SPAN).frame
    rows = frame.filter("is_maintenance").select("subject", "starts_at", "ends_at").rows()
    return [(start, end) for subject, start, end in rows if fnmatchcase(f"job:{job_id}", subject)]


def proposal_of(job_id: str, runs: pl.DataFrame, zone: str) -> Proposal | None:
    """What the starts of a job's runs suggest; `runs` has started_at, duration_seconds and status."""
    told = runs.filter(pl.col("started_at").is_not_null()).sort("started_at")
    durations = told["duration_seconds"].fill_null(float("nan")).to_list()
    return learn(told["started_at"].to_list(), zone, bad_periods(job_id), durations)


def _learned(job: RefreshJob, runs: pl.DataFrame, decided: dict[str, dict[str, object]]) -> None:
    proposal = proposal_of(job.id, runs, times.zone_name())
    if proposal is None:
        st.caption("History suggests no schedule yet: it takes six runs that follow one.")
        return
    expectation = proposal.expectation
    row = decided.get(expectation.id)
    if row is not None and row["state"] == ProposalState.REJECTED:
        st.caption(f"History suggests: due {due_text(expectation)}. Rejected by {row['actor_id']}.")
        return
    if any(one.id == expectation.id for one in job.expectations):
        st.caption(f"History agrees: {proposal.explanation}")
        return
    place = st.expander("History suggests another schedule") if job.expectations else st.container(border=True)
    with place:
        st.markdown(f"{ui.badge('proposed', 'Learned')} {expectation_text(expectation)}")
        beside = " Accepting adds it to the expectations above." if job.expectations else ""
        st.caption(f"{proposal.explanation} Confidence {words.share(proposal.confidence)}.{beside}")
        _buttons(job, proposal)


def _buttons(job: RefreshJob, proposal: Proposal) -> None:
    may = may_decide()
    with st.container(horizontal=True):
        if st.button("Accept", key=f"accept_{job.id}", type="primary", disabled=not may):
            done = "Accepted. The tracker expects it from its next look on."
            _act(job, proposal.expectation, ProposalState.ACCEPTED, done, proposal.confidence, "learned from history")
        if st.button("Reject", key=f"reject_{job.id}", disabled=not may):
            done = "Rejected. It is not proposed again."
            _act(job, proposal.expectation, ProposalState.REJECTED, done, proposal.confidence, "learned from history")
    if not may:
        st.caption("Deciding needs the role operator; ask for it under Access.")


def _act(
    job: RefreshJob,
    expectation: Expectation,
    state: ProposalState,
    done: str,
    confidence: float | None = None,
    reason: str | None = None,
) -> None:
    try:
        decide(job.id, expectation, state, confidence, reason)
    except (DecisionError, SpoolFullError) as error:
        st.error(str(error), icon=":material/block:")
        return
    st.success(done, icon=":material/check_circle:")


def _what_if(job: RefreshJob, slots: pl.DataFrame) -> None:
    st.markdown("**What if**")
    st.caption("Other margins, tried on the stored slots of 90 days before anything is saved")
    expectation = _chosen(job)
    rows = slots.filter(pl.col("expectation") == expectation.id)
    if rows.is_empty():
        st.caption("No slot of this expectation was judged yet.")
        return
    usual = (rows["deadline_at"] - rows["due_at"]).dt.total_seconds().median()
    start_now = ceil(expectation.start_margin_seconds / MINUTE)
    deadline_now = ceil((expectation.deadline_seconds or float(usual or 0.0)) / MINUTE)  # type: ignore[arg-type]
    key = f"{job.id}_{expectation.id}"
    start = _slider("Start margin, minutes after due", start_now, f"start_{key}")
    deadline = _slider("Deadline, minutes after due", deadline_now, f"deadline_{key}")
    start_seconds = start * MINUTE if start != start_now else None
    deadline_seconds = deadline * MINUTE if deadline != deadline_now else None
    _replayed(replay(rows, start_seconds, deadline_seconds))
    is_same = start_seconds is None and deadline_seconds is None
    may = may_decide()
    if st.button("Save margins", key=f"save_{key}", type="primary", disabled=is_same or not may):
        changed = with_margins(expectation, start_seconds, deadline_seconds)
        _act(
            job,
            changed,
            ProposalState.ACCEPTED,
            "Saved. The tracker judges by it from its next look on.",
            reason="margins",
        )
    if not may:
        st.caption("Saving needs the role operator; ask for it under Access.")


def _chosen(job: RefreshJob) -> Expectation:
    if len(job.expectations) == 1:
        return job.expectations[0]
    texts = {one.id: due_text(one) for one in job.expectations}
    chosen = st.selectbox("Expectation", list(texts), format_func=texts.__getitem__, key=f"expectation_{job.id}")
    return next(one for one in job.expectations if one.id == (chosen or job.expectations[0].id))


def _slider(label: str, minutes: int, key: str) -> int:
    most = max(4 * minutes, LEAST_MINUTES)
    return int(st.slider(label, 0, most - most % -STEP_MINUTES, minutes, key=key))


def _replayed(found: Replay) -> None:
    now, then = found.alarms_per_week_now, found.alarms_per_week_then
    moved = then - now
    with st.grid(2, min_column_width=150):
        st.metric("Alarms a week, now", f"{now:.1f}", border=True, height="stretch")
        st.metric(
            "Alarms a week, then",
            f"{then:.1f}",
            delta=f"{moved:+.1f}".replace("-", "−") if found.changed.height else "no slot changes",
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
        )
    weeks = found.weeks.select(
        pl.col("week_at").dt.strftime("%-d %b").alias("week"), pl.col("now").alias("Now"), pl.col("then").alias("Then")
    )
    ui.chart(charts_refresh.alarms(weeks), "Alarms by week, as stored and with these margins", 170, "what_if")
