"""Times in the sentences and charts of findings: UTC, named as such, because a message has no viewer's clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta


def clock_text(moment: datetime, now: datetime) -> str:
    """`07:00 UTC`, with the day when it is not today."""
    return f"{moment:%H:%M} UTC" if moment.date() == now.date() else f"{moment.day} {moment:%b %H:%M} UTC"


def points_of(epochs: Sequence[float], values: Sequence[float]) -> tuple[tuple[datetime, float], ...]:
    """A series for the chart of a mail, from seconds since 1970 and values."""
    start = datetime(1970, 1, 1)
    return tuple((start + timedelta(seconds=at), value) for at, value in zip(epochs, values, strict=True))
