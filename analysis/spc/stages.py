"""A control chart divided where the process is known to have changed: each stage has its own limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from analysis.spc.charts import ONLY_LIMITS, ControlChart
from analysis.spc.phases import FEWEST
from analysis.spc.variables_charts import individuals

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Change:
    """A known change of the process: `index` from 1 of the first point after it, and the reason a person gave."""

    index: int
    reason: str


@dataclass(frozen=True, slots=True)
class Stage:
    """The points `first` to `last` (from 1, both in it) that share limits; `reason` is why the stage began."""

    first: int
    last: int
    reason: str
    center: float
    sigma: float
    is_provisional: bool


@dataclass(frozen=True, slots=True)
class StagedChart:
    """One chart over all stages; no pattern of points reaches across the start of a stage."""

    stages: tuple[Stage, ...]
    chart: ControlChart


def staged_individuals(
    values: npt.ArrayLike, changes: Sequence[Change], baseline: int | None = None, rules: Sequence[str] = ONLY_LIMITS
) -> StagedChart:
    """The individuals chart of finite `values` (n,), divided at `changes`.

    Each stage's limits come from its first `baseline` points, from all of them when None or when it has fewer. Below 8
    points they are provisional; a stage of one point takes the sigma of the stage before it. `rules` judge each stage.
    Raises ValueError for changes outside the points, at the first point, twice at one point, or without a reason.
    """
    y = np.asarray(values, dtype=np.float64)
    ordered = sorted(changes, key=lambda change: change.index)
    _check(ordered, y.size)
    starts = [1, *(change.index for change in ordered)]
    ends = [*(start - 1 for start in starts[1:]), y.size]
    reasons = ["first stage", *(change.reason for change in ordered)]
    charts: list[ControlChart] = []
    for start, end in zip(starts, ends, strict=True):
        charts.append(_part(y[start - 1 : end], baseline, rules, charts[-1].sigma if charts else None))
    stages = [
        Stage(start, end, reason, part.center_line, part.sigma, min(end - start + 1, baseline or y.size) < FEWEST)
        for start, end, reason, part in zip(starts, ends, reasons, charts, strict=True)
    ]
    return StagedChart(tuple(stages), _joined(charts, starts, stages))


def _check(changes: Sequence[Change], count: int) -> None:
    for before, change in zip([None, *changes], changes, strict=False):
        if not 2 <= change.index <= count:
            raise ValueError(f"A change is at point {change.index}; expected points from 2 to {count}.")
        if before is not None and before.index == change.index:
            raise ValueError(f"Two changes are at point {change.index}; expected one, join their reasons.")
        if not change.reason.strip():
            raise ValueError(f"The change at point {change.index} has no reason; say what changed.")


def _part(y: Values, baseline: int | None, rules: Sequence[str], earlier: float | None) -> ControlChart:
    first = None if baseline is None else min(baseline, y.size)
    if y.size == 1 and earlier is not None:
        return individuals(y, center=float(y[0]), sigma=earlier, rules=rules)
    return individuals(y, baseline=first, rules=rules)


def _joined(charts: Sequence[ControlChart], starts: Sequence[int], stages: Sequence[Stage]) -> ControlChart:
    signals = [
        replace(
            signal, index=signal.index + start - 1, members=tuple([member + start - 1 for member in signal.members])
        )
        for part, start in zip(charts, starts, strict=True)
        for signal in part.signals
    ]
    notes = [
        f"The limits of the stage from point {stage.first} are provisional: they stand on fewer than {FEWEST} points."
        for stage in stages
        if stage.is_provisional
    ]
    return ControlChart(
        "individuals",
        np.concatenate([part.statistic for part in charts]),
        np.concatenate([part.center_lines for part in charts]),
        charts[-1].sigma,
        np.concatenate([part.standard_errors for part in charts]),
        np.concatenate([part.lower_control_limits for part in charts]),
        np.concatenate([part.upper_control_limits for part in charts]),
        tuple(signals),
        notes=tuple(notes),
    )
