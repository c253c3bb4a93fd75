"""From the spool to the store: bad batches stop nothing, and no kill loses or doubles a row."""

from __future__ import annotations

import random
import signal
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from store import spool
from store.connection import Store, open_store
from store.errors import StoreAwayError
from store.rows import MetricSample, RefreshRun
from store.shipper import ship, sweep
from store.spool import Spool
from tests.processes import Home, wait_for

AT = datetime(2026, 11, 23, 8)
ROWS_PER_BATCH = 50


def put(queue: Spool, number: int) -> None:
    """One acknowledged batch whose rows can be told from all others."""
    rows = [
        MetricSample(f"h{number}", "load_1m", str(n), AT + timedelta(seconds=number), float(n))
        for n in range(ROWS_PER_BATCH)
    ]
    queue.put(rows, key=str(number))


def assert_exactly(store: Store, batches: int) -> None:
    """Every row of the batches is there once."""
    rows = store.fetch(
        "select count(*), count(distinct (host, instance)), count(distinct host) from metric_samples"
    ).row(0)
    assert rows == (batches * ROWS_PER_BATCH, batches * ROWS_PER_BATCH, batches)


def test_everything_that_waits_is_stored_and_the_spool_is_empty(store: Store, tmp_path: Path) -> None:
    queue = Spool(tmp_path, "c")
    for number in range(100):
        put(queue, number)
    assert ship(store, tmp_path) == 100 * ROWS_PER_BATCH
    assert spool.depths(tmp_path) == {"c": 0}
    assert_exactly(store, 100)


def test_a_corrupt_batch_is_set_aside_and_reported_and_the_others_are_stored(store: Store, tmp_path: Path) -> None:
    queue = Spool(tmp_path, "c")
    for number in range(3):
        put(queue, number)
    broken = spool.pending(queue.folder)[1] / "metric_samples.json"
    broken.write_bytes(broken.read_bytes()[:100])
    ship(store, tmp_path)
    assert_exactly(store, 2)
    report = store.fetch("from set_aside_batches").row(0, named=True)
    assert report["collector"] == "c"
    assert "checksum" in report["problem"]
    assert (Path(report["path"]) / "problem.txt").exists()


def test_a_refused_batch_is_set_aside_alone(store: Store, tmp_path: Path) -> None:
    queue = Spool(tmp_path, "c")
    put(queue, 0)
    queue.put([RefreshRun("j", "r", "s", "exploded", AT)])  # type: ignore[arg-type]
    put(queue, 1)
    ship(store, tmp_path)
    assert_exactly(store, 2)
    assert "CHECK constraint" in store.fetch("select problem from set_aside_batches").item()


def test_while_the_store_is_away_everything_waits(home: Home) -> None:
    queue = Spool(home.conf.spool_path, "c")
    put(queue, 0)
    with pytest.raises(StoreAwayError):
        ship(home.open(), home.conf.spool_path)
    assert spool.depths(home.conf.spool_path) == {"c": 1}


def test_what_a_killed_process_left_half_written_is_swept_away(tmp_path: Path) -> None:
    queue = Spool(tmp_path, "c")
    put(queue, 0)
    (queue.folder / ".half").mkdir()
    sweep(tmp_path, older_than_seconds=-1)
    assert [path.name[0] for path in queue.folder.iterdir()] == ["0"]


def test_a_batch_that_is_renamed_into_place_during_the_sweep_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Spool(tmp_path, "c")
    put(queue, 0)
    hidden = queue.folder / ".being-written"
    monkeypatch.setattr(Path, "glob", lambda *_: iter([hidden]))  # listed, then gone before it is looked at
    sweep(tmp_path, older_than_seconds=1)
    assert len(spool.pending(queue.folder)) == 1


@pytest.mark.processes
@pytest.mark.parametrize("victim", ["store", "shipper"])
def test_kill_9_in_the_middle_of_a_load_loses_and_doubles_nothing(home: Home, victim: str) -> None:
    batches = 400
    processes = {"store": home.start_store(), "shipper": home.start("-m", "store.shipper")}
    queue = Spool(home.conf.spool_path, "c")
    chance = random.Random(7)
    kills = sorted(chance.sample(range(50, batches), 3))
    for number in range(batches):
        put(queue, number)
        if number in kills:
            processes[victim].send_signal(signal.SIGKILL)
            processes[victim].wait()
            processes[victim] = home.start_store() if victim == "store" else home.start("-m", "store.shipper")
    wait_for(lambda: not any(spool.depths(home.conf.spool_path).values()), "the spool to empty")
    assert_exactly(home.open(), batches)
    for process in processes.values():
        process.kill()
        process.wait()
    assert_exactly(open_store(f"duckdb:{home.conf.store_path}", Path()), batches)


def test_a_batch_refused_twice_is_set_aside_twice(store: Store, tmp_path: Path) -> None:
    for _ in range(2):
        queue = Spool(tmp_path, "c")
        queue.put([RefreshRun("j", "r", "s", "exploded", AT)], key="same")  # type: ignore[arg-type]
        ship(store, tmp_path)
    assert len(list((tmp_path / spool.SET_ASIDE).iterdir())) == 2
    assert store.fetch("select count(*) from set_aside_batches").item() == 2
