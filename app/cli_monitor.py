"""The verb `monitor`: anomaly scores of any CSV or Parquet, row by row as they come, one series or one per group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import numpy as np
import polars as pl

from analysis.spc.streaming import THRESHOLD, watch
from analysis.spc.streaming_simple import EARLY_LEAST, EARLY_ROWS
from app.chart_answers import check_out
from app.chart_files import Columns, Numbers, Series, read_frame, series_of
from app.chart_times import TIME
from app.cli_output import JSON_OPTION, say
from app.monitor_answers import Monitored, answer, check_columns, text, write_table
from collectors.base import SourceError

EPOCH_SECONDS = (1e8, 1e10)
EPOCH_UNITS = (1.0, 1e3, 1e6, 1e9)


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--value", required=True, help="Column of the values.")
@click.option("--time", help="Column of the times, not going back: times, dates, numbers, or seconds since 1970.")
@click.option("--by", help="Column whose values name the series: each is watched by itself.")
@click.option(
    "--threshold", type=click.FloatRange(0, 1), default=THRESHOLD, show_default=True, help="Score that is an anomaly."
)
@click.option("--out", type=click.Path(path_type=Path), help="CSV or Parquet for the rows with score and is_anomaly.")
@JSON_OPTION
@click.pass_context
def monitor(
    context: click.Context,
    path: Path,
    value: str,
    time: str | None,
    by: str | None,
    threshold: float,
    out: Path | None,
    as_json: bool,
) -> None:
    """Anomalies in a stream; exit status 1 on any. Example: python -m app monitor a.csv --time at --value y

    The score of a row, 0 to 1, depends on no later row. A row without a value has no score.
    """
    if np.isnan(threshold):
        raise click.BadParameter("nan is no number from 0 to 1.", param_hint="--threshold")
    columns = Columns(value, time, by=by)
    if out:
        check_out(out)
    frame, notes = read_frame(path, columns)
    if frame.is_empty():
        raise SourceError(f"{path} has no rows; expected at least one below the header.")
    if out:
        check_columns(path, columns)
    found = {name: _monitored(rows, columns, threshold) for name, rows in _groups(frame, by)}
    good = {name: one for name, one in found.items() if isinstance(one, Monitored)}
    wrong = {name: one for name, one in found.items() if isinstance(one, SourceError)}
    if not good:
        raise SourceError(_sentence(path, wrong, bool(by)))
    if out:
        write_table(out, path, columns, frame, good)
    lines = [*(f"Note: {note}" for note in notes), *(text(name, one) for name, one in found.items())]
    say(as_json, _answer(found, threshold, notes, bool(by)), "\n".join(lines))
    if wrong:
        click.echo(f"shewhart: {_sentence(path, wrong, True)}", err=True)
    context.exit(2 if wrong else 1 if any(one.watched.alarms.any() for one in good.values()) else 0)


def _groups(frame: pl.DataFrame, by: str | None) -> Iterator[tuple[str, pl.DataFrame]]:
    """The rows of every series by name, in order of first appearance."""
    if not by:
        yield "", frame
        return
    for rows in frame.with_columns(pl.col("by").cast(pl.String).fill_null("")).partition_by("by", maintain_order=True):
        yield str(rows["by"][0]), rows


def _monitored(rows: pl.DataFrame, columns: Columns, threshold: float) -> Monitored | SourceError:
    """What the monitor found in one series, or the sentence why it cannot be watched."""
    try:
        if columns.time:
            _refuse_going_back(rows, columns.time)
        ((_, series),) = series_of(rows, Columns(columns.value, columns.time))
    except SourceError as error:
        return error
    if isinstance(series, SourceError):
        return series
    watched = watch(series.values, _seconds(series), threshold)
    return Monitored(series, watched, rows["row"], tuple(_notes(series, watched.is_counter)))


def _refuse_going_back(rows: pl.DataFrame, column: str) -> None:
    """SourceError naming the first row whose time is before that of a row above it."""
    times = rows.filter(pl.col(TIME).is_not_null())
    back = times.with_columns(pl.col(TIME).shift(1).alias("before")).filter(pl.col(TIME) < pl.col("before")).head(1)
    if not back.is_empty():
        row, now, before = back["row"][0], back[TIME][0], back["before"][0]
        raise SourceError(
            f"Column {column!r} goes back in row {row}, from {before} to {now}; a monitor takes rows as they came: "
            "sort the file by time, or name the series with --by."
        )


def _seconds(series: Series) -> Numbers | None:
    """Seconds since 1970 of every row; None where there are no times of day."""
    times = series.times
    if times is None or times.is_empty():
        return None
    if times.dtype == pl.Datetime:
        return times.dt.epoch("us").to_numpy() / 1e6
    numbers = times.cast(pl.Float64).to_numpy()
    for unit in EPOCH_UNITS:
        if EPOCH_SECONDS[0] <= numbers[0] / unit < EPOCH_SECONDS[1]:
            return np.asarray(numbers / unit, dtype=np.float64)
    return None


def _notes(series: Series, is_counter: bool) -> Iterator[str]:
    yield from series.notes
    if is_counter:
        yield f"The first {EARLY_ROWS} rows only rise: watched as a counter, by what it gains; a reset is no loss."
    if series.values.size <= EARLY_LEAST:
        have = "1 value is" if series.values.size == 1 else f"{series.values.size} values are"
        yield f"{have} too few to judge any; expected more than {EARLY_LEAST}."
    elif series.values.size < EARLY_ROWS:
        yield f"Before row {EARLY_ROWS} only jumps far beyond all before can be found."


def _sentence(path: Path, wrong: Mapping[str, SourceError], is_grouped: bool) -> str:
    name, error = next(iter(wrong.items()))
    if not is_grouped:
        return f"{path}: {error}"
    others = f" and {len(wrong) - 1} more series cannot be watched" if len(wrong) > 1 else ""
    return f"{path}: series {name!r} cannot be watched: {error}{others}"


def _answer(
    found: Mapping[str, Monitored | SourceError], threshold: float, notes: list[str], is_grouped: bool
) -> dict[str, object]:
    if is_grouped:
        made = {
            name: answer(one, threshold, []) if isinstance(one, Monitored) else {"error": str(one)}
            for name, one in found.items()
        }
        return {"series": made, "notes": notes}
    (only,) = (one for one in found.values() if isinstance(one, Monitored))
    return answer(only, threshold, notes)
