"""Delivers what is due in the outbox, as long as the process lives: `python -m alerts.notifier`.

Each channel has one delivery at a time, in a thread of its own, so that a hanging server delays nobody else; files and
rows are touched by the main thread only. Whatever is killed when, a message is sent or still queued.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from alerts.channels import DeliveryError, deliver
from alerts.entries import Entry
from alerts.messages import Message
from alerts.outbox import Outbox
from alerts.settings_in_force import AlertingInForce
from alerts.watchdog import Watchdog
from config.alerting import Alerting, Channel
from store import clock
from store.errors import StoreError
from store.lifetime import ending
from store.rows import DeliveryState, Notification
from store.settings import Settings, settings
from store.spool import UNKEYED, Spool

STEP_SECONDS = 1.0
TRY_SECONDS = 60.0  # after which a try counts as failed, whatever its own time-outs say
MOST_HANGING = 4  # threads of one channel that never came back
GRACE_SECONDS = 10.0  # for deliveries under way when the process is told to end
PRUNE_SECONDS = 3600.0
Sender = Callable[[Channel, Message, str, Sequence[str]], None]
log = structlog.get_logger("alerts.notifier")


@dataclass(slots=True, eq=False)
class Flight:
    """One delivery under way, and how it ended."""

    message: Message
    channel: str
    started: float
    thread: threading.Thread | None = None
    error: DeliveryError | None = None
    is_late: bool = False  # it counted as failed before it ended


class Notifier:
    """The outbox, its deliveries under way, and the rows about them that are not written yet."""

    def __init__(
        self, conf: Settings, now: datetime, timer: Callable[[], float] = time.monotonic, sender: Sender = deliver
    ) -> None:
        self.timer = timer
        self.sender = sender
        self.outbox = Outbox(conf.home / "outbox")
        self.spool = Spool(conf.spool_path, "notifier")
        self.in_force = AlertingInForce(conf.estate, conf.state_path)
        journal, kept = conf.state_path / "alerts.json", conf.state_path / "watchdog.json"
        self.watchdog = Watchdog(journal, kept, self.outbox, now, timer())
        self.in_flight: dict[str, Flight] = {}  # by channel
        self.hanging: list[Flight] = []
        self.landed: queue.SimpleQueue[Flight] = queue.SimpleQueue()
        self.unnoted: list[Flight] = []  # ended, but the disk has not taken it
        self.unrecorded: list[Entry] = self.outbox.uncleared()
        self.pruned = -PRUNE_SECONDS
        self.broken: set[Path] = set()
        self.problems: dict[str, str] = {}

    def step(self, now: datetime) -> None:
        """Note what ended, look at the engine, start what is due; none of it stops the others."""
        alerting = self.in_force.read()
        self._do("noting", lambda: self._note(now))
        self._do("recording", self._record)
        if alerting is not None:
            self._do("watchdog", lambda: self.watchdog.look(alerting, now, self.timer()))
            self._do("delivery", lambda: self._start(alerting, now))
        if self.timer() - self.pruned >= PRUNE_SECONDS:
            self.pruned = self.timer()
            self._do("pruning", lambda: self.outbox.prune(now))
        self._do("looking for broken messages", self._report_broken)

    def wait(self, seconds: float) -> bool:
        """Until a delivery ends, at most so long; whether one has."""
        try:
            self.unnoted.append(self.landed.get(timeout=seconds))
        except queue.Empty:
            return False
        return True

    def finish(self, now: Callable[[], datetime], seconds: float = GRACE_SECONDS) -> None:
        """Let deliveries under way end, and note how; what does not end is tried again by the next process."""
        until = self.timer() + seconds
        while self.in_flight and self.timer() < until:
            self.wait(0.2)
            self._do("noting", lambda: self._note(now()))
            self._do("recording", self._record)

    def _do(self, what: str, act: Callable[[], None]) -> None:
        """Do a part; its problem is logged when it begins, and when it is over."""
        try:
            act()
        except (OSError, StoreError) as error:
            if self.problems.get(what) != str(error):
                log.warning(f"{what} failed", problem=str(error))
            self.problems[what] = str(error)
        else:
            if self.problems.pop(what, None):
                log.info(f"{what} works again")

    def _report_broken(self) -> None:
        """Log once what the outbox had to set aside; `python -m app alerts outbox` shows it as long as it is there."""
        broken = set(self.outbox.broken())
        for path in sorted(broken - self.broken):
            log.error("a message cannot be read and was set aside; look at it, then remove it", path=str(path))
        self.broken = broken

    def _start(self, alerting: Alerting, now: datetime) -> None:
        """Begin the oldest due delivery of every channel that has none under way."""
        channels = {channel.id: channel for channel in alerting.channels}
        for entry in self.outbox.due(now):
            name = entry.message.channel
            if name in self.in_flight or self._hangs(name):
                continue
            flight = Flight(entry.message, name, self.timer())
            self.in_flight[name] = flight
            if name not in channels:
                known = ", ".join(sorted(channels)) or "none"
                flight.error = DeliveryError(f"There is no channel {name!r} in alerts.yaml; known are {known}.")
                self.landed.put(flight)
                continue
            arguments = (flight, channels[name], alerting.address, entry.delivered)
            flight.thread = threading.Thread(target=self._try, args=arguments, name=f"to-{name}", daemon=True)
            flight.thread.start()

    def _try(self, flight: Flight, channel: Channel, address: str, delivered: Sequence[str]) -> None:
        """One try, in its own thread."""
        try:
            self.sender(channel, flight.message, address, delivered)
        except DeliveryError as error:
            flight.error = error
        self.landed.put(flight)

    def _hangs(self, channel: str) -> bool:
        """Whether so many tries of a channel never came back that another thread would not either."""
        self.hanging = [one for one in self.hanging if one.thread is not None and one.thread.is_alive()]
        return sum(one.channel == channel for one in self.hanging) >= MOST_HANGING

    def _note(self, now: datetime) -> None:
        """Write down how deliveries ended; one that takes too long has failed, and may still surprise us."""
        while not self.landed.empty():
            self.unnoted.append(self.landed.get())
        for flight in list(self.in_flight.values()):
            if self.timer() - flight.started > TRY_SECONDS and flight not in self.unnoted:
                flight.is_late = True
                self.hanging.append(flight)
                problem = f"Channel {flight.channel!r} was silent for {TRY_SECONDS:g} s; see that its service runs."
                self.unnoted.append(
                    Flight(flight.message, flight.channel, flight.started, error=DeliveryError(problem))
                )
                del self.in_flight[flight.channel]
        while self.unnoted:
            entry = self._noted(self.unnoted[0], now)
            flight = self.unnoted.pop(0)
            if self.in_flight.get(flight.channel) is flight:
                del self.in_flight[flight.channel]
            if entry is not None:
                self.unrecorded.append(entry)

    def _noted(self, flight: Flight, now: datetime) -> Entry | None:
        """The entry after a delivery; None when the message has left the queue by another try."""
        message, error = flight.message, flight.error
        if not self.outbox.is_waiting(message.id) or (flight.is_late and error is not None):
            return None
        if error is None:
            return self.outbox.mark_sent(message, now)
        entry = self.outbox.mark_failed(message, str(error), now, error.is_permanent, error.delivered)
        log.warning("not delivered", channel=flight.channel, title=message.title, problem=str(error))
        return entry

    def _record(self) -> None:
        """A row for every try; a message leaves the queue for good when the row of its last one is spooled."""
        while self.unrecorded:
            entry = self.unrecorded[0]
            message = entry.message
            key = f"{UNKEYED}{message.id}-{entry.queued_at.isoformat()}-{entry.attempts}"
            self.spool.put([row_of(entry)], key=key)
            if entry.state is not DeliveryState.RETRYING:
                self.outbox.clear(message.id)
            self.unrecorded.pop(0)


def row_of(entry: Entry) -> Notification:
    """What the store keeps of a try."""
    message = entry.message
    return Notification(
        notification_id=message.id,
        occurred_at=entry.tried_at or entry.queued_at,
        state=entry.state,
        kind=message.kind,
        channel=message.channel,
        rule=message.rule,
        subject=message.subject,
        severity=message.severity,
        title=message.title,
        incident_id=message.incident_id,
        attempts=entry.attempts,
        problem=entry.problem,
    )


def main() -> int:
    """Deliver until told to end."""
    conf = settings()
    ended = ending()
    notifier = Notifier(conf, clock.now())
    while not ended.is_set():
        notifier.step(clock.now())
        notifier.wait(STEP_SECONDS)
    notifier.finish(clock.now)
    return 0


if __name__ == "__main__":
    sys.exit(main())
