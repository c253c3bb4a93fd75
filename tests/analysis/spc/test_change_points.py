"""Proposals of a new stage: found where there is one, rare where there is none."""

from __future__ import annotations

import json

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.signal import lfilter

from analysis.spc.change_points import change_test, pettitt, propose_stage

DAYS = np.datetime64("2025-01-01") + np.arange(730).astype("timedelta64[D]")
YEAR = DAYS[:365]
WEEK = np.array([0, 0, 40, 80, 0, -240, -320.0])


def quiet(rng: np.random.Generator, count: int = 365, phi: float = 0.0) -> np.ndarray:
    """A level of 1000 with sigma 40, a week's shape, and neighbours that depend on each other by `phi`."""
    noise = lfilter([np.sqrt(1 - phi**2)], [1, -phi], rng.standard_normal(count + 100))[100:]
    return 1000 + 40 * noise + WEEK[np.arange(count) % 7]


@pytest.mark.parametrize("phi", [0.0, 0.5])
def test_quiet_years_rarely_give_a_proposal_even_when_asked_every_week(phi: float) -> None:
    rng = np.random.default_rng(31)
    asked = 0
    for _ in range(25):
        values = quiet(rng, 730, phi)
        asked += any(propose_stage(values[end - 365 : end], DAYS[end - 365 : end]) for end in range(372, 731, 7))
    assert asked <= 3  # 5 % of 25 is 1.25; four or more would be seen in fewer than 4 of 100 runs


@pytest.mark.parametrize("phi", [0.0, 0.5])
def test_the_p_value_is_about_the_real_one(phi: float) -> None:
    rng = np.random.default_rng(7)
    found = np.array([change_test(quiet(rng, 365, phi) - WEEK[np.arange(365) % 7])[0] for _ in range(300)])
    assert np.mean(found < 0.05) < 0.09
    assert np.mean(found < 0.01) < 0.04


def test_a_shift_of_one_sigma_that_lasts_30_days_is_found() -> None:
    rng = np.random.default_rng(5)
    found = []
    for _ in range(60):
        values = quiet(rng)
        values[-30:] += 40
        found.append(propose_stage(values, YEAR))
    proposals = [one for one in found if one is not None]
    assert len(proposals) >= 0.7 * 60
    assert np.median([abs(one.index - 335) for one in proposals]) <= 3
    assert np.median([one.size for one in proposals]) == pytest.approx(45, abs=10)
    assert np.median([one.sigma for one in proposals]) == pytest.approx(40, abs=4)


def test_a_shift_of_two_sigma_is_found_within_two_weeks() -> None:
    rng = np.random.default_rng(9)
    found = 0
    for _ in range(30):
        values = quiet(rng)
        values[-14:] -= 80
        found += propose_stage(values, YEAR) is not None
    assert found >= 28


def test_a_proposal_says_what_a_person_decides_on() -> None:
    values = quiet(np.random.default_rng(2))
    values[300:] -= 120
    found = propose_stage(values, YEAR)
    assert found is not None
    assert (found.at, found.index, found.points_after) == (YEAR[300].astype("datetime64[us]").item(), 300, 65)
    assert found.before == pytest.approx(1000 + WEEK.mean(), abs=15)
    assert found.size_sigmas == pytest.approx(-3, abs=0.4)
    assert found.sentence("rows").startswith("Since 28 Oct 2025 the level is ")
    assert "a step of 3." in found.sentence() or "a step of 2." in found.sentence()
    assert json.loads(json.dumps(found.to_json()))["at"] == "2025-10-28T00:00:00"


def test_the_nile_changed_in_1899_as_published() -> None:
    nile = sm.datasets.nile.load_pandas().data
    flow = nile["volume"].to_numpy()
    height, before, p_value = pettitt(flow)
    assert (height, before) == (1617.0, 28)
    assert p_value == pytest.approx(3.59e-7, rel=1e-3)
    found = propose_stage(flow, [f"{year:.0f}-07-01" for year in nile["year"]])
    assert found is not None
    assert found.at.year == 1899


@pytest.mark.parametrize(("first", "last", "size"), [(200, 203, -320.0), (200, 260, -160.0)])
def test_an_episode_that_ended_is_no_stage(first: int, last: int, size: float) -> None:
    values = quiet(np.random.default_rng(3))
    values[first:last] += size
    assert propose_stage(values, YEAR) is None


def test_a_trend_is_no_stage() -> None:
    assert propose_stage(quiet(np.random.default_rng(4)) + 0.5 * np.arange(365), YEAR) is None


def test_the_newest_of_two_changes_is_proposed_when_the_first_did_not_last() -> None:
    values = quiet(np.random.default_rng(3))
    values[200:300] += 160
    values[300:] += 40
    found = propose_stage(values, YEAR)
    assert found is not None
    assert abs(found.index - 300) <= 2
    assert found.size_sigmas == pytest.approx(-3, abs=0.5)


def test_an_episode_that_is_known_is_left_out_as_nan() -> None:
    values = quiet(np.random.default_rng(3))
    values[100:160] = np.nan
    values[320:] += 120
    found = propose_stage(values, YEAR)
    assert found is not None
    assert abs(found.index - 320) <= 2


def test_gaps_and_counts_with_ties() -> None:
    rng = np.random.default_rng(8)
    values = rng.poisson(3, 365).astype(np.float64)
    values[310:] += rng.poisson(4, 55)
    values[rng.choice(300, 40, replace=False)] = np.nan
    found = propose_stage(values, YEAR)
    assert found is not None
    assert abs(found.index - 310) <= 4


def test_hourly_values_with_days_and_weeks() -> None:
    hours = np.datetime64("2026-01-05") + np.arange(24 * 70).astype("timedelta64[h]")
    rng = np.random.default_rng(10)
    shape = 100 * np.sin(np.arange(hours.size) * 2 * np.pi / 24) + 200 * ((np.arange(hours.size) // 24) % 7 >= 5)
    noise = lfilter([1], [1, -0.5], rng.standard_normal(hours.size)) * 10
    assert propose_stage(500 + shape + noise, hours) is None
    noise[-100:] += 30
    found = propose_stage(500 + shape + noise, hours)
    assert found is not None
    assert abs(found.index - (hours.size - 100)) <= 6


def test_what_cannot_change_has_no_proposal() -> None:
    assert propose_stage(np.full(100, 5.0), DAYS[:100]) is None
    assert propose_stage(np.arange(27.0), DAYS[:27]) is None
    assert propose_stage(np.full(100, np.nan), DAYS[:100]) is None


def test_times_that_are_not_in_order_are_refused() -> None:
    with pytest.raises(ValueError, match="Time 2 is missing or not after"):
        propose_stage([1.0, 2.0], ["2026-01-02", "2026-01-02"])
    with pytest.raises(ValueError, match="Found 2 values and 1 times"):
        propose_stage([1.0, 2.0], ["2026-01-02"])
