"""Asks Airflow's REST API, 2 and 3, for the DAG runs that changed, page by page, and why those that failed did.

Airflow 2 answers below /api/v1 and takes a name and password with every question; Airflow 3 answers below /api/v2 and
gives a token for them. https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from collectors.airflow_rows import EXPECTED, NOT_OVER, read_run
from collectors.base import SourceError
from collectors.rest import AnswerError, Client, basic, bearer
from collectors.run_rows import JobNames, Memo, Told, key_of
from config.schedulers import AirflowServer
from store.rows import RefreshRun, RunStatus

PAGE_ROWS = 100  # more is not given, unless the server was told so
MAX_PAGES = 200
MAX_EXPLAINED = 50
MAX_NAMED = 10
OVERLAP = timedelta(minutes=10)


def ask_airflow(
    server: AirflowServer, names: JobNames, now: datetime, memo: Memo, is_late: Callable[[], bool] = bool
) -> Told:
    """The runs that changed since the last pass that got to the end; what was read before a problem is kept.

    A pass that finds more than MAX_PAGES pages, or that `is_late`, is gone on with the next time.
    """
    look = _Look(server, names, now, memo)
    try:
        look.enter()
        look.read(is_late)
    except SourceError as error:
        return Told(list(look.runs.values()), str(error), memo)
    look.explain(is_late)
    return look.told()


class _Look:
    """One pass over the runs of a server."""

    def __init__(self, server: AirflowServer, names: JobNames, now: datetime, memo: Memo) -> None:
        self._server, self._names, self._now = server, names, now
        self._client = Client(f"airflow server {server.id}", server.url, server.timeout_seconds)
        first = (now - timedelta(days=server.window_days)).isoformat()
        self._since = datetime.fromisoformat(str(memo.get("since", first)))
        self._window = str(memo.get("window", "updated_at_gte"))
        # A pass that is gone on with sees nothing of what changed since it began; the one after starts from there.
        self._began = datetime.fromisoformat(str(memo.get("began", now.isoformat())))
        self._offset = self._first = int(memo.get("offset", 0))
        self._known: dict[str, str] = dict(memo.get("messages", {}))
        self._base = ""
        self._is_over = False
        self._places: dict[str, str] = {}
        self._odd: list[str] = []
        self.runs: dict[str, RefreshRun] = {}

    def enter(self) -> None:
        """Find out the version and be let in."""
        client, server = self._client, self._server
        version = server.version or _version(client)
        self._base = "/api/v1" if version == 2 else "/api/v2"
        if server.token is not None:
            client.let_in(bearer(server.token.get_secret_value()))
        elif server.username is not None and server.password is not None:
            password = server.password.get_secret_value()
            if version == 2:
                client.let_in(basic(server.username, password))
                return
            client.let_in(bearer(client.token("/auth/token", {"username": server.username, "password": password})))

    def read(self, is_late: Callable[[], bool]) -> None:
        """All pages; raises SourceError at the first that is not good."""
        for _ in range(MAX_PAGES):
            found, total = self._page()
            for one in found:
                self._take(one)
            self._offset += len(found)
            if total is not None and not found and self._offset < total:
                raise AnswerError(
                    f"{self._client.name} told of {total} runs and gave {self._offset}; they are asked for again."
                )
            self._is_over = not found or (total is not None and self._offset >= total)
            if self._is_over or is_late():
                return

    def _page(self) -> tuple[list[object], int | None]:
        path = f"{self._base}/dags/~/dagRuns"
        since = f"{self._since.isoformat()}Z"
        asked: dict[str, str | int] = {"limit": PAGE_ROWS, "offset": self._offset, "order_by": "id"}
        try:
            content = self._client.get(path, asked | {self._window: since})
        except AnswerError as error:
            if error.status != 400 or self._window == "start_date_gte":
                raise
            self._window = "start_date_gte"  # before 2.6 it could not be asked for what changed
            content = self._client.get(path, asked | {self._window: since})
        if not isinstance(content.get("dag_runs"), list):
            raise AnswerError(f"{self._client.name} answered something else at {path}, {EXPECTED}; check its url.")
        total = content.get("total_entries")
        return content["dag_runs"], total if isinstance(total, int) else None

    def _take(self, found: object) -> None:
        """Keep a run; one that cannot be understood is told, and costs the others nothing."""
        try:
            run = read_run(found, self._names, self._now)
        except SourceError as error:
            self._odd.append(f"{self._client.name}: {error}.")
            return
        self.runs[key_of(run)] = run
        dag_id = str(found["dag_id"]) if isinstance(found, dict) else ""
        self._places[key_of(run)] = f"/dags/{quote(dag_id, '')}/dagRuns/{quote(run.run_id, '')}"

    def explain(self, is_late: Callable[[], bool]) -> None:
        """Name the failed tasks of failed runs, of the newest MAX_EXPLAINED that are not known yet."""
        failed = {name: run for name, run in self.runs.items() if run.status is RunStatus.FAILED}
        messages = {name: self._known.get(f"{name} {run.finished_at}") for name, run in failed.items()}
        try:
            for name in [name for name in reversed(failed) if messages[name] is None][:MAX_EXPLAINED]:
                if is_late():
                    break
                path = f"{self._base}{self._places[name]}/taskInstances"
                messages[name] = _reason(self._client.get(path, {"state": "failed", "limit": PAGE_ROWS}))
        except SourceError as error:
            self._odd.append(str(error))
        self.runs |= {name: replace(run, message=messages[name]) for name, run in failed.items()}
        self._known = {f"{name} {run.finished_at}": text for name, run in failed.items() if (text := messages[name])}

    def told(self) -> Told:
        """What was found, with where the next pass starts."""
        memo: dict[str, object] = {"window": self._window, "messages": self._known}
        if self._is_over:
            starts = [run.started_at for run in self.runs.values() if run.status in NOT_OVER and run.started_at]
            is_by_start = self._window == "start_date_gte"
            memo |= {"since": min([self._began - OVERLAP, *(starts if is_by_start else [])]).isoformat()}
        else:
            memo |= {"since": self._since.isoformat(), "began": self._began.isoformat(), "offset": self._offset}
        is_all = self._is_over and not self._first
        return Told(list(self.runs.values()), next(iter(self._odd), None), memo, is_all)


def _version(client: Client) -> int:
    """3 where there is an /api/v2, else 2."""
    try:
        client.get("/api/v2/version")
    except AnswerError as error:
        if error.status == 404:
            return 2
        if error.status not in {401, 403}:
            raise
    return 3


def _reason(content: Mapping[str, Any]) -> str | None:
    """Which tasks failed, in a sentence; None for an answer that does not say."""
    if not isinstance(content.get("task_instances"), list):
        return None
    tasks = sorted({str(one.get("task_id")) for one in content["task_instances"] if isinstance(one, dict)})
    if not tasks:
        return "No task failed: the run ran into its time limit or was marked as failed."
    more = f" and {len(tasks) - MAX_NAMED} more" if len(tasks) > MAX_NAMED else ""
    return f"Task{'' if len(tasks) == 1 else 's'} {', '.join(tasks[:MAX_NAMED])}{more} failed."
