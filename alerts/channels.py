"""Delivers one message through one channel, whatever its kind; and beats for a dead-man's switch outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import requests

from alerts.errors import DeliveryError
from alerts.letters import Letter, shown_pictures
from alerts.messages import Message
from config.alerting import Channel

__all__ = ["DeliveryError", "beat", "deliver"]

BEAT_SECONDS = 5.0
FEWEST_POINTS = 2  # one value makes no chart


def deliver(channel: Channel, message: Message, address: str, delivered: Sequence[str] = ()) -> None:
    """Deliver once, now, with the chart; `address` is where links lead, `delivered` who has it already.

    Raises DeliveryError, whose sentence has no secret of the channel.
    """
    from alerts import mail, services  # here, because the responder only beats and stays small

    if channel.mail is not None:
        mail.send(channel.mail, message, address, _chart(message), delivered)
    elif channel.apprise is not None:
        png = _first_picture(message.letter) if message.letter else _chart(message)
        services.notify(channel.id, channel.apprise, message, address, png)


def _chart(message: Message) -> bytes | None:
    """The chart, if there is something to draw; without it the message goes all the same."""
    from alerts.pictures import chart_png

    if len(message.points) < FEWEST_POINTS:
        return None
    try:
        return chart_png(message.points, message.limit, message.unit, message.title, message.occurred_at)
    except (ValueError, ArithmeticError, OSError):
        return None


def _first_picture(letter: Letter) -> bytes | None:
    """Services are told that files are PNG, so a picture that is not stays out."""
    return next((shown.content for shown in shown_pictures(letter).values() if shown.kind == "png"), None)


def beat(url: str, opener: Callable[..., requests.Response] = requests.get) -> str | None:
    """Ask the URL of an outside dead-man's switch; never raises. The problem in one sentence, None when it took it."""
    try:
        answer = opener(url, timeout=BEAT_SECONDS)
    except (requests.RequestException, OSError, ValueError) as error:
        kind = type(error).__name__
        return f"The heartbeat URL cannot be reached ({kind}); correct heartbeat_url in alerts.yaml or its service."
    if not answer.ok:
        return f"The heartbeat URL answered {answer.status_code}; correct heartbeat_url in alerts.yaml or its service."
    return None
