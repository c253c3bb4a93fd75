"""Alarms a week under other margins, replayed over stored slots."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.what_if import replay
from tests.analysis.refresh_frames import slots_of

MONDAY = datetime(2026, 3, 2, 6)


def slot(day: int, start: float | None, end: float | None, verdict: str) -> dict[str, Any]:
    """A slot due at 06:00 whose run starts and ends so many minutes later; 15 and 60 were allowed."""
    due = MONDAY + timedelta(days=day)
    times = [None if one is None else due + timedelta(minutes=one) for one in (start, end)]
    judged = due + timedelta(minutes=90)
    return {
        "job_id": "load",
        "due_at": due,
        "judged_at": judged,
        "started_at": times[0],
        "finished_at": times[1],
        "verdict": verdict,
    }


SLOTS = slots_of(
    slot(0, 1, 30, "on_time"),
    slot(1, 20, 50, "late_start"),
    slot(2, 5, 70, "late_finish"),
    slot(3, 1, 40, "too_short"),
    slot(4, None, None, "missed"),
    slot(14, 1, 20, "failed"),
    slot(15, 1, None, "unknown"),
    slot(16, None, None, "upcoming"),
)


def test_without_a_change_nothing_changes() -> None:
    found = replay(SLOTS)
    assert found.changed.is_empty()
    assert found.alarms_per_week_now == found.alarms_per_week_then == 5 / 2  # 5 alarms in 14 days
    assert found.weeks.rows() == [(datetime(2026, 3, 2), 4, 4), (datetime(2026, 3, 16), 1, 1)]


def test_a_wider_start_margin_quiets_late_starts() -> None:
    found = replay(SLOTS, start_margin_seconds=25 * 60)
    assert found.changed.select("verdict", "verdict_then").rows() == [("late_start", "on_time")]
    assert (found.alarms_per_week_now, found.alarms_per_week_then) == (2.5, 2.0)


def test_a_later_deadline_quiets_late_finishes_and_no_missed_slot() -> None:
    found = replay(SLOTS, deadline_seconds=80 * 60)
    assert found.changed.select("verdict", "verdict_then").rows() == [("late_finish", "on_time")]


def test_a_tighter_deadline_raises_what_was_quiet_and_outranks_what_was_less_bad() -> None:
    found = replay(SLOTS, deadline_seconds=25 * 60)
    assert found.changed.select("verdict", "verdict_then").rows() == [
        ("on_time", "late_finish"),
        ("late_start", "late_finish"),
        ("too_short", "late_finish"),
    ]
    assert found.weeks["then"].to_list() == [5, 1]


def test_a_late_finish_within_the_new_deadline_may_still_be_a_late_start() -> None:
    found = replay(slots_of(slot(0, 20, 70, "late_finish")), deadline_seconds=80 * 60)
    assert found.changed["verdict_then"].to_list() == ["late_start"]


def test_a_run_that_had_not_finished_is_late_from_its_deadline_on() -> None:
    running = slots_of(slot(0, 1, None, "late_finish"))
    assert replay(running, deadline_seconds=80 * 60).changed.is_empty()
    assert replay(running, deadline_seconds=100 * 60).changed["verdict_then"].to_list() == ["on_time"]


def test_no_slots_no_alarms() -> None:
    found = replay(slots_of(), 60, 60)
    assert (found.alarms_per_week_now, found.alarms_per_week_then, found.weeks.height) == (0, 0, 0)


def test_negative_margins_are_refused() -> None:
    with pytest.raises(ValueError, match="The deadline is -1 seconds; expected 0 or more"):
        replay(SLOTS, deadline_seconds=-1)


@given(st.lists(st.integers(0, 200), min_size=2, max_size=2), st.lists(st.integers(0, 200), min_size=2, max_size=2))
def test_more_patience_never_means_more_alarms(margins: list[int], deadlines: list[int]) -> None:
    tight = replay(SLOTS, min(margins) * 60, min(deadlines) * 60)
    wide = replay(SLOTS, max(margins) * 60, max(deadlines) * 60)
    assert wide.alarms_per_week_then <= tight.alarms_per_week_then
    assert wide.alarms_per_week_now == tight.alarms_per_week_now
