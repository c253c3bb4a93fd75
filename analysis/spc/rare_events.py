"""Charts of rare events: cases between events (g) and time between events (t).

g: J. C. Benneyan, "Number-Between g-Type Statistical Quality Control Charts", Health Care Management Science 4 (2001).
The center line is the mean, sigma that of the geometric distribution, sqrt(m (m + 1)). The tail is long: three-sigma
limits of a g chart alarm by chance at about one point in 55, so `probability` limits, which keep the promised rate, can
be asked for. t: L. S. Nelson, "A Control Chart for Parts-Per-Million Nonconforming Items", Journal of Quality
Technology 26 (1994): times to the power 1/3.6 are nearly normal and judged as individuals, then drawn back in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr
from scipy.stats import geom

from analysis.spc.chart_inputs import (
    PointError,
    checked,
    counted,
    finite,
    first_points,
    given_sigma,
    mean,
    moving_range_sigma,
    width_of,
)
from analysis.spc.charts import ONLY_LIMITS, WIDTH, ControlChart, Lines, Values, draw, judge, per_point

POWER = 1 / 3.6
Limits = Literal["sigmas", "probability"]


def g(
    counts: npt.ArrayLike,
    baseline: int | None = None,
    center: float | None = None,
    sigma: float | None = None,
    rules: Sequence[str] = ONLY_LIMITS,
    width: float = WIDTH,
    limits: Limits = "sigmas",
) -> ControlChart:
    """Cases between events, shape (n,), whole numbers from 0 (0: two events in a row).

    `probability` limits leave at most the normal tail beyond `width` sigmas (0.00135 for 3) outside on each side.
    """
    statistic = counted(counts)
    line = mean(statistic[: first_points(statistic.size, baseline)]) if center is None else _positive(center)
    spread = float(np.sqrt(line * (line + 1))) if sigma is None else given_sigma(sigma)
    if limits == "probability":
        tail = float(ndtr(-width_of(width)))
        share = 1 / (line + 1)
        lower = float(geom.ppf(tail, share)) - 1
        upper = float(geom.isf(tail, share)) - 1
        return _between("g", statistic, spread, (max(lower, 0.0), line, upper))
    return draw(
        "g", statistic, Lines(line, spread, width_of(width), floor=0), spread, rules, notes=_alarms(line, width)
    )


def t(
    times: npt.ArrayLike,
    baseline: int | None = None,
    center: float | None = None,
    sigma: float | None = None,
    rules: Sequence[str] = ONLY_LIMITS,
    width: float = WIDTH,
    limits: Limits = "sigmas",
) -> ControlChart:
    """Times between events, shape (n,), 0 or more, in any unit.

    By default Nelson's: `center` is a time, `sigma` and the standard errors belong to the times to the power 1/3.6, in
    which run rules look at the points. `probability`: limits of the exponential distribution with the mean of the
    baseline, center line its median.
    """
    statistic = _times(times)
    first = statistic[: first_points(statistic.size, baseline)]
    if limits == "probability":
        tail = float(ndtr(-width_of(width)))
        expected = mean(first) if center is None else _positive(center) / float(np.log(2))
        lower, middle, upper = (-expected * float(np.log1p(-share)) for share in (tail, 0.5, 1 - tail))
        return _between("t", statistic, expected, (lower, middle, upper))
    line = mean(first**POWER) if center is None else _positive(center) ** POWER
    spread = moving_range_sigma(first**POWER) if sigma is None else given_sigma(sigma)
    lines = Lines(line, spread, width_of(width), floor=0)
    chart = draw("t", statistic**POWER, lines, spread, rules)
    return ControlChart(
        "t",
        statistic,
        chart.center_lines ** (1 / POWER),
        spread,
        chart.standard_errors,
        chart.lower_control_limits ** (1 / POWER),
        chart.upper_control_limits ** (1 / POWER),
        chart.signals,
    )


def _between(kind: str, statistic: Values, sigma: float, lines: tuple[float, float, float]) -> ControlChart:
    """A chart whose limits are quantiles, judged by nothing but them."""
    lower, center, upper = (per_point(line, statistic.size) for line in lines)
    signals = judge(ONLY_LIMITS, statistic, center, per_point(sigma, statistic.size), (lower, upper))
    errors = per_point(sigma, statistic.size)
    return ControlChart(kind, statistic, center, sigma, errors, lower, upper, signals)


def _alarms(line: float, width: float) -> tuple[str, ...]:
    """What three-sigma limits of so long a tail really promise."""
    if line <= 0:
        return ()
    upper = np.floor(line + width * np.sqrt(line * (line + 1)))
    rate = float(geom.sf(upper + 1, 1 / (line + 1)))
    return (
        f"By chance alone {rate:.2%} of points are beyond these limits, one in {1 / rate:.0f}; "
        "probability limits keep it at or below one in 370.",
    )


def _times(times: npt.ArrayLike) -> Values:
    found = checked(times)
    bad = np.flatnonzero(found < 0)
    if bad.size:
        raise PointError("value", int(bad[0]) + 1, f"is {found[bad[0]]:g}; expected a time of 0 or more.")
    return found


def _positive(center: float) -> float:
    if finite("center", center) < 0:
        raise ValueError(f"The center is {center:g}; expected 0 or more.")
    return float(center)
