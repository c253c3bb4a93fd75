"""What the engine decided is written down before anybody sees it: nothing is lost or doubled, whatever is killed when.

One file holds the engine's state and the rows and messages of passes that are not handed over yet. It is written
beside, synced and renamed into place, so a reader finds one pass or the next, never half of one. After a crash the same
rows go out under the same keys and the same messages under the same ids, and the receivers ignore what they know.
"""

from __future__ import annotations

import os
import uuid
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import orjson
from pydantic import TypeAdapter

from alerts.engine import Engine, Step
from alerts.messages import Message
from store.errors import StoreError
from store.rows import AlertTransition, Notification, Row


@dataclass(slots=True)
class Waiting:
    """The rows and messages of one pass that are not handed over; rows have the key `pass-JOURNAL-NUMBER`."""

    number: int
    transitions: list[AlertTransition]
    notices: list[Notification]
    messages: list[Message]

    @property
    def rows(self) -> list[Row]:
        """All rows, in the order of the pass."""
        return [*self.transitions, *self.notices]


@dataclass(slots=True)
class Body:
    """What the file holds beside the engine's state."""

    journal_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    number: int = 0
    waiting: list[Waiting] = field(default_factory=list)


BODY = TypeAdapter(Body)


class Journal:
    """The journal in one file; one process at a time may use it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.body = Body()
        self._state = b""  # what `Engine.dump` gave
        self._essence = ""
        self._is_written = True

    def load(self, engine: Engine) -> bool:
        """Load the engine's state; False when there is none, so that the engine must remember from the store.

        A file that cannot be read is set aside beside itself with `.bad` at its end.
        """
        try:
            state, body = _checked(self.path.read_bytes())
            engine.load(state)
        except FileNotFoundError:
            return False
        except ValueError:
            self.path.replace(f"{self.path}.bad")
            return False
        self.body, self._state, self._essence = body, state, engine.essence()
        return True

    def commit(self, engine: Engine, step: Step) -> None:
        """Write a pass down durably if it changed anything, and beat.

        Raises OSError when it cannot be written; it is then kept in memory and written by the next call that can.
        """
        essence = engine.essence()
        if step.rows or step.messages:
            self.body.number += 1
            self.body.waiting.append(_waiting(self.body.number, step))
        if step.rows or step.messages or essence != self._essence:
            self._essence, self._is_written = essence, False
            self._state = engine.dump()
        _beat(self.path, step.now)
        self._write()

    def hand_over(
        self, put_rows: Callable[[Sequence[Row], str], object], put_message: Callable[[Message], object]
    ) -> None:
        """Give every waiting pass's rows with their key, and every message, then forget what was taken.

        What a receiver refuses (OSError, StoreError) does not hold up the rest: the first problem is raised at the end
        and the pass is offered again next time. A journal that cannot be written, as on a full disk, holds up nothing
        either: to be told twice after a crash is better than not at all.
        """
        if not self.body.waiting:
            return
        problems = _problems([self._write])
        for waiting in list(self.body.waiting):
            found = _problems(self._offers(waiting, put_rows, put_message))
            problems += found
            if not found:
                self.body.waiting.remove(waiting)
                self._is_written = False
        problems += _problems([self._write])
        if problems:
            raise problems[0]

    def _offers(
        self,
        waiting: Waiting,
        put_rows: Callable[[Sequence[Row], str], object],
        put_message: Callable[[Message], object],
    ) -> Iterable[Callable[[], object]]:
        key = f"pass-{self.body.journal_id}-{waiting.number}"
        if waiting.rows:
            yield partial(put_rows, waiting.rows, key)
        for message in waiting.messages:
            yield partial(put_message, message)

    def _write(self) -> None:
        if self._is_written:
            return
        data = self._state + b"\n" + orjson.dumps(self.body)
        beside = self.path.with_name(f".{self.path.name}.new")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(b"%08x\n" % zlib.crc32(data) + data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._is_written = True


def _waiting(number: int, step: Step) -> Waiting:
    transitions = [row for row in step.rows if isinstance(row, AlertTransition)]
    notices = [row for row in step.rows if isinstance(row, Notification)]
    return Waiting(number, transitions, notices, step.messages)


def _checked(data: bytes) -> tuple[bytes, Body]:
    """The engine's state and the rest, if the checksum holds. Raises ValueError."""
    checksum, _, content = data.partition(b"\n")
    if int(checksum, 16) != zlib.crc32(content):
        raise ValueError("the checksum does not fit")
    state, _, body = content.partition(b"\n")
    return state, BODY.validate_json(body)


def _problems(offers: Iterable[Callable[[], object]]) -> list[OSError | StoreError]:
    found: list[OSError | StoreError] = []
    for offer in offers:
        try:
            offer()
        except (OSError, StoreError) as problem:
            found.append(problem)
    return found


def _beat_path(path: Path) -> Path:
    return Path(f"{path}.beat")


def _beat(path: Path, now: datetime) -> None:
    """Overwrite the time in place, always equally long: that works on a full disk too, and is never read half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(_beat_path(path), os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        os.pwrite(file, now.isoformat(timespec="microseconds").encode(), 0)
    finally:
        os.close(file)


def read_beat(path: Path) -> datetime | None:
    """When the engine that keeps its journal at `path` finished its last pass; None when it never has."""
    try:
        return datetime.fromisoformat(_beat_path(path).read_text())
    except (FileNotFoundError, ValueError):
        return None
