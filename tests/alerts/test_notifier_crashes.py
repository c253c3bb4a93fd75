"""Nothing is lost and nothing sent twice when a disk refuses or the notifier is killed."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from alerts.outbox import Outbox
from store import clock
from tests.alerts.delivering import Bench, hook_channel
from tests.alerts.posting import NOW, Hook, hanging_server, message, url_of
from tests.processes import Home, wait_for


@pytest.mark.parametrize("place", ["spool/notifier", "outbox/sent"])
def test_a_disk_that_refuses_delays_the_record_but_repeats_no_message(tmp_path: Path, place: str) -> None:
    with Hook().open() as hook:
        bench = Bench(tmp_path, channels=[hook_channel(hook)])
        bench.outbox.put(message(), NOW)
        notifier = bench.start()
        spoiled = bench.conf.home / place
        shutil.rmtree(spoiled)
        spoiled.write_text("not a folder")
        bench.step(notifier, 0, deliveries=1)
        bench.step(notifier, 1)
        bench.step(notifier, 4000)
        assert len(hook.bodies) == 1
        spoiled.unlink()
        spoiled.mkdir()
        bench.step(notifier, 4001)
        assert bench.rows() == [("m1", "sent", 1)]
        assert bench.outbox.waiting() == []
        assert len(hook.bodies) == 1


def test_a_crash_between_delivery_and_its_record_is_made_good(tmp_path: Path) -> None:
    with Hook().open() as hook:
        bench = Bench(tmp_path, channels=[hook_channel(hook)])
        bench.outbox.put(message(), NOW)
        bench.outbox.mark_sent(message(), NOW)
        notifier = bench.start()
        bench.step(notifier, 60)
        assert bench.rows() == [("m1", "sent", 1)]
        assert not notifier.in_flight
        assert hook.bodies == []
        bench.step(bench.start(), 70)
        assert bench.rows() == [("m1", "sent", 1)]


def attempts(outbox: Outbox) -> list[int]:
    return sorted(entry.attempts for entry in outbox.waiting())


@pytest.mark.processes
def test_killed_between_tries_the_process_loses_nothing_and_sends_once(tmp_path: Path, home: Home) -> None:
    with Hook(503).open() as hook:
        bench = Bench(tmp_path, channels=[hook_channel(hook)])
        bench.home.running = home.running  # so that the fixture ends it
        names = [f"m{number}" for number in range(5)]
        for name in names:
            bench.outbox.put(message(name))
        process = bench.home.start("-m", "alerts.notifier")
        wait_for(lambda: attempts(bench.outbox) == [1] * 5, "every message to be tried once")
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert [entry.message.id for entry in bench.outbox.waiting()] == names
        hook.status = 200
        process = bench.home.start("-m", "alerts.notifier")
        wait_for(lambda: bench.outbox.waiting() == [], "every message to be sent")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert sorted(hook.titles()) == [f"[critical] Disk full: {name}" for name in names]
    assert sorted(row for row in bench.rows() if row[1] == "sent") == [(name, "sent", 2) for name in names]


@pytest.mark.processes
def test_killed_in_the_middle_of_a_try_the_message_is_still_queued(tmp_path: Path, home: Home) -> None:
    with hanging_server() as listening:
        bench = Bench(tmp_path, channels=[{"id": "ops", "apprise": url_of(listening)}])
        bench.home.running = home.running
        bench.outbox.put(message())
        process = bench.home.start("-m", "alerts.notifier")
        listening.settimeout(60)
        taken, _ = listening.accept()
        process.send_signal(signal.SIGKILL)
        process.wait()
        taken.close()
    assert [(entry.message.id, entry.attempts) for entry in bench.outbox.waiting()] == [("m1", 0)]
    with Hook().open() as hook:
        bench.alerts(channels=[hook_channel(hook)])
        notifier = bench.start()
        notifier.step(clock.now())
        assert notifier.wait(30)
        notifier.step(clock.now())
        assert hook.titles() == ["[critical] Disk full: m1"]
    assert bench.rows() == [("m1", "sent", 1)]
