"""The streaming monitor: no row depends on a later one, what happens is found, and what is usual is left alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.spc.streaming import THRESHOLD, watch
from analysis.spc.streaming_discords import nearest, nearest_same_time
from analysis.spc.streaming_rarity import blocks, decades
from analysis.spc.streaming_simple import counted, is_counter, still_rows
from bench.monitor_series import CHANGES, clean
from bench.nab import best_threshold, load, score_at, sigmoid, worth

Floats = npt.NDArray[np.float64]
STEP = 300.0
KINDS = sorted(clean(50, 1))


def times(rows: int) -> Floats:
    return np.arange(rows) * STEP


def alarm_rows(values: Floats, seconds: Floats | None = None) -> list[int]:
    return np.flatnonzero(watch(values, seconds).alarms).tolist()


@settings(max_examples=40)
@given(
    kind=st.sampled_from(KINDS),
    cut=st.integers(1, 1399),
    seed=st.integers(0, 10_000),
    factor=st.sampled_from([1e-9, 1.0, 1e12]),
)
def test_scores_of_a_prefix_are_the_prefix_of_the_scores_to_the_last_digit(
    kind: str, cut: int, seed: int, factor: float
) -> None:
    random = np.random.default_rng(seed)
    values = clean(1400, seed)[kind] * factor
    values[random.integers(0, 1400, 5)] += random.normal(0, 50, 5) * factor
    whole, part = watch(values, times(1400)), watch(values[:cut], times(cut))
    np.testing.assert_array_equal(part.scores, whole.scores[:cut])
    np.testing.assert_array_equal(part.alarms, whole.alarms[:cut])


def test_whatever_comes_later_does_not_change_a_score() -> None:
    values = clean(1200, 3)["day"]
    other = values.copy()
    other[1000:] = 1e6
    seconds = times(1200)
    later = seconds.copy()
    later[1000:] += 1e7
    np.testing.assert_array_equal(watch(values, seconds).scores[:1000], watch(other, later).scores[:1000])


@pytest.mark.parametrize("kind", ["noise", "trend", "counter", "day", "counts of a day", "counts"])
def test_a_clean_series_gives_hardly_any_alarm(kind: str) -> None:
    found = [watch(clean(5000, seed)[kind], times(5000)).alarms[750:].sum() for seed in (1, 2)]
    assert sum(found) <= 2


def test_a_random_walk_does_not_flood() -> None:
    found = [watch(clean(5000, seed)["random walk"], times(5000)).alarms.mean() for seed in (1, 2)]
    assert np.mean(found) < 2e-3


SMALL = "shift of 2 sigma"  # within the noise of a row: the business of control charts


@pytest.mark.parametrize("what", [name for name in CHANGES if name != SMALL])
def test_what_happens_in_a_day_is_found_and_nothing_before(what: str) -> None:
    values = clean(3300, 5)["office hours"]
    alarms = watch(CHANGES[what](values, 3000, 2.0), times(3300)).alarms
    assert alarms[3000:].any()
    assert not alarms[2700:3000].any()


def test_one_anomaly_gives_one_alarm() -> None:
    values = clean(3000, 7)["noise"]
    values[2000:] += 8
    assert alarm_rows(values, times(3000))[0] in range(2000, 2004)
    assert len(alarm_rows(values, times(3000))) <= 2


@pytest.mark.parametrize("factor", [1e-300, 1e-6, 1.0, 1e9, 1e300])
def test_the_scale_of_the_values_does_not_matter(factor: float) -> None:
    values = np.random.default_rng(0).normal(size=1500)
    values[1000] = 25
    assert alarm_rows(values * factor) == [1000]


def test_an_offset_does_not_matter() -> None:
    values = 1e9 + np.random.default_rng(0).normal(size=1500)
    values[1000] += 25
    assert alarm_rows(values) == [1000]


@pytest.mark.parametrize(("rows", "at"), [(30, 20), (60, 50), (200, 150)])
def test_a_short_series_is_watched_too(rows: int, at: int) -> None:
    values = 50 + np.random.default_rng(0).normal(size=rows)
    values[at] = 75
    assert alarm_rows(values) == [at]


def test_a_constant_series_is_quiet_until_it_changes() -> None:
    values = np.full(600, 7.0)
    assert alarm_rows(values) == []
    values[300] = 8
    assert alarm_rows(values) == [300]


@pytest.mark.parametrize("rows", [0, 1, 2, 9])
def test_too_few_rows_have_score_0(rows: int) -> None:
    found = watch(np.arange(rows, dtype=float), times(rows))
    assert found.scores.tolist() == [0.0] * rows
    assert not found.alarms.any()


def test_a_counter_may_start_again_but_not_jump() -> None:
    values = np.cumsum(np.random.default_rng(1).poisson(20, 3000)).astype(float)
    values[1500:] -= values[1500] - 3
    assert watch(values).is_counter
    assert alarm_rows(values) == []
    values[2500:] += 2000
    assert alarm_rows(values) == [2500]


def test_a_value_that_stands_still_is_found_once() -> None:
    values = clean(2000, 2)["noise"]
    values[1500:1560] = values[1500]
    found = [row for row in alarm_rows(values) if row >= 1500]
    assert found == [1511]


def test_irregular_times_and_gaps_are_no_anomaly() -> None:
    random = np.random.default_rng(4)
    seconds = np.sort(random.uniform(0, 20 * 86_400, 4000))
    seconds[2000:] += 5 * 86_400
    values = 100 + 20 * np.sin(2 * np.pi * seconds / 86_400) + random.normal(size=4000)
    assert watch(values, seconds).alarms[750:].sum() <= 2


@pytest.mark.parametrize("values", [[1.0, np.nan], [1.0, np.inf]])
def test_values_that_are_no_numbers_are_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="finite"):
        watch(np.array(values))


def test_times_that_go_back_are_refused_by_their_place() -> None:
    with pytest.raises(ValueError, match="back at point 3"):
        watch(np.zeros(3), np.array([0.0, 60.0, 30.0]))


def test_distances_are_those_of_the_plain_definition() -> None:
    values = np.random.default_rng(8).normal(size=420)
    for length in (4, 12, 32):
        windows = np.lib.stride_tricks.sliding_window_view(values, length)
        for row, found in zip(range(256, 320), nearest(values, 256, 320, length), strict=True):
            last = row - length + 1
            plain = np.sqrt(((windows[: last - length + 1] - windows[last]) ** 2).sum(axis=1)).min()
            assert found == pytest.approx(plain, rel=1e-9)


def test_the_same_time_of_day_is_compared_with_days_before_only() -> None:
    seconds = np.arange(10 * 24) * 3600.0
    values = np.arange(10 * 24) % 24 * 1.0
    values[-1] = 0  # as at midnight, but not as at 23:00 before
    found = nearest_same_time(values, seconds, (200, 240), 24, (4,))[0]
    assert found[:-1].tolist() == [0.0] * 39
    assert found[-1] == pytest.approx(23.0)


def test_rarity_is_counted_in_decades_and_needs_distance_too() -> None:
    past = np.arange(1, 1001, dtype=float)
    assert decades(past, np.array([900.0, 1500.0]), 1.0)[0] == 0
    assert 1.7 < decades(past, np.array([985.0]), 1.0)[0] < 2.2
    assert decades(past, np.array([1100.0]), 3.0)[0] == 0
    assert decades(past[:19], np.array([1e9]), 1.0)[0] == 0


def test_blocks_depend_on_the_row_alone() -> None:
    assert list(blocks(1000))[: len(list(blocks(300)))] == list(blocks(300))


def test_plain_evidence() -> None:
    assert counted(np.array([5.0, 8.0, 100.0, 4.0, 6.0])).tolist() == [0, 3, 92, 4, 2]
    assert counted(np.array([100.0, 50.0])).tolist() == [0, -50]
    assert not is_counter(np.arange(39.0))
    assert not is_counter(np.zeros(100))
    assert not still_rows(np.zeros(1000)).any()


def test_nab_scores_early_detections_and_charges_false_ones() -> None:
    row = worth(1000, [(400, 499)])
    perfect = np.zeros(1000)
    perfect[400] = 1
    assert score_at(0.5, [perfect], [row]) == (100.0, 1, 0)
    assert score_at(0.5, [np.zeros(1000)], [row]) == (0.0, 0, 0)
    early = np.zeros(1000)
    early[[100, 200]] = 1  # rows before 150 are not judged; no window before: the full price
    assert score_at(0.5, [early], [row])[0] == pytest.approx(-100 * 0.11 / 2)
    half = np.zeros(1000)
    half[450] = 1
    assert score_at(0.5, [half], [row])[0] == pytest.approx(
        50 * (1 + float(sigmoid(np.array(-0.5)) / sigmoid(np.array(-1.0))))
    )


def test_the_nab_series_score_above_70_at_the_fixed_threshold(practice: Path) -> None:
    series = load(practice / "anomaly" / "nab")
    worths = [worth(one.values.size, one.windows) for one in series]
    scores = [watch(one.values, one.seconds).scores for one in series]
    assert score_at(THRESHOLD, scores, worths)[0] > 70
    assert best_threshold(scores, worths)[0] > 72


@pytest.mark.parametrize("end", [257, 290, 319])
def test_distances_do_not_depend_on_what_comes_later_to_the_last_digit(end: int) -> None:
    values = np.random.default_rng(9).lognormal(size=400)
    whole = nearest(values, 256, 320, 12)[: end - 256]
    np.testing.assert_array_equal(nearest(values[:end], 256, 320, 12)[: end - 256], whole)
