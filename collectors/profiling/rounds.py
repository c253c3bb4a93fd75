"""When a profile is due, which of its tables are left in this round, and what is wrong with it until the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from collectors import files
from collectors.asking import PASSWORD
from collectors.profiling.tables import is_wanted
from config.quality import TableProfile

if TYPE_CHECKING:
    from collectors.profiling.listing import Listed
    from collectors.profiling.tables import Table


@dataclass(slots=True)
class Round:
    """When the round began, when each known table was profiled last (None: not yet), and sentences by table.

    The sentences of the source as a whole stand under no name. `source` identifies where the tables were found.
    """

    began_at: datetime | None = None
    tables: dict[str, datetime | None] = field(default_factory=dict)
    problems: dict[str, list[str]] = field(default_factory=dict)
    source: str = ""

    @property
    def left(self) -> list[str]:
        """Tables that this round has not profiled yet."""
        began_at = self.began_at
        if began_at is None:
            return []
        return [name for name, at in self.tables.items() if at is None or at < began_at]

    def finish(self, table: str, now: datetime) -> None:
        """Note that the table was profiled, or that this failed: it is not tried again before the next round."""
        self.tables[table] = now

    def to_notes(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "began_at": self.began_at.isoformat() if self.began_at else None,
            "tables": {name: at.isoformat() if at else None for name, at in self.tables.items()},
            "problems": self.problems,
            "source": self.source,
        }

    @classmethod
    def from_notes(cls, notes: object) -> Round:
        """What `to_notes` gave; notes that are not readable are forgotten as a whole."""
        if not isinstance(notes, Mapping):
            return cls()
        try:
            return cls(
                _instant(notes["began_at"]),
                {str(name): _instant(at) for name, at in notes["tables"].items()},
                {str(name): [str(text) for text in texts] for name, texts in notes["problems"].items()},
                str(notes["source"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return cls()


def is_due(found: Round, every_seconds: float, now: datetime) -> bool:
    """Whether a new round begins, or this one has tables left; after the clock was set back a new one begins."""
    began_at = found.began_at
    return began_at is None or began_at > now or bool(found.left) or (now - began_at).total_seconds() >= every_seconds


def begin(profile: TableProfile, found: Round, listed: Listed, now: datetime) -> list[Table]:
    """Go on with the round, or begin a new one; the tables left in it, longest waiting first, and what is wrong."""
    source = files.digest(PASSWORD.sub(":***@", profile.source).encode())
    if source != found.source:
        found.tables, found.source = {}, source
    every = timedelta(seconds=profile.every_seconds)
    if found.began_at is None or found.began_at > now:
        found.began_at = now
    elif now - found.began_at >= every:
        found.began_at += (now - found.began_at) // every * every  # a run that is a little late delays no later one
    wanted = sorted(name for name in listed.tables if is_wanted(profile, name))
    chosen = wanted[: profile.most_tables]
    lost = [name for name in found.tables if name not in listed.tables and is_wanted(profile, name)]
    unseen = [name for name in lost if name.startswith(tuple(listed.unread))]
    gone = [name for name in lost if name not in unseen]
    found.problems = {name: texts for name, texts in found.problems.items() if name in chosen}
    found.problems[""] = [f"profile {profile.id}: {text}" for text in _told(profile, listed, wanted)]
    for name in gone:
        found.problems[name] = [
            f"profile {profile.id}: table {name} is gone; bring it back, or name it in leave_out if it is meant to be."
        ]
    # A table that is gone or cannot be seen is not left to do, but stays known.
    earlier = {name: at for name, at in found.tables.items() if at is not None and at <= now}
    found.tables = {name: earlier.get(name) for name in chosen} | dict.fromkeys(lost, now)
    return [listed.tables[name] for name in sorted(found.left, key=lambda name: _waiting(found.tables[name]))]


def _told(profile: TableProfile, listed: Listed, wanted: list[str]) -> list[str]:
    said = [text.removesuffix(".") + "." for text in listed.problems]
    if not wanted and not listed.unread:
        said.append(
            f"found {len(listed.tables)} tables, none of which is wanted; correct `tables` and `leave_out`."
            if listed.tables
            else "the source has no table that this account can see."
        )
    if len(wanted) > profile.most_tables:
        said.append(
            f"found {len(wanted):,} tables, of which the first {profile.most_tables:,} by name are profiled;"
            " narrow `tables` or raise most_tables."
        )
    return said


def _waiting(last: datetime | None) -> str:
    return "" if last is None else last.isoformat()


def _instant(text: object) -> datetime | None:
    return None if text is None else datetime.fromisoformat(str(text))
