"""Schedules learned from starts: the simplest description that they bear out, or none."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analysis.learned_schedule import Proposal, learn
from config.refreshes import Expectation

BERLIN = "Europe/Berlin"
DAYS = [date(2026, 2, 1) + timedelta(days=n) for n in range(90)]  # clocks change on 29 March
WORKDAYS = [day for day in DAYS if day.weekday() < 5]
DRAW = random.Random(1)


def starts(days: Iterable[date], *times: tuple[int, int], zone: str = BERLIN, spread: float = 60) -> list[datetime]:
    """Starts up to `spread` seconds after local times on some days, as naive UTC."""
    local = [datetime(day.year, day.month, day.day, *clock, tzinfo=ZoneInfo(zone)) for day in days for clock in times]
    return sorted(at.astimezone(UTC).replace(tzinfo=None) + timedelta(seconds=DRAW.random() * spread) for at in local)


def learned(at: list[datetime], zone: str = BERLIN) -> Proposal:
    found = learn(at, zone)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (starts(DAYS, (6, 0)), f"cron 0 6 * * * {BERLIN}"),
        (starts(DAYS, (6, 0), zone="UTC"), "cron 0 6 * * * UTC"),
        (starts(WORKDAYS, (7, 30)), f"cron 30 7 * * 1-5 {BERLIN}"),
        (starts(DAYS[1::7], (7, 30)), f"cron 30 7 * * 1 {BERLIN}"),
        (starts([day for day in DAYS if day.weekday() in (1, 4)], (7, 30)), f"cron 30 7 * * 2,5 {BERLIN}"),
        (starts(DAYS, (6, 30), (11, 30), (20, 30)), f"cron 30 6,11,20 * * * {BERLIN}"),
        (starts(WORKDAYS, *((hour, 0) for hour in range(8, 18))), f"cron 0 8-17 * * 1-5 {BERLIN}"),
        (starts(DAYS[:9], *((hour, 5) for hour in range(24))), f"cron 5 * * * * {BERLIN}"),
        (starts(DAYS[:9], *((h, m) for h in range(24) for m in (0, 15, 30, 45))), f"cron */15 * * * * {BERLIN}"),
        (
            starts(DAYS[:3], *((h, m) for h in range(24) for m in range(2, 60, 5)), spread=5),
            f"cron 2-59/5 * * * * {BERLIN}",
        ),
        (starts((date(2026, month, 15) for month in range(1, 10)), (6, 0)), f"cron 0 6 15 * * {BERLIN}"),
        (starts((date(2026, month, 1) - timedelta(1) for month in range(2, 10)), (6, 0)), f"cron 0 6 L * * {BERLIN}"),
        (
            starts((date(2026, *one) for one in ((1, 5), (2, 4), (3, 4), (4, 3), (5, 5), (6, 3), (7, 3))), (6, 0)),
            f"workday 3 06:00 {BERLIN}",
        ),
        (starts(DAYS, (0, 0), spread=0), f"cron 0 0 * * * {BERLIN}"),
    ],
)
def test_the_simplest_description_is_found(at: list[datetime], expected: str) -> None:
    found = learned(at)
    assert found.expectation.id == expected
    assert found.confidence == 1.0


def test_daylight_saving_stays_with_the_local_clock() -> None:
    local = learned(starts(DAYS, (6, 0)))
    assert (local.expectation.timezone, local.confidence) == (BERLIN, 1.0)
    assert local.expectation.start_margin_seconds == 300
    in_utc = learned(starts(DAYS, (6, 0)), "UTC")  # half of them are an hour off
    assert in_utc.expectation.start_margin_seconds > 3600
    moved = learned(starts(DAYS[42:], (6, 0), zone="UTC"))  # and the other way round
    assert (moved.expectation.id, moved.expectation.start_margin_seconds) == ("cron 0 6 * * * UTC", 300)


def test_a_pause_after_each_run_is_no_time_of_the_clock() -> None:
    at, durations = [datetime(2026, 2, 1)], []
    for _ in range(100):
        durations.append(DRAW.gauss(700, 60))
        at.append(at[-1] + timedelta(seconds=durations[-1] + 3600 + DRAW.random() * 20))
    found = learn(at, durations=[*durations, float("nan")])
    assert found is not None
    assert found.expectation.every_seconds == 3600
    assert found.explanation.startswith("Runs every 1 h after the last run: 100 of 100 due times were met")


def test_known_bad_periods_do_not_count() -> None:
    outage = [day for day in DAYS if not date(2026, 3, 1) <= day < date(2026, 4, 15)]
    wild = [datetime(2026, 3, 1) + timedelta(hours=7 * n) for n in range(100)]
    bad = (datetime(2026, 2, 28, 12), datetime(2026, 4, 14, 12))
    assert learn(sorted(starts(outage, (6, 0)) + wild), BERLIN) is None
    found = learn(sorted(starts(outage, (6, 0)) + wild), BERLIN, excluded=[bad])
    assert found is not None
    assert (found.expectation.cron, found.confidence) == ("0 6 * * *", 1.0)


def test_one_outage_does_not_widen_the_margin() -> None:
    at = starts(DAYS, (6, 0))
    calm = learned(at).expectation.start_margin_seconds
    late = sorted([*at[:40], *(one + timedelta(hours=9) for one in at[40:45]), *at[45:]])
    found = learned(late)
    assert found.expectation.start_margin_seconds == calm == 300
    assert found.confidence == round(85 / 90, 4)


def test_a_wide_spread_gives_a_wide_margin() -> None:
    found = learned(starts(DAYS, (6, 0), spread=1500))
    assert found.expectation.cron == "0 6 * * *"
    assert 25 * 60 <= found.expectation.start_margin_seconds <= 60 * 60


def test_limits_of_the_duration_are_robust_and_catch_a_run_that_ends_too_soon() -> None:
    durations = [3000 + DRAW.gauss(0, 60) for _ in DAYS]
    durations[7] = 90_000.0
    found = learn(starts(DAYS, (6, 0)), BERLIN, durations=durations)
    assert found is not None
    assert found.expectation.min_seconds == pytest.approx(1500, rel=0.02)  # 15 min of usually 50 min is too short
    assert found.expectation.max_seconds == pytest.approx(6000, rel=0.02)


def test_too_few_and_too_wild_starts_propose_nothing() -> None:
    assert learn([]) is None
    assert learn(starts(DAYS[:5], (6, 0)), BERLIN) is None
    assert learn(starts(DAYS[:6], (6, 0)), BERLIN) is not None
    assert learn([datetime(2026, 2, 1)] * 9) is None
    assert learn(sorted(datetime(2026, 2, 1) + timedelta(days=90 * DRAW.random()) for _ in range(90)), BERLIN) is None


def test_a_proposal_is_a_valid_expectation_of_the_estate() -> None:
    found = learned(starts(WORKDAYS, (7, 30)))
    assert Expectation.model_validate_json(found.expectation.model_dump_json()) == found.expectation
    assert found.explanation == (
        f"Runs Monday to Friday at 07:30 {BERLIN}: 65 of 65 due times were met within 5 min, "
        "and 65 of 65 runs are explained."
    )


def test_as_many_durations_as_starts() -> None:
    with pytest.raises(ValueError, match="Found 1 durations for 2 starts"):
        learn([datetime(2026, 2, 1)] * 2, durations=[1.0])
