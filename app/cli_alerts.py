"""Verbs that try out how alerts reach people, and show what has not reached them."""

from __future__ import annotations

import math
import uuid
from datetime import datetime, timedelta

import click

from alerts.channels import DeliveryError, deliver
from alerts.entries import Entry
from alerts.messages import Message
from alerts.outbox import Outbox
from app.cli_output import JSON_OPTION, say, table
from config.alerting import Channel
from config.load import ALERTS_FILE, EstateError, read_alerting
from store import clock
from store.rows import NoticeKind
from store.settings import settings

SHORT = 80  # characters of a problem in a table


@click.group()
def alerts() -> None:
    """How alerts reach people. Example: python -m app alerts test ops-mail"""


@alerts.command()
@click.argument("channel")
@JSON_OPTION
@click.pass_context
def test(context: click.Context, channel: str, as_json: bool) -> None:
    """Send a test message through a channel, now. Example: python -m app alerts test ops-mail

    Exit status 1 when it is not delivered, 2 when alerts.yaml has no such channel.
    """
    folder = settings().estate
    alerting = read_alerting(folder)
    found: Channel | None = next((one for one in alerting.channels if one.id == channel), None)
    if found is None:
        known = ", ".join(one.id for one in alerting.channels) or "none"
        raise EstateError(f"There is no channel {channel!r} in {folder / ALERTS_FILE}; known are {known}.")
    try:
        deliver(found, _test_message(channel, clock.now()), alerting.address)
    except DeliveryError as error:
        say(as_json, {"channel": channel, "is_delivered": False, "problem": str(error)}, str(error))
        context.exit(1)
    say(as_json, {"channel": channel, "is_delivered": True, "problem": None}, f"{channel} has taken the test message.")


@alerts.command()
@JSON_OPTION
@click.pass_context
def outbox(context: click.Context, as_json: bool) -> None:
    """What waits to be delivered, and what could not be. Example: python -m app alerts outbox

    Exit status 1 when there is something undeliverable, or a message that cannot be read.
    """
    box = Outbox(settings().home / "outbox")
    waiting, given_up = box.waiting(), box.undeliverable()
    broken = [str(path) for path in box.broken()]
    answer: dict[str, object] = {
        "waiting": [_shape(entry) for entry in waiting],
        "undeliverable": [_shape(entry) for entry in given_up],
        "broken": broken,
    }
    say(as_json, answer, _as_text(waiting, given_up, broken))
    context.exit(1 if given_up or broken else 0)


def _as_text(waiting: list[Entry], given_up: list[Entry], broken: list[str]) -> str:
    if not (waiting or given_up or broken):
        return "Everything is delivered."
    rows: list[tuple[object, ...]] = [
        (state, one.message.channel, one.attempts, one.message.title, (one.problem or "")[:SHORT])
        for state, entries in (("waiting", waiting), ("undeliverable", given_up))
        for one in entries
    ]
    text = table(rows, ("state", "channel", "tries", "message", "problem")) if rows else ""
    return "\n".join([text, *(f"cannot be read: {path}" for path in broken)]).strip()


def _shape(entry: Entry) -> dict[str, object]:
    message = entry.message
    return {
        "id": message.id,
        "channel": message.channel,
        "kind": message.kind,
        "severity": message.severity,
        "title": message.title,
        "occurred_at": message.occurred_at,
        "queued_at": entry.queued_at,
        "attempts": entry.attempts,
        "next_at": entry.next_at,
        "problem": entry.problem,
    }


def _test_message(channel: str, now: datetime) -> Message:
    """A message like that of an alert, with a chart, that says that it is none."""
    wave = [(now - timedelta(minutes=119 - at), 0.55 + 0.2 * math.sin(at / 15) + at / 1000) for at in range(120)]
    return Message(
        id=f"test-{uuid.uuid4().hex}",
        kind=NoticeKind.FIRED,
        channel=channel,
        rule="test",
        subject=channel,
        severity="info",
        title="Test message",
        evidence="Nothing is wrong: somebody tries out whether alerts arrive here.",
        occurred_at=now,
        incident_id=f"test-{channel}",
        help="Nothing; that it arrived is all it had to do.",
        points=tuple(wave),
        limit=0.9,
        unit="ratio",
    )
