"""How every subsystem stands: one row each, worst first, with the objective and the error budget of its jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from app import words
from app.refresh_chase import STALE
from app.refreshing import Situation

WORST_FIRST = ("stale", "failed", "late", "at_risk", "unknown", "unscheduled", "ok")
MOST_IN_MAP = 40


def subsystems(found: Situation, titles: Mapping[str, str]) -> pl.DataFrame:
    """One row per subsystem that has jobs or datasets.

    Columns: subsystem, title, state, jobs, wrong, at_risk, unknown, stale, judged, on_time, on_time_ratio, slo_ratio,
    budget_left (shares, null while nothing was judged), worst_job_id and worst_job (empty while none is in trouble).
    """
    jobs = found.jobs.group_by("subsystem", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("jobs"),
        pl.col("is_wrong").sum().cast(pl.Int64).alias("wrong"),
        pl.col("state").is_in(["failed", "missed"]).sum().alias("failed"),
        pl.col("is_at_risk").sum().cast(pl.Int64).alias("at_risk"),
        pl.col("is_unknown").sum().cast(pl.Int64).alias("unknown"),
        pl.col("judged", "on_time").sum(),
        ((1 - pl.col("slo_ratio")) * pl.col("judged")).sum().alias("allowed"),
        pl.col("job_id").filter(_is_troubled()).first().fill_null("").alias("worst_job_id"),
        pl.col("title").filter(_is_troubled()).first().fill_null("").alias("worst_job"),
    )
    stale = pl.col("state").is_in(list(map(str, STALE)))
    datasets = found.datasets.group_by("subsystem").agg(
        stale.sum().cast(pl.Int64).alias("stale"),
        (pl.col("state") == "unknown").sum().cast(pl.Int64).alias("unknown_data"),
    )
    both = jobs.join(datasets, on="subsystem", how="full", coalesce=True)
    numbers = [name for name, kind in both.schema.items() if kind.is_numeric()]
    frame = both.with_columns(pl.col(numbers).fill_null(0), pl.col("worst_job_id", "worst_job").fill_null(""))
    frame = frame.with_columns(
        (pl.col("unknown") + pl.col("unknown_data")).alias("unknown"),
        (pl.col("on_time") / pl.col("judged")).fill_nan(None).alias("on_time_ratio"),
        (1 - pl.col("allowed") / pl.col("judged")).fill_nan(None).alias("slo_ratio"),
        (1 - (pl.col("judged") - pl.col("on_time")) / pl.col("allowed")).fill_nan(None).alias("budget_left"),
        pl.col("subsystem").replace(titles).alias("title"),
    ).with_columns(_state(found.is_away).alias("state"))
    place = pl.col("state").replace_strict({name: n for n, name in enumerate(WORST_FIRST)}, return_dtype=pl.Int64)
    troubled = pl.col("stale") + pl.col("wrong") + pl.col("at_risk")
    return frame.sort(place, -troubled, "title").drop("allowed", "unknown_data")


def _is_troubled() -> pl.Expr:
    return pl.col("is_wrong") | pl.col("is_at_risk") | pl.col("is_unknown")


def _state(is_away: bool) -> pl.Expr:
    """The worst of a subsystem; good only when everything in it is known and something was judged."""
    return (
        pl.when(pl.col("stale") > 0)
        .then(pl.lit("stale"))
        .when(pl.col("failed") > 0)
        .then(pl.lit("failed"))
        .when(pl.col("wrong") > 0)
        .then(pl.lit("late"))
        .when(pl.col("at_risk") > 0)
        .then(pl.lit("at_risk"))
        .when((pl.col("unknown") > 0) | pl.lit(is_away))
        .then(pl.lit("unknown"))
        .when(pl.col("judged") == 0)
        .then(pl.lit("unscheduled"))
        .otherwise(pl.lit("ok"))
    )


def mapped_jobs(found: Situation, subsystem: str) -> tuple[Sequence[str], int]:
    """The jobs of a subsystem that a heat map shows, worst first, and how many it leaves out."""
    rows = found.jobs.filter((pl.col("subsystem") == subsystem) & (pl.col("state") != "unscheduled"))
    order = rows.sort(~_is_troubled(), pl.col("on_time_ratio").fill_null(2.0), maintain_order=True)["job_id"].to_list()
    return order[:MOST_IN_MAP], max(len(order) - MOST_IN_MAP, 0)


def told_apart(found: Situation, jobs: Sequence[str]) -> dict[str, str]:
    """A name per job for an axis: its title, with its id where another has the same title."""
    titles = dict(found.jobs.select("job_id", "title").rows())
    named = [titles.get(job, job) for job in jobs]
    return {
        job: title if named.count(title) == 1 else f"{title} ({job})" for job, title in zip(jobs, named, strict=True)
    }


def day_text(day: date) -> str:
    """A day as an axis says it: `25 Nov`."""
    return f"{day.day} {day:%b}"


def cells(days: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """The cells of a heat map, as `charts_refresh.heat_map` takes them: day, job, verdict, said."""
    said = [
        f"{names[row['job_id']]}, {day_text(row['day_at'])}: {words.pill(row['verdict'])}, "
        f"{row['on_time']} of {words.plural(row['slots'], 'slot')} on time"
        for row in days.iter_rows(named=True)
    ]
    labels = [day_text(at) for at in days["day_at"]]
    return days.select(pl.col("job_id").replace(dict(names)).alias("job"), "verdict").with_columns(
        pl.Series("day", labels, dtype=pl.String), pl.Series("said", said, dtype=pl.String)
    )
