"""A report is down, as several looks agree; a wrong number on a page that works is told by `report_wrong`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from alerts.base import Context, Finding, Rule
from alerts.report_looks import NewestLook, judged
from store.rows import CheckState, Fault

RULE = Rule(
    name="report_down",
    severity="critical",
    queries=("rule_reports", "checker_trials"),
    help="Open the report; the stage says how far it came.",
    pending_for=timedelta(seconds=45),
)
NUMBERS = {Fault.WRONG_NUMBER, Fault.WRONG_UNIT, Fault.STALE_NUMBER}  # the page itself works
DATA = {Fault.EMPTY_CHART, Fault.MISSING_NUMBER, Fault.UNREADABLE_NUMBER}  # what late data looks like on a page


def find(ctx: Context) -> Iterator[Finding]:
    """One finding per report of the estate that is down; unknown where nobody can tell."""
    yield from judged(ctx, partial(_judge, ctx))


def _judge(ctx: Context, look: NewestLook) -> Finding | None:
    if look.verdict is not CheckState.DOWN or look.fault in NUMBERS:
        return None
    if look.state is not CheckState.DOWN:
        return look.unknown("the newest look found it better; more have to agree")
    late = ctx.graph.datasets_of(look.report.id) if look.fault in DATA else ()
    causes = tuple(f"dataset:{name}" for name in sorted(late))
    return look.finding(f"{look.stage}: {look.message}", causes=causes)
