"""The verb `monitor`: rows as they came, its machine format, many series, and files that are not as they should be."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from app.cli import main

START = datetime(2026, 11, 2)


@dataclass(frozen=True)
class Ended:
    """How the verb ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


Verb = Callable[..., Ended]


@pytest.fixture
def monitor(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Verb:
    """`python -m app monitor ...` in this process, as `main` runs it."""

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["app", "monitor", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Ended(int(ended.value.code or 0), said.out, said.err)

    return run


def frame(rows: int = 300, spike: int | None = 250, seed: int = 1) -> pl.DataFrame:
    """Noise around 50 every 5 minutes, with a spike at row `spike` counted from 0."""
    values = 50 + np.random.default_rng(seed).normal(size=rows)
    if spike is not None:
        values[spike] = 90
    at = [f"{START + timedelta(minutes=5 * row):%Y-%m-%d %H:%M:%S}" for row in range(rows)]
    return pl.DataFrame({"at": at, "host": ["web"] * rows, "cpu": values})


def kept(folder: Path, table: pl.DataFrame, name: str = "a.csv") -> Path:
    path = folder / name
    if name.endswith(".csv"):
        table.write_csv(path)
    else:
        table.write_parquet(path)
    return path


def test_the_rows_come_out_in_order_with_score_and_verdict(monitor: Verb, tmp_path: Path) -> None:
    path, out = kept(tmp_path, frame()), tmp_path / "out.csv"
    ended = monitor(path, "--time", "at", "--value", "cpu", "--out", out)
    assert ended.status == 1
    assert "row 251 at 2026-11-02 20:50:00: value 90" in ended.out
    written = pl.read_csv(out)
    assert written.drop("score", "is_anomaly").equals(pl.read_csv(path))
    assert written["score"].is_between(0, 1).all()
    assert written["is_anomaly"].arg_true().to_list() == [250]


def test_the_verdict_of_a_row_is_the_same_in_a_file_that_ends_there(monitor: Verb, tmp_path: Path) -> None:
    whole, part = (
        monitor(kept(tmp_path, frame().head(rows)), "--time", "at", "--value", "cpu", "--json") for rows in (300, 252)
    )
    assert part.json["score"] == whole.json["score"][:252]


def test_json_has_every_row_and_the_anomalies(monitor: Verb, tmp_path: Path) -> None:
    found = monitor(kept(tmp_path, frame()), "--time", "at", "--value", "cpu", "--json").json
    assert (found["n"], found["threshold"], len(found["score"]), sum(found["is_anomaly"])) == (300, 0.5, 300, 1)
    (one,) = found["anomalies"]
    assert (one["row"], one["time"], one["value"]) == (251, "2026-11-02T20:50:00", 90.0)
    assert one["score"] >= 0.5


def test_a_quiet_series_ends_with_0_and_a_threshold_above_all_too(monitor: Verb, tmp_path: Path) -> None:
    assert monitor(kept(tmp_path, frame(spike=None)), "--time", "at", "--value", "cpu").status == 0
    assert monitor(kept(tmp_path, frame()), "--time", "at", "--value", "cpu", "--threshold", 1).status == 0


def test_every_group_is_watched_by_itself_though_rows_alternate(monitor: Verb, tmp_path: Path) -> None:
    web, mail = frame(), frame(spike=None, seed=2).with_columns(pl.lit("mail").alias("host"), pl.col("cpu") * 1000)
    mixed = pl.concat([web, mail]).sort("at", maintain_order=True)
    out = tmp_path / "out.parquet"
    ended = monitor(
        kept(tmp_path, mixed, "a.parquet"), "--time", "at", "--value", "cpu", "--by", "host", "--out", out, "--json"
    )
    assert ended.status == 1
    assert [(name, len(one["anomalies"])) for name, one in ended.json["series"].items()] == [("web", 1), ("mail", 0)]
    written = pl.read_parquet(out)
    assert written.drop("score", "is_anomaly").equals(mixed)
    assert written.filter("is_anomaly")["host"].to_list() == ["web"]


def test_parquet_from_a_csv_has_numbers_and_times(monitor: Verb, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    monitor(kept(tmp_path, frame()), "--time", "at", "--value", "cpu", "--out", out)
    assert pl.read_parquet(out).schema == {
        "at": pl.Datetime("us"), "host": pl.String, "cpu": pl.Float64, "score": pl.Float64, "is_anomaly": pl.Boolean,
    }  # fmt: skip


def test_a_row_without_a_value_has_no_score_and_a_note(monitor: Verb, tmp_path: Path) -> None:
    table = frame().with_columns(pl.when(pl.int_range(300) == 99).then(None).otherwise("cpu").alias("cpu"))
    found = monitor(kept(tmp_path, table), "--time", "at", "--value", "cpu", "--json").json
    assert (found["score"][99], found["is_anomaly"][99], found["n"]) == (None, False, 300)
    assert "1 of 300 rows has no value (row 100)" in found["notes"][0]
    assert [one["row"] for one in found["anomalies"]] == [251]


def test_a_group_that_cannot_be_watched_does_not_stop_the_others(monitor: Verb, tmp_path: Path) -> None:
    bad = frame(20, None).with_columns(pl.lit("mail").alias("host"), pl.lit("full").alias("cpu"))
    table = pl.concat([frame().with_columns(pl.col("cpu").cast(pl.String)), bad])
    out = tmp_path / "out.csv"
    ended = monitor(kept(tmp_path, table), "--time", "at", "--value", "cpu", "--by", "host", "--out", out, "--json")
    assert ended.status == 2
    assert len(ended.json["series"]["web"]["anomalies"]) == 1
    assert "'full' in row 301, expected a number" in ended.json["series"]["mail"]["error"]
    assert "series 'mail' cannot be watched" in ended.err
    assert pl.read_csv(out, infer_schema_length=None)["score"].null_count() == 20


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["at,y", "2026-01-01,1", "2026-01-02,two"], "'two' in row 2, expected a number"),
        (["at,y", "2026-01-01,1", "2026-01-02,inf"], "row 2, expected a finite number"),
        (["at,y", "2026-01-01,", "2026-01-02,"], "has no values"),
        (["at,y", "2026-01-01,1", "2026-01-03,1", "2026-01-02,1"], "goes back in row 3, from 2026-01-03"),
        (["at,y", "2026-01-01,1", ",1"], "has nothing in row 2, expected a time"),
        (["at,y", "2026-01-01,1", "soon,1"], "'soon' in row 2, expected a time"),
        (["at,y"], "has no rows"),
        (["at,z", "2026-01-01,1"], "has no column 'y'; it has at, z"),
    ],
)
def test_what_cannot_be_watched_is_one_sentence(monitor: Verb, tmp_path: Path, lines: list[str], said: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines) + "\n")
    ended = monitor(path, "--time", "at", "--value", "y")
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err
    assert ended.err.count("\n") == 1


def test_out_does_not_overwrite_columns_or_go_nowhere(monitor: Verb, tmp_path: Path) -> None:
    path = kept(tmp_path, frame().with_columns(score=pl.lit(1)))
    assert "has a column 'score'" in monitor(path, "--value", "cpu", "--out", tmp_path / "o.csv").err
    assert "no folder" in monitor(path, "--value", "cpu", "--out", tmp_path / "gone" / "o.csv").err
    assert "--out writes .csv or .parquet" in monitor(path, "--value", "cpu", "--out", tmp_path / "o.xlsx").err


@pytest.mark.parametrize("unit", [1, 1000])
def test_seconds_since_1970_have_a_time_of_day(monitor: Verb, tmp_path: Path, unit: int) -> None:
    """A day without its peak is found where times are numbers too."""
    minutes = np.arange(9 * 288) * 5
    values = np.where((minutes % 1440 > 540) & (minutes % 1440 < 1000), 80.0, 20.0)
    values += np.random.default_rng(1).normal(size=values.size)
    values[8 * 288 :] = 20 + np.random.default_rng(2).normal(size=288)
    table = pl.DataFrame({"at": (1_700_006_400 + minutes * 60) * unit, "y": values})
    found = monitor(kept(tmp_path, table), "--time", "at", "--value", "y", "--json").json
    assert 8 * 288 + 109 <= found["anomalies"][-1]["row"] <= 8 * 288 + 125


@pytest.mark.parametrize(
    ("rows", "note"), [(1, "too few to judge any"), (20, "Before row 40 only jumps"), (300, "watched as a counter")]
)
def test_notes_say_how_it_was_watched(monitor: Verb, tmp_path: Path, rows: int, note: str) -> None:
    table = pl.DataFrame({"y": np.cumsum(np.random.default_rng(1).poisson(20, rows))})
    ended = monitor(kept(tmp_path, table), "--value", "y", "--json")
    assert ended.status == 0
    assert note in ended.json["notes"][-1]
