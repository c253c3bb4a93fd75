"""The words that data points under control are told in."""

from __future__ import annotations

from enum import StrEnum


class PointState(StrEnum):
    """What was made of a data point: judged, or why not. LEARNING has too little history, LEFT_OUT a person's mark."""

    IN_CONTROL = "in_control"
    SIGNAL = "signal"
    LEARNING = "learning"
    LEFT_OUT = "left_out"


class SignalState(StrEnum):
    """OPEN while its points are news, CLOSED when it is back in control, WITHDRAWN when late data undid it."""

    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class SignalMode(StrEnum):
    """Whether a signal alerts, or is only watched because its rule was wrong too often."""

    ALERT = "alert"
    WATCH = "watch"


class Answer(StrEnum):
    """What a person said of a signal: there was a cause, it was expected, or only the data came late."""

    REAL = "real"
    EXPECTED = "expected"
    DATA_LATE = "data_late"


class MarkKind(StrEnum):
    """What a person marked: a corrected value, points that no limits are made from, planned work, or only a note."""

    CORRECTED = "corrected"
    LEFT_OUT = "left_out"
    PLANNED = "planned"
    NOTE = "note"
