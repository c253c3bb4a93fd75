"""The queue of messages on disk, between the engine that decides them and the notifier that delivers them.

One JSON file per message, named by its id, in a folder that says its state: `queue`, `sent`, `dead` (undeliverable).
Every file is written beside, synced and renamed into place. What is sent or given up is written there first and leaves
the queue with `clear`, so that whoever records it can do so between and misses none. A file that cannot be read goes to
`broken` and stops no other. Any process may `put` and `requeue`; only the notifier takes out.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from alerts.entries import ENTRY, MOST_AGE, MOST_TRIES, Entry, is_due, wait_of
from alerts.messages import Message
from alerts.wording import writable
from store import clock
from store.rows import DeliveryState

KEPT = timedelta(days=30)  # how long the id of a message that left the queue is known
FOLDERS = {DeliveryState.QUEUED: "queue", DeliveryState.SENT: "sent", DeliveryState.UNDELIVERABLE: "dead"}
LEFT = (DeliveryState.SENT, DeliveryState.UNDELIVERABLE)
BROKEN = "broken"
PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,150}")


class Outbox:
    """The queue below `folder`; raises OSError when the disk refuses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: dict[DeliveryState, dict[str, tuple[tuple[int, int], Entry]]] = {}  # which version was read
        for name in (*FOLDERS.values(), BROKEN):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def put(self, message: Message, now: datetime | None = None) -> None:
        """Queue a message durably; one whose id is queued, sent or undeliverable already is left as it is."""
        if any(self._path(message.id, state).exists() for state in FOLDERS):
            return
        at = now or clock.now()
        self._write(Entry(writable(message), at, at), DeliveryState.QUEUED, at)

    def due(self, now: datetime) -> list[Entry]:
        """Entries whose next try has come, oldest first; none ahead of an earlier one of its subject and channel.

        So nobody reads that something is over and, minutes later, that it has begun.
        """
        first: dict[tuple[str, str, str], Entry] = {}
        for entry in self.waiting():
            first.setdefault((entry.message.channel, entry.message.rule, entry.message.subject), entry)
        return [entry for entry in first.values() if is_due(entry, now)]

    def waiting(self) -> list[Entry]:
        """Everything that is not delivered yet and still tried, oldest first."""
        found = [entry for entry in self._read_all(DeliveryState.QUEUED) if not self._has_left(entry.message.id)]
        return sorted(found, key=lambda one: (one.queued_at, one.message.occurred_at, one.message.id))

    def is_waiting(self, message_id: str) -> bool:
        """Whether it is queued, and neither sent nor given up."""
        return self._path(message_id, DeliveryState.QUEUED).exists() and not self._has_left(message_id)

    def undeliverable(self) -> list[Entry]:
        """What was given up, oldest first."""
        return sorted(self._read_all(DeliveryState.UNDELIVERABLE), key=lambda one: one.queued_at)

    def broken(self) -> list[Path]:
        """Files that could not be read and wait for a person."""
        return sorted((self.folder / BROKEN).iterdir())

    def uncleared(self) -> list[Entry]:
        """What was sent or given up and is still in the queue, because the process died before it was cleared."""
        names = [entry.message.id for entry in self._read_all(DeliveryState.QUEUED)]
        paths = [self._path(name, state) for name in names for state in LEFT]
        return [entry for path in paths if (entry := self._read(path))]

    def clear(self, message_id: str) -> None:
        """Take what was sent or given up out of the queue."""
        if self._has_left(message_id):
            self._path(message_id, DeliveryState.QUEUED).unlink(missing_ok=True)

    def mark_sent(self, message: Message, now: datetime) -> Entry:
        """Note that the channel has taken it; its id is known for 30 days more."""
        entry = self._entry(message, now)
        sent = replace(
            entry, state=DeliveryState.SENT, attempts=entry.attempts + 1, tried_at=now, problem=None, next_at=now
        )
        return self._write(sent, DeliveryState.SENT, now)

    def mark_failed(
        self,
        message: Message,
        problem: str,
        now: datetime,
        is_permanent: bool = False,
        delivered: tuple[str, ...] = (),
    ) -> Entry:
        """Note a try that failed: the next comes after 10 s, then three times as long each time, up to 30 minutes.

        It is undeliverable when the problem is permanent, after 12 tries, or a day after it was queued.
        """
        entry = self._entry(message, now)
        tried = replace(
            entry,
            attempts=entry.attempts + 1,
            tried_at=now,
            problem=problem,
            delivered=tuple(dict.fromkeys((*entry.delivered, *delivered))),
        )
        if is_permanent or tried.attempts >= MOST_TRIES or now - tried.queued_at >= MOST_AGE:
            given_up = replace(tried, state=DeliveryState.UNDELIVERABLE)
            return self._write(given_up, DeliveryState.UNDELIVERABLE, now)
        wait = wait_of(message.id, tried.attempts)
        return self._write(replace(tried, state=DeliveryState.RETRYING, next_at=now + wait), DeliveryState.QUEUED, now)

    def requeue(self, message_id: str, now: datetime | None = None) -> bool:
        """Try an undeliverable message again from the beginning; False when there is none with this id."""
        path = self._path(message_id, DeliveryState.UNDELIVERABLE)
        entry = self._read(path)
        if entry is None:
            return False
        at = now or clock.now()
        fresh = Entry(entry.message, at, at, problem=entry.problem, delivered=entry.delivered)
        self._write(fresh, DeliveryState.QUEUED, at)
        path.unlink(missing_ok=True)
        return True

    def prune(self, now: datetime) -> None:
        """Forget what left the queue more than 30 days ago, and what a killed process left half-written."""
        oldest = _stamp(now - KEPT)
        for name in FOLDERS.values():
            for path in (self.folder / name).iterdir():
                with contextlib.suppress(FileNotFoundError):  # requeued by a person meanwhile
                    age_at = path.stat().st_mtime
                    is_over = name != FOLDERS[DeliveryState.QUEUED] and age_at < oldest
                    is_half = path.name.startswith(".") and age_at < _stamp(now - MOST_AGE)
                    if is_over or is_half:
                        path.unlink()

    def _path(self, message_id: str, state: DeliveryState) -> Path:
        return self.folder / FOLDERS[state] / _file_name(message_id)

    def _has_left(self, message_id: str) -> bool:
        return any(self._path(message_id, state).exists() for state in LEFT)

    def _entry(self, message: Message, now: datetime) -> Entry:
        """What is known of a queued message; the beginning when its file has gone meanwhile."""
        return self._read(self._path(message.id, DeliveryState.QUEUED)) or Entry(message, now, now)

    def _read_all(self, state: DeliveryState) -> Iterator[Entry]:
        """The entries of one folder; a file that was read before and has not been replaced is not read again."""
        seen, self._seen[state] = self._seen.get(state, {}), {}
        for found in os.scandir(self.folder / FOLDERS[state]):
            if found.name.startswith("."):
                continue
            try:
                stat = found.stat()
            except FileNotFoundError:  # cleared, or requeued by a person, since the folder was listed
                continue
            version = (stat.st_ino, stat.st_mtime_ns)
            known = seen.get(found.name)
            entry = known[1] if known and known[0] == version else self._read(Path(found.path))
            if entry is not None:
                self._seen[state][found.name] = (version, entry)
                yield entry

    def _read(self, path: Path) -> Entry | None:
        """The entry in a file; None when it has gone, or cannot be understood and was set aside."""
        try:
            return ENTRY.validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:
            target = self.folder / BROKEN / f"{path.parent.name}-{uuid.uuid4().hex[:8]}-{path.name}"
            with contextlib.suppress(FileNotFoundError):  # another process was faster
                path.rename(target)
            return None

    def _write(self, entry: Entry, state: DeliveryState, now: datetime) -> Entry:
        folder = self.folder / FOLDERS[state]
        beside = folder / f".{uuid.uuid4().hex}"
        try:
            with beside.open("wb") as file:
                file.write(orjson.dumps(entry))
                file.flush()
                os.fsync(file.fileno())
            os.utime(beside, (_stamp(now), _stamp(now)))
            beside.replace(folder / _file_name(entry.message.id))
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        return entry


def _file_name(message_id: str) -> str:
    """The id where it can be a file's name, otherwise its digest."""
    name = message_id if PLAIN_ID.fullmatch(message_id) else hashlib.sha256(message_id.encode()).hexdigest()
    return f"{name}.json"


def _stamp(moment: datetime) -> float:
    return moment.replace(tzinfo=UTC).timestamp()
