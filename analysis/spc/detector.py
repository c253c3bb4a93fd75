"""One detector for many metrics: a spike, a shift and a drift chart on standardised innovations, and one score.

Each point's standardised residual first loses what the point before explains (AR(1)). The spike chart asks whether
the point alone is beyond its limits (Shewhart), the shift chart adds evidence up (two-sided CUSUM), the drift chart
averages slowly (EWMA). The score is the largest of the three as a share of its limit; 1 and above is an alarm. After an
alarm the shift and drift charts start anew: one event is not counted for weeks, and a lasting one alarms again.

A false alarm is an alarm start: an alarm with none in the `rearm` points before it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from analysis.spc.robust import Flags, Floats

REFERENCE = 0.75  # the shift chart is sharpest for shifts of 1.5 sigma
SMOOTHING = 0.1  # of the drift chart
MOST_EVIDENCE = 4.0  # what one point may add to the shift and drift charts, in sigma
REARM = 7
RARE_SILENCE = 0.002
CAUSES = ("", "spike up", "spike down", "shift up", "shift down", "drift up", "drift down")


@dataclass(frozen=True, slots=True)
class Limits:
    """Where the charts of m metrics end, in sigma of an innovation, shape (m,) each.

    `spike_up` and `spike_down` (a size, above 0), `shift` of the CUSUM, `drift` of the standardised EWMA.
    """

    spike_up: Floats
    spike_down: Floats
    shift: Floats
    drift: Floats


@dataclass(slots=True)
class State:
    """What the detector remembers of m metrics between two points, shape (m,) each."""

    guess: Floats
    doubt: Floats
    rise: Floats
    fall: Floats
    average: Floats
    weight: Floats
    silence: Floats  # logarithm of the chance of as many zeros in a row as there were

    @classmethod
    def fresh(cls, metrics: int) -> State:
        """The state before the first point."""
        nothing = np.zeros(metrics)
        return cls(
            nothing, np.ones(metrics), nothing.copy(), nothing.copy(), nothing.copy(), np.ones(metrics), nothing.copy()
        )

    def as_lists(self) -> dict[str, list[float]]:
        """The state as plain numbers, for JSON."""
        return {field.name: getattr(self, field.name).tolist() for field in fields(self)}

    @classmethod
    def from_lists(cls, lists: dict[str, list[float]]) -> State:
        """The state that `as_lists` wrote."""
        return cls(**{field.name: np.asarray(lists[field.name], dtype=np.float64) for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of m metrics at n points, shape (m, n): `score` (NaN without a value), `cause` as a place in CAUSES,
    `innovation` in sigma, `predicted`, the standardised residual expected from the point before, and `reach`, the
    standard deviation around it."""

    score: Floats
    cause: npt.NDArray[np.int8]
    innovation: Floats
    predicted: Floats
    reach: Floats

    @property
    def alarms(self) -> Flags:
        """Points at or beyond a limit, shape (m, n)."""
        out: Flags = self.cause > 0
        return out


def run_detector(
    z: Floats, phi: Floats, limits: Limits, center_doubt: Floats, state: State, zeros: Floats | None = None
) -> Scored:
    """Scores standardised residuals `z`, shape (m, n), NaN for a missing one, in order; moves `state` on.

    `phi`, shape (m,), is the lag-1 autocorrelation; `center_doubt`, shape (m,), the squared standard error of the
    center line in sigma squared, which the drift chart allows for. `zeros`, shape (m, n), is the chance of a 0 where
    the value is 0, else 1: a run of zeros that is unlikely as a whole is judged as a whole.
    """
    m, n = z.shape
    score, cause = np.full((m, n), np.nan), np.zeros((m, n), dtype=np.int8)
    innovation, predicted, reach = np.full((m, n), np.nan), np.zeros((m, n)), np.ones((m, n))
    for t in range(n):
        predicted[:, t], reach[:, t] = state.guess, np.sqrt(state.doubt)
        here = np.isfinite(z[:, t])
        u = np.where(here, (z[:, t] - state.guess) / np.sqrt(state.doubt), 0.0)
        if zeros is not None:
            u = _with_silence(state, u, zeros[:, t])
        _add_evidence(state, u, here)
        shares = _shares(state, u, limits, center_doubt)
        worst = shares.max(axis=0)
        alarm = here & (worst >= 1)
        score[:, t] = np.where(here, worst, np.nan)
        innovation[:, t] = np.where(here, u, np.nan)
        cause[alarm, t] = shares[:, alarm].argmax(axis=0) + 1
        _move_on(state, z[:, t], phi, here & (shares[:2].max(axis=0) < 1))
        for name in ("rise", "fall", "average"):
            getattr(state, name)[alarm] = 0.0
        state.weight[alarm] = 1.0
    return Scored(score, cause, innovation, predicted, reach)


def _with_silence(state: State, u: Floats, zeros: Floats) -> Floats:
    """`u`, or the score of the run of zeros the point ends, where that run is rare."""
    state.silence = np.where(np.isnan(zeros), state.silence, np.where(zeros < 1, state.silence + np.log(zeros), 0.0))
    rare = state.silence < np.log(RARE_SILENCE)
    return np.where(rare, np.minimum(u, ndtri(np.maximum(np.exp(state.silence), 1e-300) / 2)), u)


def _add_evidence(state: State, u: Floats, here: Flags) -> None:
    evidence = np.clip(u, -MOST_EVIDENCE, MOST_EVIDENCE)
    state.rise = np.where(here, np.maximum(state.rise + evidence - REFERENCE, 0.0), state.rise)
    state.fall = np.where(here, np.maximum(state.fall - evidence - REFERENCE, 0.0), state.fall)
    state.average = np.where(here, state.average + SMOOTHING * (evidence - state.average), state.average)
    state.weight = np.where(here, state.weight * (1 - SMOOTHING) ** 2, state.weight)


def _shares(state: State, u: Floats, limits: Limits, center_doubt: Floats) -> Floats:
    """Each chart's statistic as a share of its limit, in the order of CAUSES, shape (6, m)."""
    spread = np.sqrt(SMOOTHING / (2 - SMOOTHING) * (1 - state.weight) + center_doubt)
    slow = state.average / np.where(spread > 0, spread, 1.0) / limits.drift
    return np.stack(
        [u / limits.spike_up, -u / limits.spike_down, state.rise / limits.shift, state.fall / limits.shift, slow, -slow]
    )


def _move_on(state: State, z: Floats, phi: Floats, trusted: Flags) -> None:
    """The prediction for the next point; a spike or a gap is not learned from, the older prediction fades instead."""
    state.guess = phi * np.where(trusted, np.nan_to_num(z), state.guess)
    state.doubt = np.where(trusted, 1 - phi**2, 1 - phi**2 + phi**2 * state.doubt)


def alarm_starts(alarms: Flags, rearm: int = REARM) -> Flags:
    """The alarms with none in the `rearm` points before them, shape (m, n)."""
    before = np.zeros_like(alarms)
    for back in range(1, min(rearm, alarms.shape[1] - 1) + 1):
        before[:, back:] |= alarms[:, :-back]
    out: Flags = alarms & ~before
    return out
