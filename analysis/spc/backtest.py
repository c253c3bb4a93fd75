"""A way to judge a metric, tried on its own past before it is saved: what it would have found, and when, and missed.

The history is replayed with rolling origins (backtest_replay), known events are put into copies of it at many places
(backtest_events), and its clean points, put together anew, say what chance costs (backtest_chance). Now and proposed
see the same copies. The same history, plans and seed give the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import numpy as np

from analysis.spc.backtest_chance import Chance, chances, clean_points, cleaner
from analysis.spc.backtest_copies import COPIES, Trial, find_events
from analysis.spc.backtest_events import HORIZON
from analysis.spc.backtest_judge import Plan
from analysis.spc.backtest_replay import MOST, History, Replay, replay
from analysis.spc.backtest_result import Alarm, Backtest, Found, Outcome
from analysis.spc.backtest_words import (
    broken_promise,
    false_alarms_sentence,
    finding_sentence,
    points_in_a_week,
    power_sentence,
    smallest_found,
)
from analysis.spc.budget import WEEKS_IN_YEAR, MetricRate, points_per_week, rule_signals_per_year
from analysis.spc.change_points import propose_stage
from analysis.spc.detector import CAUSES, alarm_starts
from analysis.spc.robust import Flags
from analysis.spc.rules import Pattern, find_rule, rules_named
from config.quality import Watch

COMPARED = ("shift", 2.0)
FINITE_MOST = 1e150  # a larger number has no square


def plan_of(watch: Watch, rate: MetricRate, points_a_week: float) -> Plan:
    """The plan of `watch` at the rate it has in the budget; families of rules count as the rules in them.

    Raises ValueError for what is no rule.
    """
    names = rules_named(watch.rules)
    whole = tuple(name for name in names if not isinstance(find_rule(name).pattern, Pattern))
    rules = tuple(name for name in names if name not in whole)
    beside = rule_signals_per_year(watch.model_copy(update={"rules": rules}), points_a_week)
    return Plan(rate.rate, rate.per_year, watch.direction, watch.least_change, rules, beside, whole)


def backtest(
    history: History, now: Plan, proposed: Plan | None = None, unit: str = "", seed: int = 0, copies: int = COPIES
) -> Backtest:
    """Tries `now`, and `proposed` beside it, on `history` (its newest 2,000 points).

    Raises ValueError with a sentence for a history that is too short, empty or constant, and for times not in order.
    """
    whole, notes = _checked(history)
    plans = (now,) if proposed is None else (now, proposed)
    replayed = replay(whole, (cleaner(plans), *plans), HORIZON)
    clean = clean_points(replayed.signals[0], whole.is_event, replayed.origin)
    rows = np.arange(1, len(plans) + 1)
    yearly = points_per_week(whole.times) * WEEKS_IN_YEAR
    by_chance = chances(replayed, (cleaner(plans), *plans), rows, clean, yearly, seed)
    trials = find_events(replayed, (cleaner(plans), *plans), clean, seed, copies)
    notes += _notes(whole, clean, replayed, trials, plans)
    outcomes = [
        _outcome(whole, replayed, int(row), plan, chance, yearly, trials, unit)
        for row, plan, chance in zip(rows, plans, by_chance, strict=True)
    ]
    other = outcomes[1] if proposed is not None else None
    notes += tuple(filter(None, (_promise(who, one) for who, one in zip(("Now", "Proposed"), outcomes, strict=False))))
    at = [_at(whole, place) for place in (0, replayed.origin, -1)]
    verdict = _verdict(outcomes[0], other, whole.step_seconds)
    judged = int(np.isfinite(whole.values[replayed.origin :]).sum())
    points = int(np.isfinite(whole.values).sum())
    return Backtest(points, judged, at[0], at[1], at[2], whole.step_seconds, unit, outcomes[0], other, verdict, notes)


def _checked(history: History) -> tuple[History, tuple[str, ...]]:
    with np.errstate(invalid="ignore"):
        large = np.abs(history.values) > FINITE_MOST
    if large.any():
        raise ValueError(f"A value is {history.values[large][0]:g}; expected numbers up to {FINITE_MOST:g}.")
    if history.times.size > 1 and (np.diff(history.times) <= np.timedelta64(0)).any():
        raise ValueError("The times are not in order or one stands twice; expected each time once, the oldest first.")
    if history.times.size <= MOST:
        return history, ()
    said = f"Only the newest {MOST:,} of {history.times.size:,} points were looked at."
    return history.newest(MOST), (said,)


def _notes(
    history: History, clean: Flags, replayed: Replay, trials: Sequence[Trial], plans: Sequence[Plan]
) -> tuple[str, ...]:
    out = []
    untried = dict.fromkeys(rule for plan in plans for rule in plan.untried)
    if untried:
        out.append(f"Rules of a whole chart are not tried: {', '.join(untried)}.")
    proposal = propose_stage(history.values, history.times.astype("datetime64[us]"))
    if proposal is not None:
        out.append(f"The level changed within this history: {proposal.sentence()} Accept that stage, then try again.")
    judged = clean.size - replayed.origin
    if clean.sum() < judged / 2:
        out.append(f"Only {int(clean.sum())} of {judged} judged points are clean; false alarms are counted on those.")
    missing = [trial.event.words for trial in trials if not trial.copies]
    if missing:
        out.append(f"The history is too short to try: {', '.join(missing)}.")
    return tuple(out)


def _outcome(
    history: History,
    replayed: Replay,
    row: int,
    plan: Plan,
    chance: Chance,
    yearly: float,
    trials: Sequence[Trial],
    unit: str,
) -> Outcome:
    alarms = _alarms(history, replayed, row)
    judged = max(int(np.isfinite(history.values[replayed.origin :]).sum()), 1)
    last, within = replayed.folds[-1], points_in_a_week(history.step_seconds)
    sigmas, units = smallest_found(last.calibration, row, last.calendar, within)
    found = tuple(trial.found(row, history.step_seconds) for trial in trials if trial.copies)
    return Outcome(
        plan,
        plan.promised,
        chance.expected(plan.promised),
        chance,
        alarms,
        len(alarms) * yearly / judged,
        found,
        sigmas,
        units,
        power_sentence(sigmas, units, unit, within, history.step_seconds),
    )


def _alarms(history: History, replayed: Replay, row: int) -> tuple[Alarm, ...]:
    """The alarm starts in history itself; a cause of the detector comes before a chart rule."""
    out = []
    for place in np.flatnonzero(alarm_starts(replayed.signals[row : row + 1])[0]).tolist():
        cause = CAUSES[int(replayed.causes[row, place])] or "chart rule"
        out.append(Alarm(_at(history, place), float(history.values[place]), cause))
    return tuple(out)


def _promise(who: str, outcome: Outcome) -> str:
    chance = outcome.chance
    return broken_promise(who, outcome.plan.promised, chance.per_year, chance.low, chance.high)


def _at(history: History, place: int) -> datetime:
    return cast(datetime, history.times[place].astype("datetime64[us]").item())


def _verdict(now: Outcome, proposed: Outcome | None, step_seconds: float) -> str:
    if proposed is None:
        return now.power
    first, second = _compared(now), _compared(proposed)
    costs = false_alarms_sentence(now.expected_per_year, proposed.expected_per_year)
    if first is None or second is None:
        return f"Proposed {costs}."
    speed = finding_sentence(
        first.event, (first.share, first.median_points), (second.share, second.median_points), step_seconds
    )
    return f"Proposed {speed} and {costs}."


def _compared(outcome: Outcome) -> Found | None:
    return next((one for one in outcome.found if (one.kind, one.size) == COMPARED), None)
