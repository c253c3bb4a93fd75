"""The notifier: every message once, whatever hangs or fails; alerts.yaml is read anew."""

from __future__ import annotations

from pathlib import Path

from alerts.channels import DeliveryError
from store.connection import Store
from store.shipper import ship
from tests.alerts.delivering import Bench, Slow, hook_channel, mail_channel
from tests.alerts.posting import NOW, Hook, Post, hanging_server, later, message, url_of
from tests.processes import wait_for


def test_a_message_is_delivered_once_recorded_and_not_repeated_after_a_restart(tmp_path: Path, store: Store) -> None:
    with Hook().open() as hook:
        bench = Bench(tmp_path, channels=[hook_channel(hook)], address="https://ops.example.com")
        bench.outbox.put(message(), NOW)
        notifier = bench.start()
        bench.step(notifier, 0, deliveries=1)
        bench.step(notifier, 5)
        again = bench.start()
        bench.step(again, 60)
        assert not again.in_flight
        assert hook.titles() == ["[critical] Disk full: m1"]
        assert "https://ops.example.com/alerts?incident=i1" in hook.bodies[0]["message"]
    assert bench.rows() == [("m1", "sent", 1)]
    assert ship(store, bench.conf.spool_path) == 1
    found = store.fetch("select state, channel, rule, subject, incident_id, problem from latest_notifications")
    assert found.rows() == [("sent", "ops", "disk_full", "db-01:/m1", "i1", None)]


def test_a_mail_server_that_is_down_and_comes_back_gets_the_mail_once(tmp_path: Path) -> None:
    post = Post()
    bench = Bench(tmp_path, channels=[mail_channel(post)])
    bench.outbox.put(message(), NOW)
    notifier = bench.start()
    bench.step(notifier, 0, deliveries=1)
    assert "could not be used" in (bench.problems()[0] or "")
    bench.step(notifier, 5)
    assert not notifier.in_flight
    with post.open():
        bench.step(notifier, 10, deliveries=1)
        bench.step(notifier, 4000)
        assert not notifier.in_flight
    assert [mail["Subject"] for mail in post.mails] == ["[critical] Disk full: m1"]
    assert bench.rows() == [("m1", "retrying", 1), ("m1", "sent", 2)]


def test_a_hanging_server_delays_no_other_channel(tmp_path: Path) -> None:
    with hanging_server() as listening, Hook().open() as hook:
        stuck = {"id": "stuck", "apprise": url_of(listening)}
        bench = Bench(tmp_path, channels=[stuck, hook_channel(hook)])
        for number in range(3):
            bench.outbox.put(message(f"s{number}", "stuck"), later(number))
            bench.outbox.put(message(f"m{number}"), later(number))
        notifier = bench.start()
        bench.step(notifier, 3, deliveries=3)
        assert hook.titles() == [f"[critical] Disk full: m{number}" for number in range(3)]
        assert notifier.in_flight["stuck"].message.id == "s0"


def test_a_try_that_never_ends_counts_as_failed_and_a_late_success_ends_the_tries(tmp_path: Path) -> None:
    bench = Bench(tmp_path, channels=[{"id": "ops", "apprise": "json://x"}])
    bench.outbox.put(message(), NOW)
    slow = Slow()
    notifier = bench.start(slow)
    bench.step(notifier, 0)
    bench.step(notifier, 60)
    assert bench.rows() == []
    bench.step(notifier, 61)
    assert bench.rows() == [("m1", "retrying", 1)]
    assert bench.problems() == ["Channel 'ops' was silent for 60 s; see that its service runs."]
    bench.step(notifier, 71)
    assert len(slow.gates) == 2
    slow.gates[0].set()
    assert notifier.wait(30)
    bench.step(notifier, 72)
    assert bench.rows() == [("m1", "retrying", 1), ("m1", "sent", 2)]
    slow.error = DeliveryError("too late to matter")
    slow.gates[1].set()
    assert notifier.wait(30)
    bench.step(notifier, 4000)
    assert bench.rows() == [("m1", "retrying", 1), ("m1", "sent", 2)]
    assert not notifier.in_flight


def test_a_try_that_fails_after_it_counted_as_failed_is_not_counted_twice(tmp_path: Path) -> None:
    bench = Bench(tmp_path, channels=[{"id": "ops", "apprise": "json://x"}])
    bench.outbox.put(message(), NOW)
    slow = Slow()
    slow.error = DeliveryError("timed out after all")
    notifier = bench.start(slow)
    bench.step(notifier, 0)
    bench.step(notifier, 61)
    slow.gates[0].set()
    assert notifier.wait(30)
    bench.step(notifier, 62)
    assert bench.rows() == [("m1", "retrying", 1)]


def test_a_channel_whose_tries_never_end_does_not_eat_up_threads(tmp_path: Path) -> None:
    bench = Bench(tmp_path, channels=[{"id": "ops", "apprise": "json://x"}])
    for number in range(8):
        bench.outbox.put(message(f"m{number}"), later(number / 100))
    slow = Slow()
    notifier = bench.start(slow)
    for number in range(1, 12):
        bench.step(notifier, number * 61)
    assert len(slow.gates) == 4
    for gate in slow.gates:
        gate.set()


def test_deliveries_under_way_are_finished_when_the_process_ends(tmp_path: Path) -> None:
    bench = Bench(tmp_path, channels=[{"id": "ops", "apprise": "json://x"}])
    bench.outbox.put(message(), NOW)
    slow = Slow()
    notifier = bench.start(slow)
    bench.step(notifier, 0)
    wait_for(lambda: bool(slow.gates), "the delivery to begin")
    slow.gates[0].set()
    notifier.finish(lambda: NOW)
    assert bench.rows() == [("m1", "sent", 1)]


def test_a_refusal_for_good_is_undeliverable_at_once_and_recorded_with_its_reason(tmp_path: Path) -> None:
    with Post().open() as post:
        post.answers["ops@example.com"] = ["550 5.1.1 No such user"]
        bench = Bench(tmp_path, channels=[mail_channel(post)])
        bench.outbox.put(message(), NOW)
        bench.step(bench.start(), 0, deliveries=1)
    assert bench.rows() == [("m1", "undeliverable", 1)]
    assert bench.outbox.waiting() == []
    assert not list((bench.conf.home / "outbox" / "queue").iterdir())
    assert "550 5.1.1 No such user" in (bench.outbox.undeliverable()[0].problem or "")


def test_alerts_yaml_is_read_anew_and_a_mistake_leaves_the_last_good_one(tmp_path: Path) -> None:
    with Hook().open() as hook:
        bench = Bench(tmp_path, channels=[])
        notifier = bench.start()
        bench.outbox.put(message(), NOW)
        bench.step(notifier, 0, deliveries=1)
        assert bench.problems() == ["There is no channel 'ops' in alerts.yaml; known are none."]
        bench.alerts(channels=[hook_channel(hook)])
        bench.step(notifier, 10, deliveries=1)
        assert hook.titles() == ["[critical] Disk full: m1"]
        (bench.estate / "alerts.yaml").write_text("channels: [{id: ops, mail: 5}]")
        for number, one in enumerate((notifier, bench.start())):  # also after a restart
            bench.outbox.put(message(f"n{number}"), later(20))
            bench.step(one, 20, deliveries=1)
        assert hook.titles()[1:] == ["[critical] Disk full: n0", "[critical] Disk full: n1"]
        assert "alerts.yaml:1: channels.0.mail" in (notifier.in_force.problem or "")


def test_while_there_has_never_been_a_good_alerts_yaml_messages_wait_untouched(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    (bench.estate / "alerts.yaml").write_text("channels: {")
    bench.outbox.put(message(), NOW)
    notifier = bench.start()
    bench.step(notifier, 0)
    bench.step(notifier, 1000)
    assert not notifier.in_flight
    assert [entry.attempts for entry in bench.outbox.waiting()] == [0]


def test_the_kept_copy_is_for_this_account_only(tmp_path: Path) -> None:
    bench = Bench(tmp_path, channels=[])
    bench.step(bench.start(), 0)
    assert (bench.conf.state_path / "alerts.yaml").stat().st_mode & 0o777 == 0o600
