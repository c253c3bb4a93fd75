"""What each metric's own history says is normal: its kind, scale, seasonal profile, spread and autocorrelation.

`learn_models` looks only at the points it is told are usable: the point to be judged, points flagged, corrected or in a
maintenance window are left out by that mask. `standardise` turns values into residuals in sigma.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from analysis.spc import scales
from analysis.spc.autocorrelation import lag_one
from analysis.spc.kinds import Kinds, MetricKind, counter_steps, kinds_of
from analysis.spc.nested import join_rows, numbers, take_rows
from analysis.spc.robust import Flags, Floats
from analysis.spc.seasonality import Calendar, Profile, expected, fit_profile
from analysis.spc.warps import WARPS, Shapes, fit_shapes, straighten

SCALES = {
    MetricKind.POSITIVE: (scales.AS_IS, scales.ROOT, scales.CUBE_ROOT, scales.SIXTH_ROOT, scales.LOG),
    MetricKind.RATIO: (scales.AS_IS, scales.ROOT, scales.LOG, scales.LOGIT),
}
FAR = 99.0  # sigma: how far any change of a constant is
PLAIN_BONUS = 3.5  # of log-likelihood for the scale as it is: another must be worth more than a parameter


@dataclass(frozen=True, slots=True)
class Models:
    """Models of m metrics, shape (m,) unless said.

    `power` names the scale (analysis.spc.scales), `phi` the autocorrelation of standardised residuals, `wider` how much
    counts vary beyond Poisson, `factor` scales their mean, `zeros` (m, 2) the chance of an exact 0 on workdays and
    weekends, `last` the last value of a counter, `shapes` the skewness and tails of the residuals.
    """

    kind: Kinds
    power: Floats
    profile: Profile
    phi: Floats
    wider: Floats
    factor: Floats
    zeros: Floats
    last: Floats
    shapes: Shapes

    @property
    def size(self) -> int:
        """How many metrics."""
        return int(self.power.size)


def learn_models(values: Floats, usable: Flags, calendar: Calendar) -> Models:
    """Models from the baselines `values`, shape (m, n), NaN for a missing point; `usable`, shape (m, n), as above."""
    kind = kinds_of(values, usable)
    counters = kind == MetricKind.COUNTER
    last = _last(np.where(usable, values, np.nan))
    if counters.any():
        values = values.copy()
        values[counters] = counter_steps(np.where(usable[counters], values[counters], np.nan))
    groups = {
        MetricKind.POSITIVE: kind == MetricKind.POSITIVE,
        MetricKind.RATIO: kind == MetricKind.RATIO,
        MetricKind.COUNTS: kind == MetricKind.COUNTS,
        MetricKind.INTERMITTENT: kind == MetricKind.INTERMITTENT,
    }
    groups[MetricKind.NORMAL] = ~np.any(list(groups.values()), axis=0)
    learners: dict[MetricKind, Callable[[Floats, Flags, Calendar], Models]] = {
        MetricKind.COUNTS: _learn_counts,
        MetricKind.INTERMITTENT: _learn_amounts,
        MetricKind.NORMAL: lambda y, kept, cells: _learn_on_scales(y, kept, cells, (scales.AS_IS,)),
        MetricKind.POSITIVE: lambda y, kept, cells: _learn_on_scales(y, kept, cells, SCALES[MetricKind.POSITIVE]),
        MetricKind.RATIO: lambda y, kept, cells: _learn_on_scales(y, kept, cells, SCALES[MetricKind.RATIO]),
    }
    parts, places = [], []
    for name, rows in groups.items():
        if rows.any():
            kept = usable[rows] & np.isfinite(values[rows])
            parts.append(learners[name](values[rows], kept, calendar))
            places.append(np.flatnonzero(rows))
    order = np.argsort(np.concatenate(places))
    models = replace(take(join(parts), order), kind=kind, last=last)
    z = np.where(usable, standardise(models, values, calendar), np.nan)
    return replace(models, phi=lag_one(z, _used(models.profile)))


def standardise(models: Models, values: Floats, calendar: Calendar) -> Floats:
    """Residuals of `values`, shape (m, n), in standard errors of prediction, shape (m, n); NaN stays NaN.

    Counters are expected as steps (`counter_steps`). A metric that never changed gives 99 for any change.
    """
    center, doubt = expected(models.profile, calendar)
    z = np.full_like(values, np.nan)
    counts = models.kind == MetricKind.COUNTS
    for power in np.unique(models.power[~counts]):
        rows = ~counts & (models.power == power)
        off = scales.to_scale(values[rows], power) - center[rows]
        sigma = models.profile.sigma[rows, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            changed = np.abs(off) > 1e-9 * np.maximum(np.abs(center[rows]), 1e-300)
            constant = np.where(changed, np.sign(off) * FAR, np.where(np.isfinite(off), 0.0, np.nan))
            z[rows] = np.where(sigma > 0, off / np.where(sigma > 0, sigma, 1.0), constant)
    if counts.any():
        mean = count_means(models, center)[counts]
        z[counts] = scales.count_z(values[counts], mean, models.wider[counts, None])
    z[models.kind == MetricKind.EMPTY] = np.nan
    amounts = models.kind == MetricKind.INTERMITTENT
    if amounts.any():
        z[amounts] = scales.amount_z(values[amounts], z[amounts], models.zeros[amounts][:, calendar.daytype])
    return straighten(z / np.sqrt(1 + doubt), models.shapes)


def zero_chances(models: Models, values: Floats, calendar: Calendar) -> Floats | None:
    """The chance of a 0 at each point that is 0, 1 at others, NaN at gaps, (m, n); None when no metric has zeros."""
    counts, amounts = models.kind == MetricKind.COUNTS, models.kind == MetricKind.INTERMITTENT
    if not (counts | amounts).any():
        return None
    out = np.where(np.isfinite(values), 1.0, np.nan)
    out[amounts] = np.where(values[amounts] == 0, models.zeros[amounts][:, calendar.daytype], out[amounts])
    mean = count_means(models, expected(models.profile, calendar)[0])[counts]
    wider = models.wider[counts, None]
    chance = np.exp(-np.where(wider > 1e-6, np.log1p(wider * mean) / np.maximum(wider, 1e-6), mean))
    out[counts] = np.where(values[counts] == 0, np.maximum(chance, 1e-300), out[counts])
    return out


def count_means(models: Models, center: Floats) -> Floats:
    """The mean of counts whose root of x + 3/8 is expected at `center`, shape (m, n)."""
    spread = models.profile.sigma[:, None] ** 2
    return np.maximum(center**2 - scales.COUNT_SHIFT + spread, 0.01) * models.factor[:, None]


def _used(profile: Profile) -> Floats:
    return np.maximum(profile.points - profile.freedom / 0.92, 1.0)


def _last(values: Floats) -> Floats:
    seen = np.isfinite(values)
    place = values.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1)
    out: Floats = values[np.arange(values.shape[0]), place]
    return out


def _learn_on_scales(values: Floats, kept: Flags, calendar: Calendar, powers: tuple[float, ...]) -> Models:
    fits = [_fit_on_scale(values, kept, calendar, power) for power in powers]
    score = np.stack([likelihood for _, likelihood in fits], axis=1)
    score[:, 0] += PLAIN_BONUS
    best = _middle(score, np.asarray(powers))
    places = [np.flatnonzero(best == place) for place in range(len(powers))]
    order = np.argsort(np.concatenate(places))
    return take(join([take(model, rows) for (model, _), rows in zip(fits, places, strict=True)]), order)


def _middle(score: Floats, powers: Floats) -> npt.NDArray[np.int64]:
    """The place of the scale nearest to the mean power, weighed by likelihood, shape (m,).

    Where several scales are about as likely the one between errs least. Logit has no power and must win by itself.
    """
    weight = np.exp(score - score.max(axis=1, keepdims=True)) * (powers != scales.LOGIT)
    mean = (weight @ powers) / np.maximum(weight.sum(axis=1), 1e-300)
    near = np.abs(mean[:, None] - powers[None, :]).argmin(axis=1)
    best = score.argmax(axis=1)
    out: npt.NDArray[np.int64] = np.where(powers[best] == scales.LOGIT, best, near)
    return out


def _fit_on_scale(values: Floats, kept: Flags, calendar: Calendar, power: float) -> tuple[Models, Floats]:
    y = scales.to_scale(values, power)
    profile = fit_profile(y, kept, calendar)
    sigma = np.where(profile.sigma > 0, profile.sigma, 1.0)[:, None]
    shapes, likelihood = fit_shapes((y - expected(profile, calendar)[0]) / sigma, kept, skewed=power == scales.AS_IS)
    slope = np.where(kept, scales.log_slope(values, power) - np.log(sigma), 0.0).sum(axis=1)
    models = _models(profile, np.full(values.shape[0], power))
    return replace(models, shapes=shapes), likelihood + slope


def _learn_counts(values: Floats, kept: Flags, calendar: Calendar) -> Models:
    y = np.sqrt(np.maximum(values, 0) + scales.COUNT_SHIFT)
    profile = fit_profile(y, kept, calendar)
    models = _models(profile, np.full(values.shape[0], scales.ROOT))
    mean = count_means(models, expected(profile, calendar)[0])
    bound = mean + 5 * np.maximum(2 * profile.sigma[:, None], 1.0) * np.sqrt(mean)
    total = np.where(kept, np.minimum(values, bound), 0.0).sum(axis=1)
    factor = np.clip(total / np.maximum(np.where(kept, mean, 0.0).sum(axis=1), 1e-9), 0.5, 2.0)
    mean = mean * factor[:, None]
    wider = scales.count_spread(np.nan_to_num(values), mean, kept)
    return replace(models, factor=factor, wider=wider)


def _learn_amounts(values: Floats, kept: Flags, calendar: Calendar) -> Models:
    there = kept & (values > 0)
    profile = fit_profile(scales.to_scale(np.where(there, values, 1.0), scales.LOG), there, calendar)
    nothing = (kept & (values == 0)).astype(np.float64)
    overall = nothing.sum(axis=1) / np.maximum(kept.sum(axis=1), 1)
    zeros = np.empty((values.shape[0], 2))
    for daytype in (0, 1):
        here = calendar.daytype == daytype
        zeros[:, daytype] = (nothing[:, here].sum(axis=1) + 4 * overall) / (kept[:, here].sum(axis=1) + 4)
    return replace(_models(profile, np.full(values.shape[0], scales.LOG)), zeros=zeros)


def _models(profile: Profile, power: Floats) -> Models:
    m = power.size
    nothing, one = np.zeros(m), np.ones(m)
    kind = np.full(m, MetricKind.NORMAL.value, dtype="<U12")
    plain = np.zeros((m, len(WARPS)))
    plain[:, 0] = 1.0
    shapes = Shapes(plain, np.zeros_like(plain), np.ones_like(plain))
    return Models(kind, power, profile, nothing, nothing, one, np.zeros((m, 2)), nothing, shapes)


def take(models: Models, rows: npt.NDArray[np.int64]) -> Models:
    """The models of `rows`."""
    return cast(Models, take_rows(models, rows))


def join(parts: list[Models]) -> Models:
    """Models of several batches that share a calendar, one after the other."""
    return parts[0] if len(parts) == 1 else cast(Models, join_rows(list(parts)))


def models_from_plain(plain: dict[str, Any]) -> Models:
    """The models that `nested.to_plain` wrote."""
    kept = {name: numbers(plain[name]) for name in ("power", "phi", "wider", "factor", "zeros", "last")}
    parts = dict(plain["profile"])
    effects, doubts = ({key: numbers(item) for key, item in parts.pop(name).items()} for name in ("effects", "doubts"))
    profile = Profile(effects=effects, doubts=doubts, **{name: numbers(item) for name, item in parts.items()})
    shapes = Shapes(**{name: numbers(item) for name, item in plain["shapes"].items()})
    return Models(kind=np.array(plain["kind"], dtype="<U12"), profile=profile, shapes=shapes, **kept)
