"""What the alert engine runs by, as pages see it: alerts.yaml, the rules, and when the engine last made a pass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import streamlit as st

from alerts import base
from alerts.base import Rule
from alerts.journal import read_beat
from app import data
from app.times import now
from config.alerting import Alerting
from config.load import ALERTS_FILE, EstateError, read_alerting
from store.settings import settings

JOURNAL = "alerts.json"


@dataclass(frozen=True, slots=True)
class Pulse:
    """When the engine finished its last pass (None: it never did), and whether that is too long ago."""

    beat_at: datetime | None
    limit: timedelta

    @property
    def is_known(self) -> bool:
        """Whether what the engine says holds now."""
        return self.beat_at is not None and not self.is_silent

    @property
    def is_silent(self) -> bool:
        """It has made passes and has stopped."""
        return self.beat_at is not None and now() - self.beat_at > self.limit


def alerting() -> tuple[Alerting, str | None]:
    """alerts.yaml as it is now; nobody's routes and the problem while it cannot be used."""
    path = settings().estate / ALERTS_FILE
    return _alerting(settings().estate, path.stat().st_mtime_ns if path.exists() else 0)


@st.cache_resource(max_entries=2, show_spinner=False)
def _alerting(folder: Path, changed: int) -> tuple[Alerting, str | None]:  # noqa: ARG001  # part of the cache's key
    try:
        return read_alerting(folder), None
    except EstateError as error:
        return Alerting(), str(error)


@lru_cache(maxsize=1)
def rules() -> dict[str, Rule]:
    """Every rule by name."""
    return {name: check.rule for name, check in base.discover().items()}


def pulse() -> Pulse:
    """The engine's pulse, read at most every few seconds for all sessions."""
    return Pulse(_beat(settings().state_path / JOURNAL), timedelta(seconds=alerting()[0].watchdog_seconds))


@st.cache_data(ttl=data.TTL_SECONDS, max_entries=2, show_spinner=False)
def _beat(path: Path) -> datetime | None:
    return read_beat(path)
