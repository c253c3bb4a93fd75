"""The newest looks at reports as rules judge them: one finding a report, of the audience that sees it worst.

What is old, what the checker could not tell and what a broken checker says is unknown. A look in a maintenance window
raises nothing; what fires already goes on, and clears as always.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from alerts.alert import rank_of
from alerts.base import Context, Finding
from alerts.wording import span_text
from config.reports import Persona, Report
from store.rows import CheckState, Fault

LOOKS = "rule_reports"
TRIALS = "checker_trials"
OLD_STEPS = 5  # looks that may be missing before the last one says nothing about now
OLD_LEAST = timedelta(minutes=5)
TRIALS_LAST = timedelta(days=1)  # an older trial is of a case that is tried no more
MOST_NAMES = 3
BAD = (CheckState.DOWN, CheckState.DEGRADED)


@dataclass(frozen=True, slots=True)
class NewestLook:
    """The newest look at a report as one persona sees it (None: its only audience); `doubt` says why it is unknown.

    `state` and `fault` are of the look itself, `verdict` is what several looks agree on.
    """

    report: Report
    persona: Persona | None
    observed_at: datetime
    state: CheckState
    verdict: CheckState
    stage: str
    fault: Fault | None
    message: str
    latency_seconds: float | None
    is_planned: bool
    doubt: str

    @property
    def key(self) -> tuple[str, str]:
        """What tells looks apart."""
        return self.report.id, self.persona.id if self.persona else ""

    @property
    def audience(self) -> str:
        """Who sees it so; empty where there is one audience only."""
        return (self.persona.title or self.persona.id) if self.persona else ""

    def finding(
        self,
        evidence: str,
        severity: str | None = None,
        value: float | None = None,
        causes: tuple[str, ...] = (),
        limit: float | None = None,
        unit: str = "",
    ) -> Finding:
        """A finding about the report; within a maintenance window it raises nothing."""
        is_raised = not self.is_planned
        return Finding(
            self.report.id, evidence, True, is_raised, severity, value, causes=causes, limit=limit, unit=unit
        )

    def unknown(self, why: str) -> Finding:
        """Nobody can tell: a firing alert goes on as it was told, and no new one fires."""
        return Finding(self.report.id, why, is_known=False)


Judge = Callable[[NewestLook], Finding | None]


def judged(ctx: Context, judge: Judge) -> Iterator[Finding]:
    """The worst finding of each report, with the audiences that see it bad; `judge` is asked about what is known."""
    found: dict[str, list[tuple[NewestLook, Finding]]] = {}
    for look in newest_looks(ctx):
        finding = look.unknown(look.doubt) if look.doubt else judge(look)
        if finding is not None:
            found.setdefault(look.report.id, []).append((look, finding))
    for several in found.values():
        look, worst = max(several, key=lambda one: _badness(one[1]))
        alike = [one for one, finding in several if _badness(finding) == _badness(worst)]
        yield replace(worst, evidence=f"{_audiences(alike)}{worst.evidence}", impact=_impact(look.report, alike))


def newest_looks(ctx: Context) -> Iterator[NewestLook]:
    """The looks at what the estate names; an audience that is no longer in the estate says nothing any more."""
    reports = {report.id: report for report in ctx.estate.reports}
    broken = broken_cases(ctx)
    for row in ctx.answers[LOOKS].iter_rows(named=True):
        report = reports.get(row["report_id"])
        if report is None or row["persona"] not in ({persona.id for persona in report.personas} or {""}):
            continue
        persona = next((one for one in report.personas if one.id == row["persona"]), None)
        yield NewestLook(
            report,
            persona,
            row["observed_at"],
            CheckState(row["state"]),
            CheckState(row["verdict"]),
            row["stage"],
            Fault(row["fault"]) if row["fault"] else None,
            row["message"] or "no message",
            row["latency_seconds"],
            row["is_planned"],
            _doubt(report, persona, row, broken, ctx.now),
        )


def broken_cases(ctx: Context) -> list[dict[str, Any]]:
    """The trials that the checker got wrong the last time it was tried on them."""
    trials = ctx.answers[TRIALS].iter_rows(named=True)
    return [row for row in trials if not row["is_right"] and ctx.now - row["observed_at"] <= TRIALS_LAST]


def doubt_of_age(report: Report, persona: Persona | None, observed_at: datetime, now: datetime) -> str:
    """Why a look is too old to say anything about now; empty when it is not."""
    step = timedelta(seconds=report.every_seconds * (persona.nth if persona else 1))
    age = now - observed_at
    if age <= max(OLD_STEPS * step, OLD_LEAST):
        return ""
    return f"nobody knows: the last look is {span_text(age.total_seconds())} old"


def _doubt(
    report: Report, persona: Persona | None, row: dict[str, Any], broken: Collection[object], now: datetime
) -> str:
    if said := doubt_of_age(report, persona, row["observed_at"], now):
        return said
    if broken and report.check == "browser":
        return "nobody knows: the checker got its own trial wrong, so nothing it says counts"
    if CheckState.UNKNOWN in (row["state"], row["verdict"]):
        return f"the checker cannot tell: {row['message'] or 'no message'}"
    return ""


def _badness(finding: Finding) -> tuple[bool, bool, int]:
    return finding.is_known, finding.is_raised, rank_of(finding.severity or "")


def _audiences(looks: list[NewestLook]) -> str:
    """`Gold partners (1 of 3 audiences): `; nothing where there is one audience only."""
    total = len(looks[0].report.personas)
    if total < 2:
        return ""
    names = [look.audience for look in looks]
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{', '.join(names[:MOST_NAMES])}{more} ({len(names)} of {total} audiences): "


def _impact(report: Report, looks: list[NewestLook]) -> int:
    """The report, and the audiences that see it so."""
    return 1 + (len(looks) if report.personas else bool(report.audience))
