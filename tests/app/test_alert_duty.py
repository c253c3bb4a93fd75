"""From a failed refresh to a message in the outbox, on a real store; and nothing twice over a crash."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.base import Finding
from alerts.wording import readable
from app.alert_duty import AlertDuty
from store.connection import Store
from store.rows import AlertAct, AlertEvent, RefreshRun, RefreshSlot, Row, RunStatus, Silence, SilenceState, Verdict
from store.settings import Settings
from store.shipper import ship
from store.spool import Spool
from store.write import append

ESTATE = """name: Test
subsystems: [{id: sales, title: Sales}]
jobs:
  - {id: extract, title: Extract, subsystem: sales, dataset: orders, expect: [{cron: 0 5 * * *}]}
  - {id: load, title: Load, subsystem: sales, upstream: [extract], expect: [{cron: 0 6 * * *}]}
reports:
  - {id: revenue, title: Revenue, url: "http://localhost:1", subsystem: sales, datasets: [orders], audience: partners}
"""
ALERTS = """channels: [{id: hook, apprise: "json://localhost:1"}]
routes: [{channels: [hook]}]
"""
NOW = datetime(2026, 11, 25, 8)


class Room:
    """A store with an estate and the alert duty over it, at a time of the test's choosing."""

    def __init__(self, store: Store, folder: Path) -> None:
        (folder / "estate.yaml").write_text(ESTATE)
        (folder / "alerts.yaml").write_text(ALERTS)
        self.store, self.conf = store, Settings(home=folder / "var", estate=folder)
        self.conf.state_path.mkdir(parents=True)
        self.at = NOW
        self.duty = self.started()

    def started(self) -> AlertDuty:
        """Another process over the same home."""
        return AlertDuty(self.store, self.conf, Spool(self.conf.spool_path, "responder"), now=lambda: self.at)

    def passes(self, *minutes: float) -> None:
        """A pass at each of these minutes from the start, its rows stored."""
        for minute in minutes:
            self.at = NOW + timedelta(minutes=minute)
            self.duty.do()
            ship(self.store, self.conf.spool_path)

    def told(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Kind, subject and attached alerts of every message in the outbox, oldest first."""
        waiting = self.duty.outbox.waiting()
        messages = sorted((one.message for one in waiting), key=lambda message: (message.occurred_at, message.subject))
        return [(str(message.kind), message.subject, message.attached) for message in messages]

    def states(self, subject: str) -> list[str]:
        """The transitions of `refresh_delayed` about a subject."""
        asked = "select state from alert_transitions where subject = $subject order by occurred_at, state desc"
        return self.store.fetch(asked, {"subject": subject})["state"].to_list()


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    return Room(store, tmp_path)


def slot(job: str, verdict: Verdict, hour: int) -> RefreshSlot:
    due = NOW.replace(hour=hour)
    end = due + timedelta(minutes=9) if verdict in (Verdict.ON_TIME, Verdict.FAILED) else None
    start = due if end else None
    return RefreshSlot(job, f"cron 0 {hour} * * * UTC", due, NOW, verdict, due, due, "r", start, end)


def fill(room: Room, *rows: Row) -> None:
    append(room.store, rows)


def test_a_failed_extract_is_told_once_with_who_is_hit_and_the_load_behind_it_is_attached(room: Room) -> None:
    fill(room, slot("extract", Verdict.FAILED, 5), slot("load", Verdict.MISSED, 6))
    room.passes(0, 1, 2, 3)
    ((kind, subject, attached),) = room.told()
    assert (kind, subject) == ("fired", "job:extract")
    assert any("job:load" in one for one in attached)
    assert room.states("job:load") == ["pending", "firing"]
    evidence = room.store.fetch("select evidence from latest_alert_transitions where subject = 'job:extract'").item()
    assert evidence.startswith("Extract failed, due 05:00 UTC")
    assert "hits partners" in evidence
    withheld = room.store.fetch("select subject, reason from notifications where state = 'withheld'").rows()
    assert [row[0] for row in withheld] == ["job:load"]


def test_the_message_brings_what_its_chart_is_drawn_of(room: Room) -> None:
    for day in range(1, 4):
        start = NOW.replace(hour=5) - timedelta(days=day)
        end = start + timedelta(minutes=10 + day)
        run = RefreshRun("extract", f"r{day}", "ping", RunStatus.SUCCEEDED, end, start, end)
        fill(room, run)
    fill(room, slot("extract", Verdict.FAILED, 5))
    room.passes(0, 1)
    (entry,) = room.duty.outbox.waiting()
    assert [value for _, value in entry.message.points] == [780.0, 720.0, 660.0]
    assert entry.message.points[-1][0] == NOW.replace(hour=5) - timedelta(days=1) + timedelta(minutes=11)


def test_its_cure_is_told_to_whoever_was_told_and_nothing_more(room: Room) -> None:
    fill(room, slot("extract", Verdict.FAILED, 5), slot("load", Verdict.MISSED, 6))
    room.passes(0, 1)
    fill(room, slot("extract", Verdict.ON_TIME, 5), slot("load", Verdict.ON_TIME, 6))
    room.passes(2, 3, 4)
    assert [(kind, subject) for kind, subject, _ in room.told()] == [
        ("fired", "job:extract"),
        ("resolved", "job:extract"),
    ]


def test_another_process_takes_over_without_telling_again(room: Room) -> None:
    fill(room, slot("extract", Verdict.FAILED, 5))
    room.passes(0, 1)
    room.duty = room.started()
    room.passes(2, 3)
    assert [kind for kind, *_ in room.told()] == ["fired"]
    (room.conf.state_path / "alerts.json").unlink()
    room.duty = room.started()
    room.passes(4, 5)
    assert [kind for kind, *_ in room.told()] == ["fired"], "the store remembers what the journal has lost"


def test_a_silence_keeps_everybody_undisturbed_and_what_still_fires_is_told_after_it(room: Room) -> None:
    quiet = Silence(
        "s1", NOW, SilenceState.ACTIVE, "alice", "release", NOW, NOW + timedelta(minutes=30), subject="job:*"
    )
    fill(room, quiet, slot("extract", Verdict.FAILED, 5))
    room.passes(0, 1, 10, 29)
    assert room.told() == []
    withheld = room.store.fetch("select reason from notifications where state = 'withheld'")["reason"].to_list()
    assert len(withheld) == 1 and "alice" in withheld[0]
    room.passes(30, 31)
    assert [(kind, subject) for kind, subject, _ in room.told()] == [("fired", "job:extract")]


def test_who_acknowledges_is_not_reminded(room: Room) -> None:
    (room.conf.estate / "alerts.yaml").write_text(ALERTS.replace("[hook]}]", "[hook], repeat_seconds: 600}]"))
    fill(room, slot("extract", Verdict.FAILED, 5))
    room.passes(0, 1, 12)
    assert [kind for kind, *_ in room.told()] == ["fired", "reminder"]
    seen = AlertEvent("refresh_delayed", "job:extract", room.at, AlertAct.ACKNOWLEDGED, "alice", "on it")
    fill(room, seen)
    room.passes(23, 40)
    assert [kind for kind, *_ in room.told()] == ["fired", "reminder"]


def test_a_mistake_in_alerts_yaml_leaves_the_last_good_one_in_force(room: Room) -> None:
    room.passes(0)
    (room.conf.estate / "alerts.yaml").write_text("routes: [{channels: [nobody]}]\n")
    fill(room, slot("extract", Verdict.FAILED, 5))
    room.passes(1, 2)
    assert [kind for kind, *_ in room.told()] == ["fired"]
    assert "alerts.yaml:1" in str(room.duty.settings.problem)


def test_a_name_that_is_no_unicode_and_a_value_that_is_no_number_are_made_readable() -> None:
    name = b"/mnt/caf\xe9".decode(errors="surrogateescape")
    clean = readable(Finding(name, f"{name} is full", value=float("nan"), points=((NOW, float("inf")),)))
    assert (clean.subject, clean.value, clean.points) == ("/mnt/caf?", None, ())
