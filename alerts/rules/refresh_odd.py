"""A refresh ran, but not as it should: too short, too early, twice, or before the jobs it builds on had finished."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.base import Context, Finding, Rule
from alerts.said import clock_text
from store.rows import Verdict

RULE = Rule(
    name="refresh_odd",
    severity="warning",
    queries=("rule_slots",),
    help="Compare what the run brought with the runs before; a load that ends too soon has often brought nothing.",
)
WHAT = {
    Verdict.TOO_SHORT: "ended too soon",
    Verdict.TOO_EARLY: "started too early",
    Verdict.DUPLICATE: "ran twice",
    Verdict.OUT_OF_ORDER: "started before its upstream had finished",
}


def find(ctx: Context) -> Iterator[Finding]:
    """One finding per job whose newest slot was odd; the next ordinary one resolves it."""
    graph = ctx.graph
    jobs = {job.id: job for job in ctx.estate.jobs if not job.is_paused}
    found: dict[str, Finding] = {}
    for row in ctx.answers["rule_slots"].sort("due_at").iter_rows(named=True):
        job, verdict = jobs.get(row["job_id"]), Verdict(row["verdict"])
        if job is None or verdict not in WHAT:
            continue
        detail = f": {row['detail']}" if row["detail"] else ""
        said = f"{job.title} {WHAT[verdict]}, slot of {clock_text(row['due_at'], ctx.now)}{detail}."
        hit = graph.impact_of(job.id).size
        found[job.id] = Finding(f"job:{job.id}", said, is_known=not row["is_unknown_next"], impact=hit)
    yield from found.values()
