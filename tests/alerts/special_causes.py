"""A small estate with data points along a lineage and their signals in a real store, for the tests of their alerts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from alerts.base import Context, Finding, discover
from alerts.engine import Engine, Look, Step
from analysis.job_graph import Graph
from config.estate import Estate
from store.connection import Store
from store.read import ask, queries
from store.rows import (
    Answer,
    CollectorRun,
    DataPoint,
    Outcome,
    Row,
    Signal,
    SignalAnswer,
    SignalMode,
    SignalState,
)
from store.write import append
from tests.alerts.support import settings

NOW = datetime(2026, 11, 25, 8, 30)
DAY = timedelta(days=1)
TODAY = datetime(2026, 11, 25)
EVERY = {"data_points": 60.0, "table_profiles": 60.0}
PLAN = ["Ask the warehouse whether it loads", "Look at the source system", "Tell the partners"]


def metric(name: str, dataset: str = "", segment: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """A data point of the estate, in rows."""
    shape = {
        "title": name.replace("-", " ").capitalize(),
        "source": "x.csv",
        "sql": "select 1 as value",
        "unit": "rows",
    }
    return {"id": name, "subsystem": "sales", "dataset": dataset, "segment": segment or {}, **shape, **more}


def estate(*metrics: dict[str, Any]) -> Estate:
    """raw -> mart -> board, each loaded by a job; other stands alone; two reports show board, one shows other."""
    report = {"url": "https://reports.example.com/x", "subsystem": "sales"}
    return Estate.model_validate(
        {
            "name": "Test",
            "subsystems": [{"id": "sales", "title": "Sales"}],
            "datasets": [
                {"id": "raw", "title": "Raw", "subsystem": "sales"},
                {"id": "mart", "title": "Mart", "subsystem": "sales", "inputs": ["raw"]},
                {"id": "board", "title": "Board", "subsystem": "sales", "inputs": ["mart"]},
                {"id": "other", "title": "Other", "subsystem": "sales"},
            ],
            "jobs": [
                {"id": "load", "title": "Load", "subsystem": "sales", "dataset": "raw"},
                {"id": "build", "title": "Build", "subsystem": "sales", "dataset": "mart", "upstream": ["load"]},
            ],
            "reports": [
                {"id": "sales", "title": "Sales", "datasets": ["board"], "audience": "partners", **report},
                {"id": "weekly", "title": "Weekly", "datasets": ["board"], "audience": "partners", **report},
                {"id": "aside", "title": "Aside", "datasets": ["other"], **report},
            ],
            "profiles": [
                {"id": "wh", "source": "duckdb:x", "subsystem": "sales"},
                {"id": "lake", "source": "duckdb:x", "subsystem": "sales", "dataset": "other"},
            ],
            "metrics": list(metrics),
        }
    )


def signal(metric_id: str, score: float = 1.4, rule: str = "spike", first_at: datetime = TODAY, **more: Any) -> Signal:
    """An open signal of today that alerts: 412 where 950 to 1,120 were expected."""
    shape: dict[str, Any] = {
        "signal_id": f"{metric_id}|{rule}",
        "changed_at": NOW,
        "state": SignalState.OPEN,
        "mode": SignalMode.ALERT,
        "last_at": max(first_at, TODAY),
        "detected_at": NOW,
        "members": "[]",
        "direction": "down",
        "value": 412.0,
        "center": 1035.0,
        "lower": 950.0,
        "upper": 1120.0,
        "rate": 0.0027,
        "version": 1,
        "evidence": f"{metric_id} was 412 ({rule}).",
        **more,
    }
    return Signal(metric_id=metric_id, rule=rule, first_at=first_at, score=score, **shape)


def points(metric_id: str, days: int = 30, value: float = 1000.0, collected_at: datetime = NOW) -> list[DataPoint]:
    """One value a day up to today."""
    at = [TODAY - n * DAY for n in reversed(range(days))]
    return [DataPoint(metric_id, one, collected_at - (TODAY - one), value + n) for n, one in enumerate(at)]


def ran(collector: str = "data_points", at: datetime = NOW, error: str | None = None) -> CollectorRun:
    """The newest run of a collector."""
    return CollectorRun(collector, at.isoformat(), at, Outcome.FAILED if error else Outcome.SUCCEEDED, 0, 0.1, error)


def answer(one: Signal, said: Answer, at: datetime = NOW) -> SignalAnswer:
    """What bob said of it."""
    return SignalAnswer(one.signal_id, one.metric_id, one.rule, at, said, "bob", "I know")


def context(store: Store, of: Estate, now: datetime = NOW) -> Context:
    """What the rule may look at, as the responder gives it."""
    rule = discover()["special_cause"].rule
    since = {"since": now - timedelta(days=30)}
    answers = {
        name: ask(store, name, **(since if "since" in queries()[name].parameters else {})) for name in rule.queries
    }
    return Context(now, of, Graph.of(of.jobs, of.datasets, of.reports), answers, EVERY, {})


def findings(store: Store, of: Estate, *rows: Row, now: datetime = NOW) -> dict[str, Finding]:
    """What the rule finds after these rows, by metric."""
    if rows:
        append(store, rows)
    found = list(discover()["special_cause"].find(context(store, of, now)))
    by_metric = {one.subject.removeprefix("metric:"): one for one in found}
    assert len(by_metric) == len(found), "one finding a metric"
    return by_metric


class Desk:
    """The real engine over a real store, pass by pass, ten seconds apart; `also` are findings of other rules."""

    def __init__(self, store: Store, of: Estate) -> None:
        self.store, self.estate, self.now = store, of, NOW
        self.engine = Engine(settings())

    def passes(self, count: int = 6, also: Sequence[Finding] = (), also_rule: str = "refresh_delayed") -> list[str]:
        """`kind subject` of what is told in so many passes."""
        return [
            f"{one.kind.value} {one.subject}" for step in self.steps(count, also, also_rule) for one in step.messages
        ]

    def steps(self, count: int = 6, also: Sequence[Finding] = (), also_rule: str = "refresh_delayed") -> Iterator[Step]:
        """The passes themselves."""
        rules = discover()
        for _ in range(count):
            found = findings(self.store, self.estate, now=self.now)
            looks = {"special_cause": Look(rules["special_cause"].rule, list(found.values()))}
            looks[also_rule] = Look(rules[also_rule].rule, also)
            yield self.engine.step(self.now, looks, [], [])
            self.now += timedelta(seconds=10)
