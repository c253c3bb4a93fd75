"""`backtest` as a person and a script use it: on a data point of the store, on a file, and on what cannot be tried."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from app.cli_backtest import backtest
from store.connection import open_store
from store.rows import DataPoint
from store.write import append
from tests.app.quality.points import FIRST, installation

DAY = timedelta(days=1)


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[str]:
    with installation(tmp_path) as url:
        yield url


@pytest.fixture
def file(tmp_path: Path) -> Path:
    values = np.random.default_rng(2).normal(500, 20, 300)
    days = [datetime(2024, 1, 1) + day * DAY for day in range(300)]
    rows = [f"{day:%Y-%m-%d},{value:.2f}" for day, value in zip(days, values, strict=True)]
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(["day,orders", *rows]))
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(backtest, list(arguments))


def refused(*arguments: str) -> str:
    done = run(*arguments)
    assert done.exit_code != 0
    return done.output if isinstance(done.exception, SystemExit) else str(done.exception)


def test_a_data_point_is_compared_as_json_and_as_text(installed: str, tmp_path: Path) -> None:
    store = open_store(installed, tmp_path)
    values = np.random.default_rng(1).normal(100, 4, 200)
    append(store, [DataPoint("orders", FIRST - (200 - day) * DAY, FIRST, float(one)) for day, one in enumerate(values)])
    store.close()
    done = run("orders", "--false-alarms-per-year", "2", "--rules", "nelson-1, nelson-2", "--json")
    assert done.exit_code == 0, done.exception
    answer = json.loads(done.stdout)
    assert (answer["metric"], answer["points"], answer["unit"]) == ("orders", 230, "orders")
    assert answer["proposed"]["plan"]["rules"] == ["nelson_1", "nelson_2"]
    assert answer["proposed"]["plan"]["per_year"] == pytest.approx(2)
    assert answer["verdict"].startswith("Proposed ") and answer["verdict"] in answer["sentence"]
    assert {one["event"] for one in answer["now"]["found"]} >= {"5-sigma spike", "2-sigma shift", "outage of 1 point"}
    told = run("orders", "--direction", "down").stdout
    assert told.startswith("Proposed ")
    assert "event" in told and "found now" in told and "found proposed" in told
    assert "Chance alone gives about " in told


def test_a_file_is_tried_as_by_default(file: Path) -> None:
    done = run("--file", str(file), "--value", "orders", "--time", "day", "--unit", "orders")
    assert done.exit_code == 0, done.exception
    first, second = done.stdout.splitlines()[:2]
    assert first.startswith("Smallest lasting shift found within 7 days with 90 %: ")
    assert second == "300 points from 2024-01-01 to 2024-10-26, judged from 2024-03-25."
    assert "now: 0.99 false alarms a year promised" in done.stdout
    assert "found proposed" not in done.stdout


def test_a_file_and_a_proposal_are_compared(file: Path) -> None:
    arguments = ("--file", str(file), "--value", "orders", "--time", "day", "--false-alarms-per-year", "12", "--json")
    answer = json.loads(run(*arguments).stdout)
    assert answer["proposed"]["promised_per_year"] == pytest.approx(12)
    assert answer["now"]["promised_per_year"] == pytest.approx(0.0027 * 365.25)
    assert answer == json.loads(run(*arguments).stdout)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("order",), "The estate has no data point “order”"),
        (("orders",), "There are 30 points with a value; expected 42 or more"),
        (("empty",), "There is no value to judge"),
        (("orders", "--rules", "nelsen"), "'nelsen' is no rule"),
        (
            ("orders", "--false-alarms-per-year", "-1"),
            "--false-alarms-per-year is -1.0: input should be greater than 0",
        ),
        (("orders", "--direction", "sideways"), "'sideways' is not one of 'both', 'up', 'down'"),
        ((), "Name a metric of the estate, or a file"),
        (("--file", "x.csv", "--value", "a"), "A file needs --value and --time"),
        (("--file", "x.csv", "--value", "a", "--time", "b"), "There is no file x.csv"),
    ],
)
@pytest.mark.usefixtures("installed")
def test_what_cannot_be_tried_is_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    assert said in refused(*arguments)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["day,v"], "has no values"),
        (["day,v", *(f"2024-0{month}-{day:02},5" for month in (1, 3) for day in range(1, 31))], "All 60 values are 5"),
        (["day,v", *(f"{number},{number % 7}" for number in range(60))], "the times are plain numbers"),
        (["day,v", "2024-01-01,many"], "has 'many' in row 1, expected a number"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_tried_is_one_sentence(tmp_path: Path, rows: list[str], said: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("\n".join(rows))
    assert said in refused("--file", str(path), "--value", "v", "--time", "day")


def test_times_that_come_again_are_told_and_the_last_value_counts(file: Path, tmp_path: Path) -> None:
    file.write_text(f"{file.read_text()}\n2024-10-26,501\n")
    done = run("--file", str(file), "--value", "orders", "--time", "day")
    assert "300 points from" in done.output
    assert "come again in row 301; of each such time the last value counts.\n" in done.output
    assert "kept in the order of the file" not in done.output
    path = tmp_path / "one.csv"
    path.write_text("\n".join(["day,v", *("2024-01-01,5" for _ in range(60))]))
    said = refused("--file", str(path), "--value", "v", "--time", "day")
    assert "There is 1 point with a value; expected 42 or more to look back on. Times that stood in a row" in said


def test_one_signal_is_one(file: Path) -> None:
    file.write_text(file.read_text().replace("2024-10-20,", "2024-10-20,9"))
    assert (
        "1 signal in history itself: 2024-10-20 00:00 spike up"
        in run("--file", str(file), "--value", "orders", "--time", "day").output
    )
