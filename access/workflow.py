"""The life of an access request as events: submit and cancel. Pure: the caller passes the time and stores the event."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from store.rows import RequestEvent, RequestState

FEWEST_LETTERS = 12
MOST_LETTERS = 2000
LONGEST_GRANT = timedelta(days=366)


class RequestError(ValueError):
    """A request cannot be filed or changed so; the message has one sentence per line for the person who asked."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person wants: an entitlement on an asset, why, and until when (None for no end)."""

    asset_id: str
    entitlement: str
    justification: str
    ends_on: date | None = None


def problems(draft: Draft, offers: Mapping[str, Sequence[str]], today: date) -> list[str]:
    """Everything that keeps the draft from being filed, a sentence each; `offers` maps assets to their entitlements."""
    found = []
    if draft.asset_id not in offers:
        found.append(f"There is no report {draft.asset_id!r}; choose one from the list.")
    elif draft.entitlement not in offers[draft.asset_id]:
        known = ", ".join(offers[draft.asset_id])
        found.append(f"{draft.asset_id} has no entitlement {draft.entitlement!r}; it offers {known}.")
    letters = len(" ".join(draft.justification.split()))
    if letters < FEWEST_LETTERS:
        found.append(
            f"The justification has {letters} characters; write at least {FEWEST_LETTERS}, so that one can decide."
        )
    if len(draft.justification) > MOST_LETTERS:
        found.append(f"The justification has {len(draft.justification)} characters; shorten it to {MOST_LETTERS}.")
    if "\0" in draft.justification:
        found.append("The justification holds a character that cannot be stored; type it again instead of pasting.")
    if draft.ends_on is not None and draft.ends_on <= today:
        found.append(f"The end {draft.ends_on} is not in the future; choose a day from {today + timedelta(days=1)} on.")
    if draft.ends_on is not None and draft.ends_on > today + LONGEST_GRANT:
        found.append(f"The end {draft.ends_on} is too far off; the latest is {today + LONGEST_GRANT}.")
    return found


def submit(draft: Draft, requester_id: str, offers: Mapping[str, Sequence[str]], now: datetime) -> RequestEvent:
    """The first event of a new request; raises RequestError with every problem of the draft."""
    found = problems(draft, offers, now.date())
    if found:
        raise RequestError("\n".join(found))
    return RequestEvent(
        request_id=uuid.uuid4().hex,
        occurred_at=now,
        state=RequestState.PENDING,
        actor_id=requester_id,
        requester_id=requester_id,
        asset_id=draft.asset_id,
        entitlement=draft.entitlement,
        justification=draft.justification.strip(),
        ends_on=draft.ends_on,
    )


def cancel(newest: RequestEvent, actor_id: str, now: datetime) -> RequestEvent:
    """The event that takes a request back; raises RequestError unless the requester does so while it is pending."""
    if actor_id != newest.requester_id:
        raise RequestError("Only the person who filed a request can cancel it; ask them to.")
    if newest.state != RequestState.PENDING:
        raise RequestError(f"The request is {newest.state} already; only a pending request can be cancelled.")
    return RequestEvent(
        request_id=newest.request_id,
        occurred_at=now,
        state=RequestState.CANCELLED,
        actor_id=actor_id,
        requester_id=newest.requester_id,
        asset_id=newest.asset_id,
        entitlement=newest.entitlement,
        justification=newest.justification,
        ends_on=newest.ends_on,
        reason="cancelled by the requester",
    )
