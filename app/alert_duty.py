"""One pass of the alert engine over the store: look, decide, write down, hand over. A duty of the responder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

import alerts.base
from alerts.base import Context
from alerts.channels import beat
from alerts.engine import Engine, Look
from alerts.journal import Journal
from alerts.outbox import Outbox
from alerts.settings_in_force import AlertingInForce
from alerts.wording import readable
from analysis.job_graph import Graph
from collectors.base import discover as discover_collectors
from collectors.base import step_seconds
from config.alerting import Alerting
from config.load import FILE, in_force
from store import clock
from store.connection import Store
from store.read import ask, queries
from store.rows import (
    AlertAct,
    AlertEvent,
    AlertState,
    AlertTransition,
    DeliveryState,
    NoticeKind,
    Notification,
    Silence,
    SilenceState,
)
from store.settings import Settings
from store.spool import Spool

REMEMBERED = timedelta(days=30)  # rules judge for themselves how old is too old
log = structlog.get_logger("app.alert_duty")


@dataclass(slots=True)
class AlertDuty:
    """The engine with its journal, the outbox of its messages and the spool of its rows."""

    store: Store
    conf: Settings
    spool: Spool
    journal: Journal = field(init=False)
    outbox: Outbox = field(init=False)
    settings: AlertingInForce = field(init=False)
    engine: Engine | None = None
    heartbeat: Callable[[str], str | None] = beat
    now: Callable[[], datetime] = clock.now

    def __post_init__(self) -> None:
        self.journal = Journal(self.conf.state_path / "alerts.json")
        self.outbox = Outbox(self.conf.home / "outbox")
        self.settings = AlertingInForce(self.conf.estate, self.conf.state_path)

    def do(self) -> tuple[Engine, Context]:
        """Evaluate every rule and hand over what the engine decided; raises StoreError when the store is away."""
        alerting = self.settings.read() or Alerting()
        engine = self.engine or self._started(alerting)
        engine.alerting = alerting
        ctx = self._context()
        checks = alerts.base.discover()
        looks = {
            name: Look(check.rule, [readable(found) for found in check.find(ctx)]) for name, check in checks.items()
        }
        step = engine.step(ctx.now, looks, self._acts(ctx), self._silences(ctx))
        self.journal.commit(engine, step)
        self._hand_over()
        self.engine = engine
        if alerting.heartbeat_url and (problem := self.heartbeat(alerting.heartbeat_url)):
            log.warning("heartbeat not delivered", problem=problem)
        return engine, ctx

    def _hand_over(self) -> None:
        """To the spool and the outbox; what a crash kept from them goes again under the same key."""
        self.journal.hand_over(lambda rows, key: self.spool.put(rows, key=key), self.outbox.put)

    def _started(self, alerting: Alerting) -> Engine:
        """The engine as the journal left it; without one, as far as the store can tell."""
        engine = Engine(alerting)
        if self.journal.load(engine):
            self._hand_over()
        else:
            fired = ask(self.store, "engine_alerts").iter_rows(named=True)
            told = ask(self.store, "engine_notices", since=self.now() - REMEMBERED).iter_rows(named=True)
            engine.remember(
                [AlertTransition(**{**row, "state": AlertState(row["state"])}) for row in fired],
                [
                    Notification(**{**row, "state": DeliveryState(row["state"]), "kind": NoticeKind(row["kind"])})
                    for row in told
                ],
            )
        return engine

    def _acts(self, ctx: Context) -> list[AlertEvent]:
        rows = ask(self.store, "engine_acts", since=ctx.now - REMEMBERED).iter_rows(named=True)
        return [AlertEvent(**{**row, "act": AlertAct(row["act"])}) for row in rows]

    def _silences(self, ctx: Context) -> list[Silence]:
        rows = ask(self.store, "engine_silences", since=ctx.now - REMEMBERED).iter_rows(named=True)
        return [Silence(**{**row, "state": SilenceState(row["state"])}) for row in rows]

    def _context(self) -> Context:
        now = self.now()
        estate = in_force(self.conf.estate, self.conf.state_path / FILE).estate
        names = {name for check in alerts.base.discover().values() for name in check.rule.queries}
        since = {"since": now - REMEMBERED}
        answers = {
            name: ask(self.store, name, **(since if "since" in queries()[name].parameters else {}))
            for name in sorted(names)
        }
        collectors = [source.collector for source in discover_collectors().values()]
        every = {one.name: step_seconds(estate, one) for one in collectors}
        graph = Graph.of(estate.jobs, estate.datasets, estate.reports)
        return Context(now, estate, graph, answers, every, {one.name: one.group for one in collectors})
