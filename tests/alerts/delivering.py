"""A notifier in an installation of its own, with a clock that only the test moves, and channels to try it with."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from alerts.channels import DeliveryError
from alerts.messages import Message
from alerts.notifier import Notifier
from alerts.outbox import Outbox
from config.alerting import Channel
from store.spool import pending
from tests.alerts.posting import Hook, Post, later, write_alerts
from tests.processes import Home


class Bench:
    """An installation with its alerts.yaml, a notifier in this process, and a clock that only the test moves."""

    def __init__(self, folder: Path, **parts: Any) -> None:
        self.estate = folder / "estate"
        self.home = Home.make(folder, estate=self.estate)
        self.conf = self.home.conf
        self.outbox = Outbox(self.conf.home / "outbox")
        self.seconds = 0.0
        self.alerts(**parts)

    def alerts(self, **parts: Any) -> None:
        write_alerts(self.estate, **parts)

    def start(self, sender: Any = None) -> Notifier:
        """A notifier that begins now, as after a restart."""
        more = {"sender": sender} if sender else {}
        return Notifier(self.conf, later(self.seconds), timer=lambda: self.seconds, **more)

    def step(self, notifier: Notifier, seconds: float, deliveries: int = 0) -> None:
        """One step at a time, then wait until so many deliveries have ended, and note them."""
        self.seconds = seconds
        notifier.step(later(seconds))
        for _ in range(deliveries):
            assert notifier.wait(30), "a delivery was expected to end"
            notifier.step(later(seconds))

    def rows(self) -> list[tuple[str, str, int]]:
        """Message, state and attempts of every row in the spool, in order."""
        found = pending(self.conf.spool_path / "notifier")
        rows = [row for path in found for row in orjson.loads((path / "notifications.json").read_bytes())]
        return [(row["notification_id"], row["state"], row["attempts"]) for row in rows]

    def problems(self) -> list[str | None]:
        return [entry.problem for entry in self.outbox.waiting()]


def hook_channel(hook: Hook, name: str = "ops") -> dict[str, str]:
    return {"id": name, "apprise": hook.url}


def mail_channel(post: Post, name: str = "ops") -> dict[str, Any]:
    return {"id": name, "mail": post.settings().model_dump()}


class Slow:
    """A sender that says nothing until it is let go; then it raises `error`, if there is one."""

    def __init__(self) -> None:
        self.gates: list[threading.Event] = []
        self.error: DeliveryError | None = None

    def __call__(self, channel: Channel, given: Message, address: str, delivered: Sequence[str]) -> None:
        gate = threading.Event()
        self.gates.append(gate)
        gate.wait(30)
        if self.error:
            raise self.error


def quiet(channel: Channel, given: Message, address: str, delivered: Sequence[str]) -> None:
    """A channel that is away, so that messages stay where the test can look at them."""
    raise DeliveryError("away")
