"""A batch is stored once, whatever is repeated, and the newest row per key is the one that arrived last."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.connection import Store
from store.errors import StatementError
from store.rows import CollectorRun, MetricSample, Outcome, RefreshRun, Row, RunStatus
from store.spool import Spool, pending, read
from store.write import append, apply

AT = datetime(2026, 11, 23, 8)
NEVER_USED = itertools.count()


def sample(value: float, at: datetime = AT) -> MetricSample:
    return MetricSample("h", "load_1m", "", at, value)


def count(store: Store, table: str = "metric_samples") -> int:
    return int(store.fetch(f"select count(*) from {table}").item())


def test_the_same_key_is_stored_once(store: Store) -> None:
    assert append(store, [sample(1), sample(2)], key="k") == 2
    assert append(store, [sample(1), sample(2)], key="k") == 0
    assert count(store) == 2


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(groups=st.lists(st.lists(st.integers(0, 20), min_size=1, max_size=6), max_size=6))
def test_replayed_in_any_grouping_every_batch_counts_once(
    store: Store, tmp_path: Path, groups: list[list[int]]
) -> None:
    before = count(store)
    queue = Spool(tmp_path / "spool", f"c{next(NEVER_USED)}")
    for number in range(21):
        queue.put([sample(number)], key=str(number))
    batches = [read(path) for path in pending(queue.folder)]
    for group in groups:
        apply(store, [batches[number] for number in group])
    assert count(store) - before == len({number for group in groups for number in group})


def test_latest_follows_arrival_when_the_clock_is_set_back_an_hour(store: Store) -> None:
    append(store, [sample(1.0, AT)])
    append(store, [sample(2.0, AT - timedelta(hours=1))])
    assert store.fetch("select value from latest_metric_samples").item() == 2.0


def test_latest_follows_arrival_within_one_group_of_batches(store: Store, tmp_path: Path) -> None:
    queue = Spool(tmp_path, "c")
    for number, at in enumerate((AT, AT - timedelta(hours=1))):
        queue.put([sample(number, at)])
    apply(store, [read(path) for path in pending(queue.folder)])
    assert store.fetch("select value from latest_metric_samples").item() == 1.0


def test_within_a_batch_the_time_decides(store: Store) -> None:
    append(store, [sample(3.0, AT + timedelta(seconds=1)), sample(1.0, AT)])
    assert store.fetch("select value from latest_metric_samples").item() == 3.0


def test_a_refused_row_stores_nothing_of_its_group(store: Store) -> None:
    rows: list[Row] = [sample(1), RefreshRun("j", "r", "s", "exploded", AT)]  # type: ignore[arg-type]
    with pytest.raises(StatementError):
        append(store, rows)
    assert count(store) == 0
    assert count(store, "batches") == 0


def test_a_finished_run_takes_the_place_of_the_running_one(store: Store) -> None:
    append(store, [RefreshRun("j", "r", "s", RunStatus.RUNNING, AT, AT)])
    append(store, [RefreshRun("j", "r", "s", RunStatus.SUCCEEDED, AT, AT, AT, 5)])
    assert store.fetch("select status, rows from current_refresh_runs").rows() == [("succeeded", 5)]
    assert count(store, "refresh_runs") == 2


def test_a_collector_run_is_a_refresh_run(store: Store) -> None:
    append(store, [CollectorRun("c", "r", AT, Outcome.TIMED_OUT, 0, 1.5, "no answer")])
    row = store.fetch("from current_refresh_runs").row(0, named=True)
    assert (row["job_id"], row["status"], row["message"]) == ("c", "failed", "no answer")
    assert row["finished_at"] == AT + timedelta(seconds=1.5)
