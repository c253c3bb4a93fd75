"""A report takes longer to be useful than it promises, as several looks agree."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.base import Context, Finding, Rule
from alerts.report_looks import BAD, NewestLook, judged
from alerts.wording import span_text
from store.rows import CheckState, Fault

RULE = Rule(
    name="report_slow",
    severity="warning",
    queries=("rule_reports", "checker_trials"),
    help="See what its server and its queries are busy with, or raise slow_seconds of the report.",
)


def find(ctx: Context) -> Iterator[Finding]:
    """One finding per report of the estate that is degraded because it is slow; unknown where nobody can tell."""
    yield from judged(ctx, _judge)


def _judge(look: NewestLook) -> Finding | None:
    if look.verdict not in BAD:
        return None
    seconds, limit = look.latency_seconds, look.report.slow_seconds
    if look.fault is Fault.SLOW and look.verdict is CheckState.DEGRADED:
        took = "" if seconds is None else f"useful after {span_text(seconds)}, "
        return look.finding(f"{took}promised within {span_text(limit)}", value=seconds, limit=limit, unit="seconds")
    if look.state is CheckState.UP or seconds is None or seconds > limit:
        return look.unknown("it is not known whether it is still slow")
    return None
