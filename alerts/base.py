"""What a rule is: a typed constant RULE and a function `find(ctx)` in one file of alerts/rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from alerts import rules
from analysis.job_graph import Graph
from config.alerting import Alerting
from config.estate import Estate
from config.load import EstateError
from config.plugins import modules


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition worth a person's attention; `queries` names the answers that `find` looks at.

    It fires when `raise_looks` of the newest `window_looks` looks were bad and the first of them is `pending_for` old,
    so that one bad look alone pages nobody; it resolves after `clear_looks` good looks in a row.
    """

    name: str
    severity: str
    queries: tuple[str, ...]
    help: str
    pending_for: timedelta = timedelta(0)
    raise_looks: int = 1
    window_looks: int = 1
    clear_looks: int = 1


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may look at: the time, the estate with its graph, and the answers to its queries by name."""

    now: datetime
    estate: Estate
    graph: Graph
    answers: Mapping[str, pl.DataFrame]
    every_seconds: Mapping[str, float]
    groups: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong now: what it is about and the evidence, in one sentence.

    `is_known` False says that nobody can tell now, `is_raised` False that it is better than the level that raises but
    not yet at the level that clears: a firing alert then goes on firing, and no new one fires. `causes` are subjects
    whose own alerts explain this one; `impact` counts the reports and user groups it hits. `points` (time, value) are
    drawn in a mail, with `limit` as a line. `help` is what to do, where the rule's own does not say it.
    """

    subject: str
    evidence: str
    is_known: bool = True
    is_raised: bool = True
    severity: str | None = None
    value: float | None = None
    impact: int = 0
    causes: tuple[str, ...] = ()
    points: tuple[tuple[datetime, float], ...] = ()
    limit: float | None = None
    unit: str = ""
    help: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether this look alone speaks for firing."""
        return self.is_known and self.is_raised


Find = Callable[[Context], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """A rule with its function."""

    rule: Rule
    find: Find


def check_names(alerting: Alerting) -> None:
    """Raise EstateError for the tuning of a rule that does not exist."""
    known = sorted(discover())
    for name in alerting.rules:
        if name not in known:
            raise EstateError(f"rules.{name}: found no such rule, expected one of {', '.join(known)}")


def discover() -> dict[str, Check]:
    """All rules by name, found by scanning alerts/rules."""
    return {module.RULE.name: Check(module.RULE, module.find) for module in modules(rules)}
