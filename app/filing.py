"""Files access requests: an event is on disk, in the spool, before the page says that it is filed."""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import polars as pl
import streamlit as st

from access import workflow
from access.workflow import Draft, RequestError
from app import data
from app.answers import Answer
from app.times import now
from store.errors import SpoolFullError
from store.rows import RequestEvent, RequestState
from store.settings import settings
from store.spool import Spool

__all__ = ["Draft", "RequestError", "SpoolFullError"]  # what the page needs of the layers below
OURS = "filed_requests"  # events of this session, shown until the store has them
COLLECTOR = "app"


@lru_cache(maxsize=4)
def _spool(root: Path) -> Spool:
    return Spool(root, COLLECTOR)


def offers() -> dict[str, list[str]]:
    """What can be asked for: entitlements by report."""
    return {report.id: report.entitlements for report in data.estate().estate.reports}


def submit_request(draft: Draft, requester_id: str) -> str:
    """File a request and return its id; raises RequestError, or SpoolFullError when the disk has no room."""
    event = workflow.submit(draft, requester_id, offers(), now())
    _file(event)
    return event.request_id


def cancel_request(request_id: str, actor_id: str) -> None:
    """Take a request back; raises RequestError when it is not pending any more or its state cannot be known now."""
    answer = data.fresh_answer("access_requests", requester_id=actor_id)
    if answer.problem:
        raise RequestError("The store does not answer, so nobody can tell whether it is still pending; try again soon.")
    newest = merged(answer.frame).filter(pl.col("request_id") == request_id)
    if newest.is_empty():
        raise RequestError("This request is not known; reload the page.")
    row = newest.row(0, named=True)
    _file(
        workflow.cancel(
            RequestEvent(
                request_id=request_id,
                occurred_at=row["changed_at"],
                state=RequestState(row["state"]),
                actor_id=row["actor_id"],
                requester_id=actor_id,
                asset_id=row["asset_id"],
                entitlement=row["entitlement"],
                justification=row["justification"],
                ends_on=row["ends_on"],
                reason=row["reason"],
            ),
            actor_id,
            now(),
        )
    )


def requests_of(requester_id: str) -> tuple[pl.DataFrame, Answer]:
    """A person's requests, newest first, with what this session filed and the store does not have yet."""
    answer = data.answer("access_requests", requester_id=requester_id)
    return merged(answer.frame), answer


def merged(stored: pl.DataFrame) -> pl.DataFrame:
    """Stored requests overlaid with this session's own later events."""
    ours: list[RequestEvent] = st.session_state.get(OURS, [])
    if not ours:
        return stored
    rows = [
        asdict(event) | {"state": str(event.state), "filed_at": event.occurred_at, "changed_at": event.occurred_at}
        for event in ours
    ]
    filed = pl.DataFrame(rows, schema_overrides=stored.schema).select(stored.columns)
    every = pl.concat([stored, filed])
    newest = every.sort("changed_at").group_by("request_id", maintain_order=True).last()
    first = every.group_by("request_id").agg(pl.col("filed_at").min().alias("first_filed_at"))
    return (
        newest.join(first, on="request_id")
        .with_columns(pl.col("first_filed_at").alias("filed_at"))
        .select(stored.columns)
        .sort("filed_at", descending=True)
    )


def _file(event: RequestEvent) -> None:
    _spool(settings().spool_path).put([event])
    st.session_state[OURS] = [*st.session_state.get(OURS, []), event]
