"""What is known of every job's slots and runs, to be looked up as of any time: what was done, running or waited for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from graphlib import TopologicalSorter

import numpy as np
import polars as pl

from analysis.run_frames import numbered, places_of
from config.estate import RefreshJob
from store.rows import RunStatus, Verdict

LONGEST_SECONDS = 3 * 86_400.0  # a run that still has not ended after so long has been lost
NEVER = float("inf")
NOT_RUN = (Verdict.FAILED, Verdict.MISSED)
UNTOLD = (Verdict.UNKNOWN, Verdict.WITHDRAWN)


class Phase(Enum):
    """Where a slot stands at a time."""

    WAITING = "waiting"
    RUNNING = "running"
    RERUN = "rerun"  # failed or missed: it takes another run, which nobody has started
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots of one job in order of due time; times are seconds since 1970, NEVER where there is none."""

    due: list[float]
    started: list[float]
    finished: list[float]
    deadline: list[float]
    verdict: list[str]
    row: list[int]  # the place in the frame that they came from

    def phase(self, place: int, now: float) -> Phase:
        """Where a slot stood at `now`, by what had happened until then."""
        verdict = self.verdict[place]
        if verdict in UNTOLD:
            return Phase.DONE
        if self.finished[place] <= now or (verdict == Verdict.FAILED and self.finished[place] == NEVER):
            return Phase.RERUN if verdict == Verdict.FAILED else Phase.DONE
        if verdict == Verdict.MISSED and self.deadline[place] <= now:
            return Phase.RERUN
        return Phase.RUNNING if self.started[place] <= now else Phase.WAITING


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of one job that were not backfills, by start, and the finishes of those that succeeded."""

    started: list[float]
    until: list[float]
    finished: list[float]
    brought: list[float]  # by finish; NaN where it is not known


@dataclass(frozen=True, slots=True)
class Book:
    """Slots and runs by the number of their job, with the job graph: who waits for whom, and how deep a job lies."""

    ids: tuple[str, ...]
    upstream: list[list[int]]
    depth: list[int]
    slots: list[Slots]
    runs: list[Runs]

    @classmethod
    def of(cls, jobs: Sequence[RefreshJob], runs: pl.DataFrame, slots: pl.DataFrame) -> Book:
        """The book of these frames, which have the columns of refresh_runs and refresh_slots."""
        places = places_of(jobs)
        upstream = [[places[name] for name in job.upstream if name in places] for job in jobs]
        depth = [0] * len(jobs)
        for job in TopologicalSorter(dict(enumerate(upstream))).static_order():
            depth[job] = max((depth[one] + 1 for one in upstream[job]), default=0)
        ids = tuple(job.id for job in jobs)
        return cls(ids, upstream, depth, _slots_by_job(slots, places), _runs_by_job(runs, places))

    def started_last(self, job: int, now: float) -> float:
        """When the newest run of a job had started by `now`; -inf for none."""
        started = self.runs[job].started
        place = bisect_right(started, now)
        return started[place - 1] if place else -NEVER

    def running_since(self, job: int, now: float) -> float | None:
        """When the newest run of a job started that was under way at `now`."""
        runs = self.runs[job]
        for place in range(bisect_right(runs.started, now) - 1, -1, -1):
            if runs.started[place] < now - LONGEST_SECONDS:
                break
            if runs.until[place] > now:
                return runs.started[place]
        return None

    def finished_last(self, job: int, now: float) -> tuple[float, float]:
        """When the newest run that had succeeded by `now` finished, and what it brought; (-inf, NaN) for none."""
        runs = self.runs[job]
        place = bisect_right(runs.finished, now)
        return (runs.finished[place - 1], runs.brought[place - 1]) if place else (-NEVER, float("nan"))

    def slot_before(self, job: int, due: float) -> int | None:
        """The place of the newest slot that is due at `due` or before."""
        place = bisect_right(self.slots[job].due, due)
        return place - 1 if place else None

    def first_slot_from(self, job: int, due: float) -> int:
        """The place of the first slot due at `due` or later."""
        return bisect_left(self.slots[job].due, due)


def seconds_of(column: str) -> pl.Expr:
    """A column of times as seconds since 1970."""
    return pl.col(column).cast(pl.Datetime("us")).cast(pl.Int64).cast(pl.Float64) / 1e6


def _parts(frame: pl.DataFrame, count: int) -> list[pl.DataFrame]:
    """The rows of each job; `frame` is sorted by job."""
    sizes = np.bincount(frame["job"].to_numpy(), minlength=count)
    ends = np.cumsum(sizes)
    return [frame.slice(int(end - size), int(size)) for end, size in zip(ends, sizes, strict=True)]


def _slots_by_job(slots: pl.DataFrame, places: dict[str, int]) -> list[Slots]:
    told = numbered(slots.with_row_index("row"), places).filter(pl.col("verdict") != Verdict.WITHDRAWN)
    columns = ("due_at", "started_at", "finished_at", "deadline_at")
    frame = told.select(
        "job", *(seconds_of(name).fill_null(NEVER) for name in columns), pl.col("verdict").cast(pl.String), "row"
    ).sort("job", "due_at")
    return [
        Slots(*(part[name].to_list() for name in (*columns, "verdict", "row"))) for part in _parts(frame, len(places))
    ]


def _runs_by_job(runs: pl.DataFrame, places: dict[str, int]) -> list[Runs]:
    is_told = pl.col("triggered_by").ne_missing("backfill") & pl.col("started_at").is_not_null()
    told = numbered(runs.filter(is_told & ~pl.col("status").is_in([RunStatus.QUEUED, RunStatus.SKIPPED])), places)
    is_over = pl.col("status") != RunStatus.RUNNING
    frame = told.select(
        "job",
        seconds_of("started_at"),
        pl.when(is_over).then(pl.coalesce("finished_at", "started_at")).alias("until_at"),
        pl.when(pl.col("status") == RunStatus.SUCCEEDED).then("finished_at").alias("finished_at"),
        pl.coalesce(pl.col("rows"), pl.col("bytes")).cast(pl.Float64).fill_null(float("nan")).alias("brought"),
    ).with_columns(seconds_of("until_at").fill_null(NEVER), seconds_of("finished_at"))
    by_start = _parts(frame.sort("job", "started_at"), len(places))
    by_finish = _parts(frame.drop_nulls("finished_at").sort("job", "finished_at"), len(places))
    return [
        Runs(
            start["started_at"].to_list(),
            start["until_at"].to_list(),
            end["finished_at"].to_list(),
            end["brought"].to_list(),
        )
        for start, end in zip(by_start, by_finish, strict=True)
    ]
