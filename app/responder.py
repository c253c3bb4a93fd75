"""The responder: tracking, forecasts, data points, alerts, mails, playbooks, and what the store needs done.

Every duty is a desired state, not a tick: after a restart the next pass does what was missed. All facts it makes go
through its spool; only housekeeping inside the store is done on the store itself.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

import actions.base
from actions.runner import ActionRunner
from app.alert_duty import AlertDuty
from app.forecaster import Forecaster
from app.quality.judge import JudgeDuty
from app.tracker import Tracker
from app.verification_duty import VerificationDuty
from config.estate import Estate
from config.load import FILE, in_force
from store import clock
from store.connection import Store, open_store
from store.errors import StoreError
from store.export import export
from store.lifetime import ending
from store.read import ask
from store.rollup import retire, roll_up
from store.rows import ActionEvent, ActionState, RefreshRun, Row, RunStatus
from store.settings import Settings, settings
from store.spool import Spool

ALERT_SECONDS = 10.0
TRACK_SECONDS = 10.0
FORECAST_SECONDS = 60.0
VERIFY_SECONDS = 20.0
JUDGE_SECONDS = 15.0
MOST_BUSY_SHARE = 0.2  # of its time that one duty may take: a duty that takes long is done less often
BATCH_ROWS = 20_000
ROLLUP_SECONDS = 15.0
RETIRE_SECONDS = 3600.0
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
    alerts: AlertDuty = field(init=False)
    verification: VerificationDuty = field(init=False)
    judging: JudgeDuty = field(init=False)
    tracker: Tracker = field(default_factory=Tracker)
    forecaster: Forecaster = field(default_factory=Forecaster)
    runner: ActionRunner = field(default_factory=lambda: ActionRunner(actions.base.discover()))
    is_started: bool = False
    unwritten: list[Row] = field(default_factory=list)  # what a full disk has not taken yet

    def __post_init__(self) -> None:
        self.alerts = AlertDuty(self.store, self.conf, self.spool)
        self.verification = VerificationDuty(self.store, self.conf, self.alerts.settings)
        self.judging = JudgeDuty(self.store, Spool(self.conf.spool_path, "judge"))

    def duties(self) -> list[Duty]:
        """What is done and how often."""
        return [
            Duty("tracking", TRACK_SECONDS, self.track),
            Duty("forecasts", FORECAST_SECONDS, self.look_ahead),
            Duty("data points", JUDGE_SECONDS, self.judge),
            Duty("alerts", ALERT_SECONDS, self.respond),
            Duty("verification mails", VERIFY_SECONDS, self.verification.do),
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
            job_id="export",
            run_id=run_id,
            source="responder",
            status=RunStatus.SUCCEEDED,
            collected_at=clock.now(),
            started_at=started_at,
            finished_at=clock.now(),
            rows=files,
            message="files written",
            triggered_by="scheduled",
            landed_at=started_at,
        )
        self.spool.put([run])

    def respond(self) -> None:
        """Let the engine look and decide, then act on what fires."""
        engine, ctx = self.alerts.do()
        if not self.is_started:
            self._remember_actions()
        acting = actions.base.Context(ctx.now, ctx.estate, self.conf)
        self.unwritten += self.runner.step(set(engine.firing), acting)
        if self.unwritten:
            self.spool.put(self.unwritten)
            self.unwritten = []

    def track(self) -> None:
        """Judge the refresh slots; what a full disk does not take is found changed again by the next pass."""
        self._put(self.tracker.track(self.store, self._estate(), clock.now()))

    def judge(self) -> None:
        """Judge the key data points that are new or have changed."""
        self.judging.do(self._estate(), clock.now())

    def look_ahead(self) -> None:
        """Forecast every finish that is due."""
        self._put(self.forecaster.look_ahead(self.store, self._estate(), clock.now()))

    def _put(self, rows: Sequence[Row]) -> None:
        for first in range(0, len(rows), BATCH_ROWS):
            self.spool.put(rows[first : first + BATCH_ROWS])

    def _estate(self) -> Estate:
        return in_force(self.conf.estate, self.conf.state_path / FILE).estate

    def _remember_actions(self) -> None:
        since = clock.now() - timedelta(hours=1)
        for row in ask(self.store, "actions", since=since).reverse().iter_rows(named=True):
            self.runner.remember([ActionEvent(**{**row, "state": ActionState(row["state"])})])
        self.is_started = True


def step(duties: list[Duty], at: float, timer: Callable[[], float] = time.monotonic) -> None:
    """Do what is due; a duty that fails is tried again at its next step and never stops the others."""
    for duty in duties:
        if at < duty.due:
            continue
        started = timer()
        try:
            duty.do()
            duty.is_failing = False
        except (StoreError, OSError, ValueError, ArithmeticError) as error:
            if not duty.is_failing:
                log.warning("duty failed", duty=duty.name, problem=str(error))
            duty.is_failing = True
        duty.due = at + max(duty.every_seconds, (timer() - started) / MOST_BUSY_SHARE)


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
