"""The verb `monitor` on files as they come: every way a file can be odd is either watched and said, or one sentence."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.app.test_cli_monitor import Verb, monitor

__all__ = ["monitor"]  # the fixture
START = datetime(2026, 11, 2)
ROWS, SPIKE = 120, 100


def lines(rows: int = ROWS, zone: tuple[str, ...] = ("",)) -> list[str]:
    """Rows `time,value,note` every 5 minutes with a spike in row 101 of the file; zones in turn, one instant each."""
    values = 50 + np.random.default_rng(1).normal(size=rows)
    if rows > SPIKE:
        values[SPIKE] = 90
    out = []
    for row, value in enumerate(values):
        name = zone[row % len(zone)]
        at = START + timedelta(minutes=5 * row) + timedelta(hours=int(name[:3]) if name[:1] in ("+", "-") else 0)
        out.append(f"{at:%Y-%m-%dT%H:%M}{name},{value:.3f},n {row:03d}")
    return out


def written(folder: Path, rows: list[str], name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(["t,v,note", *rows]) + "\n")
    return path


def found_rows(monitor: Verb, path: Path, *more: object) -> tuple[int, list[int], list[str]]:
    """Exit status, rows of the anomalies, notes."""
    ended = monitor(path, "--time", "t", "--value", "v", "--json", *more)
    assert ended.err == ""
    return ended.status, [one["row"] for one in ended.json["anomalies"]], ended.json["notes"]


def test_what_it_finds_is_said_to_a_person(monitor: Verb, tmp_path: Path) -> None:
    ended = monitor(written(tmp_path, lines()), "--time", "t", "--value", "v")
    assert (ended.status, ended.err) == (1, "")
    first, second = ended.out.splitlines()
    assert first == "120 rows, 1 anomaly"
    assert second.startswith("row 101 at 2026-11-02 08:20:00: value 90, score 0.9")


def test_zones_that_differ_are_one_order_of_instants(monitor: Verb, tmp_path: Path) -> None:
    path = written(tmp_path, lines(zone=("Z", "+02:00", "-05:00")))
    status, rows, notes = found_rows(monitor, path)
    assert (status, rows) == (1, [101])
    assert notes == ["Times come with +02:00, -05:00, Z; they were converted to UTC."]
    anomaly = monitor(path, "--time", "t", "--value", "v", "--json").json["anomalies"][0]
    assert anomaly["time"] == "2026-11-02T08:20:00"


def test_a_zone_that_makes_time_go_back_is_refused_with_the_row(monitor: Verb, tmp_path: Path) -> None:
    path = written(tmp_path, ["2026-11-02T10:00Z,1,a", "2026-11-02T10:30+01:00,2,b"])
    ended = monitor(path, "--time", "t", "--value", "v")
    assert (ended.status, ended.out) == (2, "")
    assert "goes back in row 2, from 2026-11-02 10:00:00 to 2026-11-02 09:30:00" in ended.err
    assert "sort the file by time, or name the series with --by" in ended.err


def test_rows_that_alternate_without_by_are_refused_and_with_it_watched(monitor: Verb, tmp_path: Path) -> None:
    one = lines()
    path = written(tmp_path, [*one, *one])
    assert "goes back in row 121" in monitor(path, "--time", "t", "--value", "v").err
    both = [row.replace("n ", f"{host} ")[:-4] for host in ("web", "mail") for row in one]
    ended = monitor(written(tmp_path, both), "--time", "t", "--value", "v", "--by", "note", "--json")
    assert [(name, [one["row"] for one in found["anomalies"]]) for name, found in ended.json["series"].items()] == [
        ("web", [101]), ("mail", [221]),
    ]  # fmt: skip


def test_times_that_come_twice_are_watched_in_the_order_of_the_file(monitor: Verb, tmp_path: Path) -> None:
    rows = lines()
    status, found, notes = found_rows(monitor, written(tmp_path, [*rows[:50], rows[49], *rows[50:]]))
    assert (status, found) == (1, [102])
    assert notes == ["Times that stood in a row before come again in row 51; kept in the order of the file."]


def test_hours_without_rows_are_no_anomaly(monitor: Verb, tmp_path: Path) -> None:
    rows = lines()
    assert found_rows(monitor, written(tmp_path, [*rows[:50], *rows[70:]])) == (1, [81], [])


def test_rows_without_a_value_stay_in_the_output_and_change_no_score_before_them(monitor: Verb, tmp_path: Path) -> None:
    rows = lines()
    holes = [row if place not in (10, 60, 61) else f"{row[:16]},,hole" for place, row in enumerate(rows)]
    out = tmp_path / "out.csv"
    status, found, notes = found_rows(monitor, written(tmp_path, holes), "--out", out)
    assert (status, found) == (1, [101])
    assert notes == ["3 of 120 rows have no value (rows 11, 61, 62); left out."]
    table = pl.read_csv(out)
    assert table["score"].is_null().arg_true().to_list() == [10, 60, 61]
    assert table["is_anomaly"].to_list() == [row == SPIKE for row in range(ROWS)]
    shorter = monitor(written(tmp_path, holes[:90]), "--time", "t", "--value", "v", "--json").json
    assert shorter["score"] == table["score"].to_list()[:90]


def test_a_csv_keeps_its_text_and_its_columns(monitor: Verb, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    rows = lines()
    monitor(written(tmp_path, rows), "--time", "t", "--value", "v", "--out", out)
    header, *kept = out.read_text().splitlines()
    assert header == "t,v,note,score,is_anomaly"
    assert [row.rsplit(",", 2)[0] for row in kept] == rows
    assert [row.rsplit(",", 1)[1] for row in kept].count("true") == 1


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_rows_stand_in_the_order_of_the_file_though_series_alternate(
    monitor: Verb, tmp_path: Path, suffix: str
) -> None:
    both = [f"{row[:-5]}{host}" for row in lines() for host in ("web", "mail")]
    out = tmp_path / f"out.{suffix}"
    monitor(written(tmp_path, both), "--time", "t", "--value", "v", "--by", "note", "--out", out)
    table = pl.read_csv(out) if suffix == "csv" else pl.read_parquet(out)
    assert table["note"].to_list() == ["web", "mail"] * ROWS
    assert table["is_anomaly"].arg_true().to_list() == [2 * SPIKE, 2 * SPIKE + 1]


def test_a_constant_series_is_quiet(monitor: Verb, tmp_path: Path) -> None:
    constant = [f"{row[:16]},5,n" for row in lines()]
    assert found_rows(monitor, written(tmp_path, constant)) == (0, [], [])
    assert monitor(tmp_path / "a.csv", "--value", "v").out == "120 rows, no anomalies\n"


def test_one_row_is_too_few_to_judge_and_says_so(monitor: Verb, tmp_path: Path) -> None:
    ended = monitor(written(tmp_path, lines(1)), "--time", "t", "--value", "v")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "1 row, no anomalies",
        "Note: 1 value is too few to judge any; expected more than 10.",
    ]


def test_a_counter_that_is_reset_is_quiet_and_says_how_it_was_watched(monitor: Verb, tmp_path: Path) -> None:
    gains = np.random.default_rng(2).integers(10, 30, ROWS)
    total = np.cumsum(gains)
    total[60:] -= total[60] - 3
    rows = [f"{row[:16]},{value},n" for row, value in zip(lines(), total, strict=True)]
    status, found, notes = found_rows(monitor, written(tmp_path, rows))
    assert (status, found) == (0, [])
    assert "watched as a counter" in notes[0]


def test_the_threshold_moves_the_verdict_and_the_exit_status(monitor: Verb, tmp_path: Path) -> None:
    path = written(tmp_path, lines())
    (spike,) = monitor(path, "--time", "t", "--value", "v", "--json").json["anomalies"]
    above = f"{spike['score'] + 1e-9:.12f}"
    assert found_rows(monitor, path, "--threshold", above) == (0, [], [])
    assert found_rows(monitor, path, "--threshold", spike["score"]) == (1, [101], [])


@pytest.mark.parametrize("threshold", ["nan", "1.5", "-0.1", "high"])
def test_a_threshold_that_is_none_is_refused(monitor: Verb, tmp_path: Path, threshold: str) -> None:
    ended = monitor(written(tmp_path, lines()), "--value", "v", "--threshold", threshold)
    assert (ended.status, ended.out) == (2, "")
    assert "--threshold" in ended.err


BAD = {
    "no column": (["2026-11-02,1,n"], "w", "a.csv has no column 'w'; it has t, v, note."),
    "no rows": ([], "v", "a.csv has no rows; expected at least one below the header."),
    "text": (["2026-11-02,1,n", "2026-11-03,n.k.,n"], "v", "Column 'v' has 'n.k.' in row 2, expected a number."),
    "infinity": (["2026-11-02,1,n", "2026-11-03,-inf,n"], "v", "'-inf' in row 2, expected a finite number."),
    "all null": (["2026-11-02,,n", "2026-11-03,NA,n"], "v", "Column 'v' has no values: 2 rows, none with a number."),
    "ragged": (["2026-11-02,1,n,more,and more"], "v", "cannot be read whole (found more fields"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_watched_writes_nothing(monitor: Verb, tmp_path: Path, name: str) -> None:
    rows, value, sentence = BAD[name]
    out = tmp_path / "out.csv"
    ended = monitor(written(tmp_path, rows), "--time", "t", "--value", value, "--out", out, "--json")
    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert ended.err.startswith("shewhart: ") and sentence in ended.err
    assert not out.exists()


def test_a_file_that_is_empty_or_not_there_is_a_sentence(monitor: Verb, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    ended = monitor(tmp_path / "empty.csv", "--value", "v")
    assert (ended.status, ended.out) == (2, "")
    assert "cannot be read (empty CSV); expected a CSV with a header, or Parquet." in ended.err
    gone = monitor(tmp_path / "gone.csv", "--value", "v")
    assert (gone.status, gone.err) == (2, f"shewhart: There is no file {tmp_path / 'gone.csv'}.\n")
