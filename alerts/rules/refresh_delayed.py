"""A refresh failed, was missed, is late, or will in all likelihood be: one alert a job until it is made good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from alerts.base import Context, Finding, Rule
from alerts.said import clock_text, points_of
from analysis.job_graph import Graph
from config.estate import RefreshJob
from store.rows import Verdict

RULE = Rule(
    name="refresh_delayed",
    severity="warning",
    queries=("rule_slots", "rule_forecasts", "rule_durations"),
    help="Chase the job that the evidence names; a success in the same slot, or in the next, resolves this by itself.",
    pending_for=timedelta(seconds=20),
)
LIKELY = 0.8  # a miss this probable is said before it happens
STILL_LIKELY = 0.5
FEWEST_RUNS = 5  # a forecast from fewer is a guess
WHAT = {
    Verdict.FAILED: "failed",
    Verdict.MISSED: "was missed",
    Verdict.LATE_START: "has not started",
    Verdict.LATE_FINISH: "has not finished",
    Verdict.TOO_LONG: "runs too long",
}


def find(ctx: Context) -> Iterator[Finding]:
    """One finding per job whose newest slot went wrong and was not made good, or whose next finish will be late."""
    graph = ctx.graph
    jobs = {job.id: job for job in ctx.estate.jobs if not job.is_paused}
    slots = _by_job(ctx.answers["rule_slots"], "due_at")
    forecasts = _by_job(ctx.answers["rule_forecasts"], "miss_ratio")
    taken = {row["job_id"]: row for row in ctx.answers["rule_durations"].iter_rows(named=True)}
    for job in jobs.values():
        found = _wrong(slots.get(job.id), ctx.now) or _at_risk(forecasts.get(job.id), ctx.now)
        if found is not None:
            row = taken.get(job.id, {"finished": [], "seconds": []})
            yield replace(_completed(found, job, graph), points=points_of(row["finished"], row["seconds"]))


def _by_job(frame: pl.DataFrame, worst: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by job, the one with the highest `worst` first."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in frame.sort(worst, descending=True).iter_rows(named=True):
        rows.setdefault(row["job_id"], []).append(row)
    return rows


def _wrong(rows: list[dict[str, Any]] | None, now: datetime) -> Finding | None:
    """The newest judged slot of any expectation that went wrong and is not over."""
    for row in rows or ():
        verdict = Verdict(row["verdict"])
        is_open = verdict in (Verdict.FAILED, Verdict.MISSED) or row["finished_at"] is None
        if verdict == Verdict.LATE_START and row["started_at"] is not None:
            is_open = False  # it runs now; whether it will be late is for the forecast to say
        if verdict in WHAT and is_open:
            detail = f": {row['detail']}" if row["detail"] else ""
            said = f"{WHAT[verdict]}, due {clock_text(row['due_at'], now)}{detail}"
            return Finding(row["job_id"], said, is_known=not row["is_unknown_next"])
    return None


def _at_risk(rows: list[dict[str, Any]] | None, now: datetime) -> Finding | None:
    """A finish that will probably be after its deadline."""
    for row in rows or ():
        if row["miss_ratio"] < STILL_LIKELY or row["runs"] < FEWEST_RUNS:
            continue
        deadline, median = clock_text(row["deadline_at"], now), clock_text(row["median_at"], now)
        said = f"will miss {deadline} with {row['miss_ratio']:.0%}, expected at {median}"
        if row["blocked_by"]:
            said += f"; waits for {row['blocked_by']}"
        return Finding(row["job_id"], said, is_raised=row["miss_ratio"] >= LIKELY, value=row["miss_ratio"])
    return None


def _completed(found: Finding, job: RefreshJob, graph: Graph) -> Finding:
    """The finding with who is hit and which upstream jobs would explain it."""
    impact = graph.impact_of(job.id)
    hit = impact.size
    whom = ", ".join(impact.audiences) or words_of(impact.reports)
    return Finding(
        subject=f"job:{job.id}",
        evidence=f"{job.title} {found.evidence}{f'; hits {whom}' if hit else ''}.",
        is_known=found.is_known,
        is_raised=found.is_raised,
        severity="critical" if impact.reports else "warning",
        value=found.value,
        impact=hit,
        causes=tuple(f"job:{upstream}" for upstream in sorted(graph.upstream_of(job.id))),
        limit=min((one.max_seconds for one in job.expectations if one.max_seconds is not None), default=None),
        unit="seconds",
    )


def words_of(reports: tuple[str, ...]) -> str:
    """The first reports by name, and how many more."""
    more = f" and {len(reports) - 3} more" if len(reports) > 3 else ""
    return ", ".join(reports[:3]) + more
