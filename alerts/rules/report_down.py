"""The last check of a report found it down; a checker that failed itself is unknown, not down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from alerts.base import Context, Finding, Rule

RULE = Rule(
    name="report_down",
    severity="critical",
    queries=("rule_reports",),
    help="Open the report; the stage says how far it came.",
    pending_for=timedelta(seconds=45),
)


def find(ctx: Context) -> Iterator[Finding]:
    """One finding per report of the estate that is down."""
    known = {report.id for report in ctx.estate.reports}
    for row in ctx.answers["rule_reports"].iter_rows(named=True):
        if row["state"] == "unknown" and row["report_id"] in known:
            yield Finding(row["report_id"], "the checker cannot tell", is_known=False)
        elif row["state"] == "down" and row["report_id"] in known:
            yield Finding(row["report_id"], f"down at stage {row['stage']}: {row['message'] or 'no message'}")
