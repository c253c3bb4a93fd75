"""Silences and maintenance windows: which one holds back the messages of an alert now, and how that is said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from fnmatch import translate
from functools import lru_cache

from alerts.alert import Alert
from alerts.said import clock_text
from store.rows import Silence, SilenceState

KEPT = timedelta(days=30)  # after its end, so that a late copy of an earlier version does not silence again


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.replace("[", "[[]")))


def is_match(pattern: str, text: str) -> bool:
    """Whether `text` fits a pattern with `*` and `?`; all else, brackets too, stands for itself."""
    return pattern == "*" or _pattern(pattern).match(text) is not None


def merge_silences(known: dict[str, Silence], arrived: Iterable[Silence], now: datetime) -> None:
    """Keep the newest version of each silence; late, repeated and misordered rows make no difference."""
    for silence in arrived:
        held = known.get(silence.silence_id)
        if held is None or _version(silence) > _version(held):
            known[silence.silence_id] = silence
    for name in [name for name, silence in known.items() if now - silence.ends_at > KEPT]:
        del known[name]


def _version(silence: Silence) -> tuple[datetime, bool, datetime]:
    return silence.occurred_at, silence.state is SilenceState.ENDED, silence.ends_at


def holding(known: Iterable[Silence], now: datetime) -> list[Silence]:
    """The silences that hold now, the one that lasts longest first."""
    found = [one for one in known if one.state is SilenceState.ACTIVE and one.starts_at <= now < one.ends_at]
    return sorted(found, key=lambda one: (one.ends_at, one.silence_id), reverse=True)


def silence_of(alert: Alert, held: Iterable[Silence]) -> Silence | None:
    """The first of the holding silences that covers the alert as it is now."""
    for silence in held:
        if (
            is_match(silence.subject, alert.subject)
            and is_match(silence.rule, alert.rule)
            and is_match(silence.severity, alert.severity)
        ):
            return silence
    return None


def silence_text(silence: Silence, now: datetime) -> str:
    """`silenced by alice until 14:00 UTC: release`."""
    what = "maintenance" if silence.is_maintenance else "silenced"
    return f"{what} by {silence.actor_id} until {clock_text(silence.ends_at, now)}: {silence.reason}"
