"""A backtest by what is known of it: normal tails, a pure past, rarer alarms that find less, the same answer again."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import orjson
import pytest
from scipy.stats import norm

from analysis.spc.backtest import backtest, plan_of
from analysis.spc.backtest_chance import clean_points
from analysis.spc.backtest_copies import find_events
from analysis.spc.backtest_events import EVENTS, Event, with_event
from analysis.spc.backtest_judge import Plan
from analysis.spc.backtest_replay import History, origins, replay
from analysis.spc.backtest_result import Backtest, Outcome
from analysis.spc.budget import MetricRate
from analysis.spc.calibration import Calibration
from analysis.spc.detector import Limits
from analysis.spc.robust import Floats
from analysis.spc.rule_run_lengths import run_length_of
from analysis.spc.seasonality import calendar_of
from config.quality import Watch

DAYS = 730
YEAR = 365.25
OFTEN, SELDOM = Plan(12 / YEAR, 12.0), Plan(1 / YEAR, 1.0)


def history(values: Floats) -> History:
    times = np.datetime64("2024-01-01", "us") + np.arange(values.size) * np.timedelta64(1, "D")
    return History(times, values, calendar_of(times), np.zeros(values.size, dtype=bool))


def noise(seed: int = 1, points: int = DAYS) -> Floats:
    return np.random.default_rng(seed).normal(1000, 40, points)


@pytest.fixture(scope="module")
def found() -> Backtest:
    return backtest(history(noise()), OFTEN, SELDOM, "rows")


def shares(outcome: Outcome) -> dict[str, float]:
    return {one.event: one.share for one in outcome.found}


def test_a_spike_is_found_at_once_as_often_as_the_normal_tail_says() -> None:
    only_spikes = 2.6, 1e9
    plans = (SELDOM, OFTEN)
    replayed = replay(history(noise(3)), plans, 28)
    limits = Limits(*(np.full(2, size) for size in (only_spikes[0], only_spikes[0], only_spikes[1], only_spikes[1])))
    known = []
    for fold in replayed.folds:
        models = replace(fold.calibration.models, phi=np.zeros(2))
        known.append(replace(fold, calibration=Calibration(models, limits, fold.calibration.rate)))
    replayed = replace(replayed, folds=tuple(known))
    clean = np.arange(DAYS) >= replayed.origin
    copies = 4000
    (trial,) = find_events(replayed, plans, clean, 5, copies, (Event("spike", 3.0, 1),))
    seen = replayed.z[1, replayed.origin :]
    expected = float(norm.sf((only_spikes[0] - 3.0) / np.std(seen)))
    error = 3 * math.sqrt(expected * (1 - expected) * (1 / copies + 1 / seen.size))
    assert trial.found(1, 86_400.0).share == pytest.approx(expected, abs=error)


def test_the_published_numbers_of_the_issue_hold_on_weekday_shaped_days() -> None:
    weekly = np.where(np.arange(DAYS) % 7 < 5, 0.0, -300.0)
    plan = Plan(0.0027, 0.0027 * YEAR)
    seen = shares(backtest(history(noise(4) + weekly), plan).now)
    assert seen["5-sigma spike"] >= 0.94
    assert seen["2-sigma shift"] >= 0.98
    assert seen["1.5-sigma shift"] >= 0.78
    assert seen["drift of 0.15 sigma a point"] >= 0.63


def test_rarer_alarms_never_find_more_nor_sooner(found: Backtest) -> None:
    assert found.proposed is not None
    for now, later in zip(found.now.found, found.proposed.found, strict=True):
        assert later.share <= now.share
        if now.median_points is not None and later.median_points is not None:
            assert later.median_points >= now.median_points
    assert found.proposed.chance.per_year < found.now.chance.per_year
    assert found.proposed.power_sigmas > found.now.power_sigmas
    assert len(found.proposed.alarms) < len(found.now.alarms)


def test_larger_events_are_found_more_often(found: Backtest) -> None:
    seen = shares(found.now)
    ladder = [seen[f"{size}-sigma shift"] for size in ("1", "1.5", "2", "3")]
    assert ladder == sorted(ladder)
    assert seen["5-sigma spike"] > seen["3-sigma spike"]
    assert seen["outage of 1 point"] == 1.0


def test_chance_costs_what_was_promised(found: Backtest) -> None:
    assert found.proposed is not None
    for outcome in (found.now, found.proposed):
        assert outcome.chance.low <= outcome.promised_per_year <= outcome.chance.high
    assert found.now.chance.per_year == pytest.approx(12, rel=0.5)


def test_the_verdict_and_the_power_are_plain_sentences(found: Backtest) -> None:
    assert found.verdict.startswith("Proposed finds a 2-sigma shift ")
    assert found.verdict.endswith("later and gives 1 false alarm a year instead of 12.")
    assert found.proposed is not None
    sigmas, size = found.proposed.power_sigmas, found.proposed.power_units
    assert found.proposed.power == (
        f"Smallest lasting shift found within 7 days with 90 %: {sigmas:g} sigma = {size:.0f} rows."
    )
    assert size == pytest.approx(40 * sigmas, rel=0.1)
    assert found.sentence.startswith(found.verdict)


def test_the_same_seed_gives_the_same_answer_as_plain_json(found: Backtest) -> None:
    again = backtest(history(noise()), OFTEN, SELDOM, "rows")
    assert again == found
    kept = orjson.loads(orjson.dumps(found.as_plain()))
    assert kept["now"]["plan"]["rate"] == OFTEN.rate
    assert kept["now"]["found"][0]["share"] == found.now.found[0].share
    assert kept["from_at"] == "2024-01-01T00:00:00"


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.words)
def test_events_change_nothing_before_their_start_nor_the_baseline(event: Event) -> None:
    replayed = replay(history(noise(6)), (OFTEN,), 28)
    fold = replayed.folds[1]
    before = fold.calibration.as_plain()
    starts, signs, of = np.array([20, 40]), np.array([1, -1]), np.zeros(2, dtype=np.int64)
    copies = with_event(fold, event, starts, signs, of)
    for row, start in enumerate(starts.tolist()):
        np.testing.assert_array_equal(copies.z[row, :start], fold.z[0, :start])
        np.testing.assert_array_equal(copies.values[row, :start], fold.values[0, :start])
        assert (copies.z[row, start:] != fold.z[0, start:]).any()
    assert fold.calibration.as_plain() == before


def test_limits_are_learned_only_from_what_was_before() -> None:
    calm = noise(7)
    wild = calm.copy()
    wild[350:] += 500.0
    first, second = (replay(history(values), (SELDOM,), 28) for values in (calm, wild))
    assert [fold.start for fold in first.folds] == origins(DAYS, 86_400.0).tolist() == [84, 214, 344, 474, 604]
    for one, other in zip(first.folds, second.folds, strict=True):
        assert (one.calibration.as_plain() == other.calibration.as_plain()) == (one.start <= 350)
    np.testing.assert_array_equal(first.signals[:, :350], second.signals[:, :350])


def test_a_lasting_change_leaves_limits_as_they_were_while_its_signal_is_open() -> None:
    values = noise(7)
    values[400:] += 500.0
    folds = replay(history(values), (SELDOM,), 28).folds
    assert folds[3].calibration.models.profile.level == pytest.approx(1000, abs=10)
    alarms = backtest(history(values), SELDOM, copies=12).now.alarms
    assert "2025-02-04T00:00:00" in [one.at.isoformat() for one in alarms]


def test_alarms_of_history_are_told_with_their_dates() -> None:
    values = noise(8)
    values[500] += 400.0
    found = backtest(history(values), SELDOM)
    assert [(one.at.isoformat(), one.cause, one.value) for one in found.now.alarms] == [
        ("2025-05-15T00:00:00", "spike up", values[500])
    ]
    assert found.proposed is None and found.verdict == found.now.power


def test_known_events_and_signals_are_not_clean() -> None:
    signals = np.zeros(100, dtype=bool)
    signals[50] = True
    known = np.zeros(100, dtype=bool)
    known[90] = True
    clean = clean_points(signals, known, 30)
    assert np.flatnonzero(~clean).tolist() == [*range(30), *range(43, 58), 90]


def test_a_direction_leaves_the_other_side_alone() -> None:
    values = noise(9)
    values[[300, 500]] += [-500.0, 500.0]
    found = backtest(history(values), SELDOM, replace(SELDOM, direction="up"))
    assert found.proposed is not None
    now, later = ({one.cause for one in outcome.alarms} for outcome in (found.now, found.proposed))
    assert now >= {"spike up", "spike down"}
    assert "spike up" in later and not any(cause.endswith("down") for cause in later)


def test_a_least_change_drops_what_is_too_small_to_matter() -> None:
    values = noise(10)
    found = backtest(history(values), OFTEN, replace(OFTEN, least_change=150.0), copies=24)
    assert found.proposed is not None
    now, later = shares(found.now), shares(found.proposed)
    assert now["2-sigma shift"] > 0.9 > 0.5 > later["2-sigma shift"]  # of 80 on average
    assert later["5-sigma spike"] > 0.75  # of 200 with a spread of 40, so nine of ten are above 150
    assert found.proposed.chance.per_year < 0.2 * found.now.chance.per_year


def test_chart_rules_find_more_and_cost_more() -> None:
    with_rules = plan_of(Watch(rules=["nelson_2", "anhoej"]), MetricRate("m", SELDOM.rate, 1.0), 7.0)
    assert with_rules.rules == ("nelson_2",)
    found = backtest(history(noise(11)), SELDOM, with_rules)
    assert found.proposed is not None
    assert shares(found.proposed)["1-sigma shift"] > shares(found.now)["1-sigma shift"]
    assert found.proposed.promised_per_year == pytest.approx(1 + YEAR / run_length_of(["nelson_2"]))
    assert "Rules of a whole chart are not tried: anhoej_run, anhoej_crossings." in found.notes


def test_counts_stay_whole_and_an_outage_of_them_is_zero() -> None:
    counts = np.random.default_rng(12).poisson(20, DAYS).astype(np.float64)
    replayed = replay(history(counts), (OFTEN,), 28)
    fold = replayed.folds[0]
    start, of = np.array([10]), np.zeros(1, dtype=np.int64)
    down = with_event(fold, Event("shift", 3.0, 14), start, np.array([-1]), of).values[0]
    assert (down == np.round(down)).all() and down.min() >= 0
    gone = with_event(fold, Event("outage", 2.0, 2), start, np.array([1]), of).values[0]
    assert gone[9:13].tolist() == [fold.values[0, 9], 0.0, 0.0, fold.values[0, 12]]
    found = backtest(history(counts), SELDOM)
    assert shares(found.now)["outage of 1 point"] > 0.95


def test_a_change_of_level_is_told_before_anything_is_believed() -> None:
    values = noise(13)
    values[600:] += 200.0
    (note, *_) = backtest(history(values), SELDOM, copies=12).notes
    assert note.startswith("The level changed within this history: Since 23 Aug 2025 the level is 1,")
    assert note.endswith("Accept that stage, then try again.")


def test_a_promise_that_history_breaks_is_told() -> None:
    heavy = 1000 + 40 * np.random.default_rng(14).standard_t(2.5, DAYS)
    found = backtest(history(heavy), replace(SELDOM, rate=12 / YEAR))
    assert any(
        note.startswith("Now: 1 false alarms a year are promised, but this history gives") for note in found.notes
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.array([]), "There is no value"),
        (np.full(100, np.nan), "There is no value"),
        (np.full(100, 7.0), "All 100 values are 7: any change"),
        (noise(1, 20), "There are 20 points with a value; expected 42 or more"),
        (np.concatenate([np.full(60, 7.0), noise(1, 60)]), "The first 40 of 120 points hold too few different values"),
        (np.concatenate([noise(1, 60), [1e200]]), "A value is 1e+200"),
    ],
)
def test_what_cannot_be_tried_is_one_sentence(values: Floats, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("+", r"\+")):
        backtest(history(values), OFTEN)


def test_a_short_history_says_what_it_cannot_try() -> None:
    found = backtest(history(noise(2, 45)), OFTEN, copies=12)
    assert "The history is too short to try: drift of 0.05 sigma a point, doubled variance." in found.notes
    assert "1-sigma shift" in shares(found.now)


def test_hours_and_gaps_and_long_histories_are_tried_too() -> None:
    hours = 2600
    times = np.datetime64("2025-01-01", "us") + np.arange(hours) * np.timedelta64(1, "h")
    values = np.random.default_rng(15).normal(50, 5, hours) + 20 * np.sin(np.arange(hours) % 24 / 24 * 2 * np.pi)
    values[1500:1520] = np.nan
    found = backtest(History(times, values, calendar_of(times), np.zeros(hours, dtype=bool)), OFTEN, copies=12)
    assert found.notes[0] == "Only the newest 2,000 of 2,600 points were looked at."
    assert "found within 14 hours with 90 %" in found.now.power
    assert shares(found.now)["5-sigma spike"] > 0.9
