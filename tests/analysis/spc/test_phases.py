"""Screening of a baseline, and limits that stay as they were frozen."""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np
import pytest

from analysis.spc.limits_text import from_plain, to_plain
from analysis.spc.phases import freeze, screen

DAYS = np.datetime64("2026-01-01") + np.arange(100).astype("timedelta64[D]")
MADE = datetime(2026, 5, 1, 9, 30)


def quiet(seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(100)


def test_outliers_that_hide_each_other_are_found_worst_first() -> None:
    values = quiet()
    places, sizes = [5, 50, 51, 52, 80], [8, 60, 58, 59, -12]
    values[places] = sizes
    plain = values.mean() + 3 * np.abs(np.diff(values)).mean() / 1.128
    assert values[5] < plain  # limits from all points would not see it
    found = screen(values)
    assert [point.index for point in found.excluded] == [51, 53, 52, 81, 6]
    assert np.flatnonzero(~found.kept).tolist() == places
    assert found.excluded[3].reason.endswith("sigma below the center line " + f"{found.center:.6g}")
    assert (found.n, found.is_stable, found.note) == (95, True, "")
    assert found.sigma == pytest.approx(1, abs=0.15)


def test_many_outliers_that_widen_the_limits_beyond_themselves_are_found() -> None:
    values = quiet()
    values[3:93:6] = 8 + 0.1 * quiet(5)[3:93:6]
    sigma = np.abs(np.diff(values)).mean() / 1.128
    assert values.max() < values.mean() + 3 * sigma  # nothing is beyond the limits of all points
    found = screen(values)
    assert np.flatnonzero(~found.kept).tolist() == list(range(3, 93, 6))


@pytest.mark.parametrize("seed", [22, 47, 61])
def test_points_that_only_the_first_limits_suspected_come_back(seed: int) -> None:
    values = np.random.default_rng(seed).standard_normal(20)
    suspected = np.abs(values - np.median(values)) > 3 * np.median(np.abs(np.diff(values))) / 0.954
    assert suspected.any()
    assert screen(values).kept.all()


def test_a_quiet_process_keeps_its_points_and_its_sigma() -> None:
    found = [screen(quiet(seed)) for seed in range(300)]
    assert np.mean([100 - one.n for one in found]) < 0.7
    assert np.mean([one.sigma for one in found]) == pytest.approx(1, abs=0.03)


def test_without_outliers_the_limits_are_those_of_the_individuals_chart() -> None:
    values = np.array([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1])
    found = screen(values)
    assert round(found.center, 2) == 50.81
    assert found.sigma == pytest.approx(1.8778 / 1.128, rel=1e-4)
    assert found.center + 3 * found.sigma == pytest.approx(55.8041, abs=5e-4)


def test_known_causes_and_missing_values_stay_out_with_their_reason() -> None:
    values = quiet()
    values[9] = np.nan
    found = screen(values, causes={3: "load test"})
    assert [(point.index, point.reason) for point in found.excluded[:2]] == [(3, "load test"), (10, "no value")]
    assert not found.kept[[2, 9]].any()


def test_two_levels_are_not_one_process() -> None:
    values = quiet()
    values[50:] += 20
    found = screen(values)
    assert not found.is_stable
    assert "not one process" in found.note
    assert (~found.kept).sum() <= 20
    with pytest.raises(ValueError, match="Choose another baseline"):
        freeze(found, DAYS, MADE, "first limits")


def test_a_constant_process_with_one_other_value() -> None:
    found = screen([5.0] * 20 + [7.0])
    assert (found.center, found.sigma) == (5.0, 0.0)
    assert found.excluded[0].reason == "7 is above the center line 5, where all others are"


def test_few_points_are_said_to_be_few() -> None:
    assert "stand on 5 points" in screen([1.0, 2.0, 1.5, 1.8, 1.2]).note


def test_unusable_baselines_are_refused() -> None:
    with pytest.raises(ValueError, match="Found 1 usable points of 3"):
        screen([1.0, np.nan, np.nan])
    with pytest.raises(ValueError, match="infinite value at point 2"):
        screen([1.0, np.inf, 2.0])
    with pytest.raises(ValueError, match="cause is given for point 7"):
        screen([1.0, 2.0], causes={7: "?"})


def test_frozen_limits_come_back_from_json() -> None:
    values = quiet()
    values[[0, 40]] = [np.nan, 30]
    frozen = freeze(screen(values), DAYS, MADE, "first limits")
    assert (frozen.version, frozen.kind, frozen.n) == (1, "individuals", 98)
    assert (frozen.from_at, frozen.to_at) == (datetime(2026, 1, 2), datetime(2026, 4, 10))
    assert frozen.upper - frozen.lower == pytest.approx(6 * frozen.sigma)
    again = from_plain(json.loads(json.dumps(to_plain(frozen), allow_nan=False)))
    assert repr(again) == repr(frozen)


def test_a_replacement_has_the_next_version() -> None:
    first = freeze(screen(quiet()), DAYS, MADE, "first limits")
    second = first.replaced_by(freeze(screen(quiet(3)), DAYS, MADE, "new source"))
    assert (first.version, second.version, second.reason) == (1, 2, "new source")


def test_limits_that_cannot_be_read_are_refused() -> None:
    plain = to_plain(freeze(screen(quiet()), DAYS, MADE, "first limits"))
    with pytest.raises(ValueError, match="sigma missing or unknown"):
        from_plain({name: value for name, value in plain.items() if name != "sigma"})
    with pytest.raises(ValueError, match="cannot be read"):
        from_plain({**plain, "made_at": "yesterday"})
