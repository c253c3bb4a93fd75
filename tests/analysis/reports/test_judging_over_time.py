"""Numbers that are on their way: a backend that changes, a page of an earlier hour, and what is remembered."""

from __future__ import annotations

import math
from datetime import datetime

import orjson
import pytest

from analysis.reports.backend_values import Past, from_json, remember, to_json
from store.rows import Fault, NumberState
from tests.analysis.reports.judged_numbers import AGO, NOW, asked, past, verdict


@pytest.mark.parametrize("text", ["100", "200"])
def test_a_page_may_show_the_backend_before_or_after_it_was_read(text: str) -> None:
    assert verdict(text, 100.0, 200.0).state == NumberState.MATCH


@pytest.mark.parametrize("text", ["150", "40", "900"])
def test_while_the_backend_changes_any_number_is_in_flight(text: str) -> None:
    found = verdict(text, 100.0, 200.0)
    assert (found.state, found.fault) == (NumberState.IN_FLIGHT, None)
    assert "100 EUR when the page was opened: it is being refreshed." in found.message


def test_a_table_that_was_empty_a_moment_ago_is_being_refreshed() -> None:
    assert verdict("50", None, 100.0).state == NumberState.IN_FLIGHT
    assert verdict("100", None, 100.0).state == NumberState.MATCH


def test_a_counter_that_never_rests_excuses_no_number_far_from_it() -> None:
    lately = [past(995.0, AGO[4]), past(990.0, AGO[10]), past(700.0, AGO[60])]
    assert verdict("500", 1000.0, 1001.0, earlier=lately).state == NumberState.WRONG
    assert verdict("992", 1000.0, 1001.0, earlier=lately).state == NumberState.IN_FLIGHT


def test_a_change_within_the_tolerance_is_none() -> None:
    assert verdict("500k", 409_800.0, 409_900.0).state == NumberState.WRONG


def test_an_earlier_value_is_in_flight_at_first_and_stale_then() -> None:
    lately = verdict("100", 200.0, 200.0, earlier=[past(200.0, NOW), past(100.0, AGO[4])])
    assert (lately.state, lately.fault) == (NumberState.IN_FLIGHT, None)
    assert lately.message == "Page shows 100, the backend has 200 EUR, which changed within the last 4 min."
    stale = verdict("100", 200.0, 200.0, earlier=[past(200.0, NOW), past(100.0, AGO[350])])
    assert (stale.state, stale.fault) == (NumberState.STALE, Fault.STALE_NUMBER)
    assert stale.message == "Page shows 100, the backend has 200 EUR: the page equals the backend of 06:10 UTC."
    assert stale.difference == -100
    assert verdict("100", 200.0, earlier=[past(100.0, AGO[4])], skew=60).state == NumberState.STALE


def test_the_newest_of_two_equal_earlier_values_counts() -> None:
    earlier = [past(100.0, AGO[4]), past(150.0, AGO[60]), past(100.0, AGO[350])]
    assert verdict("100", 200.0, earlier=earlier).state == NumberState.IN_FLIGHT


def test_a_stale_number_is_stale_while_the_backend_changes_again() -> None:
    assert verdict("100", 200.0, 300.0, earlier=[past(100.0, AGO[350])]).state == NumberState.STALE


def test_a_page_is_compared_with_the_backend_as_of_its_own_stamp() -> None:
    then = {"at_as_of": asked(100.0), "page_as_of": AGO[4]}
    found = verdict("100", 200.0, 200.0, **then)
    assert found.state == NumberState.IN_FLIGHT
    assert found.message == "Page shows 100, the backend has 200 EUR: the page is right as of 11:56 UTC, 4 min old."
    old = verdict("100", 200.0, 200.0, at_as_of=asked(100.0), page_as_of=AGO[180])
    assert (old.state, old.fault) == (NumberState.STALE, Fault.STALE_NUMBER)
    assert old.message == "Page shows 100, the backend has 200 EUR: the page is right as of 09:00 UTC, 3 h old."
    assert verdict("200", 200.0, at_as_of=asked(200.0), page_as_of=AGO[180]).state == NumberState.MATCH
    assert verdict("150", 200.0, **then).state == NumberState.WRONG
    assert verdict("100", 200.0, at_as_of=asked(problem="No."), page_as_of=AGO[4]).state == NumberState.WRONG


def test_times_of_another_day_come_with_their_day() -> None:
    found = verdict("100", 200.0, earlier=[past(100.0, datetime(2026, 11, 23, 6, 10))])
    assert found.message.endswith("the page equals the backend of 23 Nov 06:10 UTC.")


def test_the_backend_is_remembered_newest_first() -> None:
    kept: list[Past] = []
    for minutes, value in ((350, 100.0), (180, 100.0), (60, None), (60, math.nan), (10, 200.0), (4, 100.0)):
        kept = remember(kept, value, AGO[minutes])
    assert kept == [Past(100, AGO[4], AGO[4]), Past(200, AGO[10], AGO[10]), Past(100, AGO[350], AGO[180])]
    assert remember(kept, 300.0, AGO[60]) == kept  # an answer that comes late
    assert len(remember(kept, 7.0, NOW, most=2)) == 2


def test_what_is_remembered_survives_a_file() -> None:
    kept = [past(100.5, AGO[4]), past(-3.0, AGO[60])]
    assert from_json(orjson.loads(orjson.dumps(to_json(kept)))) == kept
    assert from_json([*to_json(kept), [1], "x", [1, 2, 3], ["a", "b", "c"], None]) == kept
    assert from_json(None) == from_json("[]") == from_json({}) == []
