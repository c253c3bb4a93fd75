"""How good the forecasts have been: past slots are forecast anew as of their due time and compared with what came.

A forecast is well calibrated when four of five finishes fall between its 10 and 90 % times, and when of the slots with
a miss probability of 70 % seven of ten miss. Every forecast knows only what had happened before it; the past of the
jobs is learned a dozen times on the way, so that a forecast knows up to a twelfth of the span less than a real one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analysis.finish_forecast import SAMPLES, learn_past
from analysis.forecast_nodes import Nodes
from analysis.forecast_samples import sample_finishes
from analysis.run_book import Book
from config.estate import RefreshJob
from store.rows import Verdict

FEWEST_RUNS = 5
MOST_FORECASTS = 6_000  # thinned evenly beyond that
TIMES_LEARNED = 12
BINS = 10
NOT_FINISHED = (Verdict.FAILED, Verdict.MISSED, Verdict.UNKNOWN, Verdict.WITHDRAWN)
OUTCOMES = {"low": pl.Float64, "high": pl.Float64, "finished": pl.Float64, "miss_ratio": pl.Float64, "miss": pl.Float64}


@dataclass(frozen=True, slots=True)
class Calibration:
    """How good forecasts were; the figures are None where nothing could be forecast.

    `brier` is the mean squared error of the miss probability (0 is perfect), `brier_of_base_rate` that of always
    saying the share of misses; `coverage_80` the share of finishes between the 10 and 90 % times. `bins` has columns
    from_ratio, to_ratio, forecasts, forecast_ratio, missed_ratio.
    """

    brier: float | None
    brier_of_base_rate: float | None
    coverage_80: float | None
    forecasts: int
    misses: int
    bins: pl.DataFrame


def replayed(jobs: Sequence[RefreshJob], runs: pl.DataFrame, slots: pl.DataFrame, per_job: int = 30) -> Calibration:
    """The calibration over the newest `per_job` finished slots of every job that had five runs to learn from.

    `runs` and `slots` have the columns of refresh_runs and refresh_slots. Raises ValueError for `per_job` below 1.
    """
    if per_job < 1:
        raise ValueError(f"per_job is {per_job}; expected 1 or more.")
    targets = _targets(jobs, slots, per_job)
    book = Book.of(jobs, runs, slots)
    steps = targets.partition_by("step", maintain_order=True)
    outcomes = [_outcomes(jobs, runs, slots, book, step) for step in steps]
    return _judged(pl.concat([pl.DataFrame(schema=OUTCOMES), *outcomes]))


def _targets(jobs: Sequence[RefreshJob], slots: pl.DataFrame, per_job: int) -> pl.DataFrame:
    """The slots to forecast anew in order of time: row, job_id, due_at, and `step`, between which jobs are learned."""
    is_told = (
        pl.col("job_id").is_in([job.id for job in jobs])
        & (pl.col("finished_at") > pl.col("due_at"))
        & ~pl.col("verdict").is_in(NOT_FINISHED)
    )
    told = slots.with_row_index("row").filter(is_told).sort("due_at").group_by("job_id", maintain_order=True)
    newest = told.tail(per_job).select("row", "job_id", "due_at").sort("due_at", "row")
    thinned = newest.gather_every(max(1, -(-newest.height // MOST_FORECASTS)))
    due = pl.col("due_at").cast(pl.Datetime("us")).cast(pl.Int64)
    return thinned.with_columns(((due - due.min()) * TIMES_LEARNED // (due.max() - due.min() + 1)).alias("step"))


def _outcomes(
    jobs: Sequence[RefreshJob], runs: pl.DataFrame, slots: pl.DataFrame, book: Book, step: pl.DataFrame
) -> pl.DataFrame:
    """Forecasts of the slots of one step and what came of them, with the columns OUTCOMES."""
    past = learn_past(jobs, runs, slots, step["due_at"][0])
    places = {job.id: n for n, job in enumerate(jobs)}
    nodes, wanted = Nodes(book), []
    finishes = []
    for row, job_id, _, _ in step.rows():
        job = places[job_id]
        if past.durations.runs[job] < FEWEST_RUNS:
            continue
        place = book.slots[job].row.index(row)
        node = nodes.add(job, place, book.slots[job].due[place])
        if node is not None:
            wanted.append(node)
            finishes.append(book.slots[job].finished[place])
    nodes.settle()
    found = sample_finishes(nodes.nodes, book, past, 0, SAMPLES)
    picked = [nodes.nodes[n] for n in wanted]
    return pl.DataFrame(
        {
            "low": found.quantiles[wanted, 0],
            "high": found.quantiles[wanted, 2],
            "finished": [end - node.now for end, node in zip(finishes, picked, strict=True)],
            "miss_ratio": found.missed[wanted],
            "miss": [float(end > node.deadline) for end, node in zip(finishes, picked, strict=True)],
        },
        schema=OUTCOMES,
    )


def _judged(outcomes: pl.DataFrame) -> Calibration:
    edge = (pl.col("miss_ratio") * BINS).floor().clip(0, BINS - 1)
    bins = (
        outcomes.group_by((edge / BINS).alias("from_ratio"), ((edge + 1) / BINS).alias("to_ratio"))
        .agg(
            pl.len().cast(pl.Int64).alias("forecasts"),
            pl.col("miss_ratio").mean().alias("forecast_ratio"),
            pl.col("miss").mean().alias("missed_ratio"),
        )
        .sort("from_ratio")
    )
    if outcomes.is_empty():
        return Calibration(None, None, None, 0, 0, bins)
    miss, ratio = outcomes["miss"].to_numpy(), outcomes["miss_ratio"].to_numpy()
    is_covered = outcomes["finished"].is_between(outcomes["low"], outcomes["high"]).to_numpy()
    return Calibration(
        brier=float(((ratio - miss) ** 2).mean()),
        brier_of_base_rate=float(((miss.mean() - miss) ** 2).mean()),
        coverage_80=float(is_covered.mean()),
        forecasts=miss.size,
        misses=int(miss.sum()),
        bins=bins,
    )
