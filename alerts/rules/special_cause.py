"""A key data point shows a special cause: its control chart signals, and nobody has said that it was expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from alerts.base import Context, Finding, Rule
from alerts.metric_doubts import Doubts
from alerts.said import points_of
from alerts.special_cause_words import evidence_of, limit_of, plan_of
from alerts.special_causes import Signalling, causes_among, in_order, roots_of, signalling

RULE = Rule(
    name="special_cause",
    severity="warning",
    queries=("rule_signals", "rule_collectors"),
    help="Look for the cause on the Control charts page and answer the signal there: real, expected, or data late.",
    pending_for=timedelta(seconds=30),  # what one load brings is judged within one or two passes
)
CRITICAL_SCORE = 2.0  # twice the evidence that makes a signal


def find(ctx: Context) -> Iterator[Finding]:
    """One finding per data point with open signals; those that one cause moved name its root."""
    doubts = Doubts.of(ctx.now, ctx.answers["rule_collectors"].iter_rows(named=True), ctx.every_seconds)

    def doubt_of(row: Mapping[str, Any]) -> str:
        return doubts.of_metric(row["metric_id"], row["collected_at"], row["step_seconds"])

    rows = ctx.answers["rule_signals"].iter_rows(named=True)
    ordered = in_order(signalling(rows, ctx.estate, doubt_of), ctx.graph)
    known = [one for one in ordered if not one.doubt]
    causes = causes_among(ordered, ctx.graph)
    # One that nobody can tell about explains others only while it fires: they name the first that is known as well.
    known_causes = causes_among(known, ctx.graph)
    below = _below(causes, known_causes, ordered)
    behind: dict[str, tuple[str, ...]] = {}
    for one in ordered:
        if one.metric.dataset and one.metric.dataset not in behind:
            behind[one.metric.dataset] = _behind(ctx, one.metric.dataset)
        above = [found[one.id].subject for found in (causes, known_causes) if one.id in found]
        named = (*behind.get(one.metric.dataset, ()), *dict.fromkeys(above))
        yield _finding(ctx, one, below.get(one.id, ()), named, is_root=one.id not in known_causes)


def _below(
    causes: Mapping[str, Signalling], known_causes: Mapping[str, Signalling], ordered: Sequence[Signalling]
) -> dict[str, list[Signalling]]:
    """What each root explains, near and far."""
    below: dict[str, list[Signalling]] = {}
    roots, known_roots = roots_of(causes), roots_of(known_causes)
    for one in ordered:
        for root in {found[one.id].id for found in (roots, known_roots) if one.id in found}:
            below.setdefault(root, []).append(one)
    return below


def _behind(ctx: Context, dataset: str) -> tuple[str, ...]:
    """Whose own alerts explain what the data of a dataset does: it, the datasets and the jobs that it rests on."""
    datasets = [dataset, *sorted(ctx.graph.datasets_behind(dataset) - {dataset})]
    jobs = sorted(ctx.graph.jobs_behind(dataset))
    return (*(f"dataset:{name}" for name in datasets), *(f"job:{name}" for name in jobs))


def _finding(
    ctx: Context, one: Signalling, below: Sequence[Signalling], causes: tuple[str, ...], is_root: bool
) -> Finding:
    if one.doubt:
        return Finding(one.subject, one.doubt, is_known=False, causes=causes)
    row = one.strongest
    reports = ctx.graph.reports_of(one.metric.dataset) if one.metric.dataset else frozenset()
    audiences = {report.audience for report in ctx.estate.reports if report.id in reports and report.audience}
    worst = max((other.score for other in below if not other.doubt), default=0.0)
    return Finding(
        subject=one.subject,
        evidence=evidence_of(one, below, ctx.estate.metrics) + _worse(one, below, worst),
        severity="critical" if max(one.score, worst) >= CRITICAL_SCORE else "warning",
        value=row["value"],
        impact=len(reports) + len(audiences),
        causes=causes,
        points=points_of(row["at"], row["observed"]) if is_root else (),
        limit=limit_of(row),
        unit=one.metric.unit,
        help=plan_of(one.metric),
    )


def _worse(one: Signalling, below: Sequence[Signalling], worst: float) -> str:
    """Why a root with little evidence of its own is critical: it speaks for what it explains."""
    if one.score >= CRITICAL_SCORE or worst < CRITICAL_SCORE:
        return ""
    other = max(below, key=lambda each: (not each.doubt, each.score, each.id))
    return f" Critical because of what it explains: {other.strongest['evidence']}"
