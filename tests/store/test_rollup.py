"""The tiers hold what the samples say, also when facts arrive late; retention thins only what it should."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from store.connection import Store
from store.read import ask
from store.rollup import retention, retire, roll_up, spans_of
from store.rows import (
    BaselineEvent,
    BaselineState,
    CheckState,
    Fault,
    MaintenanceEvent,
    MetricSample,
    NumberState,
    RefreshRun,
    ReportCheck,
    ReportNumber,
    RunStatus,
    Stage,
)
from store.settings import Settings
from store.write import append

NOW = datetime(2026, 11, 23, 12, 0, 30)


@pytest.fixture
def conf(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def sample(at: datetime, value: float) -> MetricSample:
    return MetricSample("h", "load_1m", "", at, value)


def buckets(store: Store, table: str) -> list[tuple[object, ...]]:
    return store.fetch(f"select bucket_at, samples, mean, low, high from {table} order by bucket_at").rows()


def test_every_tier_holds_count_mean_low_and_high(store: Store, conf: Settings) -> None:
    append(store, [sample(NOW + timedelta(seconds=s), v) for s, v in ((0, 1.0), (20, 3.0), (40, 8.0))])
    roll_up(store, NOW, conf)
    minute = NOW.replace(second=0)
    assert buckets(store, "metric_minutes") == [
        (minute, 2, 2.0, 1.0, 3.0),
        (minute + timedelta(minutes=1), 1, 8.0, 8.0, 8.0),
    ]
    assert buckets(store, "metric_hours") == [(minute, 3, 4.0, 1.0, 8.0)]
    assert buckets(store, "metric_days") == [(NOW.replace(hour=0, second=0), 3, 4.0, 1.0, 8.0)]


def test_a_pass_without_new_batches_does_nothing(store: Store, conf: Settings) -> None:
    append(store, [sample(NOW, 1.0)])
    assert roll_up(store, NOW, conf) == 1
    assert roll_up(store, NOW, conf) is None


def test_late_facts_correct_the_buckets_they_belong_to(store: Store, conf: Settings) -> None:
    append(store, [sample(NOW, 1.0)])
    roll_up(store, NOW, conf)
    append(store, [sample(NOW - timedelta(hours=3), 9.0), sample(NOW + timedelta(seconds=1), 2.0)])
    roll_up(store, NOW, conf)
    assert [row[1:3] for row in buckets(store, "metric_hours")] == [(1, 9.0), (2, 1.5)]
    assert buckets(store, "metric_days")[0][1:] == (3, 4.0, 1.0, 9.0)


def test_buckets_whose_samples_are_gone_are_never_redone(store: Store, conf: Settings) -> None:
    old = NOW - timedelta(days=conf.raw_days + 1)
    append(store, [sample(old, 5.0)])
    roll_up(store, old, conf)
    retire(store, NOW, conf)
    assert store.fetch("select count(*) from metric_samples").item() == 0
    append(store, [sample(old + timedelta(seconds=1), 100.0), sample(NOW, 1.0)])
    roll_up(store, NOW, conf)
    assert buckets(store, "metric_minutes")[0][1:3] == (1, 5.0)


def test_retention_keeps_what_is_younger_and_every_event(store: Store, conf: Settings) -> None:
    ages = (conf.raw_days - 1, conf.raw_days + 1)
    append(store, [sample(NOW - timedelta(days=days), float(days)) for days in ages])
    retire(store, NOW, conf)
    assert store.fetch("select value from metric_samples")["value"].to_list() == [float(conf.raw_days - 1)]


def run(at: datetime) -> RefreshRun:
    return RefreshRun("load", f"{at:%Y%m%d}", "ping", RunStatus.SUCCEEDED, at)


def test_what_pages_show_of_the_past_is_kept_for_the_days_of_its_setting(store: Store, conf: Settings) -> None:
    ages = (conf.history_days - 1, conf.history_days + 1)
    append(store, [run(NOW - timedelta(days=days)) for days in ages])
    retire(store, NOW, conf)
    for table in ("refresh_runs", "latest_refresh_runs"):
        assert store.fetch(f"select collected_at from {table}").rows() == [(NOW - timedelta(days=ages[0]),)]


def test_every_table_with_a_retention_exists_with_its_time(store: Store, conf: Settings) -> None:
    for table, (column, days) in retention(conf).items():
        assert store.fetch(f"select {column} from {table}").is_empty()
        assert days >= 1


def test_the_ids_of_files_outlive_their_batches_so_that_a_file_sent_again_counts_once(
    store: Store, conf: Settings
) -> None:
    append(store, [sample(NOW, 1.0)], key="a file")
    append(store, [sample(NOW, 2.0)])
    store.execute("update batches set applied_at = $long_ago", {"long_ago": NOW - timedelta(days=conf.run_days + 1)})
    retire(store, NOW, conf)
    assert store.fetch("select batch_id from batches")["batch_id"].to_list() == ["direct:a file"]
    assert append(store, [sample(NOW, 1.0)], key="a file") == 0


MIDNIGHT = NOW.replace(hour=0, minute=0, second=0)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
UP, DEGRADED, DOWN, UNKNOWN = CheckState.UP, CheckState.DEGRADED, CheckState.DOWN, CheckState.UNKNOWN


def look(at: datetime, state: CheckState = UP, seconds: float | None = 1.0, **more: object) -> ReportCheck:
    return ReportCheck("sales", at, state, Stage.FAST, latency_seconds=seconds, **more)  # type: ignore[arg-type]


def window(begin: datetime, end: datetime, at: datetime = NOW, is_withdrawn: bool = False) -> MaintenanceEvent:
    return MaintenanceEvent("w", "sales", at, begin, end, is_withdrawn, "alice", "storage moved")


def days(store: Store) -> dict[datetime, tuple[int, ...]]:
    """looks, known, good, degraded, stale, down, planned by day."""
    frame = store.fetch("select * from report_days order by day_at")
    return {row[1]: row[2:9] for row in frame.rows()}


def test_a_day_counts_each_look_once_and_only_what_is_known_and_not_planned(store: Store, conf: Settings) -> None:
    looks = [
        look(MIDNIGHT),
        look(MIDNIGHT + HOUR, DEGRADED, 9.0, fault=Fault.SLOW, persona="gold"),
        look(MIDNIGHT + 2 * HOUR, DEGRADED, 3.0, fault=Fault.STALE_NUMBER),
        look(MIDNIGHT + 3 * HOUR, DOWN, None, fault=Fault.HTTP_ERROR),
        look(MIDNIGHT + 4 * HOUR, UNKNOWN, None),
        look(MIDNIGHT + 5 * HOUR, DOWN, None, is_planned=True),
    ]
    append(store, looks)
    roll_up(store, NOW, conf)
    assert days(store) == {MIDNIGHT: (6, 4, 1, 2, 1, 1, 1)}
    latencies = store.fetch("select p50_latency_seconds, p95_latency_seconds from report_days").row(0)
    assert latencies == (3.0, pytest.approx(8.4))


def test_late_looks_correct_the_days_they_belong_to(store: Store, conf: Settings) -> None:
    append(store, [look(MIDNIGHT - days_back * DAY + HOUR) for days_back in range(5)])
    roll_up(store, NOW, conf)
    append(store, [look(MIDNIGHT - 4 * DAY, DOWN)])
    append(store, [look(MIDNIGHT - DAY, DOWN), look(MIDNIGHT + 2 * HOUR)])
    roll_up(store, NOW, conf)
    looks = {(MIDNIGHT - day).days: (row[0], row[5]) for day, row in days(store).items()}
    assert looks == {4: (2, 1), 3: (1, 0), 2: (1, 0), 1: (2, 1), 0: (2, 0)}
    assert roll_up(store, NOW, conf) is None


def test_a_batch_of_today_leaves_earlier_days_alone(store: Store, conf: Settings) -> None:
    append(store, [look(MIDNIGHT - DAY), look(MIDNIGHT)])
    roll_up(store, NOW, conf)
    store.execute("update report_days set looks = 77 where day_at < $day", {"day": MIDNIGHT})
    append(store, [look(MIDNIGHT + HOUR)])
    roll_up(store, NOW, conf)
    assert [row[0] for row in days(store).values()] == [77, 2]


def test_a_window_set_afterwards_takes_the_looks_of_its_days_out_and_gives_them_back(
    store: Store, conf: Settings
) -> None:
    long_ago = MIDNIGHT - 20 * DAY
    append(store, [look(long_ago + hour * HOUR, DOWN) for hour in range(4)] + [look(MIDNIGHT)])
    roll_up(store, NOW, conf)
    append(store, [window(long_ago + HOUR, long_ago + 3 * HOUR)])
    roll_up(store, NOW, conf)
    assert days(store)[long_ago] == (4, 2, 0, 0, 0, 2, 2), "the end of a window is not within it"
    append(store, [window(long_ago - DAY, long_ago - DAY + HOUR, NOW + HOUR)])
    roll_up(store, NOW, conf)
    assert days(store)[long_ago] == (4, 4, 0, 0, 0, 4, 0), "it was moved to another day"
    append(store, [window(long_ago, long_ago + DAY, NOW + 2 * HOUR)])
    append(store, [window(long_ago, long_ago + DAY, NOW + 3 * HOUR, is_withdrawn=True)])
    roll_up(store, NOW, conf)
    assert days(store)[long_ago] == (4, 4, 0, 0, 0, 4, 0)


def test_a_window_of_years_counts_like_any_other(store: Store, conf: Settings) -> None:
    append(store, [look(MIDNIGHT, DOWN), window(datetime(1, 1, 1), datetime(9999, 1, 1))])
    roll_up(store, NOW, conf)
    assert days(store) == {MIDNIGHT: (1, 0, 0, 0, 0, 0, 1)}


def test_the_first_pass_counts_looks_that_came_before_there_was_a_tier(store: Store, conf: Settings) -> None:
    append(store, [look(MIDNIGHT - 40 * DAY)])
    store.execute("delete from batch_tables")
    append(store, [look(MIDNIGHT)])
    roll_up(store, NOW, conf)
    assert list(days(store)) == [MIDNIGHT - 40 * DAY, MIDNIGHT]


def test_days_whose_looks_are_gone_keep_their_counts(store: Store, conf: Settings) -> None:
    old = MIDNIGHT - (conf.history_days + 1) * DAY
    append(store, [look(old), look(old + HOUR)])
    roll_up(store, old, conf)
    retire(store, NOW, conf)
    assert store.fetch("select count(*) from report_checks").item() == 0
    append(store, [look(old + 2 * HOUR, DOWN), look(NOW), window(old, old + DAY)])
    roll_up(store, NOW, conf)
    assert days(store)[old] == (2, 2, 2, 0, 0, 0, 0)


def test_the_days_that_pages_ask_for_are_the_same_before_and_after_a_pass(store: Store, conf: Settings) -> None:
    append(store, [look(MIDNIGHT - DAY, DOWN), look(MIDNIGHT), look(MIDNIGHT + HOUR, UNKNOWN)])
    raw = ask(store, "report_days", since=NOW - 3 * DAY)
    roll_up(store, NOW, conf)
    assert raw.rows() == ask(store, "report_days", since=NOW - 3 * DAY).rows()
    assert raw["known"].to_list() == [1, 1]
    append(store, [look(MIDNIGHT + 2 * HOUR, DOWN)])
    assert ask(store, "report_days", since=NOW - 3 * DAY)["down"].to_list() == [1, 1], "also before the next pass"


def test_days_are_put_together_where_they_follow_each_other() -> None:
    assert list(spans_of([])) == []
    first, apart = MIDNIGHT, MIDNIGHT + 7 * DAY
    assert list(spans_of([first, first + DAY, apart])) == [(first, first + 2 * DAY), (apart, apart + DAY)]


def test_what_people_decided_about_reports_is_kept_for_ever(store: Store, conf: Settings) -> None:
    old = NOW - (conf.history_days + 1) * DAY
    number = ReportNumber("sales", "", "revenue", "c", old, NumberState.MATCH)
    approved = BaselineEvent("sales", "", old, BaselineState.APPROVED, "s", "f", "l", "alice", "as agreed")
    append(store, [number, approved, window(old, old + HOUR, old)])
    retire(store, NOW, conf)
    counts = [store.fetch(f"select count(*) from {table}").item() for table in ("report_numbers", "baseline_events")]
    assert counts == [0, 1]
    assert store.fetch("select count(*) from maintenance_events").item() == 1
