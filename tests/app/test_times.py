"""From naive UTC to the viewer's clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import streamlit as st

from app import times

NOON = datetime(2026, 11, 23, 12)


@pytest.fixture
def viewer_in(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    return monkeypatch


def at(patch: pytest.MonkeyPatch, zone: object) -> None:
    """Put the viewer into a zone."""
    patch.setattr(st, "context", SimpleNamespace(timezone=zone))


def test_a_time_is_on_the_viewers_clock(viewer_in: pytest.MonkeyPatch) -> None:
    at(viewer_in, "Europe/Berlin")
    assert times.local(NOON).hour == 13
    shown = times.localized(pl.DataFrame({"at": [NOON]}))
    assert shown["at"][0] == datetime(2026, 11, 23, 13, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize("zone", [None, "Mars/Olympus", "", 7])
def test_an_unknown_zone_is_utc(zone: object, viewer_in: pytest.MonkeyPatch) -> None:
    at(viewer_in, zone)
    assert times.zone_name() == "UTC"
    assert times.local(NOON).hour == 12


def test_an_old_time_says_its_day(viewer_in: pytest.MonkeyPatch) -> None:
    at(viewer_in, "UTC")
    assert times.clock_text(datetime(2026, 3, 1, 9, 5)) == "1 Mar 09:05"


def test_age_is_said_in_words() -> None:
    assert times.ago(None) == "never"
    assert times.ago(times.now()) == "just now"
    assert times.ago(times.now() - timedelta(minutes=3, seconds=20)) == "3 min 20 s ago"


def test_times_of_a_form_are_on_the_viewers_clock() -> None:
    assert times.from_local(datetime(2026, 7, 1, 12)) == datetime(2026, 7, 1, 12), "UTC without a browser"
    assert times.from_local(None) is None
