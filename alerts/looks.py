"""From looks to states: m of n bad looks raise, good looks in a row clear, a flapping alert is slow to clear."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.alert import Alert, rank_of
from alerts.base import Finding, Rule
from config.alerting import Flapping, RuleTuning
from store.rows import AlertState

MOST_CHANGES = 64  # remembered per alert; by then the hold-off is at its longest


@dataclass(frozen=True, slots=True)
class Patience:
    """A rule's own settings under what alerts.yaml says of it; `severity` None leaves it to the finding."""

    severity: str | None
    default_severity: str
    raise_looks: int
    window_looks: int
    clear_looks: int
    pending_for: timedelta

    @classmethod
    def of(cls, rule: Rule, tuning: RuleTuning | None) -> Patience:
        """The tuning's values, the rule's where it has none; the window is never smaller than what raises."""
        tuned = tuning or RuleTuning()
        raise_looks = tuned.raise_looks or rule.raise_looks
        pending = rule.pending_for if tuned.pending_seconds is None else timedelta(seconds=tuned.pending_seconds)
        return cls(
            tuned.severity,
            rule.severity,
            raise_looks,
            max(tuned.window_looks or rule.window_looks, raise_looks),
            tuned.clear_looks or rule.clear_looks,
            pending,
        )

    def severity_of(self, finding: Finding) -> str:
        """What a person has set, else what the finding says, else what the rule says."""
        return self.severity or finding.severity or self.default_severity


def worst_by_subject(findings: Iterable[Finding]) -> dict[str, Finding]:
    """One storable finding per subject: known before unknown, bad before better, severe before mild, then the first."""
    worst: dict[str, Finding] = {}
    for finding in findings:
        known = worst.get(finding.subject)
        if known is None or _badness(finding) > _badness(known):
            worst[finding.subject] = finding
    clean = map(_storable, worst.values())
    return {finding.subject: finding for finding in clean}


def _badness(finding: Finding) -> tuple[bool, bool, int]:
    return finding.is_known, finding.is_raised, rank_of(finding.severity or "")


def _storable(finding: Finding) -> Finding:
    """The finding without what no JSON carries: NaN, infinity, names that are no Unicode."""
    if not (finding.subject.isascii() and finding.evidence.isascii()):
        finding = replace(finding, subject=_readable(finding.subject), evidence=_readable(finding.evidence))
    if not all(cause.isascii() for cause in finding.causes):
        finding = replace(finding, causes=tuple(map(_readable, finding.causes)))
    numbers = [*(value for _, value in finding.points), finding.value or 0.0, finding.limit or 0.0]
    if all(map(math.isfinite, numbers)):
        return finding
    return replace(
        finding,
        value=_finite(finding.value),
        limit=_finite(finding.limit),
        points=tuple(point for point in finding.points if math.isfinite(point[1])),
    )


def _readable(text: str) -> str:
    return text.encode(errors="replace").decode()


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def observe(alert: Alert, finding: Finding | None, patience: Patience, flapping: Flapping, now: datetime) -> bool:
    """Count one look (`finding` None is a good one) and say whether the alert's state has changed.

    A finding that is not known is no look at all.
    """
    if finding is not None and not finding.is_known:
        return False
    if finding is not None:
        alert.finding = finding
        alert.pending_seconds = patience.pending_for.total_seconds()
        if finding.is_bad:
            alert.severity = patience.severity_of(finding)
    if alert.changes:
        window = timedelta(seconds=flapping.window_seconds)
        alert.changes = [at for at in alert.changes if now - at < window][-MOST_CHANGES:]
    if alert.is_firing:
        return _clear(alert, finding, patience, flapping, now)
    return _raise(alert, finding is not None and finding.is_bad, patience, now)


def _raise(alert: Alert, is_bad: bool, patience: Patience, now: datetime) -> bool:
    alert.looks = [*alert.looks, is_bad][-patience.window_looks :]
    if not any(alert.looks):
        was_pending = alert.is_active
        alert.rest(now)
        return was_pending
    if alert.bad_at is None:
        alert.begin(now)
    since = alert.bad_at or now
    if is_bad and sum(alert.looks) >= patience.raise_looks and now - since >= patience.pending_for:
        alert.fire(now)
        return True
    was_pending, alert.state = alert.is_active, AlertState.PENDING
    return not was_pending


def _clear(alert: Alert, finding: Finding | None, patience: Patience, flapping: Flapping, now: datetime) -> bool:
    is_clear = alert.good_looks >= patience.clear_looks
    if finding is not None:
        if is_clear:
            alert.changes.append(now)  # it would have cleared and fired again: the next hold-off is longer
        alert.good_looks, alert.good_at, alert.is_held = 0, None, False
        return False
    alert.good_at = alert.good_at or now
    alert.good_looks = min(alert.good_looks + 1, patience.clear_looks)
    if alert.good_looks < patience.clear_looks:
        return False
    alert.is_held = (now - alert.good_at).total_seconds() < hold_seconds(len(alert.changes), flapping)
    if not alert.is_held:
        alert.rest(now)
    return not alert.is_held


def hold_seconds(changes: int, flapping: Flapping) -> float:
    """How long an alert with so many changes within the window must have been good before it clears."""
    beyond = changes - flapping.changes
    if beyond <= 0:
        return 0.0
    return min(flapping.hold_seconds * flapping.growth ** (min(beyond, MOST_CHANGES) - 1), flapping.most_seconds)
