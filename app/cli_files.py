"""Verbs that read a file or the analysts' copy: control charts, costs, SQL."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
import numpy as np
import polars as pl

from analysis.control_chart import ControlChart, individuals
from analysis.detection_rules import NELSON, WESTERN_ELECTRIC
from app.cli_output import JSON_OPTION, plain, say
from collectors.base import SourceError
from collectors.focus import Summary, load_files
from store import clock, explore
from store.settings import settings
from store.spool import Spool

FEWEST_VALUES = 2
RULE_SETS = {"nelson": NELSON, "western_electric": WESTERN_ELECTRIC}


@click.command()
@click.argument("statement")
@JSON_OPTION
def sql(statement: str, as_json: bool) -> None:
    """Read-only SQL on the analysts' copy. Example: python -m app sql "select count(*) from metric_samples" """
    conf = settings()
    limits = explore.Limits(conf.explore_seconds, conf.explore_rows, conf.explore_memory)
    result = explore.run(statement, conf.export_path, limits)
    answer = {
        "columns": result.frame.columns,
        "rows": result.frame.rows(),
        "as_of": result.as_of,
        "is_cut": result.is_cut,
    }
    with pl.Config(tbl_rows=50, tbl_cols=20, fmt_str_lengths=80, tbl_hide_dataframe_shape=True):
        text = f"{result.frame}\n{result.frame.height} rows, as of {result.as_of} UTC{', cut' if result.is_cut else ''}"
    say(as_json, answer, text)


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--value", "column", required=True, help="Column of the values.")
@click.option("--time", "time_column", help="Column to order by.")
@click.option("--kind", type=click.Choice(["individuals"]), default="individuals", show_default=True)
@click.option("--rules", type=click.Choice(list(RULE_SETS)), default="nelson", show_default=True)
@click.option("--baseline", type=click.IntRange(2), help="Limits from the first N values.")
@click.option("--center", type=float, help="A given center line.")
@click.option("--sigma", type=float, help="A given sigma.")
@JSON_OPTION
@click.pass_context
def chart(
    context: click.Context,
    path: Path,
    column: str,
    time_column: str | None,
    kind: str,
    rules: str,
    baseline: int | None,
    center: float | None,
    sigma: float | None,
    as_json: bool,
) -> None:
    """Control chart of a CSV or Parquet; exit status 1 on signals. Example: python -m app chart a.csv --value y"""
    values = _values(path, column, time_column)
    found = individuals(values, baseline, center, sigma, RULE_SETS[rules])
    say(as_json, _chart_answer(kind, found), _chart_text(found))
    context.exit(1 if found.signals else 0)


def _values(path: Path, column: str, time_column: str | None) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    frame = _read(path)
    for name in (column, time_column):
        if name and name not in frame.columns:
            raise SourceError(f"{path} has no column {name!r}; it has {', '.join(frame.columns)}.")
    kind = frame[column].dtype
    if not kind.is_numeric() and kind != pl.String:
        raise SourceError(f"Column {column!r} of {path} holds {kind}, expected numbers.")
    ordered = frame.sort(time_column, maintain_order=True) if time_column else frame
    numbers = ordered[column].cast(pl.Float64, strict=False)
    for row, (number, found) in enumerate(zip(numbers, ordered[column], strict=True), start=1):
        if number is None:
            shown = "nothing" if found is None else repr(found)
            raise SourceError(f"Column {column!r} of {path} has {shown} as value {row}, expected a number.")
    if len(numbers) < FEWEST_VALUES:
        raise SourceError(
            f"Column {column!r} of {path} has {len(numbers)} values; a chart needs {FEWEST_VALUES} or more."
        )
    return numbers.to_numpy()


def _read(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise SourceError(f"There is no file {path}.")
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        return pl.read_csv(path, try_parse_dates=True, infer_schema_length=None)
    except pl.exceptions.PolarsError as error:
        said = str(error).splitlines()[0]
        raise SourceError(f"{path} cannot be read ({said}); expected a CSV with a header, or Parquet.") from error


def _chart_answer(kind: str, found: ControlChart) -> dict[str, object]:
    count = len(found.statistic)
    return {
        "kind": kind,
        "n": count,
        "center": found.center_line,
        "sigma": found.sigma,
        "statistic": found.statistic,
        "lcl": [found.lower_control_limit] * count,
        "ucl": [found.upper_control_limit] * count,
        "signals": [asdict(signal) for signal in found.signals],
    }


def _chart_text(found: ControlChart) -> str:
    lines = [
        f"{len(found.statistic)} points, center {found.center_line:.6g}, sigma {found.sigma:.6g}, "
        f"limits {found.lower_control_limit:.6g} to {found.upper_control_limit:.6g}"
    ]
    lines += [f"{signal.rule} at point {signal.index}" for signal in found.signals] or ["No signals."]
    return "\n".join(lines)


@click.group()
def costs() -> None:
    """Costs in FOCUS files. Example: python -m app costs load charges.csv"""


@costs.command("load")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--source", help="Name under which the file's billing periods are replaced; default: the file's name.")
@JSON_OPTION
@click.pass_context
def load_costs(context: click.Context, path: Path, source: str | None, as_json: bool) -> None:
    """Load FOCUS CSV or Parquet; whole billing periods are replaced. Example: python -m app costs load charges.csv"""
    paths = sorted(path.glob("*")) if path.is_dir() else [path]
    now = clock.now()
    # Asked for by a person, so it becomes the current load even if the same file was loaded before another one.
    loaded = load_files(paths, source or path.stem, now, era=int(now.timestamp() * 1000))
    spool = Spool(settings().spool_path, "focus_costs")
    for piece in loaded.pieces:
        if piece.rows or piece.frames:
            spool.put(piece.rows, piece.frames, key=piece.key)
    answer = _load_answer(loaded.summary)
    say(as_json, answer, json.dumps(answer, default=plain, indent=1))
    context.exit(2 if loaded.summary.refused else 0)


def _load_answer(summary: Summary) -> dict[str, object]:
    """What was loaded; the fields of the one total stand at the top where there is one currency, as there should be."""
    totals = [asdict(total) for total in summary.totals]
    first = totals[0] if len(totals) == 1 else {}
    return {"rows": summary.rows, **first, "totals": totals, "refused": dict(summary.refused)}
