"""What the streaming monitor promises of any series: causal at any times, early, once an event, never harmed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.spc.robust import Floats
from analysis.spc.streaming import THRESHOLD, watch
from bench.monitor_series import CHANGES, SIGMAS, STEP, clean

ROWS, AT = 1500, 1100
A_DAY = 288
HOUR, DAY = 3600.0, 86_400.0


def times(rows: int, step: float = STEP) -> Floats:
    return step * np.arange(rows, dtype=np.float64)


def alarms(values: Floats, seconds: Floats | None = None) -> list[int]:
    return [int(row) for row in np.flatnonzero(watch(values, seconds).alarms)]


def eventful(kind: str, rows: int, seed: int) -> Floats:
    """A series with spikes, stretches that stand still, and a new level, at random rows."""
    draw = np.random.default_rng(seed)
    values = clean(rows, seed)[kind].copy()
    spread = float(values.std()) or 1.0
    for row in draw.integers(0, rows, 4):
        values[row] += draw.normal() * 10 * spread
        if draw.random() < 0.3:
            values[row : row + 30] = values[row]
    values[draw.integers(0, rows) :] += draw.normal() * 3 * spread
    return values


@settings(max_examples=60)
@given(
    kind=st.sampled_from(sorted(clean(50, 1))),
    rows=st.integers(1, 420),
    share=st.floats(0, 1),
    step=st.sampled_from([None, 60.0, HOUR, 3 * HOUR]),
    gaps=st.integers(0, 5),
    is_jittery=st.booleans(),
    seed=st.integers(0, 10_000),
)
def test_no_score_depends_on_later_rows_at_any_step_with_gaps_and_times_that_come_twice(
    kind: str, rows: int, share: float, step: float | None, gaps: int, is_jittery: bool, seed: int
) -> None:
    values, seconds = eventful(kind, rows, seed), None
    if step:
        draw = np.random.default_rng(seed)
        steps = draw.choice([step, 3 * step], rows) if is_jittery else np.full(rows, step)
        steps[draw.integers(0, rows, gaps)] = draw.choice([0.0, 7.5 * step, 2 * DAY], gaps)
        seconds = np.cumsum(steps)
    cut = round(share * rows)
    whole = watch(values, seconds)
    part = watch(values[:cut], None if seconds is None else seconds[:cut])
    assert np.array_equal(part.scores, whole.scores[:cut]), "equal to the last digit"
    assert np.array_equal(part.alarms, whole.alarms[:cut])
    assert ((whole.scores >= 0) & (whole.scores <= 1)).all()


@settings(max_examples=40)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=120))
def test_every_finite_series_has_scores_from_0_to_1(values: list[float]) -> None:
    found = watch(np.array(values), times(len(values), HOUR))
    assert found.scores.shape == found.alarms.shape == (len(values),)
    assert ((found.scores >= 0) & (found.scores <= 1)).all()


QUIET = ("noise", "autoregressive 0.7", "trend", "counter", "day", "day of two waves", "counts of a day", "counts")


@pytest.mark.parametrize("kind", QUIET)
def test_clean_series_are_quiet_once_a_day_was_seen(kind: str) -> None:
    for seed in (21, 22, 23):
        found = alarms(clean(ROWS, seed)[kind], times(ROWS))
        assert [row for row in found if row >= A_DAY] == []
        assert len(found) <= 1


def test_a_perfect_season_and_a_straight_line_are_quiet() -> None:
    wave = np.sin(2 * np.pi * np.arange(600) / 24)
    line = times(600, 1.0)
    series: list[Floats] = [wave, np.where(wave > 0.3, 80.0, 0.0), line, -line]
    for values in series:
        assert alarms(values, times(600, HOUR)) == []


@pytest.mark.parametrize(
    ("change", "kind", "within"),
    [
        ("spike of 10 sigma", "noise", 1),
        ("spike of 10 sigma", "day", 1),
        ("shift of 5 sigma", "noise", 12),
        ("shift of 5 sigma", "day", 12),
        ("sigma three times as large", "noise", 60),
        ("sigma three times as large", "day", 60),
        ("stuck at a value", "noise", 12),
        ("stuck at a value", "day", 12),
        ("half an hour of zeros", "day", 2),
        ("a day without its peak", "day", 200),
        ("a day without its peak", "office hours", 200),
        ("drift of 0.05 sigma a row", "noise", 120),
    ],
)
def test_what_happens_is_found_in_time_and_not_before(change: str, kind: str, within: int) -> None:
    for seed in (21, 22):
        changed = CHANGES[change](clean(ROWS, seed)[kind], AT, SIGMAS[kind])
        found = [row for row in alarms(changed, times(ROWS)) if row >= A_DAY]
        assert found and AT <= found[0] < AT + within, (seed, found)


def test_one_event_is_one_alarm_until_it_gets_worse() -> None:
    values = 50 + np.random.default_rng(9).normal(size=900)
    values[700:706] += 7
    assert alarms(values, times(900)) == [700]
    values[730:734] += 60
    assert alarms(values, times(900)) == [700], "a little worse is not worse"
    values[730:734] += 2000
    assert alarms(values, times(900)) == [700, 730]


@pytest.mark.parametrize("step", [None, 0.0, 1.0, 60.0, DAY])
def test_a_spike_is_one_alarm_at_any_step(step: float | None) -> None:
    values = 50 + np.random.default_rng(4).normal(size=500)
    values[450] += 12
    assert alarms(values, None if step is None else times(500, step)) == [450]


def test_a_night_that_is_like_a_day_is_found_by_the_time_of_day() -> None:
    usual = clean(ROWS, 24)["office hours"]
    evening = int(np.flatnonzero((usual[AT:] < 50) & (usual[AT - 1 : -1] > 50))[0]) + AT
    awake = usual.copy()
    awake[evening : evening + 48] = usual[evening - 60 : evening - 12]
    found = [row for row in alarms(awake, times(ROWS)) if row >= A_DAY]
    assert evening <= found[0] < evening + 12
    assert [row for row in alarms(awake) if row >= A_DAY] == [], "such windows are usual by day"


@pytest.mark.parametrize(("scale", "offset"), [(1024.0, 0.0), (-0.001, 3.7), (1e9, -5e9), (1e-9, 0.0), (1.0, 1e6)])
def test_scale_sign_and_offset_do_not_matter(scale: float, offset: float) -> None:
    usual = CHANGES["shift of 5 sigma"](clean(1200, 5)["day"], AT, 2.0)
    found, other = watch(usual, times(1200)), watch(scale * usual + offset, times(1200))
    assert found.alarms[AT : AT + 12].any()
    assert np.array_equal(other.alarms, found.alarms)
    assert other.scores == pytest.approx(found.scores, abs=1e-6)


@pytest.mark.parametrize("value", [0.0, 5.0, -1e-300, 1.7e308])
def test_what_never_changes_is_quiet(value: float) -> None:
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert watch(np.full(500, value), times(500)).scores.tolist() == [0.0] * 500


def test_values_near_the_largest_there_are_do_no_harm() -> None:
    values = 50 + np.random.default_rng(8).normal(size=500)
    values[300], values[450:452] = 1.7e308, (-1.7e308, 1.7e308)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert alarms(values) == [300, 450]


@pytest.mark.parametrize("resets", [(500,), (12,), (12, 300), (39,), (40,), (100, 101)], ids=str)
@pytest.mark.parametrize("first", [0.0, 1e6])
def test_a_reset_of_a_counter_is_no_anomaly_however_early(first: float, resets: tuple[int, ...]) -> None:
    gains = np.random.default_rng(6).integers(10, 30, 600).astype(float)
    values = first + np.cumsum(gains)
    for row in resets:
        values[row:] -= values[row] - 3
    found = watch(values, times(600))
    assert found.is_counter
    assert not found.alarms.any()


def test_what_a_counter_gains_too_much_or_no_more_is_found() -> None:
    gains = np.random.default_rng(6).integers(10, 30, 600).astype(float)
    gains[300] = 400
    gains[500:540] = 0
    assert alarms(np.cumsum(gains), times(600)) == [300, 511]


def test_the_threshold_says_which_scores_are_alarms() -> None:
    values = 50 + np.random.default_rng(8).normal(size=400)
    values[300] += 8
    score = float(watch(values).scores[300])
    assert THRESHOLD <= score < 1
    assert np.flatnonzero(watch(values, threshold=score).alarms).tolist() == [300]
    assert not watch(values, threshold=float(np.nextafter(score, 1))).alarms.any()


def test_times_that_are_not_one_for_each_value_are_refused() -> None:
    with pytest.raises(ValueError, match="Found 1 times for 2 values; expected one for each"):
        watch(np.array([1.0, 2.0]), np.zeros(1))
