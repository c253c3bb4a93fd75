"""Slots: the times at which the expectations of jobs want a run, with the windows by which runs are judged.

Jobs that have the same expectation share its due times, which are found once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import polars as pl

from analysis.slots_derived import TIME, Wanted, by_interval, by_upstream
from analysis.slots_runs import counted_runs, family
from analysis.timetable import deadline, deadline_after, due_times, next_due, previous_due, rests
from config.estate import RefreshJob
from config.refreshes import Calendar, Expectation

SCHEMA = {
    "job_id": pl.String,
    "expectation": pl.String,
    "due_at": TIME,
    "early_from_at": TIME,
    "start_by_at": TIME,
    "deadline_at": TIME,
    "next_due_at": TIME,
    "next_clock_at": TIME,
    "previous_due_at": TIME,
    "previous_clock_at": TIME,
    "min_seconds": pl.Float64,
    "max_seconds": pl.Float64,
}
KEY = ("job_id", "number", "due_at")
EARLY_SHARE = 4  # at most a quarter of the time since the due time before is early for the next


def expected_slots(
    jobs: Sequence[RefreshJob],
    calendars: Sequence[Calendar],
    runs: pl.DataFrame,
    first: datetime,
    until: datetime,
    now: datetime | None = None,
) -> pl.DataFrame:
    """The slots due in [first, until), one row each, in order of job, due time and expectation.

    `runs` has the columns of refresh_runs; it must hold the last success before `first` of jobs that are expected at
    an interval. Further slots after an unanswered one of an interval exist up to `now` (default: `until`).

    `early_from_at` is where the slot's window opens: `early_seconds` before the due time, or less where the due time
    before is near; for an interval the last success. `next_due_at` is the following due time of the same expectation
    (null if unknown), `next_clock_at` the same with the days on which its calendar rests; `previous_due_at` is the due
    time before and `previous_clock_at` what the clock showed next after that one.
    """
    wanted = [(job, one) for job in jobs if not job.is_paused for one in job.expectations]
    expectations = list(dict.fromkeys(one for _, one in wanted))
    numbers = {one: number for number, one in enumerate(expectations)}
    asked = [Wanted(job.id, numbers[one], one, tuple(job.upstream)) for job, one in wanted]
    named = {calendar.id: calendar for calendar in calendars}
    counted = counted_runs(runs)
    derived = pl.concat([by_interval(asked, counted, first, until, now or until), by_upstream(asked, counted)])
    dues = pl.concat([_by_clock(asked, expectations, named, first, until), _worked(derived, expectations, named)])
    framed = _with_previous(_with_early(_with_margins(dues, expectations)))
    kept = framed.filter((pl.col("due_at") >= first) & (pl.col("due_at") < until))
    return kept.sort("job_id", "due_at", "expectation").select(*SCHEMA)


def _by_clock(
    asked: Sequence[Wanted],
    expectations: Sequence[Expectation],
    calendars: Mapping[str, Calendar],
    first: datetime,
    until: datetime,
) -> pl.DataFrame:
    """Due times by the clock: job_id, number, due_at, opened_at (null), next_due_at, next_clock_at."""
    clocked = [(one.job_id, one.number) for one in asked if one.expectation.cron or one.expectation.workday]
    numbers = {number for _, number in clocked}
    frames = [
        _clock_frame(number, expectations[number], calendars.get(expectations[number].calendar or ""), first, until)
        for number in sorted(numbers)
    ]
    schema = {"job_id": pl.String, "number": pl.Int64}
    jobs = pl.DataFrame(clocked, schema=schema, orient="row")
    columns = ("due_at", "opened_at", "next_due_at", "next_clock_at")
    if not frames:
        return jobs.with_columns(pl.lit(None, dtype=TIME).alias(name) for name in columns)
    return jobs.join(pl.concat(frames), on="number").select("job_id", "number", *columns)


def _clock_frame(
    number: int, expectation: Expectation, calendar: Calendar | None, first: datetime, until: datetime
) -> pl.DataFrame:
    """The due times of one expectation, with the one before `first` and those that narrow what is early."""
    near = first - timedelta(seconds=EARLY_SHARE * expectation.early_seconds)
    start = min(near, previous_due(expectation, calendar, first) or first)
    ticking = calendar if expectation.workday is not None else None
    ticks = due_times(expectation, ticking, start, until)
    kept = ticks if calendar is None else [at for at in ticks if not rests(expectation, calendar, at)]
    after = next_due(expectation, ticking, ticks[-1]) if ticks else None
    follows = dict(zip(ticks, [*ticks[1:], after], strict=True))
    kept_after = next_due(expectation, calendar, kept[-1]) if kept else None
    return pl.DataFrame(
        {
            "number": [number] * len(kept),
            "due_at": kept,
            "opened_at": [None] * len(kept),
            "next_due_at": [*kept[1:], kept_after] if kept else [],
            "next_clock_at": [follows[at] for at in kept],
        },
        schema={"number": pl.Int64, "due_at": TIME, "opened_at": TIME, "next_due_at": TIME, "next_clock_at": TIME},
    )


def _worked(
    derived: pl.DataFrame, expectations: Sequence[Expectation], calendars: Mapping[str, Calendar]
) -> pl.DataFrame:
    """Slots that follow from runs, without the days on which their calendars rest."""
    named = {n: calendars.get(one.calendar or "") for n, one in enumerate(expectations)}
    ruled = {n: calendar for n, calendar in named.items() if calendar is not None}
    following = pl.col("due_at").shift(-1).over("job_id", "number", order_by="due_at")
    ticks = derived.with_columns(following.alias("next_clock_at"))
    if ruled:
        pairs = ticks.filter(pl.col("number").is_in(list(ruled))).select("number", "due_at").unique()
        resting = pairs.filter(
            pl.Series([rests(expectations[n], ruled[n], at) for n, at in pairs.rows()], dtype=pl.Boolean)
        )
        ticks = ticks.join(resting, on=["number", "due_at"], how="anti")
    return ticks.select("job_id", "number", "due_at", "opened_at", following.alias("next_due_at"), "next_clock_at")


def _with_margins(dues: pl.DataFrame, expectations: Sequence[Expectation]) -> pl.DataFrame:
    """Adds the expectation's id and bounds, start_by_at and deadline_at."""
    bounds = pl.DataFrame(
        [
            (
                n,
                one.id,
                one.early_seconds,
                one.start_margin_seconds,
                deadline_after(one),
                one.min_seconds,
                one.max_seconds,
            )
            for n, one in enumerate(expectations)
        ],
        schema={
            "number": pl.Int64,
            "expectation": pl.String,
            **dict.fromkeys(("early", "margin", "allowed", "min_seconds", "max_seconds"), pl.Float64),
        },
        orient="row",
    )
    by_clock = [n for n, one in enumerate(expectations) if one.deadline is not None]
    pairs = dues.filter(pl.col("number").is_in(by_clock)).select("number", "due_at").unique()
    clocks = pairs.with_columns(
        pl.Series("clock_at", [deadline(expectations[n], due) for n, due in pairs.rows()], dtype=TIME)
    )
    framed = dues.join(bounds, on="number").join(clocks, on=["number", "due_at"], how="left")
    ends = pl.coalesce("clock_at", pl.col("due_at") + _span("allowed"))
    return framed.with_columns(ends.alias("deadline_at")).with_columns(
        pl.min_horizontal(pl.col("due_at") + _span("margin"), "deadline_at").alias("start_by_at")
    )


def _with_early(slots: pl.DataFrame) -> pl.DataFrame:
    """Adds early_from_at, narrowed where another due time of the same job is near before."""
    ordered = slots.with_columns(family().alias("family")).sort("job_id", "family", "due_at")
    is_same = (pl.col("job_id") == pl.col("job_id").shift(1)) & (pl.col("family") == pl.col("family").shift(1))
    gap = pl.when(is_same).then((pl.col("due_at") - pl.col("due_at").shift(1)) / EARLY_SHARE)
    early = pl.min_horizontal(_span("early"), gap)
    return ordered.with_columns(pl.coalesce("opened_at", pl.col("due_at") - early).alias("early_from_at"))


def _with_previous(slots: pl.DataFrame) -> pl.DataFrame:
    """Adds previous_due_at and previous_clock_at."""
    ordered = slots.sort("job_id", "number", "due_at")
    is_same = (pl.col("job_id") == pl.col("job_id").shift(1)) & (pl.col("number") == pl.col("number").shift(1))
    return ordered.with_columns(
        pl.when(is_same).then(pl.col("due_at").shift(1)).alias("previous_due_at"),
        pl.when(is_same).then(pl.col("next_clock_at").shift(1)).alias("previous_clock_at"),
    )


def _span(seconds: str) -> pl.Expr:
    return (pl.col(seconds) * 1_000_000).round().cast(pl.Duration("us"))
