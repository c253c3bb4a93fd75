"""Which refresh run a ping is about."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest

from collectors.pings import MOST_ENDED, MOST_OPEN, PingError, Runs, parse
from store.rows import RefreshRun, RunStatus

START = datetime(2026, 3, 1, 2, 0)
RID = "6f1c2f2e-0000-4000-8000-000000000001"
OTHER_RID = "6f1c2f2e-0000-4000-8000-000000000002"


class Sender:
    """Sends pings of one job, a minute apart."""

    def __init__(self, path: Path, job: str = "nightly") -> None:
        self.path, self.job, self.now = path, job, START
        self.runs = Runs(path)

    def send(self, what: str = "", rid: str | None = None, message: str | None = None) -> RefreshRun:
        return self.send_all(what, rid, message)[-1]

    def send_all(self, what: str = "", rid: str | None = None, message: str | None = None) -> list[RefreshRun]:
        self.now += timedelta(minutes=1)
        with self.runs.record(parse(what, rid, self.job, message), self.now) as rows:
            pass
        self.runs.save()
        return rows

    def restart(self) -> None:
        self.runs = Runs(self.path)


@pytest.fixture
def sender(tmp_path: Path) -> Sender:
    return Sender(tmp_path / "state" / "ingest.json")


def test_start_and_success_are_one_run(sender: Sender) -> None:
    started, ended = sender.send("start"), sender.send()
    assert (started.status, started.started_at, started.finished_at) == (
        RunStatus.RUNNING,
        START + timedelta(minutes=1),
        None,
    )
    assert (ended.job_id, ended.source, ended.status) == ("nightly", "ping", RunStatus.SUCCEEDED)
    assert (ended.run_id, ended.started_at) == (started.run_id, started.started_at)
    assert ended.finished_at == START + timedelta(minutes=2)


def test_a_restart_still_pairs_start_and_end(sender: Sender) -> None:
    started = sender.send("start")
    sender.restart()
    ended = sender.send("fail", message="no disk")
    assert (ended.run_id, ended.started_at, ended.message) == (started.run_id, started.started_at, "no disk")
    assert ended.status is RunStatus.FAILED


def test_an_end_without_a_start_is_a_run_of_its_own(sender: Sender) -> None:
    first, second = sender.send(), sender.send()
    assert first.run_id != second.run_id
    assert (first.started_at, first.finished_at) == (None, START + timedelta(minutes=1))


def test_an_end_belongs_to_one_start_only(sender: Sender) -> None:
    started = sender.send("start")
    assert sender.send().run_id == started.run_id
    assert sender.send().run_id != started.run_id


def test_runs_of_two_rids_do_not_mix(sender: Sender) -> None:
    sender.send("start", RID)
    sender.send("start", OTHER_RID)
    plain = sender.send()
    first, second = sender.send("", RID.upper()), sender.send("1", OTHER_RID)
    assert (first.run_id, first.started_at) == (RID, START + timedelta(minutes=1))
    assert (second.run_id, second.started_at) == (OTHER_RID, START + timedelta(minutes=2))
    assert (first.status, second.status) == (RunStatus.SUCCEEDED, RunStatus.FAILED)
    assert plain.run_id not in (RID, OTHER_RID) and plain.started_at is None


def test_jobs_do_not_share_runs(tmp_path: Path) -> None:
    one, other = Sender(tmp_path / "ingest.json", "one"), Sender(tmp_path / "ingest.json", "other")
    other.runs = one.runs
    started = one.send("start")
    assert other.send().run_id != started.run_id
    assert one.send().run_id == started.run_id


def test_pings_with_a_rid_that_are_sent_twice_change_nothing(sender: Sender) -> None:
    started, again = sender.send("start", RID), sender.send("start", RID)
    assert again.started_at == started.started_at
    sender.send("", RID)
    assert sender.send("", RID).started_at == started.started_at


def test_a_start_without_an_end_is_cancelled_by_the_next(sender: Sender) -> None:
    lost = sender.send("start")
    cancelled, started = sender.send_all("start")
    assert (cancelled.run_id, cancelled.status) == (lost.run_id, RunStatus.CANCELLED)
    assert cancelled.message == "No end was reported before the next start."
    assert started.run_id != lost.run_id
    assert sender.send().run_id == started.run_id


def test_a_log_message_stays_with_its_open_run(sender: Sender) -> None:
    started = sender.send("start")
    noted = sender.send("log", message="half done")
    assert (noted.run_id, noted.status, noted.message) == (started.run_id, RunStatus.RUNNING, "half done")
    assert (noted.started_at, noted.finished_at) == (started.started_at, None)
    assert sender.send().run_id == started.run_id


def test_a_log_message_outside_a_run_is_skipped_and_ends_nothing(sender: Sender) -> None:
    sender.send("start", RID)
    ended = sender.send("", RID)
    noted = sender.send("log", RID, "nothing to do")
    assert (noted.status, noted.message) == (RunStatus.SKIPPED, "nothing to do")
    assert noted.run_id != ended.run_id


@pytest.mark.parametrize(
    ("what", "status", "message"),
    [
        ("", RunStatus.SUCCEEDED, "body"),
        ("0", RunStatus.SUCCEEDED, "body"),
        ("1", RunStatus.FAILED, "Exit status 1.\nbody"),
        ("255", RunStatus.FAILED, "Exit status 255.\nbody"),
        ("fail", RunStatus.FAILED, "body"),
    ],
)
def test_what_a_ping_ends_with(what: str, status: RunStatus, message: str, sender: Sender) -> None:
    ended = sender.send(what, message="body")
    assert (ended.status, ended.message) == (status, message)


@pytest.mark.parametrize("what", ["256", "-1", "1.0", "done", "Start", "99999", "٣", "success"])
def test_impossible_pings_are_refused(what: str) -> None:
    with pytest.raises(PingError, match="expected"):
        parse(what, None, "nightly", None)


@pytest.mark.parametrize("rid", ["", "7", "x" * 36])
def test_a_rid_is_a_uuid(rid: str) -> None:
    with pytest.raises(PingError, match="expected a UUID"):
        parse("start", rid, "nightly", None)


def test_a_ping_that_could_not_be_kept_never_came(sender: Sender) -> None:
    started = sender.send("start")
    with pytest.raises(OSError), sender.runs.record(parse("", None, "nightly", None), sender.now):
        raise OSError("no disk")
    assert sender.send().run_id == started.run_id


def test_what_is_remembered_is_bounded(sender: Sender) -> None:
    for number in range(MOST_OPEN + 50):
        with sender.runs.record(parse("start", f"{number:032x}", "nightly", None), sender.now):
            pass
    for number in range(200, 200 + MOST_ENDED + 5):
        with sender.runs.record(parse("", f"{number:032x}", "nightly", None), sender.now):
            pass
    sender.runs.save()
    kept = orjson.loads(sender.path.read_bytes())["nightly"]
    assert sum(run["is_open"] for run in kept) == MOST_OPEN - MOST_ENDED - 5
    assert sum(not run["is_open"] for run in kept) == MOST_ENDED


def test_runs_of_long_ago_are_forgotten(sender: Sender) -> None:
    sender.send("start", RID)
    sender.now += timedelta(hours=73)
    sender.send("start", OTHER_RID)
    assert [run["run_id"] for run in orjson.loads(sender.path.read_bytes())["nightly"]] == [OTHER_RID]
