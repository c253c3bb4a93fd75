"""Access requests as events: what can be filed, and who may take it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from access.workflow import Draft, RequestError, cancel, problems, submit
from store.rows import RequestEvent, RequestState

NOON = datetime(2026, 11, 23, 12)
OFFERS = {"sales": ["viewer", "analyst"]}
GOOD = Draft("sales", "analyst", "I prepare the monthly partner review", date(2027, 2, 21))


def filed() -> RequestEvent:
    return submit(GOOD, "alice", OFFERS, NOON)


def test_a_good_draft_becomes_a_pending_request_of_its_requester() -> None:
    event = filed()
    assert (event.state, event.actor_id, event.requester_id) == (RequestState.PENDING, "alice", "alice")
    assert (event.asset_id, event.entitlement, event.occurred_at) == ("sales", "analyst", NOON)
    assert event.ends_on == date(2027, 2, 21)
    assert event.request_id != filed().request_id


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (replace(GOOD, asset_id="secret"), "There is no report 'secret'"),
        (replace(GOOD, entitlement="owner"), "it offers viewer, analyst"),
        (replace(GOOD, justification="  please   "), "has 6 characters; write at least 12"),
        (replace(GOOD, justification="x" * 2001), "shorten it to 2000"),
        (replace(GOOD, justification="partner review\0now"), "cannot be stored"),
        (replace(GOOD, ends_on=date(2026, 11, 23)), "choose a day from 2026-11-24 on"),
        (replace(GOOD, ends_on=date(2028, 1, 1)), "too far off"),
    ],
)
def test_a_bad_draft_is_refused_with_what_to_do(draft: Draft, said: str) -> None:
    (found,) = problems(draft, OFFERS, NOON.date())
    assert said in found
    with pytest.raises(RequestError, match=r"."):
        submit(draft, "alice", OFFERS, NOON)


def test_all_problems_are_said_at_once() -> None:
    assert len(problems(Draft("secret", "", "", date(2020, 1, 1)), OFFERS, NOON.date())) == 3


def test_an_access_without_end_may_be_asked_for() -> None:
    assert submit(replace(GOOD, ends_on=None), "alice", OFFERS, NOON).ends_on is None


def test_the_requester_may_take_a_pending_request_back() -> None:
    event = cancel(filed(), "alice", NOON)
    assert (event.state, event.actor_id) == (RequestState.CANCELLED, "alice")
    assert event.justification == GOOD.justification


def test_nobody_else_may() -> None:
    with pytest.raises(RequestError, match="Only the person who filed"):
        cancel(filed(), "bob", NOON)


@pytest.mark.parametrize("state", [state for state in RequestState if state is not RequestState.PENDING])
def test_only_a_pending_request_can_be_cancelled(state: RequestState) -> None:
    with pytest.raises(RequestError, match=f"is {state} already"):
        cancel(replace(filed(), state=state), "alice", NOON)
