"""Where the level of a series changed for good: a proposal of a new stage, for a person to accept or turn down.

The week's shape and the dependence between neighbours are taken out first; then every possible date is tried with the
rank-sum test, and the p-value counts that all of them were tried (R. Miller and D. Siegmund, "Maximally Selected Chi
Square Statistics", Biometrics 38, 1982; B. Lausen and M. Schumacher, Biometrics 48, 1992, for ranks). A. Pettitt's
test (Applied Statistics 28, 1979) is here too; it sees changes in the middle best, a new stage is near the end.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from scipy.stats import norm, rankdata, trim_mean

from analysis.spc.week_shape import is_ascending, week_shape

Values = npt.NDArray[np.float64]
Times = npt.NDArray[np.datetime64]

LEAST = 14  # points on each side of a change: what is shorter is an episode, not a stage
SIGNIFICANCE = 0.001  # of one look: looking every week, fewer than 5 % of quiet series give a proposal in a year
ORDERS = 5  # highest order of dependence between neighbours that is tried
LASTING = 0.5  # of the step that the newest points must still show
TRIMMED = 0.1


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of level at `at`, the first point of the new stage, `index` from 0 in the values that were given.

    `before` and `after` are the levels on both sides and `size` their difference, in the unit of the values without the
    week's shape; `size_sigmas` is the size in `sigma`, the robust spread around both levels.
    """

    at: datetime
    index: int
    p_value: float
    before: float
    after: float
    size: float
    sigma: float
    size_sigmas: float
    points_before: int
    points_after: int

    def sentence(self, unit: str = "") -> str:
        """What a person decides on."""
        suffix = f" {unit}" if unit else ""
        chance = f"{self.p_value:.1g}" if self.p_value >= 1e-6 else "less than 0.000001"
        share = f" ({100 * self.size / abs(self.before):+.1f} %)" if self.before else ""
        return (
            f"Since {self.at:%d %b %Y} the level is {self.after:,.6g}{suffix} instead of {self.before:,.6g}{share}, "
            f"a step of {abs(self.size_sigmas):.1f} sigma that has lasted {self.points_after} points "
            f"(chance without a change: {chance})."
        )

    def to_json(self) -> dict[str, object]:
        """Plain values, times as ISO text."""
        return {**asdict(self), "at": self.at.isoformat()}


def propose_stage(
    values: npt.ArrayLike, times: npt.ArrayLike, significance: float = SIGNIFICANCE, least: int = LEAST
) -> Proposal | None:
    """The lasting change of level that `values` (n,) at ascending `times` (n,) show best, or None.

    NaN values are left out. A change needs `least` points on both sides, must still hold at the newest `least` points,
    and must explain the values better than a straight line, which is a trend. Give the points of the present stage,
    with NaN for known episodes: a long one that is not marked hides a change. Raises ValueError for shapes that differ
    or times that are not in order.
    """
    y, at = np.asarray(values, dtype=np.float64), np.asarray(times, dtype="datetime64[us]")
    is_ascending(y, at)
    kept = np.flatnonzero(np.isfinite(y))
    level = y[kept] - week_shape(y[kept], at[kept])
    start = 0
    while level.size - start >= 2 * least:
        p_value, index = change_test(level[start:], least)
        if p_value > significance:
            return None
        index += start
        if _is_lasting(level[start:], index - start, least):
            if _is_trend(level[start:], index - start):
                return None
            return _proposal(level[start:], index - start, p_value, at[kept[index]], int(kept[index]))
        start = index  # an episode that ended: the newest change comes after it
    return None


def change_test(values: Values, least: int = LEAST) -> tuple[float, int]:
    """p-value that the level of `values` (n,) never changed, and the index from 0 where it most probably did.

    Neighbours may depend on each other (an autoregression of up to 5 orders is taken out). Raises ValueError for fewer
    than two times `least` values.
    """
    if values.size < 2 * least:
        raise ValueError(f"Found {values.size} values; expected {2 * least} or more, {least} on each side of a change.")
    scores = ndtri((rankdata(values) - 0.375) / (values.size + 0.25))  # bounded, so outliers cannot lead
    first = _largest_step(scores, least)[1]
    around = np.concatenate([part - part.mean() for part in (scores[:first], scores[first:])])
    weights = _dependence(around)
    news = _news(scores - scores.mean(), weights)
    side = max(least - weights.size, 2)
    height, index = _largest_step(news, side)
    return _p_value(height, side / news.size), index + weights.size


def pettitt(values: Values) -> tuple[float, int, float]:
    """Pettitt's statistic K of `values` (n,), how many values come before the change, and the approximate p-value."""
    n = values.size
    sums = 2 * np.cumsum(rankdata(values)) - np.arange(1, n + 1) * (n + 1)
    place = int(np.argmax(np.abs(sums)))
    height = float(abs(sums[place]))
    return height, place + 1, float(min(1.0, 2 * np.exp(-6 * height**2 / (n**3 + n**2))))


def _largest_step(values: Values, least: int) -> tuple[float, int]:
    """The largest standardised rank-sum over all divisions with `least` values on each side, and where it is."""
    n = values.size
    ranks = rankdata(values)
    spread = float(np.var(ranks, ddof=1))  # of the ranks themselves, so that ties count
    if spread == 0:
        return 0.0, n // 2
    before = np.arange(1, n)
    sums = np.cumsum(ranks - (n + 1) / 2)[:-1] / np.sqrt(before * (n - before) / n * spread)
    inside = np.abs(sums[least - 1 : n - least])
    place = int(np.argmax(inside))
    return float(inside[place]), place + least


def _p_value(height: float, share: float) -> float:
    """Chance of a standardised sum as high anywhere between `share` and 1 - `share` (Miller and Siegmund)."""
    if height <= 1:
        return 1.0
    odds = np.log((1 - share) / share)
    return float(min(1.0, 2 * norm.pdf(height) * ((height - 1 / height) * odds + 2 / height)))


def _dependence(values: Values) -> Values:
    """Autoregression weights of `values` (n,) with mean 0, shape (order,): Levinson's recursion, the order by AIC.

    The bias of short series (M. Kendall, Biometrika 41, 1954) is put back twice, since two levels were taken out.
    """
    n = values.size
    lags = np.array([values[: n - lag] @ values[lag:] for lag in range(min(ORDERS, n // 4) + 1)]) / n
    weights, rest = np.zeros(0), float(lags[0])
    if rest <= 0:
        return weights
    best, lowest = weights, n * np.log(rest)
    for order in range(1, lags.size):
        partial = (lags[order] - weights @ lags[order - 1 : 0 : -1]) / rest
        weights = np.append(weights - partial * weights[::-1], partial)
        rest *= 1 - partial**2
        if rest <= 0:
            break
        if n * np.log(rest) + 2 * order < lowest:
            best, lowest = weights, n * np.log(rest) + 2 * order
    return best + 2 * (1 + 3 * best.sum()) / n / best.size if best.size else best


def _news(values: Values, weights: Values) -> Values:
    """What is new in each value after those before it were taken into account, shape (n - order,)."""
    order = weights.size
    guess = [weight * values[order - 1 - lag : values.size - 1 - lag] for lag, weight in enumerate(weights)]
    return np.asarray(values[order:] - sum(guess, np.zeros(values.size - order)), dtype=np.float64)


def _is_lasting(level: Values, index: int, least: int) -> bool:
    before, after, now = _level(level[:index]), _level(level[index:]), _level(level[-least:])
    return bool((now - before) * np.sign(after - before) >= LASTING * abs(after - before))


def _is_trend(level: Values, index: int) -> bool:
    """Whether a straight line through all points leaves less than the two levels do."""
    scores = rankdata(level)
    step = sum(float(np.sum((part - part.mean()) ** 2)) for part in (scores[:index], scores[index:]))
    places = np.arange(scores.size)
    line = np.polyval(np.polyfit(places, scores, 1), places)
    return float(np.sum((scores - line) ** 2)) < step


def _level(values: Values) -> float:
    return float(trim_mean(values, TRIMMED))


def _proposal(level: Values, index: int, p_value: float, at: np.datetime64, place: int) -> Proposal:
    before, after = _level(level[:index]), _level(level[index:])
    around = np.concatenate([level[:index] - before, level[index:] - after])
    sigma = float(1.4826 * np.median(np.abs(around - np.median(around)))) or float(np.std(around))
    size = after - before
    return Proposal(
        at.astype("datetime64[us]").item(),
        place,
        p_value,
        before,
        after,
        size,
        sigma,
        size / sigma if sigma else float(np.copysign(np.inf, size)),
        index,
        level.size - index,
    )
