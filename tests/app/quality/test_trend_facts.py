"""What is said of where a data point is going, checked by hand on days that are easy to reckon."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import polars as pl
import pytest

from app.quality import trend_facts
from app.quality.trend_facts import DAILY, Trend, by_day, contribution, rolled, segments_of, trend_of
from config.quality import Metric

TODAY = date(2026, 11, 25)  # a Wednesday
DAY = timedelta(days=1)


def metric(name: str = "revenue", **more: object) -> Metric:
    fields = {"id": name, "title": name.title(), "source": "s", "sql": "select 1", "subsystem": "s", **more}
    return Metric.model_validate(fields)


def days(value: Callable[[int], float], count: int = 120, last: date = TODAY) -> pl.DataFrame:
    """`count` days that end with `last`; `value` takes how many days ago a day is."""
    rows = [(last - ago * DAY, value(ago)) for ago in range(count - 1, -1, -1)]
    return pl.DataFrame(rows, schema=DAILY, orient="row")


def fallen(ago: int) -> float:
    return 910.0 if ago == 0 else 1000.0


def trend(daily: pl.DataFrame, **more: object) -> Trend:
    return trend_of(metric(**more), daily, TODAY)  # type: ignore[arg-type]


@pytest.mark.parametrize(("direction", "judged"), [("higher", "worse"), ("lower", "better"), ("none", "moved")])
def test_a_movement_is_judged_by_the_direction_that_is_good(direction: str, judged: str) -> None:
    found = trend(days(fallen), direction=direction)
    assert (found.day, found.value, found.judged, found.doubt) == (TODAY, 910.0, judged, "")
    week = found.movements[0]
    assert (week.against, week.change) == ((TODAY - 7 * DAY,), -90.0)
    assert week.share == pytest.approx(-0.09)
    assert trend(days(lambda _: 5.0), direction=direction).judged == "unchanged"


@pytest.mark.parametrize(
    ("daily", "doubt"),
    [
        (days(fallen).clear(), "there is no whole day yet"),
        (days(fallen, 120, TODAY - 4 * DAY), "there is no whole day since 21 Nov 2026"),
        (days(fallen, 5), "there is no value on 18 Nov 2026"),
        (days(fallen).filter(pl.col("day") != TODAY - 7 * DAY), "there is no value on 18 Nov 2026"),
    ],
)
def test_what_cannot_be_told_is_unknown_and_says_why(daily: pl.DataFrame, doubt: str) -> None:
    found = trend(daily, direction="lower")
    assert (found.judged, found.doubt) == ("unknown", doubt)


def test_three_days_old_is_news_and_a_weekly_series_may_be_older() -> None:
    assert trend(days(fallen, 120, TODAY - 3 * DAY)).judged == "moved"
    weekly = days(fallen, 200, TODAY - 20 * DAY).gather_every(7, 3)  # ends with the newest day
    assert trend(weekly).judged == "moved"


def test_a_doubt_of_the_whole_store_makes_it_unknown() -> None:
    assert trend_of(metric(), days(fallen), TODAY, doubt="the store does not answer now").judged == "unknown"


def test_a_drift_is_told_apart_from_the_shape_of_the_week() -> None:
    shaped = days(lambda ago: 1000.0 - 400 * ((TODAY - ago * DAY).weekday() >= 5) + ago * 7919 % 13)
    assert trend(shaped).drift.startswith("No trend: a drift of ")
    rising = days(lambda ago: 1000.0 - 2 * ago - 400 * ((TODAY - ago * DAY).weekday() >= 5) + ago * 7919 % 13)
    found = trend(rising, direction="lower", unit="EUR").drift
    assert found.startswith("Rising by 1.97 EUR per day")
    assert found.endswith("getting worse.")
    assert trend(days(lambda ago: 0.5 - ago / 1000), unit="ratio").drift.startswith(
        "Rising by 0.1 percentage points per"
    )
    assert trend(days(lambda _: 5.0)).drift == "No trend: the values do not rise or fall over 91 days."
    assert trend(days(fallen, 13)).drift == "13 days are too few to see a trend; 14 are needed."


def test_the_rolling_means_are_those_of_7_28_and_91_days() -> None:
    frame = rolled(days(lambda ago: float(ago), 120))
    assert frame.columns == ["day", "Day", "7 days", "28 days", "91 days"]
    assert frame.row(-1)[1:] == pytest.approx((0.0, 3.0, 13.5, 45.0))
    assert frame["91 days"].null_count() == 90


def hourly(moments: list[datetime], value: float = 1.0) -> pl.DataFrame:
    return pl.DataFrame({"hour_at": moments, "value": value, "points": 1}, schema_overrides={"points": pl.Int64})


def test_days_are_those_of_the_metrics_clock_and_the_unfinished_day_is_left_out() -> None:
    begin = datetime(2026, 11, 20, 23)  # midnight in Berlin
    hours = hourly([begin + timedelta(hours=hour) for hour in range(24 * 4 + 10)])
    assert by_day(hours, "Europe/Berlin")["day"].to_list() == [date(2026, 11, day) for day in (21, 22, 23, 24)]
    assert by_day(hours, "UTC")["day"].to_list() == [date(2026, 11, day) for day in (21, 22, 23, 24)]
    daily = hourly([begin + day * DAY for day in range(3)])
    assert by_day(daily, "Europe/Berlin")["day"].to_list() == [date(2026, 11, day) for day in (21, 22, 23)]
    assert by_day(hours.clear(), "UTC").is_empty()


def test_hours_with_more_points_weigh_more() -> None:
    at = datetime(2026, 11, 20)
    hours = pl.DataFrame({"hour_at": [at, at + timedelta(hours=1)], "value": [1.0, 4.0], "points": [1, 2]})
    assert by_day(hours, "UTC")["value"].to_list() == [3.0]


TOTAL = metric(dataset="orders", unit="EUR")
ITALY = metric("it", title="Revenue Italy", dataset="orders", unit="EUR", segment={"country": "Italy"})
SPAIN = metric("es", title="Revenue Spain", dataset="orders", unit="EUR", segment={"country": "Spain"})


def test_segments_share_dataset_unit_and_cut() -> None:
    web = metric("web", dataset="orders", unit="EUR", segment={"channel": "web"})
    other = metric("n", dataset="orders", unit="orders", segment={"country": "Italy"})
    elsewhere = metric("x", dataset="stock", unit="EUR", segment={"country": "France"})
    every = [TOTAL, ITALY, SPAIN, web, other, elsewhere]
    assert segments_of(TOTAL, every) == {"Italy": ITALY, "Spain": SPAIN}
    assert segments_of(ITALY, every) == {}
    assert segments_of(metric(), every) == {}


def test_where_two_totals_share_them_the_title_tells_which() -> None:
    returns = metric("returns", dataset="orders", unit="EUR")
    back = metric("rit", title="Returns Italy", dataset="orders", unit="EUR", segment={"country": "Italy"})
    every = [TOTAL, returns, ITALY, SPAIN, back]
    assert segments_of(TOTAL, every) == {"Italy": ITALY, "Spain": SPAIN}
    assert segments_of(returns, every) == {"Italy": back}


def level(then: float, now: float) -> pl.DataFrame:
    return days(lambda ago: now if ago == 0 else then)


def test_a_movement_is_explained_by_its_segments_and_the_parts_add_up() -> None:
    parts = {"Italy": level(400, 322), "Spain": level(500, 488)}
    found = trend_of(TOTAL, level(1000, 910), TODAY, parts)
    assert found.segments[0] == (
        "Against the same weekday last week: Revenue -9.0 % (1,000 EUR to 910 EUR), "
        "of which Italy -7.8, Spain -1.2, the rest 0.0."
    )
    assert found.segments[1].startswith("Against the same day of last month: Revenue -9.0 %")
    assert trend_of(TOTAL, level(1000, 910), TODAY).segments == ()


def test_large_numbers_are_written_out() -> None:
    found = trend_of(TOTAL, level(1_163_150, 1_098_200), TODAY, {"Italy": level(5e5, 4e5), "Spain": level(6e5, 6e5)})
    assert "(1,163,150 EUR to 1,098,200 EUR)" in found.segments[0]


def test_a_segment_without_a_value_on_one_day_is_part_of_the_rest() -> None:
    parts = {"Italy": level(900, 822), "Spain": level(100, 88).filter(pl.col("day") != TODAY)}
    found = trend_of(TOTAL, level(1000, 910), TODAY, parts)
    assert found.segments[0].endswith("of which Italy -7.8, the rest -1.2.")


@pytest.mark.parametrize(
    ("unit", "parts"),
    [
        ("EUR", {"Italy": level(1000, 910), "Spain": level(990, 905)}),  # means, which do not add up
        ("ratio", {"Italy": level(500, 455), "Spain": level(500, 455)}),
        ("EUR", {"Italy": level(400, 322), "Spain": level(50, 50)}),  # less than half of it
        ("EUR", {"Italy": level(1000, 910)}),
        ("EUR", {"Italy": level(1000, 910).clear(), "Spain": level(1000, 910).clear()}),
        ("EUR", {}),
    ],
)
def test_segments_that_explain_nothing_say_nothing(unit: str, parts: dict[str, pl.DataFrame]) -> None:
    total = metric(dataset="orders", unit=unit)
    assert trend_of(total, level(1000, 910), TODAY, parts).segments == ()


def test_a_movement_without_an_earlier_day_has_no_segments() -> None:
    found = trend_of(TOTAL, days(fallen, 3), TODAY, {"Italy": days(fallen, 3), "Spain": days(fallen, 3)})
    assert found.segments == ()
    assert contribution(TOTAL, days(fallen), found.movements[0], {"Italy": days(fallen), "Spain": days(fallen)}) == ""
    assert trend_facts.too_old(TODAY, TODAY, 1, TODAY) == ""
