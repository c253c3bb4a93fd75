"""The seasonal shape of many metrics at once: weekday, hour, holiday and first or last day of the month.

Effects are robust means (outliers are pulled in to 2.5 sigma, points beyond 6 sigma left out) and each is shrunk by the
evidence for it (empirical Bayes: 1 - 1/F, never below 0), so that twelve Mondays do not invent a Monday effect and a
metric without a week loses nothing. Every expected value knows its own standard error.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from analysis.spc.robust import Flags, Floats, pulled_in, row_median, row_scale

Ints = npt.NDArray[np.int64]
FACTORS = {"daytype": 2, "weekday": 7, "hour": 48, "weekhour": 168, "edge": 3}
REPEATED = 2  # points of a cell from which on its effect can be told from noise
HOLIDAY_DOUBT = 0.5  # of the way from a workday to a weekend day: how unsure a holiday is before one was seen


@dataclass(frozen=True, slots=True)
class Calendar:
    """The cell of each of n points in every factor, shape (n,) each; `holiday` is 0 or 1."""

    daytype: Ints
    weekday: Ints
    hour: Ints
    weekhour: Ints
    edge: Ints
    holiday: Ints

    def __getitem__(self, part: slice) -> Calendar:
        return Calendar(*(getattr(self, field.name)[part] for field in fields(self)))

    @property
    def size(self) -> int:
        """How many points it has."""
        return int(self.daytype.size)


def calendar_of(times: npt.ArrayLike, holidays: npt.ArrayLike | None = None) -> Calendar:
    """The calendar of n points that stand at `times` (datetime64, in the metric's own time zone), shape (n,).

    `holidays` says which points fall on one, shape (n,). Steps of a week and longer have no weekday and no month edge.
    Raises ValueError when the two differ in length.
    """
    at = np.asarray(times, dtype="datetime64[s]")
    free = np.zeros(at.shape, dtype=bool) if holidays is None else np.asarray(holidays, dtype=bool)
    if free.shape != at.shape:
        raise ValueError(f"Found {free.size} holiday marks for {at.size} times; expected one for each time.")
    day = at.astype("datetime64[D]")
    weekday = (day.astype(np.int64) + 3) % 7
    hour = ((at - day) // np.timedelta64(1, "h")).astype(np.int64)
    daytype = (weekday >= 5).astype(np.int64)
    edge = np.where(_month(day, 0) != _month(day, -1), 1, np.where(_month(day, 0) != _month(day, 1), 2, 0))
    if at.size > 1 and np.median(np.diff(at)) >= np.timedelta64(5, "D"):
        weekday, daytype, edge = (np.zeros_like(weekday) for _ in range(3))
    return Calendar(daytype, weekday, hour + 24 * daytype, hour + 24 * weekday, edge, free.astype(np.int64))


def no_calendar(points: int) -> Calendar:
    """The calendar of points without a season."""
    nothing = np.zeros(points, dtype=np.int64)
    return Calendar(nothing, nothing, nothing, nothing, nothing, nothing)


def _month(day: npt.NDArray[np.datetime64], later: int) -> npt.NDArray[np.int64]:
    """The month of the day so many days later, as a number."""
    moved = (day.astype(np.int64) + later).astype("datetime64[D]")
    return moved.astype("datetime64[M]").astype(np.int64)


@dataclass(frozen=True, slots=True)
class Profile:
    """The learned shape of m metrics on the scale it was fitted on.

    `level`, `sigma` (of one point around its expected value), `points` used and `freedom` (effective degrees of
    freedom of sigma): shape (m,). `effects[factor]` and `doubts[factor]` (squared standard error in units of sigma
    squared): shape (m, cells of the factor). `holiday` and `holiday_doubt`: shape (m,).
    """

    level: Floats
    sigma: Floats
    points: Floats
    freedom: Floats
    effects: dict[str, Floats]
    doubts: dict[str, Floats]
    holiday: Floats
    holiday_doubt: Floats


def fit_profile(values: Floats, usable: Flags, calendar: Calendar) -> Profile:
    """The profile of `values`, shape (m, n), from the points that are `usable`, shape (m, n)."""
    kept = usable & np.isfinite(values)
    y = np.where(kept, values, 0.0)
    fitted = _by_medians(values, kept, calendar)
    shrink = False
    for shrink in (False, True):
        residual = np.where(kept, y - fitted, np.nan)
        scale = row_scale(residual)
        inside = kept & (np.abs(residual) <= 6 * scale[:, None])
        pulled = fitted + np.where(inside, np.clip(residual, -2.5 * scale[:, None], 2.5 * scale[:, None]), 0.0)
        profile = _fit_effects(pulled, inside, calendar, scale, shrink)
        fitted = expected(profile, calendar)[0]
    sigma, freedom = pulled_in(np.where(kept, y - fitted, np.nan), profile.freedom)
    return Profile(
        profile.level, sigma, profile.points, freedom, profile.effects, profile.doubts,
        profile.holiday, profile.holiday_doubt,
    )  # fmt: skip


def expected(profile: Profile, calendar: Calendar) -> tuple[Floats, Floats]:
    """Expected values of the points of `calendar` and their squared standard errors in sigma squared, (m, n) each."""
    total = np.repeat(profile.level[:, None], calendar.size, axis=1)
    doubt = np.repeat(1 / np.maximum(profile.points, 1)[:, None], calendar.size, axis=1)
    for name, effect in profile.effects.items():
        cells = getattr(calendar, name)
        total += effect[:, cells]
        doubt = np.maximum(doubt, profile.doubts[name][:, cells])
    free = calendar.holiday.astype(bool)
    if free.any():
        total[:, free] += profile.holiday[:, None]
        doubt[:, free] += profile.holiday_doubt[:, None]
    return total, doubt


def _by_medians(values: Floats, kept: Flags, calendar: Calendar) -> Floats:
    """A first fit that outliers cannot bend: medians by day type and hour, with the weekday's median on top."""
    fitted = np.repeat(row_median(np.where(kept, values, np.nan))[:, None], calendar.size, axis=1)
    names = ("hour",) if np.unique(calendar.hour).size > 2 else ("daytype",)
    for name in (*names, "weekday", "edge"):
        cells = getattr(calendar, name)
        rest = np.where(kept & (calendar.holiday == 0), values - fitted, np.nan)
        for cell in np.unique(cells):
            here = cells == cell
            fitted[:, here] += np.nan_to_num(row_median(rest[:, here]))[:, None]
    return fitted


def _fit_effects(y: Floats, kept: Flags, calendar: Calendar, scale: Floats, shrink: bool) -> Profile:
    ordinary = kept & (calendar.holiday == 0)
    weight = ordinary.astype(np.float64)
    points = weight.sum(axis=1)
    level = (y * weight).sum(axis=1) / np.maximum(points, 1)
    rest = y - level[:, None]
    effects: dict[str, Floats] = {}
    doubts: dict[str, Floats] = {}
    used = np.ones_like(level)
    for name, size in FACTORS.items():
        cells = getattr(calendar, name)
        if np.unique(cells).size < 2 or (name in ("hour", "weekhour") and np.unique(calendar.hour % 24).size < 2):
            continue
        onehot = np.zeros((calendar.size, size))
        onehot[np.arange(calendar.size), cells] = 1.0
        if name == "edge":
            onehot[:, 0] = 0.0
        seen = weight @ onehot
        counts = np.where(seen >= REPEATED, seen, 0.0)
        means = np.where(counts > 0, ((rest * weight) @ onehot) / np.maximum(counts, 1), 0.0)
        share = _share(means, counts, scale, not doubts) if shrink else np.ones_like(level)
        effects[name] = means * share[:, None]
        used += share * _free(counts, not doubts)
        doubts[name] = np.where(seen > 0, share[:, None] / np.maximum(counts, 1), 1.0) * (onehot.sum(axis=0) > 0)
        rest = rest - effects[name][:, cells]
    profile = Profile(level, scale, points, used, effects, doubts, np.zeros_like(level), np.zeros_like(level))
    return _with_holiday(profile, rest, kept, calendar)


def _free(counts: Floats, first: bool) -> Floats:
    """Degrees of freedom of a factor with `counts` points in its cells, (m, cells): the level before it had its own."""
    out: Floats = np.maximum((counts > 0).sum(axis=1) - (1.0 if first else 2.0), 1.0)
    return out


def _share(means: Floats, counts: Floats, scale: Floats, first: bool) -> Floats:
    """How much of a factor's effects the evidence supports, 0 to 1, shape (m,)."""
    between = (counts * means**2).sum(axis=1) / _free(counts, first)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(between > 0, np.clip(1 - scale**2 / between, 0, 1), 0.0)


def _with_holiday(profile: Profile, rest: Floats, kept: Flags, calendar: Calendar) -> Profile:
    """Adds the holiday effect: before one was seen, a holiday may be anything from a workday to a weekend day."""
    free = kept & (calendar.holiday == 1)
    count = free.sum(axis=1)
    daytype = profile.effects.get("daytype")
    step = np.zeros_like(profile.level) if daytype is None else daytype[:, 1] - daytype[:, 0]
    doubt = np.maximum((HOLIDAY_DOUBT * step) ** 2, (HOLIDAY_DOUBT * profile.sigma) ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(count > 0, (rest * free).sum(axis=1) / np.maximum(count, 1), 0.0)
        noise = profile.sigma**2 / np.maximum(count, 1)
        trust = np.where(count > 0, doubt / (doubt + noise), 0.0)
        effect = trust * mean + (1 - trust) * HOLIDAY_DOUBT * step
        left = np.where(profile.sigma > 0, doubt * (1 - trust) / profile.sigma**2, 0.0)
    return Profile(
        profile.level, profile.sigma, profile.points, profile.freedom, profile.effects, profile.doubts,
        np.nan_to_num(effect), np.nan_to_num(left),
    )  # fmt: skip
