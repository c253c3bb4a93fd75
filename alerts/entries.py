"""A message in the outbox with what became of it, and how long to wait between tries."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from alerts.messages import Message
from store.rows import DeliveryState

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=30)
GROWTH = 3  # of the wait from try to try
MOST_TRIES = 12
MOST_AGE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Entry:
    """A message with what became of it; `state` is QUEUED until the first try, RETRYING after one that failed.

    `delivered` are those of several recipients who have it already, so that they do not get it twice.
    """

    message: Message
    queued_at: datetime
    next_at: datetime
    state: DeliveryState = DeliveryState.QUEUED
    attempts: int = 0
    tried_at: datetime | None = None
    problem: str | None = None
    delivered: tuple[str, ...] = ()


ENTRY = TypeAdapter(Entry)


def is_due(entry: Entry, now: datetime) -> bool:
    """A try that lies further ahead than any wait was planned before the clock was set back."""
    return entry.next_at <= now or entry.next_at > now + LONGEST_WAIT


def wait_of(message_id: str, attempts: int) -> timedelta:
    """Time until the next try; up to a quarter shorter by id, so that many do not knock at the same moment."""
    longest: timedelta = min(FIRST_WAIT * float(GROWTH ** (attempts - 1)), LONGEST_WAIT)
    draw = int(hashlib.sha256(f"{message_id}{attempts}".encode()).hexdigest()[:4], 16) / 0xFFFF
    return longest * (1 - draw / 4)
