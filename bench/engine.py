"""One pass of the alert engine over 10,000 findings, 1,000 of them new in 100 incidents, beside a dump as JSON."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from alerts.base import Finding, Rule
from alerts.engine import Engine, Look, Step
from alerts.journal import Journal
from config.alerting import Alerting, Channel, Hours, Route
from store.rows import Silence, SilenceState

T = TypeVar("T")
NOW = datetime(2026, 11, 23, 12)
OLD, INCIDENTS, BELOW, ROUNDS = 9_000, 100, 9, 5
RULE = Rule("data_stale", "critical", (), "Chase the job.")
ALERTING = Alerting(
    channels=[Channel(id="ops", apprise="json://localhost"), Channel(id="boss", apprise="json://localhost")],
    hours=[Hours(id="office")],
    routes=[
        Route(rules=["report_*"], channels=["boss"]),
        Route(subjects=["old:*"], channels=["ops"], hours="office"),
        Route(channels=["ops"], escalate_after_seconds=900, escalate_to=["boss"]),
    ],
)
SILENCES = [
    Silence(f"s{n}", NOW, SilenceState.ACTIVE, "alice", "release", NOW, NOW + timedelta(days=1), subject=f"old:{n}*")
    for n in range(20)
]


def findings(is_later: bool) -> list[Finding]:
    """What fires already, and later 100 causes with nine alerts below each."""
    found = [Finding(f"old:{number}", "the data is 3 h old, promised 1 h", value=3.0) for number in range(OLD)]
    for incident in range(INCIDENTS if is_later else 0):
        found.append(Finding(f"job:{incident}", "failed"))
        found += [
            Finding(f"new:{incident}:{number}", "stale", impact=number, causes=(f"job:{incident}",))
            for number in range(BELOW)
        ]
    return found


def pass_seconds() -> tuple[float, float, Step]:
    """Seconds of the pass in which everything new fires, and of writing its journal."""
    engine = Engine(ALERTING)
    engine.step(NOW, {RULE.name: Look(RULE, findings(False))}, [], SILENCES)
    later = {RULE.name: Look(RULE, findings(True))}
    step, stepped = _timed(lambda: engine.step(NOW + timedelta(seconds=10), later, [], SILENCES))
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "alerts.json")
        _, committed = _timed(lambda: journal.commit(engine, step))
    assert len(step.messages) == INCIDENTS, "one message an incident"
    assert all(len(message.attached) == BELOW for message in step.messages)
    return stepped, committed, step


def _timed(do: Callable[[], T]) -> tuple[T, float]:
    started = time.perf_counter()
    done = do()
    return done, time.perf_counter() - started


def run() -> Iterator[str]:
    """Baseline, the pass, the journal."""
    found = findings(True)
    base = statistics.median(_timed(lambda: json.dumps([asdict(one) for one in found]))[1] for _ in range(ROUNDS))
    yield f"{len(found):,} findings as JSON        {base * 1000:7.1f} ms   1.00 (baseline)"
    times = [pass_seconds()[:2] for _ in range(ROUNDS)]
    stepped, committed = (statistics.median(column) for column in zip(*times, strict=True))
    yield f"one pass, 100 incidents        {stepped * 1000:7.1f} ms   {stepped / base:.2f} (goal <= 1000 ms)"
    yield f"its journal, synced            {committed * 1000:7.1f} ms   {committed / base:.2f}"
