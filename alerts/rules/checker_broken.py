"""The checker of reports was wrong about a page of its own whose fault is known: nothing it says counts."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.base import Context, Finding, Rule
from alerts.report_looks import broken_cases

RULE = Rule(
    name="checker_broken",
    severity="critical",
    queries=("checker_trials",),
    help="See the log of the collectors and whether the machine is overloaded; until then every report is unknown.",
)
SUBJECT = "report checker"


def find(ctx: Context) -> Iterator[Finding]:
    """One finding while the newest trial of any page was wrong."""
    broken = broken_cases(ctx)
    if not broken:
        return
    first = broken[0]
    expected, found = (_words(first[name]) for name in ("expected", "found"))
    more = f"; {len(broken) - 1} more trials went wrong" if len(broken) > 1 else ""
    yield Finding(
        SUBJECT,
        f"found {found} on its own page “{_words(first['case_id'])}”, expected {expected}{more}",
        value=float(len(broken)),
        impact=sum(report.check == "browser" for report in ctx.estate.reports),
    )


def _words(name: str | None) -> str:
    return name.replace("_", " ") if name else "nothing wrong"
