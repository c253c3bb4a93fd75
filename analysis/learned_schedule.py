"""The schedule that a job seems to follow, learned from its starts, for a person to accept.

Several candidates are tried; the simplest that the starts bear out is proposed with its confidence: the lower of the
share of due times that were met and the share of runs that are explained. Known-bad periods do not count. Margins are
medians and median deviations, so that one long outage does not make the tracker patient.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil, exp, floor, isfinite, log
from statistics import median

from analysis.schedule_candidates import Candidate, clock_candidates
from analysis.timetable import due_times
from config.refreshes import Expectation

FEWEST_GAPS = 5
LEAST_CONFIDENCE = 0.75
COMPLEXITY_COSTS = 0.01
MARGIN_COSTS = 0.1  # for a margin as wide as the time between due times
EARLY = timedelta(minutes=5)
LEAST_MARGIN_SECONDS = 300.0
MOST_MARGIN_SECONDS = 4 * 3600.0  # a start that may be later than that follows no clock
LONGEST_PAUSE_SECONDS = 43_200.0  # whoever pauses longer goes by the clock or the calendar
PAUSE_COMPLEXITY = 3  # a clock explains more, so it is preferred when both fit
WIDTH = 4 * 1.4826  # median deviations to four standard deviations
LEAST_FACTOR = 2.0  # a run is never called too short or too long within half and double of the usual
NEWEST_STARTS = 1_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """An expectation with margins, how sure it is (0..1), and why, in one sentence."""

    expectation: Expectation
    confidence: float
    explanation: str


@dataclass(frozen=True, slots=True)
class _Fit:
    candidate: Candidate
    dues: int
    met: int
    starts: int
    explained: int
    margin_seconds: float

    @property
    def confidence(self) -> float:
        return min(self.met / max(self.dues, 1), self.explained / max(self.starts, 1))

    @property
    def score(self) -> float:
        width = self.margin_seconds / self.candidate.period_seconds
        return self.confidence - COMPLEXITY_COSTS * self.candidate.complexity - MARGIN_COSTS * width


def learn(
    starts: Sequence[datetime],
    zone: str = "UTC",
    excluded: Sequence[tuple[datetime, datetime]] = (),
    durations: Sequence[float] | None = None,
) -> Proposal | None:
    """The schedule of runs that started at `starts` (naive UTC); None when fewer than 5 gaps or nothing fits by 75 %.

    It is told in the clock of `zone` unless UTC fits better. `excluded` are half-open known-bad periods; `durations`
    (seconds, NaN where unknown) belong to the starts and give `min_seconds` and `max_seconds`.
    Raises ValueError when there are not as many durations as starts.
    """
    if durations is not None and len(durations) != len(starts):
        raise ValueError(f"Found {len(durations)} durations for {len(starts)} starts; expected as many.")
    told = durations if durations is not None else [float("nan")] * len(starts)
    runs = sorted(
        (at, seconds)
        for at, seconds in zip(starts, told, strict=True)
        if not any(begin <= at < end for begin, end in excluded)
    )[-NEWEST_STARTS:]
    if len(runs) <= FEWEST_GAPS or runs[0][0] == runs[-1][0]:
        return None
    kept = [at for at, _ in runs]
    zones = dict.fromkeys([zone, "UTC"])
    fits = [_by_clock(one, kept, excluded) for name in zones for one in clock_candidates(kept, name)]
    fits.extend(_by_gaps(runs, excluded))
    best = max(fits, key=lambda fit: fit.score)
    return _proposed(best, [seconds for _, seconds in runs]) if best.confidence >= LEAST_CONFIDENCE else None


def _by_clock(candidate: Candidate, starts: Sequence[datetime], excluded: Sequence[tuple[datetime, datetime]]) -> _Fit:
    """How well due times by the clock and starts agree."""
    widest = timedelta(seconds=min(candidate.period_seconds / 4, MOST_MARGIN_SECONDS))
    all_dues = due_times(candidate.expectation, None, starts[0] - widest, starts[-1] + EARLY)
    dues = [due for due in all_dues if not any(begin <= due < end for begin, end in excluded)]
    delays = []
    for due in dues:
        place = bisect_left(starts, due - EARLY)
        if place < len(starts) and starts[place] <= due + widest:
            delays.append((starts[place] - due).total_seconds())
    margin = _margin(delays, widest)
    first = bisect_left(dues, starts[0] - margin)  # what was due before the history begins is no miss
    dues = dues[first:]
    met = sum(_has(starts, due - EARLY, due + margin) for due in dues)
    explained = sum(_has(dues, at - margin, at + EARLY) for at in starts)
    return _Fit(candidate, len(dues), met, len(starts), explained, margin.total_seconds())


def _by_gaps(runs: Sequence[tuple[datetime, float]], excluded: Sequence[tuple[datetime, datetime]]) -> Iterator[_Fit]:
    """How well the pauses between runs agree; the next run is due so long after the one before has finished."""
    pauses = []
    for (at, seconds), (after, _) in pairwise(runs):
        if not any(at < end and begin < after for begin, end in excluded):
            pauses.append((after - at).total_seconds() - (seconds if isfinite(seconds) else 0.0))
    usual = median(pauses) if pauses else 0.0
    if not 1 <= usual <= LONGEST_PAUSE_SECONDS:
        return
    every = _rounded(usual)
    margin = _margin([abs(pause - every) for pause in pauses], timedelta(seconds=every / 4)).total_seconds()
    met = sum(abs(pause - every) <= margin for pause in pauses)
    dues = sum(max(1, round(pause / every)) for pause in pauses)
    candidate = Candidate(
        Expectation(every_seconds=every), f"every {_span(every)} after the last run", PAUSE_COMPLEXITY, every
    )
    yield _Fit(candidate, dues, met, len(pauses), met, margin)


def _margin(delays: Sequence[float], widest: timedelta) -> timedelta:
    """How late a start may be: the usual delay and four robust standard deviations, in whole minutes."""
    if not delays:
        return widest
    usual = median(delays)
    width = WIDTH * median(abs(delay - usual) for delay in delays)
    seconds = ceil(max(usual + width, LEAST_MARGIN_SECONDS) / 60) * 60
    return min(timedelta(seconds=seconds), widest)


def _has(ordered: Sequence[datetime], first: datetime, last: datetime) -> bool:
    return bisect_right(ordered, last) > bisect_left(ordered, first)


def _proposed(fit: _Fit, durations: Sequence[float]) -> Proposal:
    least, most = _limits([seconds for seconds in durations if isfinite(seconds) and seconds > 0])
    margins = {"start_margin_seconds": fit.margin_seconds, "min_seconds": least, "max_seconds": most}
    expectation = Expectation(**{**fit.candidate.expectation.model_dump(), **margins})
    zone = "" if expectation.every_seconds is not None else f" {expectation.timezone}"
    explanation = (
        f"Runs {fit.candidate.words}{zone}: {fit.met} of {fit.dues} due times were met within "
        f"{_span(fit.margin_seconds)}, and {fit.explained} of {fit.starts} runs are explained."
    )
    return Proposal(expectation, round(fit.confidence, 4), explanation)


def _limits(durations: Sequence[float]) -> tuple[float | None, float | None]:
    """Seconds that a run should take at least and at most; None where there are too few to say."""
    if len(durations) <= FEWEST_GAPS:
        return None, None
    logs = [log(seconds) for seconds in durations]
    usual = median(logs)
    width = max(WIDTH * median(abs(one - usual) for one in logs), log(LEAST_FACTOR))
    return float(floor(exp(usual - width))) or None, float(ceil(exp(usual + width)))


def _rounded(seconds: float) -> float:
    """The nearest whole hour, quarter, five minutes or minute within 2 %, as people choose them."""
    for unit in (3600, 900, 300, 60):
        near = round(seconds / unit) * unit
        if near and abs(near - seconds) <= 0.02 * seconds:
            return float(near)
    return float(round(seconds))


def _span(seconds: float) -> str:
    return f"{seconds / 3600:g} h" if seconds % 3600 == 0 and seconds else f"{seconds / 60:.3g} min"
