"""The last run of a collector failed or was over its time."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.base import Context, Finding, Rule

RULE = Rule(
    name="collector_failed",
    severity="warning",
    queries=("rule_collectors",),
    help="The error says which source and why; the other sources go on.",
)


def find(ctx: Context) -> Iterator[Finding]:
    """One finding per collector whose last run did not succeed."""
    for row in ctx.answers["rule_collectors"].iter_rows(named=True):
        if row["outcome"] in {"failed", "timed_out"} and row["collector"] in ctx.every_seconds:
            yield Finding(row["collector"], row["error"] or f"last run {row['outcome']}")
