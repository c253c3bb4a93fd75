"""Files that arrive are runs: each once, when it is complete, with what a Parquet file says of its data."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from collectors.base import Context
from collectors.sources.file_arrivals import collect
from store.connection import Store
from store.rows import RefreshRun, RunStatus
from tests.collectors.support import NOW, context, deliver, problems, rows

JOB = {"id": "landing", "title": "Landing", "subsystem": "s"}


def put(path: Path, at: datetime, content: pl.DataFrame | bytes = b"abc") -> Path:
    """A file that was last written `at`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        content.write_parquet(path)
    seconds = at.replace(tzinfo=UTC).timestamp()
    os.utime(path, (seconds, seconds))
    return path


def place(folder: Path, now: datetime = NOW, **more: object) -> Context:
    there = {"id": "drop", "job": "landing", "path": "in/*", **more}
    return context(folder, now, jobs=[JOB], file_arrivals=[there])


def runs_of(ctx: Context) -> list[RefreshRun]:
    return [row for row in rows(collect(ctx)) if isinstance(row, RefreshRun)]


def test_a_parquet_file_says_when_how_much_and_how_new(tmp_path: Path) -> None:
    frame = pl.DataFrame({"at": [datetime(2026, 11, 22, 23, 59), datetime(2026, 11, 22, 1), None]})
    path = put(tmp_path / "in" / "orders.parquet", NOW - timedelta(hours=1), frame)
    (run,) = runs_of(place(tmp_path, landed_column="at"))
    at = datetime(2026, 11, 23, 7, 30)
    assert run == RefreshRun(
        "landing", "in/orders.parquet@2026-11-23T07:30:00.000000", "files", RunStatus.SUCCEEDED, NOW, at, at,
        rows=3, landed_at=datetime(2026, 11, 22, 23, 59), bytes=path.stat().st_size,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "landed_at"),
    [
        ([date(2026, 11, 20), date(2026, 11, 22)], datetime(2026, 11, 22)),
        ([datetime(2026, 11, 22, 2, tzinfo=UTC)], datetime(2026, 11, 22, 2)),
        (pl.Series([], dtype=pl.Datetime), None),
    ],
)
def test_days_zones_and_no_rows(values: list[object] | pl.Series, landed_at: datetime | None, tmp_path: Path) -> None:
    put(tmp_path / "in" / "a[1].parquet", NOW - timedelta(hours=1), pl.DataFrame({"at": values}))
    (run,) = runs_of(place(tmp_path, landed_column="at"))
    assert (run.landed_at, run.rows) == (landed_at, len(values))


def test_each_content_is_one_run_and_an_unchanged_file_none(tmp_path: Path, store: Store) -> None:
    put(tmp_path / "in" / "a.csv", NOW - timedelta(hours=2))
    counts = [deliver(store, tmp_path, collect(place(tmp_path, NOW + timedelta(minutes=n)))) for n in range(2)]
    put(tmp_path / "in" / "a.csv", NOW, b"abcd")
    put(tmp_path / "in" / "b.csv", NOW)
    counts += [deliver(store, tmp_path, collect(place(tmp_path, NOW + timedelta(minutes=n)))) for n in (2, 3)]
    assert counts == [1, 0, 2, 0]
    assert store.fetch("select max(bytes) from latest_refresh_runs where job_id = 'landing'").item() == 4


def test_the_first_look_takes_the_newest_and_those_in_the_window_and_no_older_one_later(tmp_path: Path) -> None:
    for days in (30, 20, 10):
        put(tmp_path / "in" / f"{days}.csv", NOW - timedelta(days=days))
    assert [run.run_id[:9] for run in runs_of(place(tmp_path))] == ["in/10.csv"]
    assert runs_of(place(tmp_path)) == []
    (tmp_path / "state" / "notes.json").unlink()
    put(tmp_path / "in" / "1.csv", NOW - timedelta(days=1))
    assert [run.run_id[:8] for run in runs_of(place(tmp_path, window_days=25))] == ["in/20.cs", "in/10.cs", "in/1.csv"]


def test_a_file_counts_when_it_has_not_changed_for_a_while(tmp_path: Path) -> None:
    put(tmp_path / "in" / "a.csv", NOW - timedelta(seconds=5))
    assert runs_of(place(tmp_path, settle_seconds=10)) == []
    assert len(runs_of(place(tmp_path, NOW + timedelta(seconds=5), settle_seconds=10))) == 1


def test_a_torn_parquet_file_is_no_run_is_told_and_costs_the_others_nothing(tmp_path: Path) -> None:
    frame = pl.DataFrame({"at": [datetime(2026, 11, 22)]})
    whole = put(tmp_path / "in" / "b.parquet", NOW - timedelta(hours=2), frame).read_bytes()
    put(tmp_path / "in" / "a.parquet", NOW - timedelta(hours=3), whole[:-20])
    for _ in range(2):
        found = list(collect(place(tmp_path, landed_column="at")))
        assert "file place drop: " in problems(found)[0]
        assert "a.parquet cannot be read" in problems(found)[0]
        assert "\n" not in problems(found)[0]
    put(tmp_path / "in" / "a.parquet", NOW - timedelta(hours=1), whole)
    assert [run.run_id[:12] for run in runs_of(place(tmp_path, landed_column="at"))] == ["in/a.parquet"]


@pytest.mark.parametrize(
    ("column", "said"), [("moment", "has no column 'moment'"), ("n", "has int in column 'n', expected times")]
)
def test_a_column_that_does_not_fit_is_told(column: str, said: str, tmp_path: Path) -> None:
    put(tmp_path / "in" / "a.parquet", NOW - timedelta(hours=1), pl.DataFrame({"n": [1]}))
    found = list(collect(place(tmp_path, landed_column=column)))
    assert rows(found) == []
    assert said in problems(found)[0]


def test_a_place_without_files_tells_nothing_and_a_job_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert list(collect(place(tmp_path))) == []
    assert problems(collect(place(tmp_path, job="landnig"))) == [
        "file place drop names job 'landnig', which the estate does not have; add it."
    ]


def test_many_files_are_read_oldest_first_over_several_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.sources.file_arrivals.MAX_FILES", 2)
    for minutes in range(5):
        put(tmp_path / "in" / f"{minutes}.csv", NOW - timedelta(minutes=9 - minutes))
    passes = [[run.run_id[3] for run in runs_of(place(tmp_path))] for _ in range(4)]
    assert passes == [["0", "1"], ["2", "3"], ["4"], []]
