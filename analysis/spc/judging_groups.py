"""Learning and scoring of metrics that share their times, together; one metric's limits as rows and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
import orjson

from analysis.spc.calibration import Calibration
from analysis.spc.detector import Scored, State
from analysis.spc.detector_many import calibrate_many
from analysis.spc.judging_cells import cells_of, step_seconds
from analysis.spc.judging_subject import TICK, Kept, Subject, marks_key
from analysis.spc.kinds import MetricKind
from analysis.spc.natural import NaturalLimits, natural_limits, values_at, within_bounds
from analysis.spc.robust import Flags, Floats
from analysis.spc.seasonality import Calendar
from store.rows import ControlLimits

Job = TypeVar("Job")
Plain = Any  # dictionaries of lists, of numbers, or of more of these
MOST = 1e300  # what a limit is written as that has none
SEEN = 2  # points of a day type in the baseline, from which on such days are judged


@dataclass(frozen=True, slots=True)
class Learning:
    """Limits to be learned for `subject` from the `usable` (n,) of its points `first` to before `end`."""

    subject: Subject
    first: int
    end: int
    usable: Flags
    at: int
    version: int
    stage_version: int
    reason: str
    actor: str = ""
    state: dict[str, list[float]] | None = None


@dataclass(frozen=True, slots=True)
class Scoring:
    """The points of `subject` from `first` to before `end` to be scored by `kept`."""

    subject: Subject
    kept: Kept
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """The scores of the points of one `Scoring`, shape (k,) each; `judged` points have one. `state` is that after."""

    score: Floats
    cause: Floats
    innovation: Floats
    center: Floats
    lower: Floats
    upper: Floats
    sigma: Floats
    judged: Flags
    state: dict[str, list[float]]


def grouped(jobs: Sequence[Job], key: Callable[[Job], Hashable]) -> list[list[Job]]:
    """The jobs that have the same key, together."""
    groups: dict[Hashable, list[Job]] = defaultdict(list)
    for job in jobs:
        groups[key(job)].append(job)
    return list(groups.values())


def learn(jobs: Sequence[Learning], now: datetime) -> list[tuple[Learning, Kept]]:
    """The limits of every job; jobs of the same times and calendar are learned together."""

    def key(job: Learning) -> Hashable:
        subject = job.subject
        return subject.times[job.first : job.end].tobytes(), subject.watch.zone, subject.watch.calendar

    return [made for group in grouped(jobs, key) for made in _learn_together(group, now)]


def score(jobs: Sequence[Scoring]) -> list[tuple[Scoring, Found]]:
    """The scores of every job; jobs of the same times, calendar and seasons are scored together."""

    def key(job: Scoring) -> Hashable:
        subject = job.subject
        seasons = tuple(job.kept.plain["models"]["profile"]["effects"])
        weekly = job.kept.judge["step"]
        times = subject.times[job.first : job.end].tobytes()
        return times, subject.watch.zone, subject.watch.calendar, seasons, weekly

    return [made for group in grouped(jobs, key) for made in _score_together(group)]


def _learn_together(jobs: Sequence[Learning], now: datetime) -> list[tuple[Learning, Kept]]:
    one = jobs[0]
    times = one.subject.times[one.first : one.end]
    step = step_seconds(times)
    cells = cells_of(times, one.subject.watch.zone, one.subject.calendar, step)
    values = np.stack([_values(job) for job in jobs])
    usable = np.stack([job.usable[job.first : job.end] for job in jobs])
    learned = calibrate_many(values, usable, cells, np.array([job.subject.rate for job in jobs]))
    lines = _lines(learned, cells)
    seen = [[int((row & (cells.daytype == kind)).sum()) >= SEEN for kind in (0, 1)] for row in usable]
    plain = orjson.loads(orjson.dumps(learned, np.ndarray.tolist, orjson.OPT_SERIALIZE_NUMPY))  # as_plain, sooner
    out = []
    for row, job in enumerate(jobs):
        own = _row_of(plain, row)
        own["judge"] = {
            "since": str(times[0]),
            "from": str(times[-1] + TICK),
            "at": job.at,
            "stage": job.subject.stage_key,
            "stage_version": job.stage_version,
            "watch": job.subject.watch_key,
            "marks": marks_key(job.subject.marks, times[0], times[-1]),
            "answers": marks_key(job.subject.answered(job.stage_version), times[0], times[-1]),
            "step": step,
            "daytypes": seen[row],
            "state": job.state or State.fresh(1).as_lists(),
        }
        out.append(
            (job, Kept(_limits(job, own, str(learned.models.kind[row]), [line[row] for line in lines], now), own))
        )
    return out


def _limits(job: Learning, plain: dict[str, Any], kind: str, lines: Sequence[float], now: datetime) -> ControlLimits:
    here = slice(job.first, job.end)
    counted = job.subject.times[here][job.usable[here]].astype("datetime64[us]")
    center, sigma, lower, upper = (_number(float(line)) for line in lines)
    return ControlLimits(
        metric_id=job.subject.metric_id,
        version=job.version,
        made_at=now,
        from_at=counted[0].item(),
        to_at=job.subject.times[job.end - 1].astype("datetime64[us]").item(),
        points=int(counted.size),
        kind=kind,
        center=center,
        sigma=sigma,
        lower=lower,
        upper=upper,
        rate=job.subject.rate,
        calibration=orjson.dumps(plain).decode(),
        reason=job.reason,
        actor=job.actor,
    )


def _number(line: float) -> float:
    return min(max(line, -MOST), MOST) if line == line else 0.0


def _lines(learned: Calibration, cells: Calendar) -> tuple[Floats, Floats, Floats, Floats]:
    """Center, sigma, lower and upper limit at the end of the baseline, in the metric's unit, (m,) each."""
    last = cells[-1:]
    zero = np.zeros((learned.models.size, 1))
    down, up = learned.limits.spike_down[:, None], learned.limits.spike_up[:, None]
    center, lower, upper = (values_at(learned, last, z)[:, 0] for z in (zero, -down, up))
    return center, (upper - lower) / (up + down)[:, 0], lower, upper


def _score_together(jobs: Sequence[Scoring]) -> list[tuple[Scoring, Found]]:
    one = jobs[0]
    subject = one.subject
    cells = cells_of(subject.times[one.first : one.end], subject.watch.zone, subject.calendar, one.kept.judge["step"])
    calibration = Calibration.from_plain(_joined([job.kept.plain for job in jobs]))
    values = np.stack([_values(job) for job in jobs])
    seen = np.array([job.kept.judge["daytypes"] for job in jobs])[:, cells.daytype]
    judged = seen & ~np.stack([job.subject.set_aside[job.first : job.end] for job in jobs])
    state = State.from_lists(_joined([job.kept.judge["state"] for job in jobs]))
    known = np.where(judged, values, np.nan)
    scored = calibration.score(known, cells, state)
    lines = natural_limits(calibration, cells, scored)
    base = _counter_base(calibration, known)
    scale = np.stack([job.subject.scale[job.first : job.end] for job in jobs])
    limits, after = calibration.limits, state.as_lists()
    sigma = (lines.upper - lines.lower) / (limits.spike_up + limits.spike_down)[:, None]
    lines = within_bounds(calibration, lines)
    return [
        (job, _found(row, scored, lines, base, scale, sigma, judged, {k: [v[row]] for k, v in after.items()}))
        for row, job in enumerate(jobs)
    ]


def _values(job: Learning | Scoring) -> Floats:
    part: Floats = job.subject.values[job.first : job.end] / job.subject.scale[job.first : job.end]
    return part


def _found(
    row: int,
    scored: Scored,
    lines: NaturalLimits,
    base: Floats,
    scale: Floats,
    sigma: Floats,
    judged: Flags,
    state: dict[str, list[float]],
) -> Found:
    return Found(
        scored.score[row],
        scored.cause[row],
        scored.innovation[row],
        (lines.center[row] + base[row]) * scale[row],
        (lines.lower[row] + base[row]) * scale[row],
        (lines.upper[row] + base[row]) * scale[row],
        sigma[row] * scale[row],
        judged[row] & np.isfinite(scored.score[row]),
        state,
    )


def _counter_base(calibration: Calibration, values: Floats) -> Floats:
    """What a counter had reached before each point, 0 after a reset and for all that is no counter, (m, n)."""
    out = np.zeros_like(values)
    for row in np.flatnonzero(calibration.models.kind == MetricKind.COUNTER):
        last = float(calibration.models.last[row])
        for place, value in enumerate(values[row]):
            out[row, place] = last if not value < last and np.isfinite(last) else 0.0
            last = float(value) if np.isfinite(value) else last
    return out


def _row_of(plain: Plain, row: int) -> Plain:
    """One metric's part of what `as_plain` wrote, as lists of one."""
    if isinstance(plain, dict):
        return {name: _row_of(item, row) for name, item in plain.items()}
    return [plain[row]] if isinstance(plain, list) else plain


def _joined(parts: Sequence[Plain]) -> Plain:
    """Parts of `_row_of`, one after the other; what is no list is that of the first."""
    first = parts[0]
    if isinstance(first, dict):
        return {name: _joined([part[name] for part in parts]) for name in first if name != "judge"}
    return [part[0] for part in parts] if isinstance(first, list) else first
