"""Our collector against a real Airflow; run by `make test-airflow`."""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from collectors.sources.airflow_runs import collect
from store import clock
from store.connection import Store
from store.rows import RefreshRun, RunStatus
from tests.collectors.support import context, deliver, problems, rows

JOBS = [{"id": "good-load", "title": "Good load", "subsystem": "s", "reported_as": "shewhart_good"}]
SECONDS = 240.0


def server(**more: object) -> dict[str, object]:
    way_in = {"username": os.environ["TEST_AIRFLOW_USER"], "password": os.environ["TEST_AIRFLOW_PASSWORD"]}
    return {"id": "real", "url": os.environ["TEST_AIRFLOW_URL"], **way_in, **more}


def test_its_runs_are_collected_until_they_are_over(tmp_path: Path, store: Store) -> None:
    end = time.monotonic() + SECONDS
    latest: dict[str, RefreshRun] = {}
    while time.monotonic() < end and len([run for run in latest.values() if run.finished_at]) < 2:
        found = list(collect(context(tmp_path, clock.now(), airflow=[server()], jobs=JOBS)))
        assert problems(found) == []
        deliver(store, tmp_path, found)
        latest |= {run.job_id: run for run in rows(found) if isinstance(run, RefreshRun)}
        threading.Event().wait(1)
    good, bad = latest["good-load"], latest["shewhart_bad"]
    assert (good.status, good.message) == (RunStatus.SUCCEEDED, None)
    assert (bad.status, bad.message) == (RunStatus.FAILED, "Task load failed.")
    for run in (good, bad):
        assert run.triggered_by == "scheduled"
        assert run.started_at is not None
        assert run.finished_at is not None
        assert timedelta(0) < run.finished_at - run.started_at < timedelta(seconds=SECONDS)
        assert abs(clock.now() - run.finished_at) < timedelta(seconds=SECONDS), "the store keeps UTC"
    stored = store.fetch("select job_id, status from latest_refresh_runs order by job_id").rows()
    assert stored == [("good-load", "succeeded"), ("shewhart_bad", "failed")]
    again = list(collect(context(tmp_path, clock.now(), airflow=[server()], jobs=JOBS)))
    assert (rows(again), problems(again)) == ([], [])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"password": "wrong"}, "answered 401 at /auth/token: it does not accept the credentials"),
        ({"username": None, "password": None, "token": "wrong"}, "or a token that is still good"),
    ],
)
def test_it_lets_nobody_in_with_a_wrong_word(more: dict[str, object], said: str, tmp_path: Path) -> None:
    found = list(collect(context(tmp_path, clock.now(), airflow=[server(**more)])))
    assert rows(found) == []
    assert said in problems(found)[0]
