"""What the verb `monitor` answers: the machine format of a watched series, lines for people, and a table to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from analysis.spc.streaming import Watched
from app.chart_files import UNREADABLE, Columns, Series, scan_file
from app.chart_times import TIME
from collectors.base import SourceError

ANOMALIES_SAID = 40
ADDED = ("score", "is_anomaly")


@dataclass(frozen=True, slots=True)
class Monitored:
    """A series and what the monitor found in it; `rows` counts all its rows in the file, with a value or without."""

    series: Series
    watched: Watched
    rows: pl.Series
    notes: tuple[str, ...]

    def columns(self) -> pl.DataFrame:
        """`row`, `score` (null without a value) and `is_anomaly` of every row of the series."""
        judged = pl.DataFrame({"row": self.series.rows, ADDED[0]: self.watched.scores, ADDED[1]: self.watched.alarms})
        rows = pl.DataFrame({"row": self.rows.cast(pl.Int64)})
        return rows.join(judged, on="row", how="left", maintain_order="left").with_columns(
            pl.col(ADDED[1]).fill_null(value=False)
        )


def answer(found: Monitored, threshold: float, notes: list[str]) -> dict[str, object]:
    """One series as JSON holds it; `notes` stand before its own."""
    columns = found.columns()
    return {
        "n": columns.height,
        "threshold": threshold,
        "score": columns[ADDED[0]].to_list(),
        "is_anomaly": columns[ADDED[1]].to_list(),
        "anomalies": [_anomaly(found, int(place)) for place in np.flatnonzero(found.watched.alarms)],
        "notes": [*notes, *found.notes],
    }


def _anomaly(found: Monitored, place: int) -> dict[str, object]:
    series = found.series
    at = series.times[place] if series.times is not None else None
    score = float(found.watched.scores[place])
    return {"row": int(series.rows[place]), "time": at, "value": float(series.values[place]), "score": score}


def text(name: str, found: Monitored | SourceError) -> str:
    """One series for a person: how many rows, the anomalies, the notes."""
    title = f"{name}: " if name else ""
    if isinstance(found, SourceError):
        return f"{title}{found}"
    places = np.flatnonzero(found.watched.alarms)
    rows = f"{found.rows.len()} {'row' if found.rows.len() == 1 else 'rows'}"
    lines = [f"{title}{rows}, {places.size or 'no'} {'anomaly' if places.size == 1 else 'anomalies'}"]
    for place in places[:ANOMALIES_SAID]:
        one = _anomaly(found, int(place))
        at = f" at {one['time']}" if one["time"] is not None else ""
        lines.append(f"row {one['row']}{at}: value {one['value']:.6g}, score {one['score']:.3f}")
    if places.size > ANOMALIES_SAID:
        lines.append(f"and {places.size - ANOMALIES_SAID} more; --out FILE keeps all.")
    return "\n".join([*lines, *(f"Note: {note}" for note in found.notes)])


def check_columns(path: Path, columns: Columns) -> None:
    """Raises SourceError where the file has a column that the table would need for its own."""
    taken = [name for name in scan_file(path, columns).collect_schema().names() if name in ADDED]
    if taken:
        raise SourceError(f"{path} has a column {taken[0]!r}, which --out adds; rename it first.")


def write_table(out: Path, path: Path, columns: Columns, frame: pl.DataFrame, found: Mapping[str, Monitored]) -> None:
    """The rows of `path` in order with `score` and `is_anomaly`; both null in a series that could not be watched.

    A CSV keeps the text it had; in Parquet the values are numbers and the times are times, UTC.
    """
    whole = _whole(path, columns).with_row_index("row", offset=1).cast({"row": pl.Int64})
    judged = pl.concat([one.columns() for one in found.values()])
    table = whole.join(judged, on="row", how="left", maintain_order="left").drop("row")
    if out.suffix == ".csv":
        table.write_csv(out)
        return
    if table[columns.value].dtype == pl.String:
        table = table.with_columns(pl.col(columns.value).str.strip_chars().cast(pl.Float64, strict=False))
        if columns.time:
            table = table.with_columns(frame[TIME].alias(columns.time))
    table.write_parquet(out)


def _whole(path: Path, columns: Columns) -> pl.DataFrame:
    try:
        return scan_file(path, columns).collect()
    except UNREADABLE as error:
        said = str(error).splitlines()[0]
        raise SourceError(f"{path} cannot be read whole ({said}); expected rows as long as the header.") from error
