"""The responder: alert rules, playbooks, rollups, exports and retention, each at its own step.

Every duty is a desired state, not a tick: after a restart the next pass does what was missed. All facts it makes go
through its spool; only housekeeping inside the store is done on the store itself.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

import actions.base
import alerts.base
from actions.runner import ActionRunner
from alerts.engine import Engine
from collectors.base import discover as discover_collectors
from collectors.base import step_seconds
from config.load import in_force
from store import clock
from store.connection import Store, open_store
from store.errors import StoreError
from store.export import export
from store.lifetime import ending
from store.read import ask, queries
from store.rollup import retire, roll_up
from store.rows import ActionEvent, ActionState, AlertState, AlertTransition, RefreshRun, Row, RunStatus
from store.settings import Settings, settings
from store.spool import Spool

ALERT_SECONDS = 10.0
ROLLUP_SECONDS = 15.0
RETIRE_SECONDS = 3600.0
REMEMBERED = timedelta(days=30)  # rules judge for themselves how old is too old
log = structlog.get_logger("app.responder")


@dataclass(slots=True)
class Duty:
    """Something the responder does every so often."""

    name: str
    every_seconds: float
    do: Callable[[], None]
    due: float = 0.0
    is_failing: bool = False


@dataclass(slots=True)
class Responder:
    """All duties over one store."""

    store: Store
    conf: Settings
    spool: Spool
    engine: Engine = field(default_factory=Engine)
    runner: ActionRunner = field(default_factory=lambda: ActionRunner(actions.base.discover()))
    is_started: bool = False
    unwritten: list[Row] = field(default_factory=list)  # what a full disk has not taken yet

    def duties(self) -> list[Duty]:
        """What is done and how often."""
        return [
            Duty("alerts", ALERT_SECONDS, self.respond),
            Duty("rollup", ROLLUP_SECONDS, self.roll_up),
            Duty("export", self.conf.export_minutes * 60.0, self.export),
            Duty("retention", RETIRE_SECONDS, lambda: retire(self.store, clock.now(), self.conf)),
        ]

    def roll_up(self) -> None:
        """Bring the metric tiers up to date."""
        roll_up(self.store, clock.now(), self.conf)

    def export(self) -> None:
        """Bring the analysts' copy up to date; each pass is a refresh run of job `export`."""
        started_at = clock.now()
        files = export(self.store, started_at, self.conf)
        run_id = f"{started_at:%Y%m%dT%H%M%S}"
        run = RefreshRun(
            "export",
            run_id,
            "responder",
            RunStatus.SUCCEEDED,
            clock.now(),
            started_at,
            clock.now(),
            files,
            "files written",
        )
        self.spool.put([run])

    def respond(self) -> None:
        """Evaluate every rule, write the transitions, then act on what fires."""
        if not self.is_started:
            self._remember()
        ctx = self._context()
        for check in alerts.base.discover().values():
            self.unwritten += self.engine.step(check.rule, check.find(ctx), ctx.now)
        acting = actions.base.Context(ctx.now, ctx.estate, self.conf)
        self.unwritten += self.runner.step(set(self.engine.firing), acting)
        if self.unwritten:
            self.spool.put(self.unwritten)
            self.unwritten = []

    def _remember(self) -> None:
        for row in ask(self.store, "alerts").iter_rows(named=True):
            self.engine.remember([AlertTransition(**{**row, "state": AlertState(row["state"])})])
        since = clock.now() - timedelta(hours=1)
        for row in ask(self.store, "actions", since=since).reverse().iter_rows(named=True):
            self.runner.remember([ActionEvent(**{**row, "state": ActionState(row["state"])})])
        self.is_started = True

    def _context(self) -> alerts.base.Context:
        now = clock.now()
        estate = in_force(self.conf.estate, self.conf.state_path / "estate.yaml").estate
        names = {name for check in alerts.base.discover().values() for name in check.rule.queries}
        since = {"since": now - REMEMBERED}
        answers = {
            name: ask(self.store, name, **(since if "since" in queries()[name].parameters else {}))
            for name in sorted(names)
        }
        collectors = [source.collector for source in discover_collectors().values()]
        every = {one.name: step_seconds(estate, one) for one in collectors}
        return alerts.base.Context(now, estate, answers, every, {one.name: one.group for one in collectors})


def step(duties: list[Duty], at: float) -> None:
    """Do what is due; a duty that fails is tried again at its next step and never stops the others."""
    for duty in duties:
        if at < duty.due:
            continue
        duty.due = at + duty.every_seconds
        try:
            duty.do()
            duty.is_failing = False
        except (StoreError, OSError, ValueError) as error:
            if not duty.is_failing:
                log.warning("duty failed", duty=duty.name, problem=str(error))
            duty.is_failing = True


def main() -> int:
    """Respond until told to end."""
    conf = settings()
    ended = ending()
    store = open_store(conf.url, conf.token_path)
    duties = Responder(store, conf, Spool(conf.spool_path, "responder")).duties()
    while not ended.wait(1.0):
        step(duties, time.monotonic())
    return 0


if __name__ == "__main__":
    sys.exit(main())
