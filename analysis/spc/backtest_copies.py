"""Where events are put into a history, and how soon each plan finds them there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.spc.backtest_events import EVENTS, Copies, Event, has_zero, with_event
from analysis.spc.backtest_judge import Ints, Plan, away_from_center, judge
from analysis.spc.backtest_replay import Fold, Replay
from analysis.spc.backtest_result import Found
from analysis.spc.detector import REARM
from analysis.spc.natural import values_at
from analysis.spc.robust import Flags, Floats

COPIES = 120  # of each event
HALF, MOST_OF_ALL = 0.5, 0.9
STANDARD = ("spike", "shift", "drift")  # whose size is one of sigma


@dataclass(slots=True)
class Trial:
    """One event at many places: the delays of each plan's row, (copies,) in points, infinity where it was missed."""

    event: Event
    delays: dict[int, list[float]]
    units: float | None  # what one sigma is in the metric's unit

    @property
    def copies(self) -> int:
        """How many there are."""
        return len(next(iter(self.delays.values()), []))

    def found(self, row: int, step_seconds: float) -> Found:
        """How the plan of `row` found them."""
        delays = np.sort(np.asarray(self.delays[row]))
        share = float(np.isfinite(delays).mean())
        median, most = (_at_share(delays, part) for part in (HALF, MOST_OF_ALL))
        return Found(
            self.event.words,
            self.event.kind,
            self.event.size,
            None if self.units is None else self.units * self.event.size,
            self.event.within,
            delays.size,
            share,
            median,
            most,
            None if median is None else median * step_seconds,
            None if most is None else most * step_seconds,
        )


def _at_share(delays: Floats, part: float) -> float | None:
    """The delay within which so large a part of all was found."""
    at = float(delays[max(int(np.ceil(part * delays.size)) - 1, 0)])
    return at if np.isfinite(at) else None


def find_events(
    replayed: Replay, plans: tuple[Plan, ...], clean: Flags, seed: int, copies: int, events: Sequence[Event] = EVENTS
) -> list[Trial]:
    """Puts each event at `copies` places of the clean history and judges them by all plans but the cleaner (row 0)."""
    rows = range(1, len(plans))
    directions = {plan.direction for plan in plans[1:]}
    values = np.concatenate([fold.values[0, : fold.stop - fold.start] for fold in replayed.folds])
    falls = directions != {"up"} and has_zero(replayed.folds[0], values)
    wanted = [one for one in events if one.kind != "outage" or falls]
    one_sigma = _unit(replayed.folds[-1])
    trials = [Trial(one, {row: [] for row in rows}, one_sigma if one.kind in STANDARD else None) for one in wanted]
    draw = np.random.default_rng(seed)
    places = [_places(replayed, clean, one, copies, draw) for one in wanted]
    only_side = 1 if directions == {"up"} else -1 if directions == {"down"} else 0
    for fold in replayed.folds:
        _try_in(fold, plans, trials, places, only_side)
    return trials


def _unit(fold: Fold) -> float:
    """What one sigma up is in the metric's unit, the median over the fold's points."""
    zero = np.zeros_like(fold.z)
    rise = values_at(fold.calibration, fold.calendar, zero + 1) - values_at(fold.calibration, fold.calendar, zero)
    return float(np.median(rise[0]))


def _places(replayed: Replay, clean: Flags, event: Event, copies: int, draw: np.random.Generator) -> Ints:
    """Where the event starts, sorted: judged points with a value, clean around, and room for it to be found."""
    n = clean.size
    seen = np.isfinite(replayed.z[0])
    seen[max(n - event.within + 1, 0) :] = False
    dirty = np.concatenate([[0], np.cumsum(~clean)])
    at = np.arange(n)
    around = dirty[np.minimum(at + event.within, n)] - dirty[np.maximum(at - REARM, replayed.origin)]
    able = np.flatnonzero(seen & (around == 0))
    if not able.size:
        able = np.flatnonzero(seen)
    if not able.size:
        return able
    return np.sort(draw.choice(able, copies, replace=able.size < copies))


def _try_in(fold: Fold, plans: tuple[Plan, ...], trials: Sequence[Trial], places: Sequence[Ints], only: int) -> None:
    """The copies of all events whose place is in `fold`, judged together."""
    made: list[tuple[Trial, Ints, Copies]] = []
    rows = np.arange(1, len(plans))
    for trial, at in zip(trials, places, strict=True):
        here = at[(at >= fold.start) & (at < fold.stop)] - fold.start
        if here.size:
            turns = np.where(at.searchsorted(here + fold.start) % 2 == 0, 1, -1)
            signs = np.full(here.size, only) if only else turns
            starts, of = np.tile(here, rows.size), np.repeat(rows, here.size)
            made.append((trial, starts, with_event(fold, trial.event, starts, np.tile(signs, rows.size), of)))
    if not made:
        return
    of = np.concatenate([copies.of for _, _, copies in made])
    z, values, zeros = (np.concatenate([getattr(one, name) for _, _, one in made]) for name in ("z", "values", "zeros"))
    calibration = fold.calibration.taken(of)
    away = away_from_center(calibration, fold.calendar, values)
    signals = judge(calibration, plans, of, z, zeros, away).signals
    done = 0
    for trial, starts, copies in made:
        _note(trial, starts, copies.of, signals[done : done + starts.size])
        done += starts.size


def _note(trial: Trial, starts: Ints, of: Ints, signals: Flags) -> None:
    columns = np.arange(signals.shape[1])[None, :] - starts[:, None]
    inside = signals & (columns >= 0) & (columns < trial.event.within)
    delays = np.where(inside.any(axis=1), inside.argmax(axis=1) - starts, np.inf)
    for row, delays_of_row in trial.delays.items():
        delays_of_row += delays[of == row].tolist()
