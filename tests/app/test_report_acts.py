"""What people decide about reports is on disk before the page says so, is shown at once, needs role and reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
import streamlit as st

from app import report_acts
from app.alert_acts import ActError
from collectors.reports.snapshot_folder import retire
from store import clock, spool
from store.connection import open_store
from store.read import ask
from store.rows import Row
from store.settings import settings
from store.write import append
from tests.fixtures import report_history as facts
from tests.fixtures import report_paintings as paintings
from tests.fixtures import screens

TARGET = ("partner-scorecard", "gold")
APPROVED = "partner-scorecard/gold/a.png"
OTHER = "partner-scorecard/gold/b.png"
REASON = "the new layout is agreed"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session of its own, without a browser."""
    monkeypatch.setattr(st, "session_state", {})


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[str]:
    at = clock.now()
    url = screens.make_store(tmp_path / "store.duckdb", [*facts.decisions(at), *facts.pictures(at)])
    with screens.installation(tmp_path / "home", url):
        paintings.paint(settings().snapshot_path)
        yield url


def spooled() -> list[dict[str, Any]]:
    """The rows on disk that this session put there."""
    folder = settings().spool_path / "app"
    found = [spool.read(path) for path in spool.pending(folder)] if folder.exists() else []
    return [row for batch in found for part in batch.parts for row in orjson.loads(part.path.read_bytes())]


def approve(**changes: str) -> None:
    fields = {"report_id": TARGET[0], "persona": TARGET[1], "snapshot_id": OTHER, "file": OTHER, "layout": "b"}
    report_acts.approve(**(fields | {"reason": REASON} | changes))


def approved() -> dict[str, tuple[str, str]]:
    """Files that are approved now, and by whom, by report."""
    frame, _ = report_acts.baselines()
    return {report: (file, actor) for report, file, actor in frame.select("report_id", "file", "actor").iter_rows()}


def phases() -> dict[str, str]:
    return dict(report_acts.windows()[0].select("window_id", "phase").iter_rows())


def test_an_approval_is_on_disk_and_shown_at_once(installed: str) -> None:
    assert approved() == {"partner-scorecard": (APPROVED, "alice")}
    approve(reason="  the new layout\nis agreed ")
    (row,) = spooled()
    assert (row["report_id"], row["persona"], row["state"], row["file"]) == (*TARGET, "approved", OTHER)
    assert (row["snapshot_id"], row["layout"], row["actor"], row["reason"]) == (OTHER, "b", "alice", REASON)
    assert approved() == {"partner-scorecard": (OTHER, "alice")}


def test_the_store_takes_the_decisions_as_they_are(installed: str, tmp_path: Path) -> None:
    approve()
    report_acts.add_window("stock-board", clock.now(), clock.now() + HOUR, "the storage moves")
    report_acts.withdraw_window("w-next", "the scanners come later")
    ours: list[Row] = list(st.session_state[report_acts.OURS])
    with screens.installation(tmp_path / "home2", screens.away()):
        store = open_store(installed, tmp_path)
        append(store, ours)
        assert ask(store, "report_baselines")["file"].to_list() == [OTHER]
        store.close()
    for _ in range(2):  # with what this session did, and without
        with screens.installation(tmp_path / "home3", installed):
            assert approved() == {"partner-scorecard": (OTHER, "alice")}
            assert report_acts.baselines()[0].height == 1
            frame, _ = report_acts.windows()
            assert frame.height == 3
            shown = frame.row(by_predicate=pl.col("window_id") == "w-next", named=True)
            assert (shown["phase"], shown["made_by"], shown["made_for"]) == ("withdrawn", "carol", "new scanners")
        st.session_state.clear()


def test_the_approved_picture_outlives_the_old_ones(installed: str) -> None:
    folder = settings().snapshot_path
    report_acts.approve(*TARGET, APPROVED, APPROVED, "a", REASON)
    (folder / OTHER).touch()
    later = clock.now() + timedelta(days=400)
    retire(folder, later)
    assert (folder / APPROVED).exists()
    approve()
    retire(folder, later)
    assert (folder / OTHER).exists()
    assert not (folder / APPROVED).exists()


def test_a_withdrawn_approval_holds_no_more(installed: str) -> None:
    approve()
    report_acts.withdraw(*TARGET, "it shows last year")
    assert [row["state"] for row in spooled()] == ["approved", "withdrawn"]
    assert (spooled()[1]["file"], spooled()[1]["reason"]) == (OTHER, "it shows last year")
    assert approved() == {}
    assert not (settings().snapshot_path / "partner-scorecard/gold/baseline.json").exists()
    with pytest.raises(ActError, match="nothing to withdraw"):
        report_acts.withdraw(*TARGET, "it shows last year")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": ""}, "write at least 5 letters"),
        ({"reason": "ok . -"}, "write at least 5 letters"),
        ({"report_id": "gone"}, "The estate has no report “gone”"),
        ({"persona": "bronze"}, "has no audience “bronze”"),
        ({"persona": ""}, "has no audience “”"),
        ({"file": "partner-scorecard/gold/c.png"}, "The file of this picture is gone"),
        ({"file": "partner-scorecard/silver/a.png"}, "a picture of another report"),
        ({"file": "partner-scorecard/gold/../silver/a.png/../../../x.png"}, "The file of this picture is gone"),
    ],
)
def test_an_approval_that_makes_no_sense_is_refused_in_one_sentence(
    installed: str, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(ActError, match=said):
        approve(**changes)
    assert spooled() == []
    assert approved() == {"partner-scorecard": (APPROVED, "alice")}


def test_the_role_is_checked_at_the_act(installed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "bob")  # an analyst
    for attempt in (
        approve,
        lambda: report_acts.withdraw(*TARGET, REASON),
        lambda: report_acts.add_window("stock-board", clock.now(), clock.now() + HOUR, REASON),
        lambda: report_acts.withdraw_window("w-next", REASON),
    ):
        with pytest.raises(ActError, match="needs the role operator"):
            attempt()
    assert spooled() == []


def test_when_nothing_can_be_written_the_earlier_approval_still_holds(installed: str) -> None:
    baseline = settings().snapshot_path / "partner-scorecard/gold/baseline.json"
    baseline.write_bytes(orjson.dumps({"file": APPROVED}))
    settings().spool_path.write_text("a file where the spool would be")
    with pytest.raises(OSError, match="spool"):
        approve()
    assert approved() == {"partner-scorecard": (APPROVED, "alice")}
    assert orjson.loads(baseline.read_bytes()) == {"file": APPROVED}


def test_a_break_is_planned_and_shown_at_once(installed: str) -> None:
    begin = clock.now() + timedelta(days=1)
    made = report_acts.add_window("sales-overview", begin, begin + HOUR, "storage moves")
    (row,) = spooled()
    assert (row["window_id"], row["report_id"], row["is_withdrawn"]) == (made, "sales-overview", False)
    assert (row["begin_at"], row["end_at"]) == (begin.isoformat(), (begin + HOUR).isoformat())
    assert (row["actor"], row["reason"]) == ("alice", "storage moves")
    assert phases() == {"w-past": "ended", "w-next": "planned", made: "planned"}
    frame, _ = report_acts.windows()
    shown = frame.row(by_predicate=pl.col("window_id") == made, named=True)
    assert (shown["made_by"], shown["made_for"]) == ("alice", "storage moves")


@pytest.mark.parametrize(("since", "phase"), [(-50 * HOUR, "ended"), (-HOUR / 2, "maintenance")])
def test_a_time_that_is_past_can_be_marked_as_planned(installed: str, since: timedelta, phase: str) -> None:
    begin = clock.now() + since
    made = report_acts.add_window("sales-overview", begin, begin + HOUR, "was announced by mail")
    assert phases()[made] == phase
    assert spooled()[0]["occurred_at"] > begin.isoformat()


def test_a_break_is_withdrawn_once_and_its_maker_stays_known(installed: str) -> None:
    report_acts.withdraw_window("w-next", "the scanners come later")
    (row,) = spooled()
    assert (row["window_id"], row["report_id"], row["is_withdrawn"]) == ("w-next", "stock-board", True)
    assert phases()["w-next"] == "withdrawn"
    frame, _ = report_acts.windows()
    shown = frame.row(by_predicate=pl.col("window_id") == "w-next", named=True)
    assert (shown["made_by"], shown["made_for"]) == ("carol", "new scanners")
    assert (shown["actor"], shown["reason"]) == ("alice", "the scanners come later")
    with pytest.raises(ActError, match="withdrawn already, by alice"):
        report_acts.withdraw_window("w-next", "the scanners come later")
    with pytest.raises(ActError, match="not known"):
        report_acts.withdraw_window("w-9", "the scanners come later")


AT = datetime(2026, 11, 25, 8)


@pytest.mark.parametrize(
    ("begin", "end", "said"),
    [
        (AT, AT, "The end is not after the begin"),
        (AT, AT - HOUR, "The end is not after the begin"),
        (AT, AT + timedelta(days=31, seconds=1), "longer than 31 days"),
        (AT - timedelta(days=90, seconds=1), AT - timedelta(days=89), "more than 90 days ago"),
        (AT - timedelta(days=90), AT - timedelta(days=59), None),
        (AT + timedelta(days=300), AT + timedelta(days=301), None),
    ],
)
def test_times_that_make_no_sense_are_refused(begin: datetime, end: datetime, said: str | None) -> None:
    problem = report_acts.problem_of(begin, end, AT)
    assert (problem is None) if said is None else (said in (problem or ""))


@pytest.mark.parametrize(
    ("report_id", "begin", "said"),
    [("gone", AT, "has no report “gone”"), ("stock-board", None, "The begin or the end is missing"),
     ("stock-board", datetime(2020, 1, 1), "days")],
)  # fmt: skip
def test_a_break_that_makes_no_sense_is_not_kept(
    installed: str, report_id: str, begin: datetime | None, said: str
) -> None:
    with pytest.raises(ActError, match=said):
        report_acts.add_window(report_id, begin, clock.now(), REASON)
    assert spooled() == []


def test_nothing_is_withdrawn_blindly_while_the_store_is_away(tmp_path: Path) -> None:
    with screens.installation(tmp_path / "home", screens.away()):
        for attempt in (
            lambda: report_acts.withdraw(*TARGET, REASON),
            lambda: report_acts.withdraw_window("w-next", REASON),
        ):
            with pytest.raises(ActError, match="does not answer"):
                attempt()
