"""The ping service over HTTP: what senders are answered, and that nothing acknowledged is lost."""

from __future__ import annotations

import http.client
import signal
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from collectors.ingest import MOST_BODY_BYTES, build_app
from collectors.ingest_metrics import StoreGauges, exposition
from store.connection import Store
from store.errors import SpoolFullError
from store.rows import RefreshRun, RunStatus
from store.settings import Settings
from store.spool import Spool, pending, read
from store.write import apply
from tests.processes import Home, wait_for

KEY = "nightly-load-key"
ESTATE = """
name: test
subsystems: [{id: warehouse, title: Warehouse}]
jobs:
  - {id: nightly-load, title: Nightly load, subsystem: warehouse, ping_key: nightly-load-key}
  - {id: hourly-load, title: Hourly load, subsystem: warehouse, ping_key: hourly-load-key}
  - {id: silent, title: Does not ping, subsystem: warehouse}
"""
NOON = datetime(2026, 3, 1, 12)


class Desk:
    """A service with clocks that tests set, and what it has spooled."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        (folder / "estate").mkdir(exist_ok=True)
        (folder / "estate" / "estate.yaml").write_text(ESTATE)
        self.conf = Settings(**{"home": folder / "var", "estate": folder / "estate", **changes})
        self.at = NOON
        self.seconds = 0.0
        self.restart()

    def restart(self, spool: Spool | None = None) -> None:
        app = build_app(self.conf, spool, now=lambda: self.at, timer=lambda: self.seconds)
        self.client = TestClient(app, raise_server_exceptions=False)

    def rows(self) -> list[dict[str, object]]:
        """All spooled refresh runs, oldest first."""
        batches = [read(path) for path in pending(self.conf.spool_path / "ingest")]
        return [row for batch in batches for part in batch.parts for row in orjson.loads(part.path.read_bytes())]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_run_from_start_to_success(desk: Desk, store: Store) -> None:
    answer = desk.client.get(f"/ping/{KEY}/start")
    assert (answer.status_code, answer.text, answer.headers["Ping-Body-Limit"]) == (200, "OK", "100000")
    desk.at = NOON + timedelta(minutes=5)
    desk.client.post(f"/ping/{KEY}", content="loaded 7 rows")
    apply(store, [read(path) for path in pending(desk.conf.spool_path / "ingest")])
    runs = store.fetch("select job_id, source, status, started_at, finished_at, message from latest_refresh_runs")
    assert runs.rows() == [
        ("nightly-load", "ping", "succeeded", NOON, NOON + timedelta(minutes=5), "loaded 7 rows"),
    ]


def test_start_and_success_are_paired_across_a_restart(desk: Desk) -> None:
    desk.client.get(f"/ping/{KEY}/start")
    desk.restart()
    desk.client.get(f"/ping/{KEY}")
    started, ended = desk.rows()
    assert (ended["run_id"], ended["started_at"]) == (started["run_id"], started["started_at"])


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_every_method_counts(method: str, desk: Desk) -> None:
    answer = desk.client.request(method, f"/ping/{KEY}/fail")
    assert (answer.status_code, answer.text) == (200, "" if method == "HEAD" else "OK")
    assert [row["status"] for row in desk.rows()] == ["failed"]


def test_other_methods_are_refused(desk: Desk) -> None:
    assert desk.client.delete(f"/ping/{KEY}").status_code == 405
    assert desk.rows() == []


@pytest.mark.parametrize(("status", "expected"), [(0, "succeeded"), (1, "failed"), (255, "failed")])
def test_exit_statuses(status: int, expected: str, desk: Desk) -> None:
    assert desk.client.get(f"/ping/{KEY}/{status}").status_code == 200
    assert [row["status"] for row in desk.rows()] == [expected]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (f"/ping/{KEY}/256", "The exit status is 256; expected a number from 0 to 255."),
        (f"/ping/{KEY}/done", "Found 'done' after the key; expected start, fail, log or an exit status."),
        (f"/ping/{KEY}?rid=7", "The rid is '7'; expected a UUID such as 00000000-0000-0000-0000-000000000000."),
    ],
)
def test_malformed_pings_are_answered_with_a_sentence(path: str, sentence: str, desk: Desk) -> None:
    answer = desk.client.get(path)
    assert (answer.status_code, answer.text) == (400, sentence)
    assert desk.rows() == []


def test_concurrent_runs_of_one_job(desk: Desk) -> None:
    rids = [str(uuid.uuid4()) for _ in range(2)]

    def run(rid: str) -> list[int]:
        paths = [f"/ping/{KEY}/start?rid={rid}", f"/ping/{KEY}/log?rid={rid}", f"/ping/{KEY}?rid={rid}"]
        return [desk.client.get(path).status_code for path in paths]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, rids)) == [[200] * 3] * 2
    for rid in rids:
        assert [row["status"] for row in desk.rows() if row["run_id"] == rid] == ["running", "running", "succeeded"]


@pytest.mark.parametrize("path", ["/ping/no-such-key", "/ping/no-such-key/start", "/ping/silent", "/ping/%ff%00"])
def test_unknown_keys(path: str, desk: Desk) -> None:
    answer = desk.client.get(path)
    assert (answer.status_code, answer.text) == (404, "not found")
    assert desk.rows() == []


def test_keys_follow_the_estate(desk: Desk) -> None:
    desk.client.get(f"/ping/{KEY}")
    path = desk.conf.estate / "estate.yaml"
    path.write_text(ESTATE.replace(KEY, "another-and-longer-key"))
    assert desk.client.get(f"/ping/{KEY}").status_code == 404
    assert desk.client.get("/ping/another-and-longer-key").status_code == 200
    path.write_text("name: [")
    assert desk.client.get("/ping/another-and-longer-key").status_code == 200


def test_an_estate_that_comes_later_is_taken(desk: Desk) -> None:
    path = desk.conf.estate / "estate.yaml"
    path.unlink()
    desk.restart()
    assert desk.client.get(f"/ping/{KEY}").status_code == 404
    path.write_text(ESTATE)
    assert desk.client.get(f"/ping/{KEY}").status_code == 200


def test_too_many_pings_of_one_key(tmp_path: Path) -> None:
    desk = Desk(tmp_path, pings_per_minute=6)
    answers = [desk.client.get(f"/ping/{KEY}") for _ in range(8)]
    assert [answer.status_code for answer in answers] == [200] * 6 + [429] * 2
    assert answers[-1].headers["Retry-After"] == "10"
    assert "more than 6 pings a minute" in answers[-1].text
    assert desk.client.get("/ping/hourly-load-key").status_code == 200
    desk.seconds += 10
    assert [desk.client.get(f"/ping/{KEY}").status_code for _ in range(2)] == [200, 429]
    assert len(desk.rows()) == 8


def test_bodies_are_kept_up_to_the_limit(tmp_path: Path) -> None:
    desk = Desk(tmp_path, ping_body_bytes=10)
    desk.client.post(f"/ping/{KEY}", content="grün\0".encode() + b"\xff" + b"x" * 10_000_000)
    assert [row["message"] for row in desk.rows()] == ["grün\ufffdxxx"]


def test_bodies_that_never_end_are_refused(desk: Desk) -> None:
    def body() -> Iterator[bytes]:
        for _ in range(MOST_BODY_BYTES // 2**20 + 1):
            yield b"x" * 2**20

    answer = desk.client.post(f"/ping/{KEY}", content=body())
    assert (answer.status_code, answer.text) == (413, "The body is over 67,108,864 bytes; send a shorter one.")
    assert desk.rows() == []


class FullSpool(Spool):
    """A spool whose disk has no room."""

    def put(self, *_: object, **__: object) -> str:
        raise SpoolFullError("The disk is full.")


def test_a_full_disk_is_not_acknowledged(desk: Desk) -> None:
    desk.client.get(f"/ping/{KEY}/start")
    desk.restart(FullSpool(desk.conf.spool_path, "ingest"))
    answer = desk.client.get(f"/ping/{KEY}")
    assert (answer.status_code, answer.text) == (
        507,
        "The disk of the ping service is full; send this ping again later.",
    )
    desk.restart()
    desk.client.get(f"/ping/{KEY}")
    started, ended = desk.rows()
    assert ended["run_id"] == started["run_id"]


def test_open_runs_that_cannot_be_read_are_set_aside(desk: Desk) -> None:
    desk.client.get(f"/ping/{KEY}/start")
    path = desk.conf.state_path / "ingest.json"
    path.write_text('{"nightly-load": [{"run')
    desk.restart()
    assert desk.client.get(f"/ping/{KEY}").status_code == 200
    assert path.with_suffix(".bad").exists()


def test_keys_stay_out_of_the_log(desk: Desk) -> None:
    with capture_logs() as lines:
        for path in (f"/ping/{KEY}", "/ping/no-such-key", f"/ping/{KEY}/256", f"/ping/{KEY}/start"):
            desk.client.get(path)
    assert any(line.get("job") == "nightly-load" for line in lines)
    assert KEY not in repr(lines) and "no-such-key" not in repr(lines)


def test_health_and_metrics(desk: Desk) -> None:
    assert desk.client.get("/healthz").text == "ok"
    desk.client.get(f"/ping/{KEY}")
    desk.client.get("/ping/no-such-key")
    text = desk.client.get("/metrics").text
    assert 'shewhart_spool_batches{collector="ingest"} 1.0' in text
    assert 'shewhart_pings_total{outcome="unknown"}' in text
    assert "shewhart_store_up 0.0" in text


def test_metrics_of_the_store_stay_when_it_is_away(served: Home) -> None:
    client = served.open()
    queue = Spool(served.conf.spool_path, "ingest")
    queue.put([RefreshRun("job", "run", "ping", RunStatus.SUCCEEDED, NOON)])
    apply(client, [read(path) for path in pending(queue.folder)])
    client.close()
    gauges = StoreGauges(served.conf, now=lambda: NOON + timedelta(seconds=90))
    gauges.look()
    seen = exposition(gauges).decode()
    assert 'shewhart_store_rows{table="refresh_runs"} 1.0' in seen
    assert 'shewhart_store_lag_seconds{table="refresh_runs"} 90.0' in seen
    assert "shewhart_store_up 1.0" in seen and 'shewhart_query_seconds_count{query="store_lag"}' in seen
    served.stop()
    gauges.look()
    away = exposition(gauges).decode()
    assert "shewhart_store_up 0.0" in away and 'shewhart_store_rows{table="refresh_runs"} 1.0' in away


def ping(port: int, path: str = f"/ping/{KEY}", body: bytes | None = None) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST" if body else "GET", path, body)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Home]:
    (tmp_path / "estate.yaml").write_text(ESTATE)
    home = Home.make(tmp_path, estate=tmp_path, pings_per_minute=10_000)
    home.start("-m", "collectors.ingest")
    wait_for(lambda: is_healthy(home.conf.ingest_port), "the ping service to answer")
    yield home
    home.stop()


def is_healthy(port: int) -> bool:
    try:
        return ping(port, "/healthz") == 200
    except OSError:
        return False


def spooled_rows(home: Home) -> int:
    return sum(part.rows for path in pending(home.conf.spool_path / "ingest") for part in read(path).parts)


@pytest.mark.processes
def test_a_killed_service_loses_nothing_it_acknowledged(serving: Home) -> None:
    acknowledged = 0
    enough = threading.Event()

    def send() -> int:
        answered = 0
        while True:
            try:
                answered += ping(serving.conf.ingest_port) == 200
            except OSError:
                return answered
            if answered >= 15:
                enough.set()

    with ThreadPoolExecutor(4) as pool:
        senders = [pool.submit(send) for _ in range(4)]
        assert enough.wait(60)
        serving.running[0].kill()
        acknowledged = sum(sender.result() for sender in senders)
    assert acknowledged >= 15
    assert acknowledged <= spooled_rows(serving) <= acknowledged + 4


@pytest.mark.processes
def test_a_large_body_is_not_held_in_memory(serving: Home) -> None:
    process = psutil.Process(serving.running[0].pid)
    before = process.memory_info().rss
    for _ in range(3):
        assert ping(serving.conf.ingest_port, body=b"x" * 10_000_000) == 200
    assert process.memory_info().rss - before < 8_000_000
    assert spooled_rows(serving) == 3


@pytest.mark.processes
def test_it_ends_cleanly_when_told_to(serving: Home) -> None:
    serving.running[0].send_signal(signal.SIGTERM)
    assert serving.running[0].wait(20) == 0
    assert KEY not in (serving.conf.home / "log-0.txt").read_text()
