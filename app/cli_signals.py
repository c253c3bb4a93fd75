"""Verbs about signals: which there are, and what people say of them and of proposed stages."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import click
import polars as pl

from app.cli_output import JSON_OPTION, say, table
from app.quality import deciding_stages
from app.quality.commands import REASON_OPTION, TAKEN, decide, estate, look
from app.quality.deciding import metric_of
from store import clock
from store.rows import Answer, SignalMode, SignalState

SPAN = timedelta(days=30)
ANSWERS = [str(one.value) for one in Answer]


@click.group()
def signals() -> None:
    """Signals of data points. Example: python -m app signals list --open"""


@signals.command("list")
@click.option("--open", "only_open", is_flag=True, help="Only those that are open.")
@click.option("--metric", default="", help="Only those of one data point.")
@JSON_OPTION
@click.pass_context
def list_signals(context: click.Context, only_open: bool, metric: str, as_json: bool) -> None:
    """Signals that are open or ended within 30 days, open ones first. Example: python -m app signals list --open

    Exit status 1 when a signal that alerts is open and nobody has said that it was expected or late data.
    """
    frame = look("points_signals", of=metric, since=clock.now() - SPAN)
    if metric:
        frame = frame.filter(pl.col("metric_id") == metric)
        if frame.is_empty():
            metric_of(estate(), metric)
    is_open = pl.col("state") == SignalState.OPEN
    frame = frame.filter(is_open) if only_open else frame
    names = ("signal_id", "metric_id", "rule", "state", "mode", "first_at", "answer", "evidence")
    header = ("signal", "data point", "rule", "state", "mode", "since (UTC)", "answer", "evidence")
    none = "No signal is open." if only_open else f"No signal within {SPAN.days} days."
    text = table(list(frame.select(names).iter_rows()), header) if frame.height else none
    say(as_json, {"signals": frame.to_dicts()}, text)
    explained = pl.col("answer").is_in([Answer.EXPECTED, Answer.DATA_LATE]).fill_null(value=False)
    news = frame.filter(is_open & (pl.col("mode") == SignalMode.ALERT) & ~explained)
    context.exit(1 if news.height else 0)


@signals.command()
@click.argument("signal")
@click.argument("said", metavar="|".join(ANSWERS), type=click.Choice(ANSWERS))
@REASON_OPTION
@JSON_OPTION
def answer(signal: str, said: str, reason: str, as_json: bool) -> None:
    """Say what was behind a signal; rules that are often wrong stop alerting.

    Example: python -m app signals answer 5f2a9c --reason "the shop in Rome was closed" real
    """
    row = decide(lambda case: deciding_stages.signal_answered(case, signal, said, reason))
    say(as_json, asdict(row), f"The signal {row.rule} of {row.metric_id} is answered “{row.answer}”. {TAKEN}")


@signals.command()
@click.argument("stage")
@click.argument("said", metavar="accept|reject", type=click.Choice(["accept", "reject"]))
@REASON_OPTION
@JSON_OPTION
def stage(stage: str, said: str, reason: str, as_json: bool) -> None:
    """Accept or reject a proposed stage; `points stages METRIC` lists them.

    Example: python -m app signals stage 8b1d04 accept --reason "the new shop system"
    """
    row = decide(lambda case: deciding_stages.stage_decided(case, stage, said == "accept", reason))
    say(as_json, asdict(row), f"The stage of {row.metric_id} from {row.starts_at} UTC is {row.state}. {TAKEN}")
