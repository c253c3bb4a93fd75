"""The whole product as a user runs it: up, facts seconds later, kills that lose nothing, a taken port named."""

from __future__ import annotations

import json
import os
import signal
import socket
from typing import Any

import pytest
import requests

from tests.processes import Home, wait_for

pytestmark = pytest.mark.processes


def status(home: Home) -> dict[str, Any]:
    """The answer of `status --json`."""
    answer: dict[str, Any] = json.loads(home.verb("status", "--json").stdout)
    return answer


def rows(home: Home, table: str) -> int:
    return int(home.open().fetch(f"select count(*) from {table}").item())


def pid_of(home: Home, name: str) -> int:
    """The process id that the supervisor gives for a process that runs."""
    found = {process["name"]: process for process in status(home)["processes"]}
    return int(found[name]["pid"] or 0) if found[name]["state"] == "running" else 0


def kill_and_wait(home: Home, name: str) -> None:
    """`kill -9` one process and wait until the supervisor has started another in its place."""
    before = pid_of(home, name)
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: pid_of(home, name) not in {0, before}, f"a new {name}")


@pytest.mark.timeout(400)
def test_up_shows_facts_survives_kills_and_goes_down(home: Home) -> None:
    try:
        started = home.verb("up", "--detach")
        assert started.returncode == 0, started.stderr
        assert f"http://localhost:{home.conf.app_port}" in started.stdout
        wait_for(lambda: rows(home, "metric_samples") > 0, "facts of this machine")
        wait_for(lambda: rows(home, "latest_report_checks") == 2, "checks of the reports", seconds=180)
        assert "already running" in home.verb("up").stdout

        ping = f"http://127.0.0.1:{home.conf.ingest_port}/ping/nightly-load-key"
        acknowledged = 0
        for victim in ("store", "app", "shipper", "ingest", "collectors-machine"):
            for _ in range(20):
                acknowledged += requests.get(
                    ping, params={"rid": f"00000000-0000-4000-8000-{acknowledged:012d}"}, timeout=10
                ).ok
            kill_and_wait(home, victim)
            wait_for(lambda: answers(home), "ingest and the pages to answer")
        counted = "select count(*), count(distinct run_id) from refresh_runs where job_id = 'nightly-load'"
        wait_for(
            lambda: home.answers() and home.open().fetch(counted).row(0)[1] >= acknowledged, "every acknowledged ping"
        )
        assert home.open().fetch(counted).row(0) == (acknowledged, acknowledged)

        before = rows(home, "metric_samples")
        wait_for(lambda: rows(home, "metric_samples") > before, "facts after the kills")
        found = status(home)
        assert {"store", "shipper", "ingest", "responder", "notifier", "app"} <= {
            process["name"] for process in found["processes"]
        }
        assert found["store"]["tables"]["metric_samples"]["rows"] > 0
        assert {collector["collector"] for collector in found["collectors"]} >= {"resources", "http_checks"}
    finally:
        stopped = home.verb("down")
    assert stopped.stdout == "Stopped.\n"
    assert home.verb("status").returncode == 1


def answers(home: Home) -> bool:
    """Whether ingest and the pages answer."""
    try:
        ports = (home.conf.ingest_port, home.conf.app_port)
        return all(requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).ok for port in ports)
    except requests.RequestException:
        return False


def test_a_taken_port_is_named_with_who_has_it_and_nothing_is_started(home: Home) -> None:
    with socket.create_server(("127.0.0.1", home.conf.app_port)):
        refused = home.verb("up")
    assert refused.returncode == 2
    assert f"Port {home.conf.app_port} is taken by python" in refused.stderr
    assert f"(process {os.getpid()})" in refused.stderr
    assert "SHEWHART_APP_PORT" in refused.stderr
    assert not (home.conf.home / "supervisor.pid").exists()


def test_an_estate_with_an_error_starts_nothing(home: Home, tmp_path: object) -> None:
    folder = home.conf.home.parent / "estate"
    assert home.verb("init", str(folder)).returncode == 0
    assert home.verb("check-config", "--estate", str(folder)).returncode == 0
    file = folder / "estate.yaml"
    file.write_text(file.read_text().replace("subsystem: product", "subsytem: product", 1))
    refused = home.verb("up", "--estate", str(folder))
    assert refused.returncode == 2
    assert "expected `subsystem`" in refused.stderr
    file.write_text(file.read_text().replace("subsytem: product", "subsystem: product") + "every: {resorces: 5}\n")
    refused = home.verb("up", "--estate", str(folder))
    assert refused.returncode == 2
    assert "every.resorces: found no such collector, expected one of" in refused.stderr


def test_ctrl_c_stops_everything(home: Home) -> None:
    running = home.start("-m", "app", "up")
    log = home.conf.home / "log-0.txt"
    wait_for(lambda: "Ctrl-C stops it" in log.read_text(), "the address", seconds=120)
    running.send_signal(signal.SIGINT)
    assert running.wait(60) == 0
    assert "Stopping" in log.read_text()
    assert not home.answers()
