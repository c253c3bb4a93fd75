"""Verbs about data points: their values and verdicts, and what people decide about them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

import click
import polars as pl

from app.cli_output import JSON_OPTION, say, table
from app.quality import deciding, deciding_stages
from app.quality.commands import MOMENT, REASON_OPTION, TAKEN, decide, estate, look
from app.quality.deciding import metric_of, when
from store import clock
from store.rows import MarkKind, PointMark

SPAN = timedelta(days=30)
KINDS = {
    MarkKind.CORRECTED: "corrected",
    MarkKind.LEFT_OUT: "left out",
    MarkKind.PLANNED: "planned",
    MarkKind.NOTE: "noted",
}


@click.group()
def points() -> None:
    """Data points and what was decided about them. Example: python -m app points list orders"""


@points.command("list")
@click.argument("metric")
@click.option("--since", type=MOMENT, help="From when on; default: the last 30 days.")
@JSON_OPTION
def list_points(metric: str, since: datetime | None, as_json: bool) -> None:
    """Values, raw and corrected, with the first and the newest verdict. Example: python -m app points list orders"""
    begin = since or (clock.now() - SPAN).replace(second=0, microsecond=0)
    frame = look("points_listed", metric_id=metric, since=begin)
    if frame.is_empty():
        metric_of(estate(), metric)
    rows: list[tuple[object, ...]] = [
        (
            f"{row['observed_at']:%Y-%m-%d %H:%M:%S}",
            f"{row['value']:g}",
            f"{row['raw_value']:g}" if row["is_corrected"] else "",
            row["state"] or "not judged",
            row["first_state"] if row["first_state"] != row["state"] else "",
            None if row["score"] is None else f"{row['score']:.2f}",
            row["rules"] or row["cause"],
        )
        for row in frame.iter_rows(named=True)
    ]
    header = ("time (UTC)", "value", "collected", "verdict", "first verdict", "score", "why")
    text = table(rows, header) if rows else f"{metric} has no value since {when(begin)}."
    say(as_json, {"metric": metric, "since": begin, "points": frame.to_dicts()}, text)


@points.command("marks")
@click.argument("metric")
@JSON_OPTION
def list_marks(metric: str, as_json: bool) -> None:
    """What people marked, withdrawn marks too. Example: python -m app points marks orders"""
    frame = look("points_marks", of=metric).filter(pl.col("metric_id") == metric)
    if frame.is_empty():
        metric_of(estate(), metric)
    rows: list[tuple[object, ...]] = [
        (
            row["mark_id"],
            "withdrawn" if row["is_withdrawn"] else KINDS[MarkKind(row["kind"])],
            row["from_at"],
            row["to_at"],
            "" if row["new_value"] is None else f"{row['old_value']:g} -> {row['new_value']:g}",
            row["actor"],
            row["reason"],
        )
        for row in frame.iter_rows(named=True)
    ]
    header = ("mark", "state", "from (UTC)", "to (UTC)", "value", "by", "reason")
    say(as_json, {"metric": metric, "marks": frame.to_dicts()}, table(rows, header) if rows else "Nothing is marked.")


@points.command()
@click.argument("metric")
@click.option("--at", type=MOMENT, required=True, help="Time of the point.")
@click.option("--value", required=True, help="The right value.")
@REASON_OPTION
@JSON_OPTION
def correct(metric: str, at: datetime, value: str, reason: str, as_json: bool) -> None:
    """Use another value of one point from now on.

    Example: python -m app points correct orders --at 2026-11-24 --value 1012 --reason "the file came twice"
    """
    row = decide(lambda case: deciding.corrected(case, metric, at, value, reason))
    _told(row, f"{metric} at {when(at)} is {row.new_value:g} instead of {row.old_value:g}.", as_json)


@points.command("leave-out")
@click.argument("metric")
@click.option("--from", "from_at", type=MOMENT, required=True, help="The first point.")
@click.option("--to", "to_at", type=MOMENT, required=True, help="The last point.")
@REASON_OPTION
@JSON_OPTION
def leave_out(metric: str, from_at: datetime, to_at: datetime, reason: str, as_json: bool) -> None:
    """Make no limits from some points.

    Example: python -m app points leave-out orders --from 2026-11-01 --to 2026-11-03 --reason "the migration"
    """
    row = decide(lambda case: deciding.left_out(case, metric, from_at, to_at, reason))
    _told(row, f"{metric} is left out from {when(from_at)} to {when(to_at)}.", as_json)


@points.command()
@click.argument("metric")
@click.option("--from", "from_at", type=MOMENT, required=True, help="The begin.")
@click.option("--to", "to_at", type=MOMENT, required=True, help="The end.")
@REASON_OPTION
@JSON_OPTION
def plan(metric: str, from_at: datetime, to_at: datetime, reason: str, as_json: bool) -> None:
    """Mark planned work, before or after it.

    Example: python -m app points plan orders --from 2026-12-01T22:00 --to 2026-12-02T04:00 --reason "storage moves"
    """
    row = decide(lambda case: deciding.planned(case, metric, from_at, to_at, reason))
    _told(row, f"{metric} is planned to differ from {when(from_at)} to {when(to_at)}.", as_json)


@points.command()
@click.argument("metric")
@click.option("--at", type=MOMENT, required=True, help="Time of the point.")
@click.option("--text", required=True, help="What others should know.")
@JSON_OPTION
def note(metric: str, at: datetime, text: str, as_json: bool) -> None:
    """Write a note beside a point.

    Example: python -m app points note orders --at 2026-11-24 --text "the shop in Rome opened"
    """
    row = decide(lambda case: deciding.noted(case, metric, at, text))
    _told(row, f"{metric} has a note at {when(at)}.", as_json)


@points.command()
@click.argument("mark")
@REASON_OPTION
@JSON_OPTION
def undo(mark: str, reason: str, as_json: bool) -> None:
    """Take a mark back. Example: python -m app points undo 3f9c0a1b2c4d5e6f --reason "it was right"

    `points marks METRIC` lists them.
    """
    row = decide(lambda case: deciding.mark_withdrawn(case, mark, reason))
    _told(row, f"The mark of {row.metric_id} from {when(row.from_at)} is withdrawn.", as_json)


@points.command()
@click.argument("metric")
@JSON_OPTION
def stages(metric: str, as_json: bool) -> None:
    """Stages, accepted, proposed and others. Example: python -m app points stages orders"""
    frame = look("points_stages", of=metric).filter(pl.col("metric_id") == metric)
    if frame.is_empty():
        metric_of(estate(), metric)
    names = ("stage_id", "state", "starts_at", "actor", "reason", "evidence")
    header = ("stage", "state", "starts (UTC)", "by", "reason", "evidence")
    text = (
        table(list(frame.select(names).iter_rows()), header) if frame.height else "There is one stage, from the start."
    )
    say(as_json, {"metric": metric, "stages": frame.to_dicts()}, text)


@points.command()
@click.argument("metric")
@click.option("--at", type=MOMENT, required=True, help="Time of its first point.")
@REASON_OPTION
@JSON_OPTION
def stage(metric: str, at: datetime, reason: str, as_json: bool) -> None:
    """Begin a new stage: limits are learned anew from there.

    Example: python -m app points stage orders --at 2026-11-01 --reason "the new shop system"
    """
    row = decide(lambda case: deciding_stages.stage_started(case, metric, at, reason))
    say(as_json, asdict(row), f"Stage {row.stage_id} of {metric} begins at {when(at)}. {TAKEN}")


def _told(row: PointMark, said: str, as_json: bool) -> None:
    say(as_json, asdict(row), f"Mark {row.mark_id}: {said} {TAKEN}")
