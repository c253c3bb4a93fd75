"""One alarm budget over all metrics: a rate for each, or online control of the share of alarms that are false."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from analysis.spc.detector import Scored
from analysis.spc.robust import Flags, Floats

DAYS_IN_YEAR = 365.25
START_SHARE = 0.5  # of the error budget before the first alarm
HOPELESS = 0.5  # SAFFRON: p-values above are no candidates


def expected_alarms_per_year(rate: float | Floats, points_per_year: float | Floats) -> float:
    """How many false alarms a year metrics with these rates (per point) give in all."""
    return float(np.sum(np.asarray(rate) * np.asarray(points_per_year)))


def budget_rates(
    alarms_per_week: float, points_per_week: Sequence[float] | Floats, weights: Sequence[float] | Floats | None = None
) -> Floats:
    """The false-alarm rate per point of each metric, (m,), so that all together give `alarms_per_week` by chance.

    Each metric gets the same number of alarms a week, or one in proportion to `weights` (how much it matters). Raises
    ValueError for a budget or points that are not above 0.
    """
    points = np.asarray(points_per_week, dtype=np.float64)
    share = np.ones_like(points) if weights is None else np.asarray(weights, dtype=np.float64)
    if alarms_per_week <= 0 or points.size == 0 or (points <= 0).any() or (share < 0).any() or share.sum() <= 0:
        raise ValueError(
            f"Found a budget of {alarms_per_week:g} alarms a week for {points.size} metrics; "
            "expected more than 0, and points and weights above 0 for each."
        )
    out: Floats = alarms_per_week * share / share.sum() / points
    return out


def p_values(scored: Scored) -> Floats:
    """Two-sided chance of an innovation as far out by itself, shape (m, n); NaN where there is no value."""
    out: Floats = 2 * ndtr(-np.abs(scored.innovation))
    return out


def lord(p: Floats, alpha: float = 0.05) -> Flags:
    """LORD++: which of a stream of p-values, (n,) in the order they come, to alarm on with false discoveries <= alpha.

    Source: A. Ramdas, F. Yang, M. Wainwright, M. Jordan, Online control of the false discovery rate with decaying
    memory (2017). NaN is passed over. Raises ValueError for an alpha outside 0 to 1.
    """
    _check(alpha)
    start = START_SHARE * alpha
    weight = _lord_weights(p.size)
    found: list[int] = []
    out = np.zeros(p.size, dtype=bool)
    for step, place in enumerate(np.flatnonzero(np.isfinite(p))):
        level = weight[step] * start
        if found:
            since = step - 1 - np.asarray(found)
            earned = np.full(len(found), alpha)
            earned[0] = alpha - start
            level += float((earned * weight[since]).sum())
        if p[place] <= level:
            out[place] = True
            found.append(step)
    return out


def saffron(p: Floats, alpha: float = 0.05) -> Flags:
    """SAFFRON: as `lord`, but p-values that are clearly nothing cost no budget, which finds more when much is wrong.

    Source: A. Ramdas, T. Zrnic, M. Wainwright, M. Jordan, SAFFRON (ICML 2018), with lambda = 0.5.
    """
    _check(alpha)
    start = START_SHARE * alpha
    weight = _power_weights(p.size)
    found: list[tuple[int, int]] = []  # the step of an alarm and how many candidates came until then
    out = np.zeros(p.size, dtype=bool)
    candidates = 0
    for step, place in enumerate(np.flatnonzero(np.isfinite(p))):
        level = start * weight[step - candidates]
        if found:
            since = np.array([step - 1 - at - (candidates - had) for at, had in found])
            earned = np.full(len(found), alpha)
            earned[0] = alpha - start
            level += float((earned * weight[since]).sum())
        level = min(HOPELESS, (1 - HOPELESS) * level)
        candidates += bool(p[place] <= HOPELESS)
        if p[place] <= level:
            out[place] = True
            found.append((step, candidates))
    return out


def _check(alpha: float) -> None:
    if not 0 < alpha < 1:
        raise ValueError(f"The share of false discoveries is {alpha}; expected between 0 and 1.")


def _lord_weights(n: int) -> npt.NDArray[np.float64]:
    """Shares that fall off as log(j) / (j exp(sqrt(log j))), summing to 1 (A. Javanmard and A. Montanari 2018)."""
    j = np.arange(1, max(n, 10_000) + 1, dtype=np.float64)
    raw = np.log(np.maximum(j, 2)) / (j * np.exp(np.sqrt(np.log(j))))
    out: npt.NDArray[np.float64] = raw / raw.sum()
    return out


def _power_weights(n: int) -> npt.NDArray[np.float64]:
    raw = np.arange(1, max(n, 10_000) + 1, dtype=np.float64) ** -1.6
    out: npt.NDArray[np.float64] = raw / raw.sum()
    return out
