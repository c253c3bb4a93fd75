"""How long the runs of each job take: a level, effects of weekday, hour and size, and what remains as quantiles.

All in logarithms of seconds. The level is the median of the newest runs; effects are medians, drawn to 0 as far as
chance alone could have made them; the size is what the runs upstream had brought. What remains is measured one run
ahead, against the runs before it alone, so that it is as wide as the error of a forecast really is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import norm

from analysis.quantile_tables import GRID, Floats, Ints, Tables, tables_of

LEVEL_RUNS = 20  # the level is the median of so many runs
MOVED_RUNS = 5  # or of so few, where these lie so many standard deviations off
MOVED_DEVIATIONS = 1.8
FEWEST_BEFORE = 3
FEW_RUNS = 5  # with fewer, a forecast is twice as wide
USUAL_SPREAD = 0.35  # where no job has enough runs
USUAL_SECONDS = 600.0
LEAST_TAIL = 0.02
FEWEST_SIZES = 12
SIGNIFICANT = 3.0  # the t value from which a size effect is believed
STEEPEST = 1.5


@dataclass(frozen=True, slots=True)
class Durations:
    """Durations of n jobs: row i is job i while its size is not known, row `sized[i]` when it is.

    `level` (2 n,), `weekday` (2 n, 7), `hour` (2 n, 24) and `left` (2 n rows) add up to a logarithm of seconds;
    `slope` and `usual_size` (n,) are those of the size; `runs` (n,) says from how many runs all this comes.
    """

    level: Floats
    weekday: Floats
    hour: Floats
    left: Tables
    slope: Floats
    usual_size: Floats
    sized: Ints
    runs: Ints


def learn_durations(done: pl.DataFrame, count: int) -> Durations:
    """The durations of `count` jobs from frames of analysis.run_frames: job, started_at, finished_at, size."""
    seconds = (pl.col("finished_at") - pl.col("started_at")).dt.total_microseconds() / 1e6
    frame = done.with_columns(
        seconds.clip(lower_bound=1.0).log().alias("y"),
        (pl.col("started_at").dt.weekday().cast(pl.Int64) - 1).alias("weekday"),
        pl.col("started_at").dt.hour().cast(pl.Int64).alias("hour"),
        (pl.col("size") - pl.col("size").median().over("job")).fill_null(0.0).alias("unusual"),
    )
    slope = _slopes(frame, count)
    slopes = pl.Series(slope[frame["job"].to_numpy()])
    by_size = frame.filter(slopes > 0).with_columns(
        pl.col("y") - pl.col("unusual") * slopes.filter(slopes > 0), pl.col("job") + count
    )
    frame = pl.concat([frame, by_size])
    effects: dict[str, Floats] = {}
    frame = frame.with_columns(pl.lit(0.0).alias("fitted"))
    for key, width in (("weekday", 7), ("hour", 24)):
        frame, effects[key] = _without(frame, key, (2 * count, width))
    runs = np.bincount(frame["job"].to_numpy(), minlength=2 * count)
    return Durations(
        _newest_level(frame, 2 * count),
        effects["weekday"],
        effects["hour"],
        _left(frame, runs),
        slope,
        _by_job(frame.group_by("job").agg(pl.col("size").median()).drop_nulls(), "size", 2 * count)[:count],
        np.arange(count) + np.where(slope > 0, count, 0),
        runs[:count],
    )


def _by_job(frame: pl.DataFrame, column: str, count: int) -> Floats:
    values = np.zeros(count)
    values[frame["job"].to_numpy()] = frame[column].to_numpy()
    return values


def _slopes(frame: pl.DataFrame, count: int) -> Floats:
    """By how much the logarithm of the duration grows with that of the size; 0 where that is not significant."""
    off = pl.col("y") - pl.col("y").median().over("job")
    spread = 1.4826 * off.abs().median().over("job")
    sized = frame.drop_nulls("size").with_columns(off.clip(-4 * spread, 4 * spread).alias("off"))
    found = sized.group_by("job").agg(
        pl.len().alias("n"), pl.corr("unusual", "off").alias("r"), pl.col("unusual").std(), pl.col("off").std()
    )
    t_value = pl.col("r") * (pl.col("n") - 2).sqrt() / (1 - pl.col("r").pow(2)).clip(lower_bound=1e-9).sqrt()
    is_told = (pl.col("n") >= FEWEST_SIZES) & pl.col("r").is_finite() & (t_value > SIGNIFICANT)
    told = found.filter(is_told).with_columns(
        (pl.col("r") * pl.col("off") / pl.col("unusual")).clip(0, STEEPEST).alias("slope")
    )
    return _by_job(told, "slope", count)


def _without(frame: pl.DataFrame, key: str, shape: tuple[int, int]) -> tuple[pl.DataFrame, Floats]:
    """The frame with the effect of `key` taken out of y and counted in `fitted`; the effects, of that shape."""
    found = _effects(frame, key)
    table = np.zeros(shape)
    table[found["job"].to_numpy(), found[key].to_numpy()] = found["effect"].to_numpy()
    joined = frame.join(found, on=["job", key], how="left", maintain_order="left")
    return joined.with_columns(pl.col("y") - pl.col("effect"), pl.col("fitted") + pl.col("freedom")).drop(
        "effect", "freedom"
    ), table


def _effects(frame: pl.DataFrame, key: str) -> pl.DataFrame:
    """Columns job, `key`, effect, freedom (how many parameters that took): medians of groups, drawn to 0."""
    off = frame.select("job", key, (pl.col("y") - pl.col("y").median().over("job")).alias("off"))
    inside = (pl.col("off") - pl.col("off").median().over("job", key)).abs()
    by_job = (
        off.with_columns(inside.alias("inside"))
        .group_by("job")
        .agg(pl.col("inside").median(), pl.len().alias("total"), pl.col(key).n_unique().alias("groups"))
    )
    groups = off.group_by("job", key).agg(pl.col("off").median(), pl.len().alias("n")).join(by_job, on="job")
    freedom = (pl.col("total") - pl.col("groups")).clip(lower_bound=1)
    variance = (1.4826 * pl.col("inside")).pow(2) * pl.col("total") / freedom + 1e-6
    by_chance = (1.57 * variance / pl.col("n")).mean().over("job")  # the variance of a median is 1.57 that of a mean
    share = (1 - 1.5 * by_chance / pl.col("off").pow(2).mean().over("job").clip(lower_bound=1e-12)).clip(0, 1)
    is_told = (pl.col("groups") >= 2) & (pl.col("total") >= 2 * pl.col("groups"))
    share = pl.when(is_told).then(share).otherwise(0.0)
    return groups.select(
        "job",
        key,
        (share * pl.col("off") * pl.col("n") / (pl.col("n") + 1)).alias("effect"),
        (share * (pl.col("groups") - 1)).alias("freedom"),
    )


def _levels(fewest: int) -> pl.Expr:
    """The level of a job after each of its runs; it follows a lasting change within a few runs."""
    usual = pl.col("y").rolling_median(LEVEL_RUNS, min_samples=fewest)
    newest = pl.col("y").rolling_median(MOVED_RUNS, min_samples=fewest)
    spread = pl.col("y").diff().abs().median() * 1.4826 / np.sqrt(2)
    return pl.when((newest - usual).abs() > MOVED_DEVIATIONS * spread).then(newest).otherwise(usual)


def _newest_level(frame: pl.DataFrame, count: int) -> Floats:
    """The level after the newest run of each of `count` jobs; the usual one where a job has none."""
    newest = frame.with_columns(_levels(1).over("job").alias("level")).group_by("job").agg(pl.col("level").last())
    usual = newest["level"].median()
    levels = np.full(count, usual if isinstance(usual, float) else np.log(USUAL_SECONDS))
    levels[newest["job"].to_numpy()] = newest["level"].to_numpy()
    return levels


def _left(frame: pl.DataFrame, runs: Ints) -> Tables:
    """What remains one run ahead, a row for each of `runs`, mixed with a prior that few runs make wide."""
    before = _levels(FEWEST_BEFORE).shift(1).over("job")
    total = pl.len().over("job")
    widened = (total / (total - pl.col("fitted")).clip(lower_bound=1)).sqrt()  # makes up for fitting the effects
    known = frame.select("job", ((pl.col("y") - before) * widened).alias("left")).drop_nulls()
    by_job = known.group_by("job").agg(pl.col("left").abs().median() * 1.4826, pl.len().alias("n"))
    usual = by_job.filter(pl.col("n") >= FEW_RUNS)["left"].median()
    spread = max(float(usual), 0.05) if isinstance(usual, float) else USUAL_SPREAD
    width = spread * np.where(runs == 0, 4.0, np.where(runs < FEW_RUNS, 2.0, 1.0))
    prior = Tables(np.asarray(norm.ppf(GRID))[None, :] * width[:, None], width / 2, width / 2)
    return tables_of(known["left"].to_numpy(), known["job"].to_numpy(), runs.size, prior, LEAST_TAIL)
