"""The shape of residuals beyond their scale: skewness and heavy tails, told by likelihood and never taken for certain.

Each warp maps standardised residuals to normal ones: none, heavy tails (Student t with 5 or 3 degrees of freedom) or
skewness (a shifted lognormal). The likeliest is used when the evidence is clear; the limits of the spike chart weigh
all of them by how likely they are, because twelve weeks cannot rule out a tail they have not seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, ndtr

from analysis.spc.robust import Flags, Floats

# (skewness of the lognormal, degrees of freedom of the tail, how likely before any data)
WARPS = (
    (0.0, np.inf, 0.85),
    (0.0, 5.0, 0.05),
    (0.0, 3.0, 0.01),
    (0.25, np.inf, 0.03),
    (0.5, np.inf, 0.02),
    (0.9, np.inf, 0.01),
    (-0.25, np.inf, 0.02),
    (-0.5, np.inf, 0.01),
)
STEPS = 3
SURE = 0.1  # a warp is used when no warp is less likely than this; the limits weigh all of them anyway
FAR = 30.0
STRAIGHT = 2.5  # a lognormal's bound is known too badly to trust its short tail beyond so many sigma


@dataclass(frozen=True, slots=True)
class Shapes:
    """Of m metrics: how likely each warp is, and the center and scale that go with it, shape (m, warps) each."""

    belief: Floats
    center: Floats
    scale: Floats


def fit_shapes(z: Floats, kept: Flags, skewed: bool = True) -> tuple[Shapes, Floats]:
    """Shapes of standardised residuals, (m, n), and the log-likelihood averaged over the warps, shape (m,).

    Without `skewed` the likelihood is that of the symmetric warps: a scale that still needs one is the wrong scale.
    """
    kept = kept & np.isfinite(z)
    count = np.maximum(kept.sum(axis=1), 1)
    centers, scales, logs = [], [], []
    safe = np.where(kept, np.clip(z, -FAR, FAR), 0.0)
    for skew, tail, prior in WARPS:
        center, scale = np.zeros(z.shape[0]), np.ones(z.shape[0])
        for _ in range(STEPS if skew or np.isfinite(tail) else 0):
            w = np.where(kept, np.clip(_warp((safe - center[:, None]) / scale[:, None], skew, tail), -3.5, 3.5), 0.0)
            mean = w.sum(axis=1) / count
            spread = np.sqrt(np.maximum((w**2).sum(axis=1) / count - mean**2, 0.01))
            center, scale = center + scale * mean, scale * spread
        off = (safe - center[:, None]) / scale[:, None]
        likelihood = np.where(kept, _log_density(off, skew, tail), 0.0).sum(axis=1) - count * np.log(scale)
        centers.append(center)
        scales.append(scale)
        logs.append(likelihood + np.log(prior))
    score = np.stack(logs, axis=1)
    best = score.max(axis=1)
    weight = np.exp(score - best[:, None])
    total = weight.sum(axis=1)
    belief = weight / total[:, None]
    if not skewed:
        total = weight[:, [place for place, (skew, _, _) in enumerate(WARPS) if not skew]].sum(axis=1) + 1e-300
    return Shapes(belief, np.stack(centers, axis=1), np.stack(scales, axis=1)), best + np.log(total)


def straighten(z: Floats, shapes: Shapes) -> Floats:
    """`z` under the warp of each row, which is none unless the evidence is clear, shape (m, n)."""
    best = _used(shapes)
    out = z.copy()
    for place in np.unique(best[best > 0]):
        rows = best == place
        off = (z[rows] - shapes.center[rows, place, None]) / shapes.scale[rows, place, None]
        out[rows] = _warp(off, *WARPS[place][:2])
    return out


def _used(shapes: Shapes) -> npt.NDArray[np.int64]:
    """The place of the warp each row is straightened by, shape (m,)."""
    best = shapes.belief.argmax(axis=1)
    return np.where(shapes.belief[:, 0] < SURE, best, 0)


def is_bent(shapes: Shapes) -> Flags:
    """Whether a row is straightened by a warp, shape (m,)."""
    return _used(shapes) > 0


def bend_back(w: Floats, shapes: Shapes) -> Floats:
    """The inverse of `straighten`, shape (m, n)."""
    best = _used(shapes)
    out = w.copy()
    for place in np.unique(best[best > 0]):
        rows = best == place
        off = _unwarp(w[rows], *WARPS[place][:2])
        out[rows] = off * shapes.scale[rows, place, None] + shapes.center[rows, place, None]
    return out


def spike_limits(shapes: Shapes, limit: Floats) -> tuple[Floats, Floats]:
    """Upper and lower limits (as sizes) of straightened residuals with the chance that `limit`, shape (m,), has on
    either side of a normal residual, averaged over the warps by belief. Shape (m,) each."""
    chance = ndtr(-limit)
    sides = []
    for sign in (1.0, -1.0):
        low, high = np.zeros_like(limit), np.full_like(limit, FAR)
        for _ in range(40):
            middle = (low + high) / 2
            too_often = _chance_beyond(shapes, sign * middle, sign) > chance
            low, high = np.where(too_often, middle, low), np.where(too_often, high, middle)
        sides.append(np.clip(sign * straighten(sign * high[:, None], shapes)[:, 0], 0.8 * limit, 3 * limit))
    return sides[0], sides[1]


def _chance_beyond(shapes: Shapes, z: Floats, sign: float) -> Floats:
    total = np.zeros_like(z)
    for place, (skew, tail, _) in enumerate(WARPS):
        off = (z - shapes.center[:, place]) / shapes.scale[:, place]
        total += shapes.belief[:, place] * ndtr(-sign * _warp(off, skew, tail))
    return total


def _warp(off: Floats, skew: float, tail: float) -> Floats:
    if np.isfinite(tail):  # D. Wallace, Ann. Math. Stat. 30 (1959): the normal score of a Student t
        return np.sign(off) * (8 * tail + 1) / (8 * tail + 3) * np.sqrt(tail * np.log1p(off**2 / tail))
    if skew:
        edge = np.expm1(-STRAIGHT * abs(skew)) / skew
        inside = np.maximum(off, edge) if skew > 0 else np.minimum(off, edge)
        out: Floats = np.log1p(skew * inside) / skew + (off - inside) * np.exp(STRAIGHT * abs(skew))
        return out
    return off


def _unwarp(w: Floats, skew: float, tail: float) -> Floats:
    if np.isfinite(tail):
        return np.sign(w) * np.sqrt(
            tail * np.expm1(np.minimum((w * (8 * tail + 3) / (8 * tail + 1)) ** 2 / tail, 600.0))
        )
    if skew:
        inside = np.maximum(w, -STRAIGHT) if skew > 0 else np.minimum(w, STRAIGHT)
        out: Floats = np.expm1(np.minimum(skew * inside, 600.0)) / skew + (w - inside) * np.exp(-STRAIGHT * abs(skew))
        return out
    return w


def _log_density(off: Floats, skew: float, tail: float) -> Floats:
    base = 0.5 * np.log(2 * np.pi)
    if np.isfinite(tail):
        constant = gammaln((tail + 1) / 2) - gammaln(tail / 2) - 0.5 * np.log(tail * np.pi) + base
        out: Floats = constant - (tail + 1) / 2 * np.log1p(off**2 / tail)
        return out
    if skew:
        stretched = _warp(off, skew, tail)
        return -np.minimum(stretched**2, 5.0**2) / 2 - np.maximum(skew * stretched, -STRAIGHT * abs(skew))
    return -np.minimum(off**2, 4.5**2) / 2
