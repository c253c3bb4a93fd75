"""The structure of a page is no longer the one that a person approved; pixels alone never count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from alerts.base import Context, Finding, Rule
from alerts.report_looks import NewestLook, judged
from alerts.said import clock_text
from store.rows import CheckState

RULE = Rule(
    name="report_changed",
    severity="info",
    queries=("rule_reports", "rule_report_layouts", "checker_trials"),
    help="Compare the pictures on the page of the report; approve the new one if it is right.",
    pending_for=timedelta(minutes=10),  # by then it mostly was looked at again
)


def find(ctx: Context) -> Iterator[Finding]:
    """One finding per report that looks otherwise than approved; unknown while it is down."""
    layouts = {(row["report_id"], row["persona"]): row for row in ctx.answers["rule_report_layouts"].to_dicts()}
    yield from judged(ctx, partial(_judge, ctx, layouts))


def _judge(ctx: Context, layouts: Mapping[tuple[str, str], dict[str, Any]], look: NewestLook) -> Finding | None:
    row = layouts.get(look.key)
    if row is None or row["layout"] == row["approved_layout"]:
        return None
    if row["layout"] is None or look.state is CheckState.DOWN:
        return look.unknown("the newest look did not see the whole page")
    approved = f"{row['actor']} approved on {clock_text(row['approved_at'], ctx.now)}"
    return look.finding(f"the structure of the page differs from what {approved}")
