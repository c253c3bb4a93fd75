"""When every run that is due or under way will have finished: sampled through the job graph, job after job.

A waiting run starts a usual wait after it is due and after the last finish upstream; a run under way lasts at least as
long as it has lasted; one that failed or was missed is taken to be run again at once. All samples are drawn from the
jobs' own past (analysis.durations, analysis.waits), so a forecast is no surer than the past was alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from analysis.durations import learn_durations
from analysis.forecast_nodes import Nodes
from analysis.forecast_samples import Finishes, Past, sample_finishes
from analysis.quantile_tables import Floats
from analysis.run_book import Book
from analysis.run_frames import arrows_of, places_of, succeeded_runs, with_upstream_size
from analysis.waits import learn_waits
from config.estate import RefreshJob
from store.rows import RefreshForecast, Verdict, column_names

SAMPLES = 400
AHEAD = timedelta(hours=24)
BEHIND = timedelta(days=3)
MOST_SLOTS = 48  # of one job, the soonest first
CLOSED = (Verdict.FAILED, Verdict.MISSED, Verdict.UNKNOWN, Verdict.WITHDRAWN)
EPOCH = datetime(1970, 1, 1)
COLUMNS = column_names(RefreshForecast)


def forecast(
    jobs: Sequence[RefreshJob],
    runs: pl.DataFrame,
    slots: pl.DataFrame,
    now: datetime,
    seed: int = 0,
    samples: int = SAMPLES,
) -> pl.DataFrame:
    """A row per slot that is not finished and due within 24 hours, with the columns of RefreshForecast.

    `runs` and `slots` have the columns of refresh_runs and refresh_slots; waits are learned from the slots, so give
    those of some weeks. `miss_ratio` is the share of samples after the deadline, `slack_seconds` the deadline less the
    median. A job with fewer than five `runs` gets a wide forecast.
    """
    recent = slots.filter(pl.col("due_at") >= now - BEHIND)
    nodes = Nodes(Book.of(jobs, runs, recent))
    is_open = recent.select(
        pl.col("finished_at").is_null() & (pl.col("due_at") <= now + AHEAD) & ~pl.col("verdict").is_in(CLOSED)
    ).to_series()
    wanted = _add_open(nodes, is_open.to_list(), (now - EPOCH).total_seconds())
    nodes.settle()
    past = learn_past(jobs, runs, slots, now)
    found = sample_finishes(nodes.nodes, nodes.book, past, seed, samples)
    return _told(nodes, wanted, found, recent, past.durations.runs.tolist(), now)


def learn_past(jobs: Sequence[RefreshJob], runs: pl.DataFrame, slots: pl.DataFrame, now: datetime) -> Past:
    """What the jobs had been like by `now`."""
    places, arrows = places_of(jobs), arrows_of(jobs)
    done = succeeded_runs(runs, places, now)
    durations = learn_durations(with_upstream_size(done, arrows), len(jobs))
    return Past(durations, learn_waits(slots, places, done, arrows, now))


def _add_open(nodes: Nodes, is_open: Sequence[bool], at: float) -> list[int]:
    """The numbers of the nodes of open slots, the soonest of each job."""
    wanted: list[int] = []
    for job, slots in enumerate(nodes.book.slots):
        places = [place for place, row in enumerate(slots.row) if is_open[row]]
        added = [nodes.add(job, place, at) for place in places[:MOST_SLOTS]]
        wanted.extend(node for node in added if node is not None)
    return wanted


def _told(
    nodes: Nodes, wanted: Sequence[int], found: Finishes, recent: pl.DataFrame, runs: Sequence[int], now: datetime
) -> pl.DataFrame:
    picked = [nodes.nodes[n] for n in wanted]
    ways = [_way(n, nodes, found) for n in wanted]
    low, median, high = (_times(found.quantiles[wanted, column], now) for column in range(3))
    return (
        recent[[node.row for node in picked]]
        .select("job_id", pl.col("due_at", "deadline_at").cast(pl.Datetime("us")))
        .with_columns(
            pl.lit(now, dtype=pl.Datetime("us")).alias("forecast_at"),
            low.alias("p10_at"),
            median.alias("median_at"),
            high.alias("p90_at"),
            pl.Series("miss_ratio", found.missed[wanted], dtype=pl.Float64),
            ((pl.col("deadline_at") - median).dt.total_milliseconds() / 1000).alias("slack_seconds"),
            pl.Series("blocked_by", [way[0] if len(way) > 1 else "" for way in ways], dtype=pl.String),
            pl.Series("path", [" > ".join(way) if len(way) > 1 else "" for way in ways], dtype=pl.String),
            pl.Series("runs", [int(runs[node.job]) for node in picked], dtype=pl.Int64),
        )
        .select(COLUMNS)
    )


def _times(seconds: Floats, now: datetime) -> pl.Series:
    """Instants so many seconds after `now`, to the second."""
    whole = np.round(seconds).astype(np.int64) * 1_000_000
    return pl.Series(whole, dtype=pl.Int64).cast(pl.Duration("us")) + now


def _way(node: int, nodes: Nodes, found: Finishes) -> list[str]:
    """The jobs from the one to chase to this one; only this one when nothing upstream holds it up."""
    way = [node]
    while found.held_by[way[-1]] >= 0:
        way.append(int(found.held_by[way[-1]]))
    return [nodes.book.ids[nodes.nodes[n].job] for n in reversed(way)]
