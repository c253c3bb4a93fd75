"""Data points from a real PostgreSQL: values, no writes, cut off in time, and no password in any message."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.sources.data_points import collect
from store.rows import DataPoint
from tests.collectors.support import context, problems, rows
from tests.postgres import cluster, programs


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with cluster(found) as address:
        yield address


def metrics(*statements: tuple[str, str, str]) -> list[dict[str, str]]:
    return [{"id": name, "title": name, "source": url, "sql": sql, "subsystem": "s"} for name, url, sql in statements]


def test_points_come_as_they_are_and_in_utc(url: str, tmp_path: Path) -> None:
    sql = "select timestamptz '2026-11-01 02:00:00+02' as observed_at, 12.5::numeric as value, 7 as size"
    (point,) = rows(collect(context(tmp_path, metrics=metrics(("orders", url, sql)))))
    assert isinstance(point, DataPoint)
    assert (point.observed_at.isoformat(), point.value, point.size) == ("2026-11-01T00:00:00", 12.5, 7.0)


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("create table t (n int)", "expected one SELECT"),
        ("with gone as (select pg_sleep(60)) select 1 as value from gone", "longer than 0.5 s"),
        ("select nextval(pg_get_serial_sequence('t', 'n')) as value", 't" does not exist'),
        (
            "select set_config('transaction_read_only', 'off', true) as value from nowhere",
            "nowhere",
        ),
    ],
)
def test_what_writes_or_runs_too_long_is_one_sentence(url: str, tmp_path: Path, sql: str, sentence: str) -> None:
    (problem,) = problems(collect(context(tmp_path, metrics=metrics(("m", url, sql))), seconds=0.5))
    assert sentence in problem
    assert "metric m" in problem


def test_a_refused_login_tells_no_password(url: str, tmp_path: Path) -> None:
    wrong = url.replace("shewhart:secret", "nobody:hunter2")
    (problem,) = problems(collect(context(tmp_path, metrics=metrics(("m", wrong, "select 1 as value")))))
    assert "nobody" in problem
    assert "hunter2" not in problem
