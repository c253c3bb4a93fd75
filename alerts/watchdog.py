"""Reports an alert engine that is silent, once, and that it is back, once: a dead-man's switch beside the engine."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import orjson
import structlog
from pydantic import TypeAdapter

from alerts.alert import digest_of
from alerts.journal import read_beat
from alerts.messages import Message
from alerts.outbox import Outbox
from alerts.said import clock_text
from alerts.wording import span_text
from config.alerting import Alerting
from store.rows import NoticeKind

TITLE = "The alert engine is silent"
log = structlog.get_logger("alerts.watchdog")


@dataclass(slots=True)
class Silent:
    """A silence that was noticed: since when, the last beat before it, and who was told."""

    since_at: datetime
    beat_at: datetime | None
    channels: list[str] = field(default_factory=list)


SILENT = TypeAdapter(Silent)


class Watchdog:
    """Looks at the beat that the engine leaves at its journal; `kept` remembers a silence over restarts.

    How long a silence lasts is measured by `at` (a clock that nobody sets, in seconds) from when the beat last changed,
    from this object's beginning at the earliest: a machine that slept or has just started is no silent engine.
    """

    def __init__(self, journal: Path, kept: Path, outbox: Outbox, now: datetime, at: float) -> None:
        self.journal = journal
        self.kept = kept
        self.outbox = outbox
        self.beat_at = read_beat(journal)
        self.changed = at
        self.started_at = now
        self.silent = self._restored()

    def look(self, alerting: Alerting, now: datetime, at: float) -> None:
        """Queue what there is to tell; raises OSError when the disk refuses."""
        beat_at = read_beat(self.journal)
        if beat_at != self.beat_at:
            self.beat_at, self.changed = beat_at, at
        if self.silent and beat_at is not None and beat_at != self.silent.beat_at:
            self._tell_back(self.silent, now)
        elif self.silent or at - self.changed > alerting.watchdog_seconds:
            self._tell_silent(alerting, now)

    def _tell_silent(self, alerting: Alerting, now: datetime) -> None:
        """To every channel; the outbox ignores whom it has told already."""
        if self.silent is None:
            self.silent = Silent(self.beat_at or self.started_at, self.beat_at)
            log.error("the alert engine is silent", since=str(self.silent.since_at))
        silent = self.silent
        fresh = [name for name in alerting.watchdog_channels if name not in silent.channels]
        if fresh or not self.kept.exists():
            silent.channels += fresh
            self._keep(silent)
        span = span_text((now - silent.since_at).total_seconds())
        said = f"no pass since {clock_text(silent.since_at, now)}, {span} ago; meanwhile nobody is alerted of anything"
        for name in silent.channels:
            self.outbox.put(_message(silent, name, NoticeKind.WATCHDOG, said, now), now)

    def _tell_back(self, silent: Silent, now: datetime) -> None:
        log.info("the alert engine is back")
        span = span_text((now - silent.since_at).total_seconds())
        said = f"resolved; it was silent from {clock_text(silent.since_at, now)} for {span}"
        for name in silent.channels:
            self.outbox.put(_message(silent, name, NoticeKind.RESOLVED, said, now), now)
        self.kept.unlink(missing_ok=True)
        self.silent = None

    def _keep(self, silent: Silent) -> None:
        self.kept.parent.mkdir(parents=True, exist_ok=True)
        beside = self.kept.with_suffix(f".{os.getpid()}.new")
        beside.write_bytes(orjson.dumps(silent))
        beside.replace(self.kept)

    def _restored(self) -> Silent | None:
        try:
            return SILENT.validate_json(self.kept.read_bytes())
        except (OSError, ValueError):
            return None


def _message(silent: Silent, channel: str, kind: NoticeKind, evidence: str, now: datetime) -> Message:
    """The same id for the same silence and channel, whatever restarts between."""
    since = silent.since_at.isoformat()
    return Message(
        id=digest_of("watchdog", kind.value, channel, since),
        kind=kind,
        channel=channel,
        rule="watchdog",
        subject="alert engine",
        severity="critical",
        title=TITLE,
        evidence=evidence,
        occurred_at=now,
        incident_id=digest_of("watchdog", since)[:16],
        help="`python -m app status` tells whether the responder runs; the reason is in its log, logs/responder.log.",
        link="alerts",
    )
