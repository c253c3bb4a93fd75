"""A collector has recorded no run for three times its step: what it watches is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts.base import Context, Finding, Rule

RULE = Rule(
    name="collector_silent",
    severity="critical",
    queries=("rule_collectors",),
    help="Look at the process on the Collectors page and at its log; playbook restart_collector restarts it.",
    pending_for=timedelta(seconds=30),  # after a start, collectors need a moment for their first run
)
STEPS = 3
GRACE = timedelta(seconds=30)


def find(ctx: Context) -> Iterator[Finding]:
    """One finding per silent collector, named `group/collector`."""
    seen: dict[str, datetime] = dict(ctx.answers["rule_collectors"].select("collector", "started_at").rows())
    for collector, started_at in sorted(seen.items()):
        if collector not in ctx.every_seconds:
            continue
        silent_for = ctx.now - started_at
        if silent_for > timedelta(seconds=STEPS * ctx.every_seconds[collector]) + GRACE:
            minutes = silent_for.total_seconds() / 60
            yield Finding(
                f"{ctx.groups[collector]}/{collector}",
                f"no run for {minutes:.0f} min, expected every {ctx.every_seconds[collector]:g} s",
            )
