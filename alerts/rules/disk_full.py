"""A file system is fuller than the estate allows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from alerts.base import Context, Finding, Rule
from alerts.said import points_of

RULE = Rule(
    name="disk_full",
    severity="critical",
    queries=("rule_metrics", "rule_disk_history"),
    help="Free space on the named file system, or raise host.disk_crit_ratio in the estate.",
)
FRESH = timedelta(minutes=5)
CLEAR_BELOW = 0.02  # a disk at its limit must fall this far below it before the alert resolves


def find(ctx: Context) -> Iterator[Finding]:
    """One finding per file system over the critical share of space or inodes."""
    limit = ctx.estate.host.disk_crit_ratio
    history = {
        (row["host"], row["instance"], row["metric"]): points_of(row["at"], row["used"])
        for row in ctx.answers["rule_disk_history"].iter_rows(named=True)
    }
    for row in ctx.answers["rule_metrics"].iter_rows(named=True):
        if row["metric"] in {"disk_used_ratio", "inode_used_ratio"} and row["value"] > limit - CLEAR_BELOW:
            is_known = ctx.now - row["observed_at"] < FRESH
            what = "space" if row["metric"] == "disk_used_ratio" else "inodes"
            yield Finding(
                f"{row['host']}:{row['instance']}:{what}",
                f"{row['value']:.1%} of {what} in use, allowed {limit:.0%}",
                is_known,
                is_raised=row["value"] > limit,
                value=row["value"],
                points=history.get((row["host"], row["instance"], row["metric"]), ()),
                limit=limit,
                unit="ratio",
            )
