"""One state machine for all alerts: findings in, transitions out. An alert fires on a change, not on a level."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from alerts.base import Finding, Rule
from store.rows import AlertState, AlertTransition


@dataclass(slots=True)
class Engine:
    """Keeps the pending and firing alerts by (rule, subject); start it with the latest transitions of the store."""

    firing: dict[tuple[str, str], AlertTransition] = field(default_factory=dict)
    pending: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def remember(self, transitions: Iterable[AlertTransition]) -> None:
        """Take over the state that an earlier process has written."""
        for transition in transitions:
            if transition.state is AlertState.FIRING:
                self.firing[transition.rule, transition.subject] = transition

    def step(self, rule: Rule, findings: Iterable[Finding], now: datetime) -> Iterator[AlertTransition]:
        """Transitions that one evaluation of a rule causes: findings that last fire, findings that are gone resolve."""
        looked_at = {(rule.name, finding.subject): finding for finding in findings}
        found = {key: finding for key, finding in looked_at.items() if finding.is_known}
        self.pending = {key: at for key, at in self.pending.items() if key[0] != rule.name or key in found}
        for key, finding in found.items():
            since = self.pending.setdefault(key, now)
            if key not in self.firing and now - since >= rule.pending_for:
                fired = AlertTransition(*key, now, AlertState.FIRING, rule.severity, finding.evidence)
                self.firing[key] = fired
                yield fired
        for key in [key for key in self.firing if key[0] == rule.name and key not in looked_at]:
            fired = self.firing.pop(key)
            yield AlertTransition(*key, now, AlertState.RESOLVED, fired.severity, f"resolved; it was: {fired.evidence}")
