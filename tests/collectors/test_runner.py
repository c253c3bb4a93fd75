"""The runner: every run is a row, one source never stops another; kills, full disks and clocks lose no facts."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from collectors.base import Collect, Collector, Context, Piece, Source, Yield
from collectors.runner import Runner, run_once
from config.load import in_force
from store import clock, spool
from store.rows import MetricSample, Outcome
from store.settings import ROOT, Settings
from store.spool import Spool
from tests.processes import Home, wait_for

ESTATE = (ROOT / "config" / "estate.yaml").read_text()


def source(name: str, collect: Collect, every: float = 1, timeout: float = 5) -> Source:
    return Source(Collector(name, "test", timedelta(seconds=every), timedelta(seconds=timeout), "a test"), collect)


def one_sample(ctx: Context) -> Iterator[Yield]:
    yield MetricSample("h", "load_1m", "", ctx.now, 1.0)


def fails(_ctx: Context) -> Iterator[Yield]:
    raise ConnectionError("the warehouse refused the connection")
    yield


@pytest.fixture
def conf(tmp_path: Path) -> Settings:
    estate = tmp_path / "estate"
    estate.mkdir()
    (estate / "estate.yaml").write_text(ESTATE)
    return Settings(home=tmp_path / "var", estate=estate)


def context(conf: Settings) -> Context:
    loaded = in_force(conf.estate, conf.state_path / "estate.yaml")
    return Context(clock.now(), loaded.estate, conf, conf.state_path / "x.json")


def runs(conf: Settings, name: str) -> list[dict[str, object]]:
    """Run records in the spool of a collector, oldest first."""
    import orjson

    files = [path / "collector_runs.json" for path in spool.pending(conf.spool_path / name)]
    return [row for file in files if file.exists() for row in orjson.loads(file.read_bytes())]


def test_a_run_puts_its_rows_and_its_own_record_in_one_batch(conf: Settings) -> None:
    run = run_once(source("good", one_sample), context(conf), Spool(conf.spool_path, "good"))
    assert (run.outcome, run.rows, run.error) == (Outcome.SUCCEEDED, 1, None)
    (path,) = spool.pending(conf.spool_path / "good")
    assert {part.table for part in spool.read(path).parts} == {"metric_samples", "collector_runs"}


def test_a_failing_source_is_a_failed_run_with_its_reason(conf: Settings) -> None:
    run = run_once(source("bad", fails), context(conf), Spool(conf.spool_path, "bad"))
    assert run.outcome is Outcome.FAILED
    assert run.error == "the warehouse refused the connection"


def test_a_bad_input_does_not_cost_the_good_ones_beside_it(conf: Settings) -> None:
    def mixed(ctx: Context) -> Iterator[Yield]:
        yield Piece("a", [MetricSample("h", "load_1m", "", ctx.now, 1.0)])
        yield Piece("", problem="b.csv: row 3 has no date")
        yield Piece("c", [MetricSample("h", "load_1m", "", ctx.now, 2.0)])

    run = run_once(source("mixed", mixed), context(conf), Spool(conf.spool_path, "mixed"))
    assert (run.outcome, run.rows, run.error) == (Outcome.FAILED, 2, "b.csv: row 3 has no date")
    assert len(spool.pending(conf.spool_path / "mixed")) == 3


def test_the_same_piece_put_twice_has_the_same_batch_id(conf: Settings) -> None:
    def piece(ctx: Context) -> Iterator[Yield]:
        yield Piece("file-1", [MetricSample("h", "load_1m", "", ctx.now, 1.0)])

    for _ in range(2):
        run_once(source("p", piece), context(conf), Spool(conf.spool_path, "p"))
    ids = [spool.read(path).batch_id for path in spool.pending(conf.spool_path / "p")]
    assert ids.count("p:file-1") == 2


def test_a_hanging_source_is_recorded_as_timed_out_and_the_other_goes_on(conf: Settings) -> None:
    release = threading.Event()

    def hangs(ctx: Context) -> Iterator[Yield]:
        release.wait(30)
        yield MetricSample("h", "load_1m", "", ctx.now, 666.0)

    runner = Runner([source("hangs", hangs, timeout=0.2), source("good", one_sample)], conf)
    wait_for(lambda: bool(runner.step()) and len(runs(conf, "good")) >= 3, "three good runs")
    hanging = runs(conf, "hangs")
    release.set()
    assert {record["outcome"] for record in hanging} == {"timed_out"}, "what hangs never looks alive"
    assert "the run that gave no answer still hangs" in {record["error"] for record in hanging}
    assert all(record["outcome"] == "succeeded" for record in runs(conf, "good"))
    for job in runner.jobs:
        if job.thread:
            job.thread.join(5)
    assert not list((conf.spool_path / "hangs").glob("*/metric_samples.json")), "an abandoned run must put nothing"


def test_a_clock_set_back_an_hour_delays_nothing(conf: Settings) -> None:
    wall = [datetime(2026, 11, 23, 12)]
    runner = Runner([source("good", one_sample, every=3600)], conf, monotonic=lambda: 0.0, wall=lambda: wall[0])
    wait_for(lambda: len(runs(conf, "good")) == 1, "the first run")
    wall[0] -= timedelta(hours=1)
    runner.step()
    wait_for(lambda: len(runs(conf, "good")) == 2, "a run right after the step back")
    assert [record["started_at"] for record in runs(conf, "good")] == ["2026-11-23T12:00:00", "2026-11-23T11:00:00"]


def test_a_typing_error_in_the_estate_leaves_the_last_good_one_in_force(conf: Settings) -> None:
    seen: list[str] = []

    def names(ctx: Context) -> Iterator[Yield]:
        seen.append(ctx.estate.name)
        yield from one_sample(ctx)

    runner = Runner([source("names", names)], conf)
    wait_for(lambda: len(seen) == 1, "the first run")
    (conf.estate / "estate.yaml").write_text(ESTATE.replace("reports:", "reprots:"))
    wait_for(lambda: bool(runner.step()) and len(seen) >= 2, "a run with the broken file")
    assert set(seen) == {"Shewhart on this machine"}
    assert runner.loaded.problem is not None
    assert "reprots: found an unknown field, expected `reports`" in runner.loaded.problem
    restarted = Runner([source("names", names)], conf)
    assert restarted.loaded.estate.name == "Shewhart on this machine"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mount = tmp_path / "small"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(mount)]
    if os.geteuid() != 0 or subprocess.run(command, check=False).returncode:
        pytest.skip("a small tmpfs can only be mounted by root")
    yield mount
    subprocess.run(["umount", str(mount)], check=True)


def test_runs_that_a_full_disk_could_not_keep_are_recorded_when_there_is_room(small_disk: Path, conf: Settings) -> None:
    full = conf.model_copy(update={"home": small_disk})
    filler = small_disk / "filler"
    runner = Runner([source("good", one_sample)], full)
    wait_for(lambda: len(runs(full, "good")) == 1, "the first run")
    with pytest.raises(OSError, match="No space"), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 512)
    wait_for(lambda: bool(runner.step()) and len(runner.jobs[0].unwritten) >= 1, "a run that found no room")
    filler.unlink()

    def errors_written() -> list[str]:
        return [str(record["error"]) for record in runs(full, "good") if record["outcome"] == "failed"]

    wait_for(lambda: bool(runner.step()) and bool(errors_written()), "the record to be written")
    errors = errors_written()
    assert all("is full; free some space" in error for error in errors)


@pytest.mark.processes
def test_kill_9_of_a_collector_loses_and_doubles_no_acknowledged_row(home: Home) -> None:
    home.start_store()
    home.start("-m", "store.shipper")
    for _ in range(3):
        collector = home.start("-m", "collectors.runner", "resources")
        before = count_runs(home)
        wait_for(lambda before=before: count_runs(home) > before, "a collector run")  # type: ignore[misc]
        collector.send_signal(signal.SIGKILL)
        collector.wait()
    wait_for(lambda: not any(spool.depths(home.conf.spool_path).values()), "the spool to empty")
    store = home.open()
    assert store.fetch("select count(*) = count(distinct run_id) from collector_runs").item()
    counted = (
        "select count(*) as rows, count(distinct (host, metric, instance, observed_at)) as things from metric_samples"
    )
    rows, things = store.fetch(counted).row(0)
    assert rows == things
    assert rows > 0


def count_runs(home: Home) -> int:
    return int(home.open().fetch("select count(*) from collector_runs").item())
