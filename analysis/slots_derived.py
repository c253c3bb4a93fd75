"""Slots that follow from runs: at an interval after the last success, or when all jobs upstream have succeeded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import polars as pl

from analysis.slots_runs import INSTANT
from analysis.timetable import deadline_after
from config.refreshes import Expectation

TIME = pl.Datetime("us")
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "job_id": pl.String,
    "number": pl.Int64,
    "due_at": TIME,
    "opened_at": TIME,
}
FEWEST_GAPS = 2
BEGINNING = datetime(1, 1, 1)


class Wanted(NamedTuple):
    """One expectation of one job; `number` is its place in the list of all different expectations."""

    job_id: str
    number: int
    expectation: Expectation
    upstream: tuple[str, ...]


def by_interval(
    asked: Sequence[Wanted], counted: pl.DataFrame, first: datetime, until: datetime, now: datetime
) -> pl.DataFrame:
    """Slots `every_seconds` after the end of the last success: job_id, number, due_at, opened_at.

    The first known run is due when it started. While nothing succeeds a further slot is due every interval, from the
    time it is due on. While a run is under way that started before, that slot waits until its deadline has passed.
    """
    rows = [
        (one.job_id, one.number, one.expectation.every_seconds, deadline_after(one.expectation))
        for one in asked
        if one.expectation.every_seconds is not None
    ]
    schema = {"job_id": pl.String, "number": pl.Int64, "every": pl.Float64, "allowed": pl.Float64}
    spans = ((pl.col(name) * 1_000_000).round().cast(pl.Duration("us")) for name in ("every", "allowed"))
    jobs = pl.DataFrame(rows, schema=schema, orient="row").with_columns(spans)
    links = _links(counted.join(jobs.select("job_id").unique(), on="job_id", how="semi"), now)
    chained = jobs.join(links, on="job_id")
    due = pl.coalesce(pl.col("base_at") + pl.col("every"), "begun_at")
    # Of the slots after the first of a link those exist that are due by then.
    lasting = pl.max_horizontal("at", pl.col("ended_at") - pl.col("allowed"))
    last = ((lasting - due).cast(pl.Int64) // pl.col("every").cast(pl.Int64)).clip(lower_bound=0)
    earliest = -((due - first).cast(pl.Int64) // pl.col("every").cast(pl.Int64))
    counts = pl.int_ranges(pl.max_horizontal(earliest, pl.lit(0)), last + 1)
    each = (
        chained.with_columns(counts.alias("count"))
        .explode("count", empty_as_null=False)
        .with_columns((due + pl.col("every") * pl.col("count")).alias("due_at"))
    )
    opened = pl.when(pl.col("count") == 0).then("opened_at").otherwise("due_at")
    return each.filter(pl.col("due_at") < until).select("job_id", "number", "due_at", opened.alias("opened_at"))


def _links(counted: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """From each success to the next: job_id, base_at (its end), opened_at, begun_at; at and ended_at of the next.

    The first link of a job has no base and opens at its first run, which had `begun_at`. The last ends now, or at the
    run under way.
    """
    successes = _chain(counted.filter("is_ok"))
    in_order = counted.sort("at", "run_id").group_by("job_id", maintain_order=True)
    beginnings, newest = in_order.first(), in_order.last()
    ends = newest.select(
        "job_id",
        pl.when("is_running").then("at").otherwise(pl.lit(now, dtype=TIME)).alias("at"),
        pl.lit(now, dtype=TIME).alias("ended_at"),
    )
    answers = pl.concat([successes.drop("opened_at"), ends]).with_columns(
        pl.int_range(pl.len()).over("job_id").alias("place"),
    )
    bases = successes.select(
        "job_id",
        (pl.int_range(pl.len()).over("job_id") + 1).alias("place"),
        pl.col("ended_at").alias("base_at"),
        "opened_at",
        pl.lit(None, dtype=TIME).alias("begun_at"),
    )
    first = beginnings.select(
        "job_id",
        pl.lit(0, dtype=pl.Int64).alias("place"),
        pl.lit(None, dtype=TIME).alias("base_at"),
        pl.col("at").alias("opened_at"),
        pl.coalesce("started_at", pl.col("at") + INSTANT).alias("begun_at"),
    )
    return pl.concat([first, bases]).join(answers, on=["job_id", "place"])


def _chain(successes: pl.DataFrame) -> pl.DataFrame:
    """The successes that each started after the one before had ended: job_id, at, ended_at, opened_at (what follows).

    Of overlapping ones the first to end counts; those that end at the same instant belong together.
    """
    chain: list[tuple[str, datetime, datetime, datetime]] = []
    for job_id, at, ended_at in successes.select("job_id", "at", "ended_at").sort("job_id", "ended_at", "at").rows():
        opened_at = max(ended_at, at + timedelta(microseconds=1))
        last = chain[-1] if chain and chain[-1][0] == job_id else None
        if last is None or (at >= last[3] and ended_at > last[2]):
            chain.append((job_id, at, ended_at, opened_at))
        elif ended_at == last[2]:
            chain[-1] = (*last[:3], max(last[3], opened_at))
    times = dict.fromkeys(("at", "ended_at", "opened_at"), TIME)
    return pl.DataFrame(chain, schema={"job_id": pl.String, **times}, orient="row")


def by_upstream(asked: Sequence[Wanted], counted: pl.DataFrame) -> pl.DataFrame:
    """Slots due when all jobs upstream have succeeded since the slot before, with the columns of `by_interval`."""
    waiting = [one for one in asked if one.expectation.after_upstream]
    names = {name for one in waiting for name in one.upstream}
    ok = counted.filter(pl.col("is_ok") & pl.col("job_id").is_in(list(names))).sort("ended_at")
    ends: dict[str, list[datetime]] = {name: [] for name in names}
    for job_id, at in ok.select("job_id", "ended_at").iter_rows():
        ends[job_id].append(at)
    cycles: dict[frozenset[str], list[datetime]] = {}
    rows: list[tuple[str, int, datetime, None]] = []
    for one in waiting:
        group = frozenset(one.upstream)
        if group not in cycles:
            cycles[group] = list(_cycles([ends[name] for name in sorted(group)]))
        rows.extend((one.job_id, one.number, due, None) for due in cycles[group])
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _cycles(ends: Sequence[Sequence[datetime]]) -> Iterator[datetime]:
    """When the last of several jobs had succeeded, once per cycle; `ends` are the successes of each, in order.

    The successes of a cycle lie close together: with n jobs that run daily, within n-1 of n parts of a day. So a job
    that fails once does not leave all later cycles one success behind, and it does not matter where the history begins.
    """
    gaps = [_usual_gap(one) for one in ends]
    within = None if None in gaps else max(gap for gap in gaps if gap is not None) * (1 - 1 / max(len(ends), 2))
    newest: list[datetime | None] = [None] * len(ends)
    before = BEGINNING
    for at, place in sorted((at, place) for place, one in enumerate(ends) for at in one):
        newest[place] = at
        known = [one for one in newest if one is not None and one > before]
        if len(known) == len(ends) and (within is None or len(ends) == 1 or at - min(known) <= within):
            yield at
            before = at


def _usual_gap(ends: Sequence[datetime]) -> timedelta | None:
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(ends)]
    return timedelta(seconds=median(gaps)) if len(gaps) >= FEWEST_GAPS else None
