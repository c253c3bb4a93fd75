"""Verbs that read a file or the analysts' copy: costs, SQL."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
import polars as pl

from app.cli_output import JSON_OPTION, plain, say
from collectors.focus import Summary, load_files
from store import clock, explore
from store.settings import settings
from store.spool import Spool


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
