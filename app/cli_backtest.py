"""The verb `backtest`: a way to judge a data point, tried on its own past, or on any file, before it is saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from app.chart_files import Columns
from app.cli_output import JSON_OPTION, say
from collectors.base import SourceError

if TYPE_CHECKING:
    from app.backtest_trials import Options


@click.command()
@click.argument("metric", required=False)
@click.option("--file", "path", type=click.Path(path_type=Path), help="A CSV or Parquet file in place of a metric.")
@click.option("--value", help="Column of the values of the file.")
@click.option("--time", help="Column of the times of the file.")
@click.option("--unit", default="", help="Unit of the values of the file.")
@click.option("--false-alarms-per-year", type=float, help="What chance may cost.")
@click.option("--rules", help="Chart rules beside the detector: families, names or words, with commas; none for none.")
@click.option("--direction", type=click.Choice(["both", "up", "down"]), help="The side that is a signal.")
@click.option("--least-change", type=float, help="A smaller move is no signal; in the metric's unit.")
@JSON_OPTION
def backtest(
    metric: str | None,
    path: Path | None,
    value: str | None,
    time: str | None,
    unit: str,
    as_json: bool,
    **options: Unpack[Options],
) -> None:
    """Try a setting on history. Example: python -m app backtest orders --false-alarms-per-year 1

    Known spikes, shifts, drifts and outages are put into copies of the past: how many are found, how soon, and what
    chance costs. With options, now is compared with what they propose.
    """
    from app import backtest_trials as trials  # all statistics, which other verbs need not wait for
    from app.quality.backtest_text import text_of

    if (metric is None) == (path is None):
        raise SourceError("Name a metric of the estate, or a file with --file; expected one of the two.")
    if path is None:
        found = trials.of_metric(str(metric), options)
    else:
        if not value or not time:
            raise SourceError("A file needs --value and --time, the columns of its values and times.")
        found = trials.of_file(path, Columns(value, time), unit, options)
    say(as_json, {"metric": metric or str(path), "sentence": found.sentence, **found.as_plain()}, text_of(found))
