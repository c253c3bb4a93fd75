"""The outbox: nothing is lost, nothing is queued twice, tries come further and further apart and end."""

from __future__ import annotations

import json
import math
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.outbox import Outbox
from store.rows import DeliveryState, NoticeKind
from tests.alerts.posting import NOW, later, message


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox")


def due(outbox: Outbox, seconds: float = 0) -> list[str]:
    """Ids of what is due so many seconds after NOW."""
    return [entry.message.id for entry in outbox.due(later(seconds))]


def test_a_message_comes_out_as_it_went_in_also_from_another_process(outbox: Outbox) -> None:
    given = message(attached=("report:sales", "report:costs"))
    outbox.put(given, NOW)
    [found] = Outbox(outbox.folder).due(NOW)
    assert found.message == given
    assert (found.attempts, found.state) == (0, DeliveryState.QUEUED)


@pytest.mark.parametrize("state", ["queued", "retrying", "sent", "sent, cleared", "undeliverable"])
def test_an_id_that_is_known_is_not_queued_again(outbox: Outbox, state: str) -> None:
    outbox.put(message(), NOW)
    if state == "retrying":
        outbox.mark_failed(message(), "down", NOW)
    if state.startswith("sent"):
        outbox.mark_sent(message(), NOW)
    if state.endswith("cleared"):
        outbox.clear("m1")
    if state == "undeliverable":
        outbox.mark_failed(message(), "no such person", NOW, is_permanent=True)
    before = due(outbox, 3600)
    outbox.put(message(evidence="something else"), later(5))
    assert due(outbox, 3600) == before == ([] if state[0] in "su" else ["m1"])
    assert all(entry.message.evidence == message().evidence for entry in outbox.waiting())


def test_the_oldest_is_due_first_and_nothing_before_its_time(outbox: Outbox) -> None:
    for seconds, name in ((2, "b"), (1, "c"), (3, "a")):
        outbox.put(message(name), later(seconds))
    assert due(outbox, 3) == ["c", "b", "a"]
    outbox.mark_failed(message("c"), "down", later(3))
    assert due(outbox, 4) == ["b", "a"]
    assert due(outbox, 13) == ["c", "b", "a"]


def test_the_end_of_an_alert_is_never_told_before_its_beginning(outbox: Outbox) -> None:
    begin, end = message("a", subject="x"), message("b", subject="x", kind=NoticeKind.RESOLVED)
    outbox.put(begin, NOW)
    outbox.mark_failed(begin, "down", NOW)
    outbox.put(end, later(1))
    outbox.put(message("c", channel="boss", subject="x"), later(1))
    assert due(outbox, 2) == ["c"]
    assert due(outbox, 10) == ["a", "c"]
    outbox.mark_sent(begin, later(10))
    assert due(outbox, 10) == ["b", "c"]


def test_waits_grow_from_ten_seconds_to_half_an_hour_and_the_twelfth_failure_is_the_last(outbox: Outbox) -> None:
    outbox.put(message(), NOW)
    at, waits = NOW, []
    for attempt in range(1, 12):
        entry = outbox.mark_failed(message(), f"down {attempt}", at)
        assert (entry.state, entry.attempts, entry.problem) == (DeliveryState.RETRYING, attempt, f"down {attempt}")
        waits.append((entry.next_at - at).total_seconds())
        assert due(outbox, (entry.next_at - NOW).total_seconds() - 0.001) == []
        at = entry.next_at
    longest = [min(10 * 3**number, 1800) for number in range(11)]
    assert all(0.75 * most <= wait <= most for wait, most in zip(waits, longest, strict=True))
    last = outbox.mark_failed(message(), "down for ever", at)
    assert (last.state, last.attempts) == (DeliveryState.UNDELIVERABLE, 12)
    assert due(outbox, 1e6) == []
    assert [entry.problem for entry in outbox.undeliverable()] == ["down for ever"]


def test_two_messages_do_not_knock_at_the_same_moment(outbox: Outbox) -> None:
    nexts = set()
    for number in range(20):
        outbox.put(message(f"m{number}"), NOW)
        nexts.add(outbox.mark_failed(message(f"m{number}"), "down", NOW).next_at)
    assert len(nexts) > 15


def test_a_message_that_fails_a_day_after_it_was_queued_is_given_up(outbox: Outbox) -> None:
    outbox.put(message(), NOW)
    assert outbox.mark_failed(message(), "down", later(86_399)).state is DeliveryState.RETRYING
    assert outbox.mark_failed(message(), "down", later(86_400)).state is DeliveryState.UNDELIVERABLE


def test_a_permanent_problem_ends_the_tries_and_a_person_can_begin_them_anew(outbox: Outbox) -> None:
    outbox.put(message(), NOW)
    assert outbox.mark_failed(message(), "gone", NOW, True, ("a@x",)).state is DeliveryState.UNDELIVERABLE
    assert outbox.requeue("m1", later(60))
    assert outbox.undeliverable() == []
    [entry] = outbox.due(later(60))
    assert (entry.attempts, entry.delivered, entry.queued_at) == (0, ("a@x",), later(60))
    assert not outbox.requeue("m1", later(60))
    assert not outbox.requeue("no such id")


def test_recipients_that_have_it_are_remembered_from_try_to_try(outbox: Outbox) -> None:
    outbox.put(message(), NOW)
    outbox.mark_failed(message(), "b, c wait", NOW, delivered=("a",))
    outbox.mark_failed(message(), "c waits", later(10), delivered=("b",))
    assert outbox.waiting()[0].delivered == ("a", "b")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"message": {"id": "x"}}', b"\xff\xfe"])
def test_a_broken_file_is_set_aside_and_stops_no_other(outbox: Outbox, content: bytes) -> None:
    outbox.put(message("good"), NOW)
    (outbox.folder / "queue" / "bad.json").write_bytes(content)
    assert due(outbox) == ["good"]
    assert [path.read_bytes() for path in outbox.broken()] == [content]
    assert due(Outbox(outbox.folder)) == ["good"]


def test_what_a_killed_process_left_half_written_is_ignored_and_swept_after_a_day(outbox: Outbox) -> None:
    (outbox.folder / "queue" / ".0123").write_bytes(b'{"mess')
    outbox.put(message(), NOW)
    assert due(outbox) == ["m1"]
    outbox.prune(NOW)
    assert (outbox.folder / "queue" / ".0123").exists()
    outbox.prune(NOW + timedelta(days=3650))
    assert not (outbox.folder / "queue" / ".0123").exists()
    assert due(outbox) == ["m1"]


def test_a_message_that_was_sent_when_the_process_died_is_not_sent_again(outbox: Outbox) -> None:
    outbox.put(message(), NOW)
    outbox.mark_sent(message(), NOW)
    after = Outbox(outbox.folder)
    assert due(after, 60) == []
    assert [(entry.message.id, entry.state, entry.attempts) for entry in after.uncleared()] == [("m1", "sent", 1)]
    after.clear("m1")
    assert after.uncleared() == []
    assert not list((outbox.folder / "queue").iterdir())


def test_sent_ids_are_known_for_thirty_days(outbox: Outbox) -> None:
    outbox.put(message(), NOW)
    outbox.mark_sent(message(), NOW)
    outbox.clear("m1")
    outbox.prune(NOW + timedelta(days=29))
    outbox.put(message(), NOW)
    assert due(outbox) == []
    outbox.prune(NOW + timedelta(days=31))
    outbox.put(message(), NOW)
    assert due(outbox) == ["m1"]


def test_a_clock_that_is_set_back_does_not_hold_a_message_up(outbox: Outbox) -> None:
    outbox.put(message(), NOW)
    outbox.mark_failed(message(), "down", NOW)
    assert due(outbox, -86_400) == ["m1"]


def test_values_that_no_json_has_do_not_lose_the_message(outbox: Outbox) -> None:
    points = ((NOW, math.nan), (NOW, 1.0), (NOW, math.inf))
    outbox.put(message(evidence="file \udcff is odd", points=points, limit=math.inf), NOW)
    [entry] = Outbox(outbox.folder).due(NOW)
    assert entry.message.evidence == "file ? is odd"
    assert (entry.message.points, entry.message.limit) == (((NOW, 1.0),), None)


def test_an_id_that_is_no_file_name_stays_in_its_folder(outbox: Outbox) -> None:
    outbox.put(message("../../evil"), NOW)
    assert due(outbox) == ["../../evil"]
    [path] = (outbox.folder / "queue").iterdir()
    assert json.loads(path.read_bytes())["message"]["id"] == "../../evil"
    outbox.mark_sent(message("../../evil"), NOW)
    assert due(outbox) == []
