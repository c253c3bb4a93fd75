"""The analysts' copy holds what the store holds, day by day; backup and restore bring everything back."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from store.backup import backup, restore
from store.connection import Store, open_store
from store.errors import StoreError
from store.export import export
from store.rollup import roll_up
from store.rows import DataPoint, MetricSample
from store.settings import Settings
from store.write import append
from tests.processes import Home

NOW = datetime(2026, 11, 23, 12)


def sample(at: datetime, value: float = 1.0) -> MetricSample:
    return MetricSample("h", "load_1m", "", at, value)


@pytest.fixture
def conf(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "var")


def days(conf: Settings, table: str) -> list[str]:
    return sorted(path.name for path in (conf.export_path / table).glob("day=*"))


def test_each_day_is_a_file_and_only_changed_days_are_written_again(store: Store, conf: Settings) -> None:
    append(store, [sample(NOW), sample(NOW - timedelta(days=1))])
    roll_up(store, NOW, conf)
    export(store, NOW, conf)
    assert days(conf, "metric_samples") == ["day=2026-11-22", "day=2026-11-23"]
    assert days(conf, "metric_minutes") == ["day=2026-11-22", "day=2026-11-23"]
    yesterday = conf.export_path / "metric_samples" / "day=2026-11-22" / "data.parquet"
    written_at = yesterday.stat().st_mtime_ns
    append(store, [sample(NOW + timedelta(minutes=1))])
    export(store, NOW, conf)
    assert yesterday.stat().st_mtime_ns == written_at
    assert pl.read_parquet(conf.export_path / "metric_samples" / "*" / "data.parquet").height == 3


def test_the_manifest_says_as_of_when_and_how_much(store: Store, conf: Settings) -> None:
    append(store, [sample(NOW)])
    export(store, NOW, conf)
    manifest = json.loads((conf.export_path / "manifest.json").read_text())
    assert manifest["as_of"] == NOW.isoformat()
    assert manifest["tables"]["metric_samples"] == {"rows": 1}


def test_days_past_their_retention_leave_the_copy_too(store: Store, conf: Settings) -> None:
    append(store, [sample(NOW)])
    export(store, NOW, conf)
    export(store, NOW + timedelta(days=conf.raw_days + 1), conf)
    assert days(conf, "metric_samples") == []


def test_a_served_store_is_backed_up_and_restored_to_the_last_row(home: Home) -> None:
    owner = home.start_store()
    root = home.conf.spool_path
    append(home.open(), [sample(NOW + timedelta(seconds=n)) for n in range(1000)], root=root)
    saved = backup(home.open(), NOW, home.conf)
    append(home.open(), [sample(NOW, 2.0)], root=root)
    with pytest.raises(StoreError, match="cannot be opened"):
        restore(saved, home.conf, NOW)
    owner.terminate()
    owner.wait()
    assert restore(saved, home.conf, NOW)["metric_samples"] == 1000
    home.start_store()
    assert home.open().fetch("select count(*) from metric_samples").item() == 1000
    assert append(home.open(), [sample(NOW, 3.0)], root=root) == 1, "a restored store takes new rows"


def test_a_file_that_is_no_backup_is_refused(conf: Settings, tmp_path: Path) -> None:
    open_store(f"duckdb:{tmp_path / 'other.duckdb'}", tmp_path).execute("create table t (n int)")
    with pytest.raises(StoreError, match="not a backup of this store"):
        restore(tmp_path / "other.duckdb", conf, NOW)
    with pytest.raises(StoreError, match="There is no backup"):
        restore(tmp_path / "none.duckdb", conf, NOW)


def test_a_batch_that_spans_all_time_is_as_many_files_as_it_has_days(store: Store, conf: Settings) -> None:
    """The last day there is has no day after it, and years without a row are no files."""
    points = [DataPoint("m", at, NOW, 1.0) for at in (datetime(1, 1, 1), NOW, datetime(9999, 12, 31, 23, 59))]
    append(store, points)
    export(store, NOW, conf)
    assert days(conf, "data_points") == ["day=0001-01-01", "day=2026-11-23", "day=9999-12-31"]
    kept = pl.read_parquet(conf.export_path / "data_points" / "*" / "data.parquet")
    assert sorted(kept["observed_at"]) == [point.observed_at for point in points]
