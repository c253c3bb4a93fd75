"""What verification mails remember over restarts: since when slots are handled, and the gist of the last mails.

One small JSON file, written beside and renamed. When it is lost, the next slot is the first again; no mail is sent
twice, because the ids of messages follow from their slots.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import orjson
from pydantic import TypeAdapter


@dataclass(slots=True)
class Line:
    """One verification: slots up to `handled_at` (naive UTC) are done with; `gists` by thread."""

    handled_at: datetime
    gists: dict[str, str] = field(default_factory=dict)


LINES = TypeAdapter(dict[str, Line])


class Book:
    """The lines by the key of their verification, kept in the file `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = self._read()

    def line_of(self, key: str, now: datetime) -> Line:
        """The line of a verification; a new one begins now, one from the future (the clock was set back) as well."""
        line = self.lines.get(key)
        if line is None or line.handled_at > now:
            gists = line.gists if line else {}
            self.note(key, now, gists)
        return self.lines[key]

    def note(self, key: str, handled_at: datetime, gists: Mapping[str, str]) -> None:
        """Write down durably that all slots until then are done with; raises OSError when the disk refuses."""
        self.lines[key] = Line(handled_at, dict(gists))
        self._write()

    def keep_only(self, keys: Collection[str]) -> None:
        """Forget verifications that are no longer in alerts.yaml."""
        gone = self.lines.keys() - set(keys)
        if gone:
            self.lines = {key: line for key, line in self.lines.items() if key not in gone}
            self._write()

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(f".{os.getpid()}.new")
        with beside.open("wb") as file:
            file.write(orjson.dumps(self.lines))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)

    def _read(self) -> dict[str, Line]:
        try:
            return LINES.validate_json(self.path.read_bytes())
        except (OSError, ValueError):
            return {}
