"""Power BI's refresh history by REST: the refreshes of semantic models as refresh runs, and its answers as rows.

https://learn.microsoft.com/rest/api/power-bi/datasets/get-refresh-history-in-group
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from collectors.base import SourceError
from collectors.rest import AnswerError, Client, bearer
from collectors.run_rows import JobNames, Memo, Told, as_object, instant
from config.schedulers import PowerBiWorkspace
from store.rows import RefreshRun, RunStatus

HISTORY_ROWS = 60  # it keeps no more of them for longer than three days
SCOPE = "https://analysis.windows.net/powerbi/api/.default"
EXPECTED = "expected an answer of Power BI's refresh history with `value`"
STATUSES = {
    "Unknown": RunStatus.RUNNING,
    "InProgress": RunStatus.RUNNING,
    "NotStarted": RunStatus.QUEUED,
    "Completed": RunStatus.SUCCEEDED,
    "Failed": RunStatus.FAILED,
    "TimedOut": RunStatus.FAILED,
    "Cancelled": RunStatus.CANCELLED,
    "Disabled": RunStatus.SKIPPED,
}
NOT_OVER = (RunStatus.QUEUED, RunStatus.RUNNING)
TRIGGERS = {
    "Scheduled": "scheduled",
    "OnDemand": "on_demand",
    "OnDemandTraining": "on_demand",
    "ViaApi": "api",
    "ViaEnhancedApi": "api",
    "ViaXmlaEndpoint": "api",
}
CODE = re.compile(r"[\w.-]{1,200}")


def ask_power_bi(
    workspace: PowerBiWorkspace,
    names: JobNames,
    now: datetime,
    memo: Memo,  # noqa: ARG001  (each history is asked whole)
    is_late: Callable[[], bool] = bool,
) -> Told:
    """The refresh history of every dataset of a workspace; a dataset that cannot be asked costs the others nothing."""
    client = Client(f"power_bi workspace {workspace.id}", workspace.url, workspace.timeout_seconds)
    try:
        client.let_in(bearer(_token(workspace)))
        datasets = _datasets(client, workspace)
    except SourceError as error:
        return Told(problem=str(error))
    runs: list[RefreshRun] = []
    problems: list[str] = []
    for dataset_id, title in datasets.items():
        if is_late():
            problems.append(f"{client.name} answers too slowly to ask for all of its {len(datasets)} datasets in time.")
            break
        try:
            found, odd = _history(client, workspace.group, dataset_id, names(dataset_id, title), now)
            runs += found
            problems += odd
        except SourceError as error:
            problems.append(str(error))
            if isinstance(error, AnswerError) and error.status in {None, 401, 429}:
                break  # the next would be answered the same
    return Told(runs, "; ".join(problems[:3]) or None)


def _token(workspace: PowerBiWorkspace) -> str:
    if workspace.token is not None:
        return workspace.token.get_secret_value()
    secret = workspace.client_secret.get_secret_value() if workspace.client_secret else ""
    authority = Client(f"power_bi workspace {workspace.id}", workspace.authority, workspace.timeout_seconds)
    form = {
        "grant_type": "client_credentials",
        "client_id": workspace.client_id or "",
        "client_secret": secret,
        "scope": SCOPE,
    }
    return authority.token(f"/{workspace.tenant}/oauth2/v2.0/token", form=form)


def _datasets(client: Client, workspace: PowerBiWorkspace) -> dict[str, str]:
    """Names by id, of the datasets that the estate lists (by id alone), or else of all that can be refreshed."""
    if workspace.datasets:
        return {dataset: dataset for dataset in workspace.datasets}
    path = f"/groups/{workspace.group}/datasets"
    found = _values(client.get(path), client.name)
    datasets = [one for one in found if isinstance(one, dict) and one.get("isRefreshable", True) and one.get("id")]
    return {str(one["id"]): str(one.get("name") or one["id"]) for one in datasets}


def _history(
    client: Client, group: str, dataset_id: str, job_id: str, now: datetime
) -> tuple[list[RefreshRun], list[str]]:
    path = f"/groups/{group}/datasets/{dataset_id}/refreshes"
    runs, odd = [], []
    for found in _values(client.get(path, {"$top": HISTORY_ROWS}), client.name):
        try:
            runs.append(read_refresh(found, job_id, now))
        except SourceError as error:
            odd.append(f"{client.name}: {error}.")
    return runs, odd


def _values(content: Mapping[str, Any], name: str) -> list[object]:
    if not isinstance(content.get("value"), list):
        raise AnswerError(f"{name} gave an answer without `value`, {EXPECTED}; check its url.")
    found: list[object] = content["value"]
    return found


def read_refresh(found: object, job_id: str, now: datetime) -> RefreshRun:
    """A refresh of an answer as a row; raises SourceError saying what it lacks."""
    told = as_object(found, EXPECTED)
    run_id = told.get("requestId") or told.get("startTime")
    if not isinstance(run_id, str):
        raise SourceError(f"a refresh of {job_id} has no `requestId`, {EXPECTED}")
    what = f"refresh {run_id} of {job_id}"
    if told.get("status") not in STATUSES:
        raise SourceError(f"{what} has status {told.get('status')!r}, expected one of {', '.join(STATUSES)}")
    status = STATUSES[told["status"]]
    return RefreshRun(
        job_id=job_id,
        run_id=run_id,
        source="power_bi",
        status=status,
        collected_at=now,
        started_at=instant(told.get("startTime"), f"startTime of {what}"),
        finished_at=None if status in NOT_OVER else instant(told.get("endTime"), f"endTime of {what}"),
        message=_message(told, status),
        triggered_by=TRIGGERS.get(str(told.get("refreshType"))),
    )


def _message(told: Mapping[str, Any], status: RunStatus) -> str | None:
    """The error's code, of the refresh or of its last attempt that has one."""
    if told.get("status") == "Disabled":
        return "the schedule of this dataset is switched off"
    attempts = told.get("refreshAttempts")
    parts = [told, *reversed(attempts if isinstance(attempts, list) else [])]
    for text in [part.get("serviceExceptionJson") for part in parts if isinstance(part, dict)]:
        if isinstance(text, str) and text:
            return _code(text)
    if told.get("status") == "TimedOut":
        return "it ran into its time limit"
    return "Power BI does not say why" if status is RunStatus.FAILED else None


def _code(text: str) -> str:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    code = found.get("errorCode") if isinstance(found, dict) else None
    if not isinstance(code, str) or not CODE.fullmatch(code):
        return "Power BI gives an error without a code"
    description = found.get("errorDescription") if isinstance(found, dict) else None
    return f"{code}: {description[:500]}" if isinstance(description, str) and description else code


def read_answer(content: object, job_id: str, now: datetime) -> list[RefreshRun]:
    """The rows of a stored answer, or of `responses` with an answer each under its name; raises SourceError."""
    told = as_object(content, EXPECTED)
    if isinstance(told.get("value"), list):
        return [read_refresh(found, job_id, now) for found in told["value"]]
    responses = told.get("responses")
    if not isinstance(responses, dict):
        raise SourceError(f"it has no `value`, {EXPECTED}")
    return [run for name, answer in responses.items() for run in read_answer(answer, f"{job_id}.{name}", now)]
