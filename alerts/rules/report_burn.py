"""A report spends its error budget too fast, by a long window and a short one together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from alerts.base import Context, Finding, Rule
from alerts.report_looks import broken_cases, doubt_of_age
from alerts.said import points_of
from alerts.wording import span_text
from analysis.reports.slo import Burn, burning, counts_of, lasts_seconds
from config.reports import Report

RULE = Rule(
    name="report_burn",
    severity="warning",
    queries=("rule_report_burns", "checker_trials"),
    help="See on the page of the report what comes and goes; its history has every look.",
)
SPANS = {"1h": "1 h", "6h": "6 h", "3d": "3 d"}


def find(ctx: Context) -> Iterator[Finding]:
    """One finding per report whose budget burns too fast; unknown where nobody can tell."""
    reports = {report.id: report for report in ctx.estate.reports}
    is_broken = bool(broken_cases(ctx))
    for row in ctx.answers["rule_report_burns"].iter_rows(named=True):
        report = reports.get(row["report_id"])
        found = burning(counts_of(row), report.slo.target) if report else None
        if report is not None and found is not None:
            is_trusted = not (is_broken and report.check == "browser")
            yield _finding(report, found, row, is_known=is_trusted and _is_known(report, row["end_at"], ctx.now))


def _is_known(report: Report, end_at: datetime, now: datetime) -> bool:
    return not doubt_of_age(report, None, end_at, now)


def _finding(report: Report, found: Burn, row: dict[str, Any], is_known: bool) -> Finding:
    """What explains it is what else fires about the report: then that is told, and this is attached to it."""
    lasts = lasts_seconds(found.rate, report.slo.window_days) or 0.0
    evidence = (
        f"error budget burns {found.rate:,.1f} times too fast: {found.long.bad} of {found.long.known} looks in "
        f"{SPANS[found.window.long]} were bad, {found.short.bad} of the newest {found.short.known}; "
        f"the budget of {report.slo.window_days} d lasts {span_text(lasts)} at this rate"
    )
    return Finding(
        report.id,
        evidence,
        is_known=is_known,
        severity=found.window.severity,
        value=found.rate,
        impact=1 + bool(report.audience),
        causes=(report.id,),
        points=points_of(row["hours"], row["bad_ratios"]),
        limit=found.window.rate * (1.0 - report.slo.target),
        unit="ratio",
    )
