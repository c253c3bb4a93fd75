"""Times in the sentences of findings: UTC, named as such, because a message has no viewer's clock."""

from __future__ import annotations

from datetime import datetime


def clock_text(moment: datetime, now: datetime) -> str:
    """`07:00 UTC`, with the day when it is not today."""
    return f"{moment:%H:%M} UTC" if moment.date() == now.date() else f"{moment.day} {moment:%b %H:%M} UTC"
