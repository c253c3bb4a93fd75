"""The tiers hold what the samples say, also when facts arrive late; retention thins only what it should."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from store.connection import Store
from store.rollup import retention, retire, roll_up
from store.rows import MetricSample, RefreshRun, RunStatus
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
