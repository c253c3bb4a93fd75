"""The judge on a real store: passes, restarts and replays write each verdict, limit and signal once."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from app.quality.judge import Judge, JudgeDuty
from config.estate import Estate
from config.load import parse
from store.connection import Store, open_store
from store.migrate import migrate
from store.rows import (
    Answer,
    DataPoint,
    MarkKind,
    PointMark,
    ProposalState,
    Row,
    SignalAnswer,
    StageEvent,
    WatchEvent,
)
from store.shipper import ship
from store.spool import Spool
from store.write import append

ESTATE = """name: Test
subsystems: [{id: sales, title: Sales}]
metrics:
  - {id: orders, title: Orders, source: x.db, sql: select 1, unit: orders, subsystem: sales,
     watch: {false_alarms_per_year: 0.2}}
  - {id: visits, title: Visits, source: x.db, sql: select 1, subsystem: sales, watch: {false_alarms_per_year: 0.2}}
"""
START = datetime(2026, 1, 5)
DAY = timedelta(days=1)
NOW = datetime(2026, 11, 24, 8)
VERDICTS = "select metric_id, observed_at, value, state, cause, rules, version from current_point_verdicts order by all"
SIGNALS = (
    "select signal_id, rule, state, first_at, last_at, members, version, evidence from latest_signals order by all"
)


@pytest.fixture
def estate() -> Estate:
    return parse(ESTATE)


def history(days: int, seed: int = 1) -> list[float]:
    draw = random.Random(seed)
    return [round(draw.gauss(1000 if (n % 7) < 5 else 700, 40), 1) for n in range(days)]


def points(values: Sequence[float | None], metric: str = "orders", first: int = 0) -> list[Row]:
    days = [(START + (first + n) * DAY, value) for n, value in enumerate(values)]
    return [DataPoint(metric, at, at + timedelta(hours=6), value) for at, value in days if value is not None]


def look(store: Store, judge: Judge, estate: Estate, now: datetime = NOW) -> list[Row]:
    """A pass whose rows are stored, as the responder's are."""
    rows: list[Row] = []
    for piece in judge.look(store, estate, now):
        rows += piece.rows
        if not piece.is_empty:
            with TemporaryDirectory() as folder:
                verdicts = {"point_verdicts": piece.verdicts} if piece.verdicts.height else None
                Spool(Path(folder), "judge").put(piece.rows, verdicts)
                ship(store, Path(folder))
    return rows


def states(store: Store, metric: str = "orders") -> dict[int, str]:
    frame = store.fetch("select * from current_point_verdicts where metric_id = $m order by observed_at", {"m": metric})
    return {(at - START).days: state for at, state in frame.select("observed_at", "state").iter_rows()}


def signals(store: Store) -> list[dict[str, object]]:
    return list(store.fetch("select * from latest_signals order by first_at, rule").iter_rows(named=True))


def test_an_outage_of_three_days_is_one_signal_with_every_day_flagged(store: Store, estate: Estate) -> None:
    values = history(120)
    values[100:103] = [0.0, 0.0, 0.0]
    append(store, points(values))
    look(store, Judge(), estate)
    found = states(store)
    assert [found[day] for day in (99, 100, 101, 102, 103)] == ["in_control", *["signal"] * 3, "in_control"]
    assert [found[day] for day in range(14)] == ["learning"] * 14
    (signal,) = signals(store)
    assert (signal["state"], signal["mode"], signal["direction"]) == ("closed", "alert", "down")
    assert (signal["first_at"], signal["last_at"]) == (START + 100 * DAY, START + 102 * DAY)
    assert "Orders was 0 on Thu 16 Apr; expected " in str(signal["evidence"])
    told = "on a Thursday; 26.7 sigma below; the strongest of 3 points since Wed 15 Apr; false alarms of this chart: "
    assert str(signal["evidence"]).endswith(f"{told}about one in 5 years.")


def test_a_pass_with_nothing_new_writes_nothing_and_neither_does_a_restart(store: Store, estate: Estate) -> None:
    values = history(120)
    values[110] = 0.0
    append(store, [*points(values), *points(history(120, 2), "visits"), *points([1.0] * 30, "gone")])
    judge = Judge()
    assert look(store, judge, estate)
    before = store.fetch("select count(*) as n from point_verdicts")["n"][0]
    assert before == 240
    assert look(store, judge, estate) == []
    assert look(store, Judge(), estate) == []
    assert store.fetch("select count(*) as n from point_verdicts")["n"][0] == before


@pytest.mark.parametrize("steps", [(1,), (50, 3, 1), (7, 30)])
def test_passes_of_any_length_with_restarts_come_to_what_one_pass_does(
    tmp_path: Path, estate: Estate, steps: tuple[int, ...]
) -> None:
    values: list[float | None] = [*history(150)]
    values[60], values[61], values[120] = 0.0, 0.0, 5000.0
    values[130:] = [value + 160 for value in history(20, 3)]
    values[40] = None
    found = []
    for name, sizes in (("one", (150,)), ("many", steps)):
        store = open_store(f"duckdb:{tmp_path / name}.duckdb", tmp_path)
        migrate(store)
        judge, first, turn = Judge(), 0, 0
        while first < len(values):
            size = sizes[turn % len(sizes)]
            append(store, points(values[first : first + size], first=first))
            if turn % 5 == 4:
                judge = Judge()  # a restart
            look(store, judge, estate, NOW + turn * timedelta(minutes=1))
            first, turn = first + size, turn + 1
        found.append([store.fetch(sql).rows() for sql in (VERDICTS, SIGNALS)])
        assert store.fetch("select max(times_judged) as n from current_point_verdicts")["n"][0] == 1
        store.close()
    assert found[0][0] == found[1][0]
    assert found[0][1] == found[1][1]
    assert {row[1] for row in found[0][1]} >= {"spike"}


def test_a_late_value_is_judged_again_and_undoes_the_signal(store: Store, estate: Estate) -> None:
    values = history(120)
    right, values[115] = values[115], 0.0
    append(store, points(values))
    judge = Judge()
    look(store, judge, estate)
    assert [row["state"] for row in signals(store)] == ["closed"]
    at = START + 115 * DAY
    append(store, [DataPoint("orders", at, at + timedelta(days=8), right)])
    look(store, judge, estate, NOW + DAY)
    assert [row["state"] for row in signals(store)] == ["withdrawn"]
    row = store.fetch("select * from current_point_verdicts where observed_at = $at", {"at": at}).row(0, named=True)
    assert (row["state"], row["is_late"], row["times_judged"], row["first_state"], row["first_value"]) == (
        "in_control", True, 2, "signal", 0.0,
    )  # fmt: skip


def test_a_point_that_comes_after_later_ones_is_late(store: Store, estate: Estate) -> None:
    values: list[float | None] = [*history(120)]
    values[118] = None
    append(store, points(values))
    judge = Judge()
    look(store, judge, estate)
    append(store, points([0.0], first=118))
    look(store, judge, estate, NOW + DAY)
    row = store.fetch("select * from point_verdicts where observed_at = $at", {"at": START + 118 * DAY}).row(
        0, named=True
    )
    assert (row["state"], row["is_late"]) == ("signal", True)
    assert [one["rule"] for one in signals(store)] == ["spike"]


def test_a_value_long_before_the_limits_in_force_is_judged_by_those_of_its_time(store: Store, estate: Estate) -> None:
    append(store, points(history(120)))
    judge = Judge()
    look(store, judge, estate)
    at = START + 40 * DAY
    append(store, [DataPoint("orders", at, at + timedelta(days=90), 5000.0)])
    look(store, judge, estate, NOW + DAY)
    row = store.fetch("select * from current_point_verdicts where observed_at = $at", {"at": at}).row(0, named=True)
    assert (row["state"], row["version"], row["is_late"]) == ("signal", 2, True)
    assert store.fetch("select count(*) as n from point_verdicts")["n"][0] == 121


def test_an_accepted_stage_gets_limits_of_its_own_and_is_quiet(store: Store, estate: Estate) -> None:
    values = [*history(100), *(value + 400 for value in history(30, 5))]
    append(store, points(values[:118]))
    judge = Judge()
    look(store, judge, estate)
    proposed = store.fetch("select * from latest_stage_events")
    assert proposed["state"].to_list() == ["proposed"]
    assert abs((proposed["starts_at"][0] - START).days - 100) <= 1
    assert [row["state"] for row in signals(store)] == ["open"]
    look(store, Judge(), estate)
    event = proposed.row(0, named=True) | {"state": ProposalState.ACCEPTED, "occurred_at": NOW, "reason": "new shop"}
    append(store, [StageEvent(**event)])
    look(store, judge, estate, NOW + DAY)
    assert [row["state"] for row in signals(store)] == ["closed"]
    limits = store.fetch("select * from latest_control_limits").row(0, named=True)
    assert limits["reason"] == "stage accepted: new shop"
    assert limits["from_at"] >= START + 99 * DAY
    append(store, points(values[118:], first=118))
    look(store, judge, estate, NOW + 2 * DAY)
    assert {states(store)[day] for day in range(118, 130)} == {"in_control"}
    assert store.fetch("select count(*) as n from stage_events where state = 'proposed'")["n"][0] == 1


def test_a_rejected_stage_is_not_proposed_again(store: Store, estate: Estate) -> None:
    values = [*history(100), *(value + 400 for value in history(30, 5))]
    append(store, points(values[:118]))
    judge = Judge()
    look(store, judge, estate)
    event = store.fetch("select * from latest_stage_events").row(0, named=True)
    append(store, [StageEvent(**event | {"state": ProposalState.REJECTED, "occurred_at": NOW, "reason": "no"})])
    append(store, points(values[118:], first=118))
    look(store, judge, estate, NOW + DAY)
    assert store.fetch("select state from latest_stage_events")["state"].to_list() == ["rejected"]


def mark(kind: MarkKind, first: int, last: int, **more: float | bool) -> PointMark:
    return PointMark("m1", "orders", kind, START + first * DAY, START + last * DAY, NOW, "ann", "works", **more)  # type: ignore[arg-type]


def test_points_left_out_have_no_verdict_and_make_new_limits(store: Store, estate: Estate) -> None:
    values = history(120)
    values[20] = 0.0
    append(store, points(values))
    judge = Judge()
    look(store, judge, estate)
    before = store.fetch("select max(version) as n from control_limits")["n"][0]
    append(store, [mark(MarkKind.LEFT_OUT, 20, 22)])
    look(store, judge, estate, NOW + DAY)
    assert [states(store)[day] for day in (19, 20, 21, 22, 23)].count("left_out") == 3
    limits = store.fetch("select * from latest_control_limits").row(0, named=True)
    assert (limits["version"], limits["reason"]) == (before + 1, "points left out")
    assert [row["state"] for row in signals(store)] == ["withdrawn"]
    look(store, Judge(), estate, NOW + 2 * DAY)
    assert store.fetch("select max(version) as n from control_limits")["n"][0] == before + 1


def test_planned_work_in_the_future_is_no_signal(store: Store, estate: Estate) -> None:
    append(store, [*points(history(100)), mark(MarkKind.PLANNED, 100, 101)])
    judge = Judge()
    look(store, judge, estate)
    append(store, points([0.0, 0.0, 0.0], first=100))
    look(store, judge, estate, NOW + DAY)
    assert [states(store)[day] for day in (100, 101, 102)] == ["left_out", "left_out", "signal"]


def test_a_corrected_value_is_the_one_that_is_judged(store: Store, estate: Estate) -> None:
    values = history(120)
    values[118] = 0.0
    append(store, points(values))
    judge = Judge()
    look(store, judge, estate)
    append(store, [mark(MarkKind.CORRECTED, 118, 118, old_value=0.0, new_value=values[111])])
    look(store, judge, estate, NOW + DAY)
    row = store.fetch("select * from current_point_verdicts where observed_at = $at", {"at": START + 118 * DAY}).row(
        0, named=True
    )
    assert (row["value"], row["state"], row["is_late"]) == (values[111], "in_control", True)
    assert [one["state"] for one in signals(store)] == ["withdrawn"]


def test_other_settings_are_another_version_and_judge_what_comes(store: Store, estate: Estate) -> None:
    append(store, points(history(100)))
    judge = Judge()
    look(store, judge, estate)
    watch = '{"direction": "up", "false_alarms_per_year": 0.2}'
    append(store, [WatchEvent("orders", NOW, watch, "ann", "only rises matter")])
    append(store, points([0.0, 5000.0], first=100))
    look(store, judge, estate, NOW + DAY)
    assert store.fetch("select reason from latest_control_limits")["reason"].to_list() == ["settings changed"]
    assert [states(store)[day] for day in (100, 101)] == ["in_control", "signal"]


def test_too_little_history_is_learning_and_what_left_the_estate_is_not_judged(store: Store, estate: Estate) -> None:
    append(store, [*points([1.0, 2.0, 3.0]), *points([1.0, 2.0], "gone")])
    look(store, Judge(), estate)
    assert states(store) == {0: "learning", 1: "learning", 2: "learning"}
    assert states(store, "gone") == {}
    assert store.fetch("select count(*) as n from control_limits")["n"][0] == 0


def test_a_rule_that_was_often_wrong_is_only_watched(store: Store, estate: Estate) -> None:
    values = history(110)
    append(store, points(values))
    judge = Judge()
    look(store, judge, estate)
    answers = [SignalAnswer(f"s{n}", "visits", "spike", NOW + n * DAY, Answer.EXPECTED, "ann") for n in range(12)]
    append(store, answers)
    append(store, points([0.0], first=110))
    look(store, judge, estate, NOW + 20 * DAY)
    assert [(row["rule"], row["mode"]) for row in signals(store)] == [("spike", "watch")]


def test_a_pass_waits_until_the_rows_of_the_last_one_are_stored(store: Store, estate: Estate, tmp_path: Path) -> None:
    append(store, points(history(40)))
    root = tmp_path / "spool"
    duty = JudgeDuty(store, Spool(root, "judge"))
    duty.do(estate, NOW)
    JudgeDuty(store, Spool(root, "judge")).do(estate, NOW + timedelta(minutes=1))  # killed and started again
    ship(store, root)
    JudgeDuty(store, Spool(root, "judge")).do(estate, NOW + timedelta(minutes=2))
    ship(store, root)
    assert store.fetch("select count(*) as n from point_verdicts")["n"][0] == 40
    assert store.fetch("select count(*) as n from control_limits")["n"][0] == 2


def test_an_answered_weak_signal_leaves_the_baseline_once(store: Store) -> None:
    often = parse(ESTATE.replace("0.2", "1"))
    values = history(130)
    values[72] += 125  # just beyond its limit: chance may make such a point, so it is in the baseline
    append(store, points(values))
    judge = Judge()
    look(store, judge, often)
    (weak,) = [row for row in signals(store) if row["first_at"] == START + 72 * DAY]
    assert 1 <= float(str(weak["score"])) < 1.5
    before = store.fetch("select version, points from latest_control_limits").row(0)
    append(store, [SignalAnswer(str(weak["signal_id"]), "orders", "spike", NOW, Answer.EXPECTED, "ann")])
    look(store, judge, often, NOW + DAY)
    after = store.fetch("select version, reason from latest_control_limits").row(0)
    assert after == (before[0] + 1, "a signal was answered")
    look(store, Judge(), often, NOW + 2 * DAY)
    assert store.fetch("select max(version) as n from control_limits")["n"][0] == before[0] + 1


def test_points_left_out_at_the_begin_of_a_baseline_are_learned_without_once(store: Store, estate: Estate) -> None:
    append(store, [*points(history(60)), mark(MarkKind.LEFT_OUT, 0, 1)])
    look(store, Judge(), estate)
    first = store.fetch("select max(version) as n from control_limits")["n"][0]
    look(store, Judge(), estate, NOW + DAY)
    assert store.fetch("select max(version) as n from control_limits")["n"][0] == first
