"""The judge without a store: metrics of every kind with a known fault, and the promised rate of false alarms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pytest

from analysis.spc.detector import REARM
from analysis.spc.judging import Outcome, judge
from analysis.spc.judging_rows import signal_rows, verdict_frame
from analysis.spc.judging_schedule import first_position, next_check, window_start
from analysis.spc.judging_subject import NOT_TOLD, SIGNAL, STATES, Subject, watch_key
from config.quality import Watch
from store.rows import Signal

NOW = datetime(2026, 7, 1)
DAYS = 120
Values = npt.NDArray[np.float64]


def subject(
    values: npt.ArrayLike,
    watch: Watch | None = None,
    hours: float = 24,
    sizes: npt.ArrayLike | None = None,
    rate: float = 0.0005,
    name: str = "m",
) -> Subject:
    """A metric from Monday 5 January 2026 on; NaN is a gap."""
    y = np.asarray(values, dtype=np.float64)
    there = np.isfinite(y)
    step = np.timedelta64(round(hours * 3600), "s")
    times = (np.datetime64("2026-01-05", "us") + np.arange(y.size) * step)[there]
    n = times.size
    size = np.full(y.size, np.nan) if sizes is None else np.asarray(sizes, dtype=np.float64)
    nothing, own = np.zeros(n, dtype=bool), watch or Watch()
    return Subject(
        name, "Orders", "EUR", own, rate, times, y[there], size[there], nothing, nothing,
        np.full(n, NOT_TOLD), np.full(n, np.nan), np.zeros(n, dtype=np.int64), watch_key=watch_key(own),
    )  # fmt: skip


def judged(one: Subject) -> tuple[Outcome, list[str], list[Signal]]:
    """The outcome, the state of each point in words, and the signals."""
    (outcome,), wanting = judge([one], NOW)
    assert wanting == []
    return outcome, [STATES[state] for state in outcome.states()], signal_rows(outcome, {}, frozenset(), NOW)


def noise(seed: int = 1, days: int = DAYS) -> Values:
    return np.random.default_rng(seed).normal(size=days)


def test_a_spike_is_told_with_what_was_expected_and_how_rare_it_is() -> None:
    values = 1000 + 30 * noise() - 300 * (np.arange(DAYS) % 7 >= 5)
    values[100] = 1300.0
    _, states, (signal,) = judged(subject(values))
    assert states[:14] == ["learning"] * 14
    assert states[100] == "signal"
    assert signal.evidence.startswith("Orders was 1,300 EUR on Wed 15 Apr; expected ")
    assert " on a Wednesday; " in signal.evidence
    assert signal.evidence.endswith(" sigma above; false alarms of this chart: about one in 5 years.")
    assert (signal.lower or 0) < 1000 < (signal.upper or 0) < 1300


def test_a_small_lasting_shift_is_one_signal_from_where_it_began() -> None:
    values = 1000 + 30 * noise()
    values[100:] += 55
    _, _, signals = judged(subject(values))
    (shift,) = [one for one in signals if one.state == "open"]
    assert shift.rule in ("shift", "drift")
    assert abs((shift.first_at - datetime(2026, 4, 15)).days) <= 3
    assert "Orders has shifted up since " in shift.evidence or "Orders has drifted up since " in shift.evidence


@pytest.mark.parametrize(
    ("name", "values", "fault", "kind"),
    [
        ("constant", np.full(DAYS, 7.0), 8.0, "constant"),
        ("counts", np.random.default_rng(3).poisson(4, DAYS).astype(float), 25.0, "counts"),
        ("ratio", 0.3 + 0.02 * noise(4), 0.6, "ratio"),
        ("positive", np.exp(5 + 0.2 * noise(5)), 0.0, "positive"),
        ("negative", 10 * noise(6), 200.0, "normal"),
        ("amounts", np.where(noise(7) < 0.2, 0.0, np.exp(2 + 0.3 * noise(8))), 900.0, "intermittent"),
    ],
)
def test_every_kind_of_number_is_judged_by_its_kind(name: str, values: Values, fault: float, kind: str) -> None:
    values = values.copy()
    values[110] = fault
    outcome, states, signals = judged(subject(values))
    assert outcome.limits[-1].kind == kind
    assert states[110] == "signal", name
    assert signals[-1].value == fault


def test_a_counter_is_judged_by_its_steps_and_a_reset_is_no_signal() -> None:
    steps = 100 + 5 * noise(9)
    values = np.cumsum(steps)
    values[90:] -= values[89]
    values[110:] += 400
    outcome, states, (signal,) = judged(subject(values))
    assert outcome.limits[-1].kind == "counter"
    assert [place for place, state in enumerate(states) if state == "signal"] == [110]
    assert signal.value == values[110]
    assert abs((signal.center or 0) - (values[109] + 100)) < 5
    assert signal.evidence.endswith("It is a counter, so its steps are judged.")


def test_what_is_expected_of_a_count_is_whole_numbers() -> None:
    values = np.random.default_rng(8).poisson(4, DAYS).astype(np.float64)
    values[110] = 25.0
    outcome, _, signals = judged(subject(values))
    assert outcome.limits[-1].kind == "counts"
    assert re.search(r"expected \d+ to \d+[ ;]", signals[-1].evidence), signals[-1].evidence
    assert signals[-1].upper != round(signals[-1].upper or 0), "the limit itself is kept as it is"


def test_a_constant_says_what_it_always_was() -> None:
    values = np.full(40, 7.0)
    values[30] = 8.0
    _, _, (signal,) = judged(subject(values))
    assert signal.evidence.startswith("Orders was 8 EUR on Wed 4 Feb; it was always 7 in the 28 points before")


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0, 3.0], [np.nan] * 20, [5.0] * 13])
def test_too_few_points_are_learning(values: Sequence[float]) -> None:
    outcome, states, signals = judged(subject(values))
    assert set(states) <= {"learning"}
    assert outcome.limits == ()
    assert signals == []


def test_gaps_are_no_points_and_no_signal() -> None:
    values = 1000 + 30 * noise()
    values[50:60] = np.nan
    values[99] = np.nan
    _, states, signals = judged(subject(values))
    assert len(states) == DAYS - 11
    assert signals == []


def test_hours_are_learned_in_two_days_and_a_weekend_when_one_was_seen() -> None:
    hours = np.arange(24 * 10)
    values = 100 + 30 * np.sin(hours / 24 * 2 * np.pi) + np.random.default_rng(2).normal(size=hours.size)
    values[hours // 24 % 7 >= 5] -= 60
    _, states, signals = judged(subject(values, hours=1))
    assert states[:48] == ["learning"] * 48
    assert set(states[48 : 24 * 5]) == {"in_control"}
    assert set(states[24 * 5 : 24 * 7]) == {"learning"}  # its first weekend
    assert signals == []


def test_a_move_in_the_other_direction_or_too_small_is_no_news() -> None:
    values = 1000 + 30 * noise()
    values[100], values[105] = 700.0, 1300.0
    _, up, _ = judged(subject(values, Watch(direction="up")))
    assert (up[100], up[105]) == ("in_control", "signal")
    _, large, _ = judged(subject(values, Watch(least_change=400)))
    assert (large[100], large[105]) == ("in_control", "in_control")
    frame = verdict_frame([judged(subject(values, Watch(direction="up")))[0]], NOW)
    assert frame["score"][100] == 0.99


def test_rules_of_control_charts_name_their_points() -> None:
    values = 1000 + 30 * noise(12)
    values[100:112] = 1000 + np.abs(values[100:112] - 1000) + 8
    outcome, _, signals = judged(subject(values, Watch(rules=["nelson_2"]), rate=1e-5))
    (run,) = [one for one in signals if one.rule == "nelson_2"]
    assert run.first_at <= datetime(2026, 4, 15) <= run.last_at
    assert "points in a row above the center line" in run.evidence
    frame = verdict_frame([outcome], NOW)
    assert frame.filter(frame["rules"] == "nelson_2")["state"].unique().to_list() == ["signal"]


def test_shares_of_samples_are_judged_as_shares() -> None:
    draw = np.random.default_rng(5)
    sizes = draw.integers(200, 5000, DAYS)
    counts = draw.binomial(sizes, 0.1).astype(float)
    counts[110] = round(0.3 * sizes[110])
    watch = Watch(chart="p", rules=["beyond_limits"])
    _, states, signals = judged(subject(counts, watch, sizes=sizes))
    assert states[110] == "signal"
    assert min(one.lower for one in signals if one.lower is not None) >= 0
    assert {one.rule for one in signals if one.first_at == datetime(2026, 4, 25)} == {"spike", "beyond_limits"}


def test_a_chart_that_cannot_be_made_is_said_and_stops_nothing() -> None:
    values = 1000 + 30 * noise()
    values[100] = 2000.0
    outcome, states, _ = judged(subject(values, Watch(chart="np", rules=["beyond_limits"])))
    assert states[100] == "signal"
    assert {span.problem for span in outcome.spans} == {
        "The chart rules of m cannot be asked: A np chart needs the size of each sample; give `size` beside `value`."
    }


def test_the_point_to_be_judged_and_flagged_points_are_in_no_baseline() -> None:
    values = 1000 + 30 * noise()
    values[30:33] = 0.0
    outcome, _, _ = judged(subject(values))
    learned = [(one.points, one.to_at) for one in outcome.limits]
    assert learned[:3] == [(14, datetime(2026, 1, 18)), (28, datetime(2026, 2, 1)), (53, datetime(2026, 3, 1))]
    assert all(abs(one.center - 1000) < 40 for one in outcome.limits)


def test_metrics_of_other_times_and_calendars_are_judged_side_by_side() -> None:
    shapes = [(24.0, DAYS), (1.0, 200), (168.0, 60)]
    several = [
        subject(1000 + 30 * noise(seed, days), hours=hours, name=f"m{seed}", watch=Watch(zone=zone))
        for seed, ((hours, days), zone) in enumerate(zip(shapes, ("UTC", "Europe/Berlin", "UTC"), strict=True))
    ]
    together, _ = judge(several, NOW)
    for one, outcome in zip(several, together, strict=True):
        (alone,), _ = judge([one], NOW)
        assert np.array_equal(outcome.states(), alone.states())


def test_limits_are_learned_at_doubled_points_and_then_every_ninety_days() -> None:
    one = subject(1000 + 30 * noise(days=400))
    usable = np.ones(400, dtype=bool)
    assert first_position(one.times, usable, 0) == 14
    places, at = [14], 14
    while at < 400:
        at = next_check(one.times, at, at, one.times[at - 1])
        places.append(at)
    assert places == [14, 28, 56, 112, 202, 292, 382, 472] or places == [14, 28, 56, 112, 202, 292, 382, 401]
    assert window_start(one.times, 382, 0) == 200


def test_the_promised_rate_of_false_alarms_is_the_real_one() -> None:
    metrics, days, rate = 300, 292, 0.005
    draw = np.random.default_rng(8)
    week = 1 - 0.3 * (np.arange(days) % 7 >= 5)
    values = 1000 * week * (1 + 0.05 * draw.normal(size=(metrics, days)))
    outcomes, _ = judge([subject(row, rate=rate, name=f"m{n}") for n, row in enumerate(values)], NOW)
    alarms = np.stack([outcome.states() == SIGNAL for outcome in outcomes])[:, 84:]
    starts = sum(
        bool(row[at] and not row[max(at - REARM, 0) : at].any()) for row in alarms for at in np.flatnonzero(row)
    )
    promised = rate * alarms.size
    assert 0.75 * promised < starts < 1.3 * promised


def test_verdicts_are_dated_by_the_pass() -> None:
    later = NOW + timedelta(days=1)
    (outcome,), _ = judge([subject(1000 + 30 * noise())], later)
    assert {one.made_at.date() for one in outcome.limits} == {later.date()}
    assert len({one.made_at for one in outcome.limits}) == len(outcome.limits)
    assert verdict_frame([outcome], later)["judged_at"].unique().to_list() == [later]
