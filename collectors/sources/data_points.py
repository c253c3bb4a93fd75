"""Asks every metric's source for its data points: a database by URL, a DuckDB file, or CSV and Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from collectors import notes
from collectors.asking import EXPORT, ask_source
from collectors.base import Collector, Context, Piece, SourceError, Yield
from collectors.parallel import finished
from collectors.points import Result, read_points
from config.quality import Metric
from store.errors import StatementError
from store.rows import DataPoint

COLLECTOR = Collector(
    name="data_points",
    group="files",
    every=timedelta(minutes=1),
    timeout=timedelta(minutes=5),
    help="Runs the `sql` of every metric of the estate on its `source`; new and changed points are kept.",
)
WORKERS = 4
SECONDS = 15.0  # for one statement
RUN_SECONDS = 240.0  # for all of them
MAX_ROWS = 100_000
MANIFEST = "manifest.json"

Found = tuple[list[DataPoint], str | None]


def collect(ctx: Context, seconds: float = SECONDS) -> Iterator[Yield]:
    """One piece per metric with new or changed points; `seconds` limits each statement."""
    known = notes.read(ctx.state)
    kept = {metric.id: known[metric.id] for metric in ctx.estate.metrics if metric.id in known}
    work = {metric.id: partial(ask, metric, ctx, seconds) for metric in ctx.estate.metrics}
    try:
        for metric_id, answer in finished(work, WORKERS, RUN_SECONDS):
            yield from _pieces(ctx, metric_id, answer, kept)
    finally:
        if kept != known:
            notes.write(ctx.state, kept)


def ask(metric: Metric, ctx: Context, seconds: float = SECONDS) -> Found:
    """The points of a metric now, and a sentence about rows without a value; raises SourceError naming the metric."""
    if EXPORT in metric.source and not (ctx.settings.export_path / MANIFEST).exists():
        return [], None  # the analysts' copy is first written a few seconds after the first start
    return read_points(metric.id, _query(metric, ctx, seconds), ctx.now)


def _query(metric: Metric, ctx: Context, seconds: float) -> Result:
    try:
        return ask_source(metric.source, metric.sql, ctx.settings, seconds, MAX_ROWS)
    except (SourceError, StatementError) as error:
        raise SourceError(f"metric {metric.id}: {str(error).removesuffix('.')}.") from error


def _pieces(ctx: Context, metric_id: str, answer: Found | BaseException, kept: dict[str, Any]) -> Iterator[Piece]:
    """What changed since the last run; the note about it is made after it was taken."""
    if isinstance(answer, BaseException):
        yield Piece(f"problem:{metric_id}", problem=_sentence(metric_id, answer))
        return
    points, problem = answer
    if problem:
        yield Piece(f"problem:{metric_id}", problem=problem)
    before = kept.get(metric_id, {})
    found = {point.observed_at.isoformat(): [point.value, point.size] for point in points}
    changed = [point for (at, value), point in zip(found.items(), points, strict=True) if before.get(at) != value]
    if changed:
        # The newest row of a piece becomes the metric's latest, so the newest point goes along with a corrected one.
        rows = changed if changed[-1] is points[-1] else [*changed, points[-1]]
        yield Piece(f"{metric_id}:{ctx.now.isoformat()}", rows=tuple(rows))
    kept[metric_id] = found


def _sentence(metric_id: str, error: BaseException) -> str:
    """An error of ours says it all; of any other only the kind is told, as its text may show a password."""
    if isinstance(error, SourceError):
        return str(error)
    return f"metric {metric_id}: {str(error) if isinstance(error, TimeoutError) else type(error).__name__}."
