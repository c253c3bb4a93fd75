"""The journal is written before anything is handed over: a crash between any two steps loses and doubles nothing."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from alerts.base import Finding
from alerts.engine import Engine
from alerts.journal import Journal, read_beat
from alerts.messages import Message
from store.errors import SpoolFullError
from store.rows import AlertState, AlertTransition, Row
from tests.alerts.support import NOW, Bench, at, settings, states, told

BAD = Finding("/", "97 %", points=((NOW, 0.97),))


@dataclass
class Receivers:
    """A spool and an outbox that ignore what they know, as the real ones do."""

    rows: dict[str, Sequence[Row]] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    offers: int = 0

    def put_rows(self, rows: Sequence[Row], key: str) -> None:
        self.offers += 1
        assert self.rows.setdefault(key, rows) == rows

    def put_message(self, message: Message) -> None:
        self.offers += 1
        assert self.messages.setdefault(message.id, message) == message


def restarted(path: Path) -> tuple[Journal, Bench, bool]:
    journal, bench = Journal(path), Bench()
    return journal, bench, journal.load(bench.engine)


def test_what_was_committed_and_not_handed_over_is_handed_over_after_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "state" / "alerts.json"
    journal, bench = Journal(path), Bench()
    journal.commit(bench.engine, bench.look(0, BAD))
    journal, bench, is_loaded = restarted(path)
    assert is_loaded
    got = Receivers()
    journal.hand_over(got.put_rows, got.put_message)
    assert [message.evidence for message in got.messages.values()] == ["97 %"]
    assert next(iter(got.messages.values())).points == BAD.points
    ((row,),) = got.rows.values()
    assert isinstance(row, AlertTransition)
    assert (row.state, row.occurred_at) == (AlertState.FIRING, NOW)
    assert told(bench.look(10, BAD), bench.look(20)) == [[], ["resolved>ops"]]


def test_what_is_handed_over_twice_has_the_same_keys_and_ids(tmp_path: Path) -> None:
    journal, bench, got = Journal(tmp_path / "j"), Bench(), Receivers()
    journal.commit(bench.engine, bench.look(0, BAD))
    again = Journal(tmp_path / "j")
    again.load(Engine())
    journal.hand_over(got.put_rows, got.put_message)
    again.hand_over(got.put_rows, got.put_message)
    assert (len(got.rows), len(got.messages), got.offers) == (1, 1, 4)


def test_what_is_handed_over_is_forgotten(tmp_path: Path) -> None:
    journal, bench, got = Journal(tmp_path / "j"), Bench(), Receivers()
    journal.commit(bench.engine, bench.look(0, BAD))
    journal.hand_over(got.put_rows, got.put_message)
    journal, _, _ = restarted(tmp_path / "j")
    journal.hand_over(got.put_rows, got.put_message)
    assert got.offers == 2


def test_every_pass_has_its_own_key_in_order(tmp_path: Path) -> None:
    journal, bench, got = Journal(tmp_path / "j"), Bench(), Receivers()
    for seconds, found in ((0, [BAD]), (10, []), (20, [BAD])):
        journal.commit(bench.engine, bench.look(seconds, *found))
    journal.hand_over(got.put_rows, got.put_message)
    assert [key.rsplit("-", 1)[1] for key in got.rows] == ["1", "2", "3"]
    other = Journal(tmp_path / "other")
    other.commit(bench.engine, bench.look(30))
    other.hand_over(got.put_rows, got.put_message)
    assert len(got.rows) == 4


def test_a_pass_that_changes_nothing_writes_nothing_but_beats(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal, bench = Journal(path), Bench()
    journal.commit(bench.engine, bench.look(0, BAD))
    before = path.stat().st_mtime_ns, path.stat().st_ino
    journal.commit(bench.engine, bench.look(10, Finding("/", "98 %")))
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before
    assert read_beat(path) == at(10)


def test_looks_that_count_towards_firing_survive_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal, bench = Journal(path), Bench(settings(rules={"disk_full": {"raise_looks": 3}}))
    for seconds in (0, 10):
        journal.commit(bench.engine, bench.look(seconds, BAD))
    journal, other, _ = restarted(path)
    other.engine.alerting = bench.engine.alerting
    assert states(other.look(20, BAD)) == [["firing"]]


@pytest.mark.parametrize("damage", [b"", b"garbage", b"00000000\n{}\n{}"])
def test_a_broken_journal_is_set_aside(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "j"
    path.write_bytes(damage)
    journal, bench, is_loaded = restarted(path)
    assert not is_loaded
    assert (tmp_path / "j.bad").read_bytes() == damage
    journal.commit(bench.engine, bench.look(0, BAD))
    assert restarted(path)[2]


def test_one_flipped_bit_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal, bench = Journal(path), Bench()
    journal.commit(bench.engine, bench.look(0, BAD))
    path.write_bytes(path.read_bytes().replace(b"97 %", b"17 %", 1))
    assert not restarted(path)[2]


def test_without_a_journal_there_is_nothing_to_load_and_no_beat(tmp_path: Path) -> None:
    assert not restarted(tmp_path / "j")[2]
    assert read_beat(tmp_path / "j") is None
    assert list(tmp_path.iterdir()) == []


def test_rows_that_are_refused_hold_up_no_message_and_are_offered_again(tmp_path: Path) -> None:
    journal, bench, got = Journal(tmp_path / "j"), Bench(), Receivers()
    journal.commit(bench.engine, bench.look(0, BAD))

    def full(rows: Sequence[Row], key: str) -> None:
        raise SpoolFullError("The disk is full.")

    with pytest.raises(SpoolFullError):
        journal.hand_over(full, got.put_message)
    assert len(got.messages) == 1
    journal.hand_over(got.put_rows, got.put_message)
    assert (len(got.rows), len(got.messages)) == (1, 1)


def test_a_journal_that_cannot_be_written_still_tells_and_is_written_when_it_can_be(tmp_path: Path) -> None:
    path = tmp_path / "j"
    beside = tmp_path / ".j.new"
    beside.mkdir()  # stands where the journal is written beside: every write fails
    journal, bench, got = Journal(path), Bench(), Receivers()
    with pytest.raises(OSError, match="directory") as refused:
        journal.commit(bench.engine, bench.look(0, BAD))
    assert refused.value.errno == errno.EISDIR
    assert read_beat(path) == NOW
    with pytest.raises(OSError, match="directory"):
        journal.hand_over(got.put_rows, got.put_message)
    assert len(got.messages) == 1
    beside.rmdir()
    journal.commit(bench.engine, bench.look(10, BAD))
    journal, other, is_loaded = restarted(path)
    assert is_loaded
    assert told(other.look(20, BAD), other.look(30)) == [[], ["resolved>ops"]]
