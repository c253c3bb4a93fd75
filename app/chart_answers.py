"""What the verb `chart` answers: the machine format of a chart, a few lines for people, and a table to keep."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl

from analysis.spc.charts import ControlChart, rules_at
from app.chart_kinds import Charted
from collectors.base import SourceError

SIGNALS_SAID = 40
FORMATS = (".csv", ".parquet")


def answer(charted: Charted) -> dict[str, object]:
    """One chart as JSON holds it; a cusum's `center` is its target, both its sums stand beside `statistic`."""
    chart = charted.chart
    more = dict(chart.more)
    center = more.pop("target", _center(chart))
    return {
        "kind": chart.kind,
        "n": chart.statistic.size,
        "center": center,
        "sigma": chart.sigma,
        "statistic": chart.statistic,
        "lcl": chart.lower_control_limits,
        "ucl": chart.upper_control_limits,
        "signals": chart.signals,
        **more,
        "notes": list(charted.notes),
    }


def _center(chart: ControlChart) -> float | np.ndarray[tuple[int], np.dtype[np.float64]]:
    lines = chart.center_lines
    return float(lines[0]) if bool(np.all(lines == lines[0])) else lines


def text(name: str, found: Charted | SourceError) -> str:
    """One series for a person: the lines, the signals, the notes."""
    title = f"{name}: " if name else ""
    if isinstance(found, SourceError):
        return f"{title}{found}"
    chart = found.chart
    center = chart.more.get("target", chart.center_line)
    lines = [
        f"{title}{chart.statistic.size} points, center {center:.6g}, sigma {chart.sigma:.6g}, "
        f"limits {chart.lower_control_limit:.6g} to {chart.upper_control_limit:.6g}"
        f"{'' if chart.has_steady_limits else ' at the newest point'}"
    ]
    lines += [f"{signal.rule} at point {signal.index}" for signal in chart.signals[:SIGNALS_SAID]]
    if len(chart.signals) > SIGNALS_SAID:
        counts = Counter(signal.rule for signal in chart.signals[SIGNALS_SAID:])
        lines.append(f"and {', '.join(f'{rule} at {count} more' for rule, count in counts.items())}")
    return "\n".join([*lines, *([] if chart.signals else ["No signals."]), *(f"Note: {note}" for note in found.notes)])


def check_out(path: Path) -> None:
    """Raises SourceError for a file the table cannot be written to, before anything is computed."""
    if path.suffix not in FORMATS:
        raise SourceError(f"{path} ends in {path.suffix or 'nothing'}; --out writes .csv or .parquet.")
    if not path.parent.is_dir():
        raise SourceError(f"There is no folder {path.parent} to write {path.name} to.")


def write_table(path: Path, found: list[tuple[str, Charted]]) -> None:
    """One row per point: group, index, row, time, statistic, center, lcl, ucl, rules."""
    tables = [_table(name, charted) for name, charted in found]
    whole = pl.concat(tables) if tables else pl.DataFrame()
    if path.suffix == ".parquet":
        whole.write_parquet(path)
    else:
        whole.write_csv(path)


def _table(name: str, charted: Charted) -> pl.DataFrame:
    chart = charted.chart
    count = chart.statistic.size
    return pl.DataFrame(
        {
            "group": pl.repeat(name, count, eager=True, dtype=pl.String),
            "index": np.arange(1, count + 1),
            "row": charted.rows,
            "time": charted.times if charted.times is not None else pl.repeat(None, count, eager=True),
            "statistic": chart.statistic,
            "center": chart.center_lines,
            "lcl": chart.lower_control_limits,
            "ucl": chart.upper_control_limits,
            "rules": pl.Series(rules_at(chart), dtype=pl.String),
        }
    )
