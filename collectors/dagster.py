"""Asks Dagster's GraphQL API for the runs that changed, page by page, newest first, and which steps of a run failed.

https://docs.dagster.io/api/graphql
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.base import SourceError
from collectors.dagster_rows import read_run, results_of
from collectors.rest import AnswerError, Client, Headers, basic
from collectors.run_rows import JobNames, Memo, Told, key_of
from config.schedulers import DagsterServer
from store.rows import RefreshRun, RunStatus

PAGE_ROWS = 100
MAX_PAGES = 200
MAX_EXPLAINED = 50
MAX_NAMED = 10
OVERLAP = timedelta(minutes=10)
RUNS = """
query Runs($filter: RunsFilter, $cursor: String, $limit: Int) {
  runsOrError(filter: $filter, cursor: $cursor, limit: $limit) {
    __typename
    ... on Runs { results { runId jobName status startTime endTime tags { key value } } }
    ... on InvalidPipelineRunsFilterError { message }
    ... on PythonError { message }
  }
}
"""
STEPS = """
query Steps($runId: ID!) {
  runOrError(runId: $runId) {
    __typename
    ... on Run { stepStats { stepKey status } }
  }
}
"""


def ask_dagster(
    server: DagsterServer, names: JobNames, now: datetime, memo: Memo, is_late: Callable[[], bool] = bool
) -> Told:
    """The runs that changed since the last pass that got to the end; what was read before a problem is kept.

    A pass that finds more than MAX_PAGES pages, or that `is_late`, is gone on with the next time.
    """
    look = _Look(server, names, now, memo)
    try:
        look.read(is_late)
    except SourceError as error:
        start = {name: found for name, found in memo.items() if name in {"since", "messages"}}
        return Told(list(look.runs.values()), str(error), start)
    look.explain(is_late)
    return look.told()


class _Look:
    """One pass over the runs of a server."""

    def __init__(self, server: DagsterServer, names: JobNames, now: datetime, memo: Memo) -> None:
        self._names, self._now = names, now
        self._client = Client(f"dagster server {server.id}", server.url, server.timeout_seconds, _way_in(server))
        first = (now - timedelta(days=server.window_days)).isoformat()
        self._since = datetime.fromisoformat(str(memo.get("since", first)))
        # A pass that is gone on with sees nothing of what changed since it began; the one after starts from there.
        self._began = datetime.fromisoformat(str(memo.get("began") or now.isoformat()))
        self._cursor: str | None = memo.get("cursor")
        self._is_gone_on = self._cursor is not None
        self._known: dict[str, str] = dict(memo.get("messages", {}))
        self._is_over = False
        self._odd: list[str] = []
        self.runs: dict[str, RefreshRun] = {}

    def read(self, is_late: Callable[[], bool]) -> None:
        """All pages; raises SourceError at the first that is not good."""
        after = self._since.replace(tzinfo=UTC).timestamp()
        for _ in range(MAX_PAGES):
            asked = {"filter": {"updatedAfter": after}, "cursor": self._cursor, "limit": PAGE_ROWS}
            try:
                found = results_of(self._client.post("/graphql", {"query": RUNS, "variables": asked}))
            except AnswerError:
                raise
            except SourceError as error:
                raise AnswerError(f"{self._client.name}: {error}; check its url and version.") from error
            for one in found:
                self._take(one)
            self._is_over = len(found) < PAGE_ROWS
            if self._is_over or is_late():
                return

    def _take(self, found: object) -> None:
        """Keep a run; one that cannot be understood is told, and costs the others nothing."""
        try:
            run = read_run(found, self._names, self._now)
        except SourceError as error:
            self._odd.append(f"{self._client.name}: {error}.")
        else:
            self.runs[key_of(run)] = run
        if isinstance(found, dict) and isinstance(found.get("runId"), str):
            self._cursor = found["runId"]

    def explain(self, is_late: Callable[[], bool]) -> None:
        """Name the failed steps of failed runs, of the newest MAX_EXPLAINED that are not known yet."""
        failed = {name: run for name, run in self.runs.items() if run.status is RunStatus.FAILED}
        messages = {name: self._known.get(name) for name in failed}
        try:
            for name in [name for name in failed if messages[name] is None][:MAX_EXPLAINED]:
                if is_late():
                    break
                asked = {"query": STEPS, "variables": {"runId": failed[name].run_id}}
                messages[name] = _reason(self._client.post("/graphql", asked))
        except SourceError as error:
            self._odd.append(str(error))
        self.runs |= {name: replace(run, message=messages[name]) for name, run in failed.items()}
        self._known = {name: text for name, text in messages.items() if text}

    def told(self) -> Told:
        """What was found, with where the next pass starts."""
        memo: dict[str, object] = {"messages": self._known}
        if self._is_over:
            memo |= {"since": (self._began - OVERLAP).isoformat()}
        else:
            memo |= {"since": self._since.isoformat(), "began": self._began.isoformat(), "cursor": self._cursor}
        return Told(list(self.runs.values()), next(iter(self._odd), None), memo, self._is_over and not self._is_gone_on)


def _way_in(server: DagsterServer) -> Headers:
    if server.token is not None:
        return Headers({"Dagster-Cloud-Api-Token": server.token.get_secret_value()})
    if server.username is not None and server.password is not None:
        return basic(server.username, server.password.get_secret_value())
    return Headers()


def _reason(content: Mapping[str, Any]) -> str | None:
    """Which steps failed, in a sentence; None for an answer that does not say."""
    run = (content.get("data") or {}).get("runOrError") or {}
    if not isinstance(run.get("stepStats"), list):
        return None
    steps = [str(step.get("stepKey")) for step in run["stepStats"] if step.get("status") == "FAILURE"]
    if not steps:
        return "No step failed: the run did not get as far, or was marked as failed."
    more = f" and {len(steps) - MAX_NAMED} more" if len(steps) > MAX_NAMED else ""
    return f"Step{'' if len(steps) == 1 else 's'} {', '.join(steps[:MAX_NAMED])}{more} failed."
