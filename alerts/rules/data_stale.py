"""The data of a dataset is older than promised, or a refresh brought nothing: whatever its job says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from alerts.base import Context, Finding, Rule
from analysis.data_freshness import DataState, dataset_states

RULE = Rule(
    name="data_stale",
    severity="critical",
    queries=("rule_arrivals", "rule_freshness", "rule_slots"),
    help="Find out why the newest rows did not arrive; if the job succeeded, look at its source, not at the job.",
    pending_for=timedelta(seconds=60),
)
BAD = {DataState.STALE, DataState.GREEN_JOB_STALE_DATA, DataState.REFRESHED_BUT_EMPTY}


def find(ctx: Context) -> Iterator[Finding]:
    """One finding per dataset with a promise that is not kept; unknown where nobody can tell."""
    estate = ctx.estate
    graph = ctx.graph
    runs, checks, slots = (ctx.answers[name] for name in RULE.queries)
    states = dataset_states(estate.datasets, estate.jobs, runs, checks, slots, ctx.now)
    for row in states.iter_rows(named=True):
        state = DataState(row["state"])
        if state not in BAD and state != DataState.UNKNOWN:
            continue
        reports = graph.reports_of(row["dataset_id"])
        audiences = {report.audience for report in estate.reports if report.id in reports and report.audience}
        yield Finding(
            subject=f"dataset:{row['dataset_id']}",
            evidence=row["explanation"],
            is_known=state != DataState.UNKNOWN,
            severity="critical" if reports else "warning",
            value=row["age_seconds"],
            impact=len(reports) + len(audiences),
            causes=tuple(f"job:{job}" for job in sorted(graph.jobs_behind(row["dataset_id"]))),
        )
