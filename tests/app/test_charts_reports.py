"""Ninety days as bars: a worse day is taller and of another colour, and a day that nobody saw is no good day."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import polars as pl

from app import charts_reports

LAST = date(2026, 11, 25)


def days(*rows: tuple[int, int, int, int, int]) -> pl.DataFrame:
    """Rows of days back, known, degraded, down, planned."""
    return pl.DataFrame(
        [
            {
                "day_at": datetime(2026, 11, 25) - timedelta(days=back),
                "known": known,
                "good": known - degraded - down,
                "degraded": degraded,
                "down": down,
                "planned": planned,
                "looks": known + planned,
            }
            for back, known, degraded, down, planned in rows
        ]
    )


def test_a_day_is_as_bad_as_its_looks_and_unknown_without_any() -> None:
    frame = days((0, 288, 0, 0, 0), (1, 288, 0, 4, 0), (2, 288, 0, 20, 0), (3, 288, 3, 0, 0), (4, 0, 0, 0, 12))
    kinds = charts_reports.day_kinds(frame, LAST, 6)
    assert kinds == ["quiet", "planned", "warn", "bad", "warn", "good"]
    assert charts_reports.days_said(kinds) == "6 days: 1 good, 2 partly bad, 1 bad, 1 planned, 1 unknown"


def test_a_worse_day_is_taller_and_nothing_is_drawn_green_that_nobody_saw() -> None:
    drawn = charts_reports.day_bars(["good", "bad", "quiet"])
    heights = [int(height) for height in re.findall(r"v-(\d+)", drawn)]
    assert sorted(heights) == [4, 16, 28]
    assert drawn.count("<path") == 3
    assert drawn.startswith("<svg ")


def test_the_promised_limit_is_drawn_only_where_it_does_not_press_the_line_to_the_floor() -> None:
    at = datetime(2026, 11, 25)
    looks = pl.DataFrame(
        {"observed_at": [at, at + timedelta(minutes=5), at + timedelta(minutes=10)], "latency_seconds": [0.5, 0.6, 0.7]}
    )
    near = charts_reports.latency_chart(looks, 1.0)
    far = charts_reports.latency_chart(looks, 10.0)
    assert [line["name"] for line in near["series"][0]["markLine"]["data"]] == ["p95 690 ms", "Promised 1.0 s"]
    assert [line["name"] for line in far["series"][0]["markLine"]["data"]] == ["p95 690 ms"]
    assert far["yAxis"]["max"] < 1.0


def test_days_are_shares_of_their_looks() -> None:
    spec = charts_reports.days_chart(days((0, 200, 20, 10, 0), (1, 8, 0, 2, 0)))
    frame = spec["dataset"]["source"]
    assert frame["Down"].to_list() == [5.0, 25.0]
    assert frame["Good"].to_list() == [85.0, 75.0]
    assert spec["yAxis"]["max"] == 100
