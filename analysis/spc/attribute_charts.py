"""Charts of counts: defectives (p, np), defects (c, u), and Laney's p' and u' for counts that vary more than chance.

Sources: D. C. Montgomery, Introduction to Statistical Quality Control, chapter 7; D. B. Laney, "Improved Control
Charts for Attributes", Quality Engineering 14 (2002). A lower limit below 0 is 0, a share's upper limit above 1 is 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analysis.spc.chart_inputs import (
    PointError,
    counted,
    fewest_for,
    finite,
    first_points,
    given_sigma,
    mean,
    moving_range_sigma,
    sized,
    width_of,
)
from analysis.spc.charts import WIDTH, ControlChart, Lines, Values, draw
from analysis.spc.rules import NELSON


def p(
    counts: npt.ArrayLike,
    sizes: npt.ArrayLike,
    baseline: int | None = None,
    center: float | None = None,
    sigma: float | None = None,
    rules: Sequence[str] = NELSON,
    width: float = WIDTH,
) -> ControlChart:
    """Share of defectives: `counts` (n,) of `sizes` (one, or (n,)). Sigma is that of one item, sqrt(p (1 - p))."""
    shares, every = _shares(counts, sizes, center)
    line = _weighted(shares, every, baseline) if center is None else _share(center)
    spread = float(np.sqrt(line * (1 - line))) if sigma is None else given_sigma(sigma)
    lines = Lines(line, spread / np.sqrt(every), width_of(width), 0, 1)
    return draw("p", shares, lines, spread, rules)


def laney_p(
    counts: npt.ArrayLike,
    sizes: npt.ArrayLike,
    baseline: int | None = None,
    center: float | None = None,
    sigma: float | None = None,
    rules: Sequence[str] = NELSON,
    width: float = WIDTH,
) -> ControlChart:
    """Laney's p': the p chart whose sigma is multiplied by sigma z, the spread of the standardised shares."""
    shares, every = _shares(counts, sizes, center)
    line = _weighted(shares, every, baseline) if center is None else _share(center)
    spread, factor = _laney(shares, every, line, float(np.sqrt(line * (1 - line))), baseline, sigma)
    lines = Lines(line, spread / np.sqrt(every), width_of(width), 0, 1)
    return draw("laney_p", shares, lines, spread, rules, {"sigma_z": factor})


def np_(
    counts: npt.ArrayLike,
    sizes: npt.ArrayLike,
    baseline: int | None = None,
    center: float | None = None,
    sigma: float | None = None,
    rules: Sequence[str] = NELSON,
    width: float = WIDTH,
) -> ControlChart:
    """Number of defectives: `counts` (n,) of samples of one size. Sigma is that of a count."""
    shares, every = _shares(counts, sizes, center)
    other = np.flatnonzero(every != every[0])
    if other.size:
        raise PointError(
            "size",
            int(other[0]) + 1,
            f"is {every[other[0]]:g}, the first {every[0]:g}; an np chart needs samples of one size, use a p chart.",
        )
    size = float(every[0])
    share = _weighted(shares, every, baseline) if center is None else _share(finite("center", center) / size)
    line = size * share if center is None else float(center)
    spread = float(np.sqrt(line * (1 - share))) if sigma is None else given_sigma(sigma)
    statistic = counted(counts, fewest=1)
    return draw("np", statistic, Lines(line, spread, width_of(width), 0, size), spread, rules)


def c(
    counts: npt.ArrayLike,
    baseline: int | None = None,
    center: float | None = None,
    sigma: float | None = None,
    rules: Sequence[str] = NELSON,
    width: float = WIDTH,
) -> ControlChart:
    """Defects in equal areas of opportunity: `counts` (n,), sigma = root of the mean."""
    statistic = counted(counts, is_whole=False, fewest=fewest_for(center))
    line = mean(statistic[: first_points(statistic.size, baseline)]) if center is None else _rate(center)
    spread = float(np.sqrt(line)) if sigma is None else given_sigma(sigma)
    return draw("c", statistic, Lines(line, spread, width_of(width), floor=0), spread, rules)


def u(
    counts: npt.ArrayLike,
    sizes: npt.ArrayLike,
    baseline: int | None = None,
    center: float | None = None,
    sigma: float | None = None,
    rules: Sequence[str] = NELSON,
    width: float = WIDTH,
) -> ControlChart:
    """Defects per unit: `counts` (n,) in areas of `sizes` (one, or (n,)). Sigma is that of one unit, sqrt(u)."""
    rates, every = _rates(counts, sizes, center)
    line = _weighted(rates, every, baseline) if center is None else _rate(center)
    spread = float(np.sqrt(line)) if sigma is None else given_sigma(sigma)
    return draw("u", rates, Lines(line, spread / np.sqrt(every), width_of(width), floor=0), spread, rules)


def laney_u(
    counts: npt.ArrayLike,
    sizes: npt.ArrayLike,
    baseline: int | None = None,
    center: float | None = None,
    sigma: float | None = None,
    rules: Sequence[str] = NELSON,
    width: float = WIDTH,
) -> ControlChart:
    """Laney's u': the u chart whose sigma is multiplied by sigma z, the spread of the standardised rates."""
    rates, every = _rates(counts, sizes, center)
    line = _weighted(rates, every, baseline) if center is None else _rate(center)
    spread, factor = _laney(rates, every, line, float(np.sqrt(line)), baseline, sigma)
    lines = Lines(line, spread / np.sqrt(every), width_of(width), floor=0)
    return draw("laney_u", rates, lines, spread, rules, {"sigma_z": factor})


def _laney(
    statistic: Values, sizes: Values, line: float, within: float, baseline: int | None, sigma: float | None
) -> tuple[float, float]:
    """Sigma of one item and sigma z: mean moving range of the standardised points / 1.128."""
    if sigma is not None:
        spread = given_sigma(sigma)
        return spread, spread / within if within else 0.0
    if not within or statistic.size < 2:
        return within, float(within > 0)
    first = first_points(statistic.size, baseline)
    factor = moving_range_sigma(((statistic - line) * np.sqrt(sizes) / within)[:first])
    return within * factor, factor


def _shares(counts: npt.ArrayLike, sizes: npt.ArrayLike, center: float | None) -> tuple[Values, Values]:
    found = counted(counts, fewest=fewest_for(center))
    every = sized(sizes, found.size)
    over = np.flatnonzero(found > every)
    if over.size:
        place = over[0]
        raise PointError(
            "value",
            int(place) + 1,
            f"is {found[place]:g} defectives of {every[place]:g}; expected no more than the sample holds.",
        )
    return found / every, every


def _rates(counts: npt.ArrayLike, sizes: npt.ArrayLike, center: float | None) -> tuple[Values, Values]:
    found = counted(counts, is_whole=False, fewest=fewest_for(center))
    every = sized(sizes, found.size)
    return found / every, every


def _weighted(statistic: Values, sizes: Values, baseline: int | None) -> float:
    first = first_points(statistic.size, baseline)
    return mean(statistic[:first], sizes[:first])


def _share(center: float) -> float:
    if not 0 <= finite("center", center) <= 1:
        raise ValueError(f"The center is {center:g} as a share; expected from 0 to 1.")
    return float(center)


def _rate(center: float) -> float:
    if finite("center", center) < 0:
        raise ValueError(f"The center is {center:g}; expected 0 or more defects.")
    return float(center)
