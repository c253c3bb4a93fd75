"""Refresh histories of Power BI from a real server: both ways in, every status, and one bad dataset stops no other."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from collectors.base import SourceError
from collectors.power_bi import read_answer
from collectors.sources.power_bi_refreshes import collect
from store.connection import Store
from store.rows import RefreshRun, RunStatus
from tests.collectors.answering import Asked, Reply, answering
from tests.collectors.support import NOW, context, deliver, problems, rows

SECRET = "cl1ent-s3cret"
GROUP = "f089354e-8366-4e18-aea3-4cb4a3a50b48"


def refresh(number: int, status: str = "Completed", **more: object) -> dict[str, Any]:
    found = {"requestId": f"r{number}", "startTime": f"2026-11-23T0{number}:00:00.1533333Z", "status": status}
    ended = {} if status == "Unknown" else {"endTime": f"2026-11-23T0{number}:10:00Z"}
    return {**found, **ended, "refreshType": "Scheduled", **more}


class PowerBi:
    """A workspace with two datasets that refresh and one that does not."""

    def __init__(self) -> None:
        self.histories: dict[str, Reply] = {
            "d1": Reply({"value": [refresh(2), refresh(1)]}),
            "d2": Reply({"value": [refresh(3)]}),
        }

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/contoso.com/oauth2/v2.0/token":
            form = {name: values[0] for name, values in parse_qs(asked.body).items()}
            is_right = form["client_secret"] == SECRET and form["grant_type"] == "client_credentials"
            return Reply({"access_token": "bearer-1"}) if is_right else Reply({"error": f"AADSTS {SECRET}"}, 400)
        if asked.headers.get("Authorization") != "Bearer bearer-1":
            return Reply({}, 401)
        if asked.path == f"/groups/{GROUP}/datasets":
            sets = [{"id": "d1", "name": "Sales", "isRefreshable": True}, {"id": "d2", "name": "Stock"}]
            return Reply({"value": [*sets, {"id": "d3", "name": "Usage", "isRefreshable": False}]})
        return self.histories[asked.path.split("/")[4]]


def workspace(url: str, **more: object) -> dict[str, object]:
    return {"id": "bi", "url": url, "group": GROUP, "token": "bearer-1", **more}


def runs_of(found: list[Any]) -> list[RefreshRun]:
    return [row for row in rows(found) if isinstance(row, RefreshRun)]


def test_all_datasets_that_refresh_are_asked_as_a_service_principal(tmp_path: Path) -> None:
    principal = {"token": None, "tenant": "contoso.com", "client_id": "app", "client_secret": SECRET}
    jobs = [{"id": "sales-model", "title": "S", "subsystem": "s", "reported_as": "Sales"}]
    with answering(PowerBi()) as (url, asked):
        spaces = [workspace(url, authority=url, **principal)]
        found = list(collect(context(tmp_path, power_bi=spaces, jobs=jobs)))
    assert problems(found) == []
    assert [(run.job_id, run.run_id) for run in runs_of(found)] == [
        ("sales-model", "r2"), ("sales-model", "r1"), ("Stock", "r3"),
    ]  # fmt: skip
    assert runs_of(found)[1] == RefreshRun(
        "sales-model", "r1", "power_bi", RunStatus.SUCCEEDED, NOW,
        datetime(2026, 11, 23, 1, 0, 0, 153_333), datetime(2026, 11, 23, 1, 10), triggered_by="scheduled",
    )  # fmt: skip
    assert [one.query for one in asked if one.path.endswith("/refreshes")] == [{"$top": "60"}] * 2


def test_a_dataset_may_be_reported_as_its_id(tmp_path: Path) -> None:
    jobs = [{"id": "sales-model", "title": "S", "subsystem": "s", "reported_as": "d1"}]
    with answering(PowerBi()) as (url, _):
        listed = list(collect(context(tmp_path, power_bi=[workspace(url, datasets=["d1"])], jobs=jobs)))
        named = list(collect(context(tmp_path / "b", power_bi=[workspace(url)], jobs=jobs)))
    assert {run.job_id for run in runs_of(listed)} == {"sales-model"}
    assert {run.job_id for run in runs_of(named)} == {"sales-model", "Stock"}


def test_every_status_and_why_it_failed(tmp_path: Path) -> None:
    code = json.dumps({"errorCode": "ModelRefreshFailed_CredentialsNotSpecified"})
    attempts = {"refreshAttempts": [{"serviceExceptionJson": json.dumps({"errorCode": "Gateway"})}, {"attemptId": 2}]}
    history = [
        refresh(1, "Unknown", refreshType="OnDemand"),
        refresh(2, "Failed", serviceExceptionJson=code, refreshType="ViaApi"),
        refresh(3, "Failed", **attempts),
        refresh(4, "Failed", serviceExceptionJson="{not json"),
        refresh(5, "Failed"),
        refresh(6, "Disabled"),
        refresh(7, "Cancelled", refreshType="ViaEnhancedApi"),
        refresh(8, "TimedOut"),
        refresh(9, "NotStarted"),
    ]
    power_bi = PowerBi()
    power_bi.histories["d1"] = Reply({"value": history})
    with answering(power_bi) as (url, _):
        found = runs_of(list(collect(context(tmp_path, power_bi=[workspace(url, datasets=["d1"])]))))
    assert [(run.status.value, run.message) for run in found] == [
        ("running", None),
        ("failed", "ModelRefreshFailed_CredentialsNotSpecified"),
        ("failed", "Gateway"),
        ("failed", "Power BI gives an error without a code"),
        ("failed", "Power BI does not say why"),
        ("skipped", "the schedule of this dataset is switched off"),
        ("cancelled", None),
        ("failed", "it ran into its time limit"),
        ("queued", None),
    ]
    assert [run.triggered_by for run in found[:2]] == ["on_demand", "api"]
    assert found[0].finished_at is None


def test_a_refresh_is_sent_again_only_when_it_changed(tmp_path: Path, store: Store) -> None:
    power_bi = PowerBi()
    counts = []
    with answering(power_bi) as (url, _):
        for minute, status in enumerate(["Unknown", "Unknown", "Failed", "Failed"]):
            power_bi.histories["d1"] = Reply({"value": [refresh(2, status), refresh(1)]})
            ctx = context(tmp_path, NOW + timedelta(minutes=minute), power_bi=[workspace(url)])
            counts.append(deliver(store, tmp_path, collect(ctx)))
    assert counts == [3, 0, 1, 0]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply({}, 403), "answered 403"),
        (Reply({}, 404), "answered 404"),
        (Reply(b"", 500), "answered 500"),
        (Reply({"value": []}, lacks=3), "broke off"),
        (Reply({"error": SECRET}), "without `value`"),
        (Reply({"value": [refresh(1, "Odd"), refresh(2)]}), "has status 'Odd'"),
    ],
)
def test_one_dataset_that_cannot_be_read_costs_the_others_nothing(reply: Reply, said: str, tmp_path: Path) -> None:
    power_bi = PowerBi()
    power_bi.histories["d2"] = reply
    with answering(power_bi) as (url, _):
        found = list(collect(context(tmp_path, power_bi=[workspace(url)])))
    assert [run.run_id for run in runs_of(found)][:2] == ["r2", "r1"]
    (sentence,) = problems(found)
    assert sentence.startswith("power_bi workspace bi")
    assert said in sentence
    assert SECRET not in sentence


def test_a_wrong_secret_is_told_without_it(tmp_path: Path) -> None:
    principal = {"token": None, "tenant": "contoso.com", "client_id": "app", "client_secret": "wr0ng"}
    with answering(PowerBi()) as (url, _):
        spaces = [
            workspace(url, authority=url, **principal),
            workspace(url, id="stale", token="0ld"),
            workspace(url, id="ok"),
        ]
        found = list(collect(context(tmp_path, power_bi=spaces)))
    assert len(rows(found)) == 3
    said = sorted(problems(found))
    assert said[0].startswith(
        "power_bi workspace bi answered 400 at /contoso.com/oauth2/v2.0/token: it does not accept"
    )
    assert said[1].startswith(f"power_bi workspace stale answered 401 at /groups/{GROUP}/datasets: it does not accept")
    assert not [text for text in said if SECRET in text or "wr0ng" in text or "0ld" in text]


def test_captured_answers(practice: Path) -> None:
    captured = json.loads((practice / "refresh" / "powerbi_refresh_history.json").read_text())
    found = read_answer(captured, "sales", NOW)
    spans = [(run.finished_at - run.started_at).total_seconds() for run in found if run.finished_at and run.started_at]
    assert [(run.job_id, run.status.value) for run in found] == [
        ("sales.completed", "succeeded"), ("sales.failed", "failed"), ("sales.in_progress", "running"),
    ]  # fmt: skip
    assert spans == [360, 360]
    assert found[1].message == "ModelRefreshFailed_CredentialsNotSpecified"
    assert read_answer(captured["responses"]["failed"], "sales", NOW)[0].job_id == "sales"


@pytest.mark.parametrize("content", [{}, [], {"value": 3}, {"value": [3]}, {"responses": {"a": {}}}])
def test_what_is_no_answer_of_power_bi_is_refused(content: object) -> None:
    with pytest.raises(SourceError, match="expected an answer of Power BI"):
        read_answer(content, "sales", NOW)
