"""Known events put into copies of a history: spikes, level shifts, outages, drifts and a doubled variance.

Sizes are in sigma of the point's own residual, so that a quiet Sunday is moved less than a loud Monday. Counts stay
whole numbers and nothing that cannot fall below 0 does. Nothing before an event changes, so no baseline learns of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.spc.backtest_judge import Ints
from analysis.spc.backtest_replay import Fold, standard
from analysis.spc.calibration import Calibration
from analysis.spc.kinds import MetricKind
from analysis.spc.models import count_means
from analysis.spc.natural import values_at
from analysis.spc.robust import Floats
from analysis.spc.seasonality import expected

Kind = Literal["spike", "shift", "drift", "outage", "variance"]
HORIZON = 28
BOUNDED = (MetricKind.COUNTS, MetricKind.COUNTER, MetricKind.INTERMITTENT, MetricKind.POSITIVE, MetricKind.RATIO)


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of event: `size` in sigma (of a drift: a point; of a variance: its factor; of an outage: points long).

    It counts as found when a signal comes at one of the `within` points from its start on.
    """

    kind: Kind
    size: float
    within: int

    @property
    def words(self) -> str:
        """What to call it."""
        return {
            "spike": f"{self.size:g}-sigma spike",
            "shift": f"{self.size:g}-sigma shift",
            "drift": f"drift of {self.size:g} sigma a point",
            "outage": f"outage of {self.size:g} point{'s' if self.size != 1 else ''}",
            "variance": "doubled variance",
        }[self.kind]


EVENTS = (
    Event("spike", 3.0, 1),
    Event("spike", 5.0, 1),
    Event("shift", 1.0, 14),
    Event("shift", 1.5, 14),
    Event("shift", 2.0, 14),
    Event("shift", 3.0, 14),
    Event("drift", 0.05, HORIZON),
    Event("drift", 0.15, 14),
    Event("outage", 1.0, 1),
    Event("outage", 2.0, 2),
    Event("outage", 3.0, 3),
    Event("variance", 2.0, HORIZON),
)


@dataclass(frozen=True, slots=True)
class Copies:
    """Rows of one fold with one event each, (m, width): residuals, values and zero chances; `of` is each row's plan."""

    z: Floats
    values: Floats
    zeros: Floats
    of: Ints


def with_event(fold: Fold, event: Event, starts: Ints, signs: Ints, of: Ints) -> Copies:
    """Copies of `fold`, one for each of `starts` (places in its columns) up or down by `signs`, of the plans `of`."""
    calibration = fold.calibration.taken(of)
    z, values, zeros = fold.z[of], fold.values[of], fold.zeros[of]
    after = np.arange(z.shape[1])[None, :] - starts[:, None]  # points since the start
    hit = (after >= 0) & (after < _lasts(event)) & np.isfinite(values)
    if event.kind == "outage":
        changed = np.where(hit, 0.0, values)
    else:
        changed = np.where(hit, _moved_values(calibration, fold, values, z, _sigmas(event, after, z, signs)), values)
    there, chances = standard(calibration, changed, fold.calendar)
    return Copies(np.where(hit, there, z), changed, np.where(hit, chances, zeros), of)


def _lasts(event: Event) -> float:
    """For how many points values change."""
    return {"spike": 1.0, "outage": event.size}.get(event.kind, np.inf)


def _sigmas(event: Event, after: Ints, z: Floats, signs: Ints) -> Floats:
    """By how many sigma each point moves from its start on, shape of `z`."""
    if event.kind == "variance":
        out: Floats = z * (math.sqrt(event.size) - 1)
        return out
    steps: Floats = np.where(event.kind == "drift", after + 1.0, 1.0)
    moved: Floats = event.size * steps * signs[:, None]
    return moved


def _moved_values(calibration: Calibration, fold: Fold, values: Floats, z: Floats, moved: Floats) -> Floats:
    """The values so many sigma further: whole where they are counts, within the bounds of their kind."""
    kind = calibration.models.kind[:, None]
    counts = kind == MetricKind.COUNTS
    out = np.empty_like(values)
    if counts.any():
        rows = counts[:, 0]
        mean = count_means(calibration.models, expected(calibration.models.profile, fold.calendar)[0])[rows]
        spread = np.sqrt(mean + calibration.models.wider[rows, None] * mean**2)
        out[rows] = np.round(values[rows] + moved[rows] * spread)
    if not counts.all():
        rows = ~counts[:, 0]
        out[rows] = values_at(calibration.taken(np.flatnonzero(rows)), fold.calendar, (z + moved)[rows])
    bounded: Floats = np.where(np.isin(kind, BOUNDED), np.maximum(out, 0.0), out)
    bounded[(kind == MetricKind.RATIO)[:, 0]] = np.minimum(bounded[(kind == MetricKind.RATIO)[:, 0]], 1.0)
    return bounded


def has_zero(fold: Fold, values: Floats) -> bool:
    """Whether a 0 is out of the ordinary enough to stand for an outage: the metric is never below 0 and seldom 0."""
    seen = values[np.isfinite(values)]
    kind = fold.calibration.models.kind[0]
    return bool(seen.size and seen.min() >= 0 and (kind == MetricKind.COUNTER or np.mean(seen == 0) < 0.05))
