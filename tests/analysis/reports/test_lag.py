"""A hop that differs from the one before it: on its way, old, or wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.reports.backend_values import Past
from analysis.reports.lag import judge_lag
from store.rows import NumberState

NOW = datetime(2026, 11, 23, 8, 30)
FINITE = st.floats(-1e9, 1e9)


def past(value: float, minutes: float) -> Past:
    return Past(value, NOW - timedelta(days=1), NOW - timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("earlier", "state", "why"),
    [
        ([], NumberState.WRONG, ""),
        ([past(90.0, 5)], NumberState.IN_FLIGHT, "it was right 5 min ago"),
        ([past(90.0, 60)], NumberState.STALE, "it is as of 07:30 UTC"),
        ([past(95.0, 1), past(85.0, 10)], NumberState.IN_FLIGHT, "the one before it is moving"),
        ([past(95.0, 1), past(93.0, 10)], NumberState.WRONG, ""),
        ([past(95.0, 60), past(85.0, 70)], NumberState.WRONG, ""),
    ],
)
def test_what_the_hop_before_had_decides(earlier: list[Past], state: NumberState, why: str) -> None:
    assert judge_lag(90.0, 100.0, earlier, 0.0, 900.0, NOW) == (state, why)


def test_within_the_tolerance_is_the_same() -> None:
    assert judge_lag(90.0, 100.0, [past(90.4, 5)], 0.5, 900.0, NOW)[0] is NumberState.IN_FLIGHT
    assert judge_lag(90.0, 100.0, [past(90.6, 5)], 0.5, 900.0, NOW)[0] is NumberState.WRONG


@given(value=FINITE, ahead=FINITE)
def test_nothing_known_excuses_nothing(value: float, ahead: float) -> None:
    assert judge_lag(value, ahead, [], 0.0, 900.0, NOW)[0] is NumberState.WRONG
