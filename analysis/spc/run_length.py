"""Average run lengths: after how many points a chart signals by chance, or after a shift; the promised rate of alarms.

All are zero-state (the chart starts at its center), for independent normal points with known center and sigma, and a
`shift` in standard errors of a point. Solved as integral equations by Gauss-Legendre quadrature: S. V. Crowder,
Technometrics 29 (1987) for the EWMA; J. M. Lucas and R. B. Crosier, Technometrics 24 (1982), with A. L. Goel and S. M.
Wu, Technometrics 13 (1971), for the CUSUM. Without a head start they agree with
R's package spc to the digits it prints.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr
from scipy.stats import norm

from analysis.spc.charts import WIDTH
from analysis.spc.time_weighted import Scheme, Weighing

Values = npt.NDArray[np.float64]

NODES = 96
SETTLED = 1e-12
LONGEST_START = 5000


def arl_shewhart(shift: float = 0.0, width: float = WIDTH) -> float:
    """Average run length of single points beyond `width` sigmas: 370.398 without a shift for 3."""
    return 1 / float(ndtr(-width - shift) + ndtr(-width + shift))


def arl_ewma(shift: float = 0.0, width: float = WIDTH, weighing: Weighing | None = None) -> float:
    """Average run length of an EWMA with limits at `width` of its own sigmas: final ones, or exact at each point."""
    how = weighing or Weighing(limits="asymptotic")
    if how.share == 1:
        return arl_shewhart(shift, width)
    half = width * math.sqrt(how.share / (2 - how.share))
    nodes, weights = _nodes(-half, half)
    kernel = _step(nodes[:, None], nodes[None, :], shift, how.share) * weights
    lengths = _solved(kernel)
    if how.limits == "asymptotic":
        first = _step(np.zeros(1)[:, None], nodes[None, :], shift, how.share) * weights
        return 1 + float(first[0] @ lengths)
    return _with_exact_limits(shift, half, how.share, lengths)


def _with_exact_limits(shift: float, half: float, share: float, lengths: Values) -> float:
    """The run length while the limits still widen, point by point, and from then on that of the final limits."""
    unit, base = np.polynomial.legendre.leggauss(NODES)
    places, mass, total = np.zeros(1), np.ones(1), 1.0
    for point in range(1, LONGEST_START):
        reach = half * math.sqrt(1 - (1 - share) ** (2 * point))
        nodes = unit * reach
        density = mass @ _step(places[:, None], nodes[None, :], shift, share)
        places, mass = nodes, density * base * reach
        if half - reach < SETTLED * half:
            return total + float(mass @ lengths)
        total += float(mass.sum())
    raise ValueError(f"The limits of an EWMA with lambda {share:g} do not settle; use asymptotic limits.")


def _step(start: Values, end: Values, shift: float, share: float) -> Values:
    """Density of going from one value of the EWMA to another."""
    density: Values = norm.pdf((end - (1 - share) * start) / share - shift) / share
    return density


def arl_cusum(shift: float = 0.0, scheme: Scheme | None = None) -> float:
    """Average run length of a two-sided CUSUM, both sums started at the head start."""
    plan = scheme or Scheme()
    up, down = _one_sided(shift, plan), _one_sided(-shift, plan)
    both = up[0] + down[0]
    return (up[1] * down[0] + up[0] * down[1] - up[0] * down[0]) / both


def arl_cusum_one_sided(shift: float = 0.0, scheme: Scheme | None = None) -> float:
    """Average run length of the upper sum alone, started at the head start."""
    return _one_sided(shift, scheme or Scheme())[1]


def _one_sided(shift: float, plan: Scheme) -> tuple[float, float]:
    """Run lengths of the upper sum from 0 and from the head start."""
    nodes, weights = _nodes(0.0, plan.h)
    starts = np.concatenate(([0.0], nodes))
    to_zero = ndtr(plan.k - shift - starts)
    to_nodes = norm.pdf(nodes[None, :] - starts[:, None] + plan.k - shift) * weights
    kernel = np.column_stack([to_zero, to_nodes])
    lengths = _solved(kernel)
    start = plan.head_start
    onward = norm.pdf(nodes - start + plan.k - shift) * weights
    from_start = 1 + float(ndtr(plan.k - shift - start)) * lengths[0] + float(onward @ lengths[1:])
    return float(lengths[0]), float(from_start)


def alarms_per_year(average_run_length: float, points_per_year: float) -> float:
    """How many alarms a chart of `points_per_year` points gives by chance, one per run."""
    if average_run_length < 1:
        raise ValueError(f"The average run length is {average_run_length:g}; expected 1 or more.")
    return points_per_year / average_run_length


def _solved(kernel: Values) -> Values:
    """Run lengths from each node: one point, and then those from where it leads."""
    return np.asarray(np.linalg.solve(np.eye(len(kernel)) - kernel, np.ones(len(kernel))), dtype=np.float64)


def _nodes(low: float, high: float) -> tuple[Values, Values]:
    unit, weights = np.polynomial.legendre.leggauss(NODES)
    return (unit + 1) * (high - low) / 2 + low, weights * (high - low) / 2
