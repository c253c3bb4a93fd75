"""Which charts there are for the verb `chart`: their names, what each needs, and how a series becomes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.spc import attribute_charts, rare_events, variables_charts
from analysis.spc.chart_inputs import PointError
from analysis.spc.charts import ONLY_LIMITS, WIDTH, ControlChart
from analysis.spc.rules import NELSON
from analysis.spc.subgroups import Estimate, Subgroups
from analysis.spc.time_weighted import LAMBDA, H, K, Scheme, Weighing, cusum, ewma
from app.chart_files import Numbers, Series
from collectors.base import SourceError

Kind = Literal[
    "individuals", "mr", "xbar", "r", "s", "p", "np", "c", "u", "laney_p", "laney_u", "ewma", "cusum", "g", "t"
]  # fmt: skip
ALIASES: dict[Kind, tuple[str, ...]] = {
    "individuals": ("i", "x", "xmr", "imr", "individual", "xbar.one"),
    "mr": ("moving_range",),
    "xbar": ("x_bar", "x-bar"),
    "r": ("range",),
    "s": ("sd",),
    "p": (),
    "np": (),
    "c": (),
    "u": (),
    "laney_p": ("p'", "pp", "p_prime"),
    "laney_u": ("u'", "up", "u_prime"),
    "ewma": (),
    "cusum": (),
    "g": (),
    "t": (),
}
KINDS: dict[str, Kind] = {name: kind for kind, others in ALIASES.items() for name in (kind, *others)}
OF_SUBGROUPS = ("xbar", "r", "s")
SUMMED = ("ewma", "cusum")
OWN_LIMITS = ("mr", "ewma", "cusum", "g", "t")  # judged by their limits alone unless rules are asked for
NEEDS_SUBGROUPS = "Charts of subgroups need --subgroup: the column whose equal values make one subgroup."

Maker = Callable[..., ControlChart]
PLAIN: Mapping[str, Maker] = {"individuals": variables_charts.individuals, "c": attribute_charts.c}
SIZED: Mapping[str, Maker] = {
    "p": attribute_charts.p,
    "np": attribute_charts.np_,
    "u": attribute_charts.u,
    "laney_p": attribute_charts.laney_p,
    "laney_u": attribute_charts.laney_u,
}
RARE: Mapping[str, Maker] = {"g": rare_events.g, "t": rare_events.t}
WITHIN: Mapping[str, Maker] = {"r": variables_charts.ranges, "s": variables_charts.deviations}
LIMITS = {"ewma": ("exact", "asymptotic"), "g": ("sigmas", "probability"), "t": ("sigmas", "probability")}
USED_BY: Mapping[str, Sequence[str]] = {
    "--size": (*SIZED, *SUMMED),
    "--subgroup": (*OF_SUBGROUPS, *SUMMED),
    "--center": [kind for kind in ALIASES if kind != "mr"],
    "--width": [kind for kind in ALIASES if kind != "cusum"],
    "--lambda": ("ewma",),
    "--k": ("cusum",),
    "--h": ("cusum",),
    "--head-start": ("cusum",),
    "--estimate": ("xbar", *SUMMED),
    "--limits": tuple(LIMITS),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person asked of every chart; None where it was left to the kind."""

    kind: Kind
    rules: Sequence[str] | None = None
    baseline: int | None = None
    center: float | None = None
    sigma: float | None = None
    width: float | None = None
    share: float | None = None
    k: float | None = None
    h: float | None = None
    head_start: float | None = None
    estimate: Estimate | None = None
    limits: str | None = None
    size: float | None = None


@dataclass(frozen=True, slots=True)
class Charted:
    """A chart with the row of the file of each of its points, the time there, and notes."""

    chart: ControlChart
    rows: npt.NDArray[np.int64]
    times: pl.Series | None
    notes: tuple[str, ...]


class Common(TypedDict):
    """What nearly all charts take."""

    baseline: int | None
    center: float | None
    sigma: float | None
    rules: Sequence[str]
    width: float


def chart_series(series: Series, asked: Asked) -> Charted:
    """The chart of one series. Raises SourceError that names the row of a point no chart can hold."""
    _check_columns(series, asked)
    points = _points(series, asked)
    try:
        chart = _chart(points, asked)
    except PointError as error:
        if error.what == "subgroup":
            raise SourceError(f"Subgroup {points.names[error.place - 1]!r} {error.problem}") from error
        raise SourceError(f"The {error.what} in row {series.rows[error.place - 1]} {error.problem}") from error
    kept = points.firsts[points.firsts.size - chart.statistic.size :]  # moving ranges begin at the second point
    times = series.times.gather(kept) if series.times is not None else None
    notes = (*series.notes, *chart.notes, *_notes(chart, asked), *_unused(series, asked))
    return Charted(chart, series.rows[kept], times, notes)


def rules_for(asked: Asked) -> Sequence[str]:
    """The rules that judge: those asked for, or the kind's own; sums are judged by their limits only."""
    if asked.kind in SUMMED:
        return ONLY_LIMITS
    return asked.rules or (ONLY_LIMITS if asked.kind in OWN_LIMITS else NELSON)


@dataclass(frozen=True, slots=True)
class Points:
    """What is plotted: values or subgroups with their sizes, and where in the series each point begins."""

    values: Numbers
    sizes: Numbers
    firsts: npt.NDArray[np.int64]
    names: list[str]
    groups: Subgroups | None = None


def _points(series: Series, asked: Asked) -> Points:
    count = series.values.size
    if series.subgroups is None or asked.kind not in (*OF_SUBGROUPS, *SUMMED):
        sizes = series.sizes if series.sizes is not None else np.full(count, asked.size or 1.0)
        return Points(series.values, sizes, np.arange(count), [])
    frame = pl.DataFrame({"name": series.subgroups, "value": series.values, "place": np.arange(count)})
    grouped = frame.group_by("name", maintain_order=True).agg("value", pl.col("place").first())
    counts = grouped["value"].list.len().to_numpy().astype(np.int64)
    groups = Subgroups.sorted(grouped["value"].explode().to_numpy(), counts)
    return Points(
        groups.means, counts.astype(np.float64), grouped["place"].to_numpy(), grouped["name"].to_list(), groups
    )


def _chart(points: Points, asked: Asked) -> ControlChart:
    common: Common = {
        "baseline": asked.baseline,
        "center": asked.center,
        "sigma": asked.sigma,
        "rules": rules_for(asked),
        "width": WIDTH if asked.width is None else asked.width,
    }
    if asked.kind in PLAIN:
        return PLAIN[asked.kind](points.values, **common)
    if asked.kind in SIZED:
        return SIZED[asked.kind](points.values, points.sizes, **common)
    if asked.kind in SUMMED:
        return _summed(points, asked, common["width"])
    if asked.kind in RARE:
        return RARE[asked.kind](points.values, **common, limits=asked.limits or "sigmas")
    if asked.kind == "mr":
        return variables_charts.moving_range(
            points.values, asked.baseline, asked.sigma, common["rules"], common["width"]
        )
    if points.groups is None:
        raise SourceError(NEEDS_SUBGROUPS)
    if asked.kind == "xbar":
        return variables_charts.xbar(points.groups, **common, estimate=asked.estimate)
    return WITHIN[asked.kind](points.groups, **common)


def _summed(points: Points, asked: Asked, width: float) -> ControlChart:
    """An EWMA or CUSUM of values, or of subgroup means with the sigma within them."""
    sigma = asked.sigma
    if points.groups is not None and sigma is None:
        sigma = points.groups.first(asked.baseline or points.sizes.size).spread(asked.estimate)
    if asked.kind == "cusum":
        scheme = Scheme(K if asked.k is None else asked.k, H if asked.h is None else asked.h, asked.head_start or 0.0)
        return cusum(points.values, asked.baseline, asked.center, sigma, scheme, points.sizes)
    share = LAMBDA if asked.share is None else asked.share
    weighing = Weighing(share, "asymptotic" if asked.limits == "asymptotic" else "exact")
    return ewma(points.values, asked.baseline, asked.center, sigma, width, weighing, points.sizes)


def _check_columns(series: Series, asked: Asked) -> None:
    if asked.kind in OF_SUBGROUPS and series.subgroups is None:
        raise SourceError(NEEDS_SUBGROUPS)
    if asked.kind in SIZED and series.sizes is None and asked.size is None:
        raise SourceError(f"A chart of kind {asked.kind} needs --size: the column of the sample sizes, or one number.")
    allowed = LIMITS.get(asked.kind, ())
    if asked.limits and allowed and asked.limits not in allowed:
        raise SourceError(f"The limits of kind {asked.kind} are {' or '.join(allowed)}; found {asked.limits}.")


def _notes(chart: ControlChart, asked: Asked) -> list[str]:
    """What a reader of the chart must know."""
    notes = []
    if chart.sigma == 0 and asked.sigma is None:
        notes.append("The baseline does not vary: sigma is 0, and any other value is beyond the limits.")
    if asked.kind in SUMMED and asked.rules and tuple(asked.rules) != ONLY_LIMITS:
        notes.append(f"Only the limits judge: points of kind {asked.kind} share their past, run rules do not hold.")
    return notes


def _unused(series: Series, asked: Asked) -> list[str]:
    """Options that were given and do nothing here."""
    given = {
        "--size": series.sizes if series.sizes is not None else asked.size,
        "--subgroup": series.subgroups,
        "--center": asked.center,
        "--width": asked.width,
        "--lambda": asked.share,
        "--k": asked.k,
        "--h": asked.h,
        "--head-start": asked.head_start,
        "--estimate": asked.estimate,
        "--limits": asked.limits,
    }
    return [
        f"{option} is not used by a chart of kind {asked.kind}."
        for option, value in given.items()
        if value is not None and asked.kind not in USED_BY[option]
    ]
