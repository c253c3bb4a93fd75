"""Verification mails from a real store to a real mail server: on time, once, whatever is killed when."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from alerts.settings_in_force import AlertingInForce
from app.verification_duty import VerificationDuty
from app.verification_facts import ask_accounts, path_of
from config.load import parse
from store import clock
from store.connection import Store, open_store
from store.errors import StoreError
from store.rows import CheckerTrial, CheckState, Fault, Row, Stage
from store.settings import Settings
from store.write import append
from tests.alerts.delivering import mail_channel
from tests.alerts.posting import Post, message, write_alerts
from tests.alerts.verifying import ESTATE, NOW, good_rows, looked, moved, paint, shot, wrong_revenue
from tests.processes import Home, wait_for

ALICE = {"owner": "alice", "channel": "ops", "at": "07:00", "timezone": "Europe/Berlin"}


class Room:
    """A store with an estate, its alerts.yaml and the duty, at a time of the test's choosing."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.conf = store, Settings(home=folder / "var", estate=folder / "estate")
        self.at = NOW - timedelta(hours=1)
        self.channels: list[dict[str, Any]] = [{"id": "ops", "apprise": "json://localhost:1"}]
        self.write(ALICE)
        (self.conf.estate / "estate.yaml").write_text(ESTATE)
        self.duty = self.started()

    def write(self, *verifications: dict[str, Any]) -> None:
        write_alerts(self.conf.estate, channels=self.channels, verifications=list(verifications))

    def started(self) -> VerificationDuty:
        """Another process over the same home."""
        settings = AlertingInForce(self.conf.estate, self.conf.state_path)
        return VerificationDuty(self.store, self.conf, settings, now=lambda: self.at)

    def passes(self, *hours: float) -> list[str]:
        """Titles of what waits after a pass at each of these hours from the slot of NOW."""
        for hour in hours:
            self.at = NOW + timedelta(hours=hour)
            self.duty.do()
        return self.titles()

    def titles(self) -> list[str]:
        return [entry.message.title for entry in self.duty.outbox.waiting()]


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    made = Room(store, tmp_path)
    made.duty.do()  # an hour before the slot: the verification is known from now on
    return made


def test_the_mail_is_written_at_its_slot_and_once_however_often_the_duty_starts(room: Room) -> None:
    append(room.store, good_rows())
    assert room.passes(-0.01) == []
    assert room.passes(0, 0.01) == ["Verified: 2 reports, 2 numbers match"]
    room.duty = room.started()
    assert len(room.passes(0.02)) == 1
    (room.conf.state_path / "verifications.json").unlink()
    room.duty = room.started()
    assert len(room.passes(0.03, 1)) == 1
    room.at = NOW + timedelta(days=1)
    room.duty.do()
    assert len(room.titles()) == 2


def test_a_death_between_queue_and_book_repeats_nothing(room: Room) -> None:
    append(room.store, wrong_revenue())
    before = (room.conf.state_path / "verifications.json").read_bytes()
    assert len(room.passes(0)) == 1
    (room.conf.state_path / "verifications.json").write_bytes(before)
    append(room.store, [looked("partner-sales", observed_at=NOW, check_id="c2")])
    room.duty = room.started()
    assert len(room.passes(0.05)) == 1


def test_a_missed_slot_is_sent_within_six_hours_and_skipped_later_in_so_many_words(room: Room) -> None:
    append(room.store, good_rows())
    assert len(room.passes(5.9)) == 1
    room.duty = room.started()
    with capture_logs() as logs:
        room.passes(24 + 6)
    assert len(room.titles()) == 1
    [said] = [line for line in logs if "skipped" in line["event"]]
    assert (said["owner"], said["slots"], said["newest"]) == ("alice", 1, "2026-11-26 06:00:00")
    with capture_logs() as logs:
        room.passes(24 + 7)
    assert logs == []


def test_a_new_verification_begins_with_its_next_slot(room: Room) -> None:
    append(room.store, good_rows())
    room.at = NOW + timedelta(hours=1)
    room.write(ALICE, {**ALICE, "owner": "bob"})
    room.duty.do()
    [title] = room.titles()
    assert title.startswith("2 of 2 reports not verified"), "that is alice's, whose looks are an hour old by now"
    assert len(room.passes(24)) == 3


def test_a_clock_that_was_set_back_stops_no_mail(room: Room) -> None:
    append(room.store, good_rows())
    room.passes(24 * 60)
    room.passes(-1)
    assert len([title for title in room.passes(0.01) if title.startswith("Verified")]) == 1


def test_changed_remembers_the_last_mail_over_a_restart(room: Room) -> None:
    room.write({**ALICE, "when": "changed"})
    room.duty.do()
    append(room.store, [*wrong_revenue(), looked("stock")])
    assert len(room.passes(0)) == 1
    room.duty = room.started()
    append(room.store, again(24))
    assert len(room.passes(24)) == 1, "bad in the same way"
    room.duty = room.started()
    append(room.store, again(48, fault=Fault.BLANK_PAGE))
    assert len(room.passes(48)) == 2


def again(hours: float, **changes: Any) -> list[Row]:
    """The looks at alice's reports once more, with the same numbers."""
    at = NOW + timedelta(hours=hours, minutes=-1)
    shape = {"stage": Stage.EQUAL, "fault": Fault.WRONG_NUMBER, "observed_at": at, **changes}
    return [looked("partner-sales", CheckState.DOWN, **shape), looked("stock", observed_at=at)]


def test_the_facts_are_those_of_the_newest_look_with_its_picture_and_the_last_good_one(room: Room) -> None:
    folder = room.conf.home / "snapshots"
    old = looked("partner-sales", observed_at=NOW - timedelta(days=2), check_id="c-old", snapshot_id="older")
    append(room.store, [*wrong_revenue(), old, shot("older", NOW - timedelta(days=2))])
    found = {one.report.id: one for one in ask_accounts(room.store, parse(ESTATE), room.conf, NOW)}
    sales = found["partner-sales"]
    assert [(one.number_id, one.state) for one in sales.numbers] == [("revenue", "wrong"), ("orders", "match")]
    assert [(one.hop, one.is_wrong) for one in sales.hops] == [("staging", False), ("mart", True), ("page", False)]
    assert sales.picture == str(folder / "partner-sales/_/bad.png")
    assert sales.good_picture == str(folder / "partner-sales/_/good.png")
    assert sales.good_at == NOW - timedelta(hours=10)
    assert found["lost"].doubt.startswith("It was never looked at")


def test_a_broken_checker_verifies_nothing(room: Room) -> None:
    append(room.store, [*good_rows(), CheckerTrial("blank", NOW, False, Fault.BLANK_PAGE, None, 1.0)])
    [title] = room.passes(0)
    assert title == "2 of 2 reports not verified: Partner sales"


def test_pictures_lie_within_the_snapshots_folder(tmp_path: Path) -> None:
    assert path_of(tmp_path, "a/_/b.png") == str(tmp_path / "a/_/b.png")
    for outside in ("../secret.png", "/etc/passwd", ""):
        assert path_of(tmp_path, outside) == ""


def test_a_store_that_is_away_is_waited_for_and_then_said_to_be_away(tmp_path: Path) -> None:
    room = Room(open_store("quack:localhost:1", tmp_path / "token"), tmp_path)
    room.duty.do()
    room.at = NOW + timedelta(minutes=5)
    with pytest.raises(StoreError):
        room.duty.do()
    [title] = room.passes(0.6)
    assert title == "2 of 2 reports not verified: Partner sales"
    [entry] = room.duty.outbox.waiting()
    assert entry.message.letter is not None
    assert "The store cannot be asked" in entry.message.letter.text


def test_an_owner_without_reports_is_logged_once_and_stops_nobody(room: Room) -> None:
    append(room.store, good_rows())
    room.write(ALICE, {**ALICE, "owner": "carol"})
    room.at = NOW - timedelta(minutes=30)
    with capture_logs() as logs:
        room.duty.do()
        assert room.passes(0, 24) and all(title.startswith(("Verified", "2 of 2")) for title in room.titles())
    assert [line["event"] for line in logs].count("a verification has no reports") == 1


@pytest.fixture
def post() -> Iterator[Post]:
    with Post().open() as opened:
        yield opened


@pytest.mark.processes
def test_the_real_processes_deliver_it_once_over_kills_and_a_server_that_refuses(
    store: Store, tmp_path: Path, home: Home, post: Post
) -> None:
    room = Room(store, tmp_path)
    home.conf = room.conf
    room.channels = [mail_channel(post)]
    slot = clock.now().replace(second=0, microsecond=0)
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    room.write({**ALICE, "at": f"{slot:%H:%M}", "timezone": "UTC", "days": days})
    room.at = slot - timedelta(minutes=1)
    room.duty.do()
    append(room.store, moved(wrong_revenue(), slot - NOW))
    paint(room.conf.home / "snapshots/partner-sales/_/bad.png")
    post.answers["ops@example.com"] = ["450 4.2.0 Come back later"]
    room.at = slot + timedelta(seconds=1)
    room.duty.do()
    process = home.start("-m", "alerts.notifier")
    outbox = room.duty.outbox
    wait_for(lambda: [one.attempts for one in outbox.waiting()] == [1], "the first try to be refused")
    process.send_signal(signal.SIGKILL)
    process.wait()
    room.duty = room.started()
    room.duty.do()
    process = home.start("-m", "alerts.notifier")
    wait_for(lambda: outbox.waiting() == [], "the mail to be sent")
    process.send_signal(signal.SIGKILL)
    process.wait()
    room.started().do()
    outbox.put(message("later"))
    home.start("-m", "alerts.notifier")
    wait_for(lambda: len(post.mails) > 1 and outbox.waiting() == [], "a later message to be sent")
    [mail, other] = post.mails
    assert other["Subject"] == "[critical] Disk full: later"
    assert mail["Subject"].startswith("1 of 2 reports bad, 1 not verified: Wrong number: Partner sales - Revenue 9 %")
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds.count("image/png") == 1
    html = next(part.get_content() for part in mail.walk() if part.get_content_type() == "text/html")
    assert "first wrong hop" in html and "report=partner-sales" in html
    assert html.count("no picture kept") == 1, "the last good picture has no file any more"
