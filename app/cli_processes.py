"""Verbs that run, stop and inspect the processes, and do one pass of what they do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from types import FrameType

import click
import psutil
import requests

from actions.processes import Process, processes, shut_down
from app import supervisor
from app.cli_output import JSON_OPTION, say, table
from app.cli_store import check_chart_rules, checked, opened
from collectors.base import Context, discover
from collectors.runner import run_once
from config import load
from store import clock, spool
from store.errors import StoreError
from store.read import ask
from store.rows import Outcome
from store.settings import ROOT, Settings, settings

READY_SECONDS = 90.0
STOP_SECONDS = 60.0
MANY_BATCHES = 10


@click.command()
@click.option("--estate", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Folder of estate.yaml.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the pages; default 8501.")
@click.option("--detach", is_flag=True, help="Return when the pages answer; `down` stops everything.")
def up(estate: Path | None, port: int | None, detach: bool) -> None:
    """Start every process and print the address; Ctrl-C stops all. Example: python -m app up --port 8600"""
    if estate:
        os.environ["SHEWHART_ESTATE"] = str(estate.resolve())
    os.environ.setdefault("SHEWHART_ESTATE", str(Settings.model_fields["estate"].default))
    if port:
        os.environ["SHEWHART_APP_PORT"] = str(port)
    settings.cache_clear()
    conf = settings()
    if processes(conf.home):
        click.echo(f"Shewhart is already running at {_address(conf)}; `python -m app down` stops it.")
        return
    checked(conf.estate)
    problems = supervisor.taken_ports(conf)
    if problems:
        raise supervisor.StartError("\n".join(problems))
    _run(conf, detach)


def _address(conf: Settings) -> str:
    return f"http://localhost:{conf.app_port}"


def _run(conf: Settings, detach: bool) -> None:
    path = supervisor.write_configuration(conf)
    command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with (conf.home / "logs" / "supervisor.out").open("ab") as output:
        running = subprocess.Popen(
            command,
            env=environment,
            start_new_session=True,
            cwd=ROOT,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
        )
    is_stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        is_stopping.set()
        running.terminate()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    _wait_until_ready(conf, running, is_stopping)
    if not is_stopping.is_set():
        click.echo(f"Shewhart is at {_address(conf)} — {'`make down` stops it' if detach else 'Ctrl-C stops it'}.")
    if detach and not is_stopping.is_set():
        return
    while running.poll() is None:
        if is_stopping.wait(0.5):
            click.echo("Stopping ...")
            running.wait(STOP_SECONDS)


def _wait_until_ready(conf: Settings, running: subprocess.Popen[bytes], is_stopping: threading.Event) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and not is_stopping.wait(0.3):
        if running.poll() is not None:
            raise supervisor.StartError(f"The supervisor ended at once; see {conf.home}/logs/supervisor.log.")
        gone = [process.name for process in processes(conf.home) if process.state == "fatal"]
        if gone:
            running.terminate()
            raise supervisor.StartError(f"{', '.join(gone)} could not be started; see {conf.home}/logs/{gone[0]}.log.")
        if all(_answers(f"http://127.0.0.1:{port}/healthz") for port in (conf.app_port, conf.ingest_port)):
            return
    if not is_stopping.is_set():
        running.terminate()
        raise supervisor.StartError(
            f"The pages did not answer within {READY_SECONDS:g} s; see {conf.home}/logs/app.log."
        )


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


@click.command()
@JSON_OPTION
def down(as_json: bool) -> None:
    """Stop every process. Example: python -m app down"""
    conf = settings()
    pid_file = conf.home / "supervisor.pid"
    was_running = shut_down(conf.home)
    if was_running and pid_file.exists():
        pid = int(pid_file.read_text())
        if psutil.pid_exists(pid):
            psutil.wait_procs([psutil.Process(pid)], timeout=STOP_SECONDS)
    say(as_json, {"stopped": was_running}, "Stopped." if was_running else "Nothing was running.")


@click.command()
@JSON_OPTION
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Processes, tables, collectors, problems; exit status 1 on a problem. Example: python -m app status"""
    conf = settings()
    running = processes(conf.home)
    problems = [f"{process.name} is {process.state}: {process.problem}" for process in running if process.problem]
    if not running:
        problems.append("Nothing is running; `make up` starts everything.")
    problems += _estate_problems(conf)
    stored, collectors = _store_status(problems)
    waiting = spool.depths(conf.spool_path).items()
    problems += [f"{count} batches of {name} wait for the store." for name, count in waiting if count > MANY_BATCHES]
    answer: dict[str, object] = {
        "processes": [asdict(process) for process in running],
        "store": {"url": conf.url, "tables": stored},
        "collectors": collectors,
        "problems": problems,
    }
    say(as_json, answer, _status_text(running, collectors, problems))
    context.exit(1 if problems else 0)


def _status_text(running: list[Process], collectors: list[dict[str, object]], problems: list[str]) -> str:
    rows: list[tuple[object, ...]] = [(one.name, one.state, one.pid, one.uptime_s) for one in running]
    runs = [tuple(one[name] for name in ("collector", "outcome", "started_at", "error")) for one in collectors]
    parts = [
        table(rows, ("process", "state", "pid", "uptime s")),
        table(runs, ("collector", "outcome", "at (UTC)", "error")),
        "\n".join(problems) or "No problems.",
    ]
    return "\n\n".join(parts)


def _estate_problems(conf: Settings) -> list[str]:
    """What is wrong with an estate that was edited while it runs."""
    loaded = load.in_force(conf.estate, conf.state_path / load.FILE)
    if loaded.problem:
        return [f"The last good estate stays in force: {loaded.problem}"]
    try:
        check_chart_rules(loaded.estate)
    except load.EstateError as error:
        return [f"The chart rules of a data point are not asked: {error}"]
    return []


def _store_status(problems: list[str]) -> tuple[dict[str, object], list[dict[str, object]]]:
    try:
        store = opened()
        lags = ask(store, "store_lag").iter_rows(named=True)
        tables: dict[str, object] = {
            row["table_name"]: {"rows": row["rows"], "latest_at": row["latest_at"]} for row in lags
        }
        collectors = ask(store, "rule_collectors").to_dicts()
    except StoreError as error:
        problems.append(str(error))
        return {}, []
    bad = [row for row in collectors if row["outcome"] in {"failed", "timed_out"}]
    problems += [f"Collector {row['collector']}: {row['error']}" for row in bad]
    return tables, collectors


@click.command()
@click.argument("name")
@click.option("--once", is_flag=True, required=True, help="One run, now.")
@JSON_OPTION
@click.pass_context
def collect(context: click.Context, name: str, once: bool, as_json: bool) -> None:  # noqa: ARG001
    """Run one collector now; its rows go through the spool. Example: python -m app collect resources --once"""
    conf = settings()
    sources = discover()
    if name not in sources:
        raise click.UsageError(f"There is no collector {name!r}; known are {', '.join(sorted(sources))}.")
    loaded = load.in_force(conf.estate, conf.state_path / "estate.yaml")
    conf.state_path.mkdir(parents=True, exist_ok=True)
    ctx = Context(clock.now(), loaded.estate, conf, conf.state_path / f"{name}.json")
    run = run_once(sources[name], ctx, spool.Spool(conf.spool_path, name))
    error = f": {run.error}" if run.error else ""
    say(as_json, asdict(run), f"{name}: {run.outcome}, {run.rows} rows in {run.seconds:.2f} s{error}")
    context.exit(0 if run.outcome is Outcome.SUCCEEDED else 1)


@click.command()
@click.option("--once", is_flag=True, required=True, help="One pass, now.")
@JSON_OPTION
def respond(once: bool, as_json: bool) -> None:  # noqa: ARG001
    """Track, forecast, alert, act, roll up and export once. Example: python -m app respond --once"""
    conf = settings()
    if any(process.name == "responder" and process.state == "running" for process in processes(conf.home)):
        raise supervisor.StartError(
            "The responder is running and does this every few seconds; `python -m app down` first."
        )
    from app.responder import Responder  # it brings all statistics, which no other verb here needs

    responder = Responder(opened(), conf, spool.Spool(conf.spool_path, "responder"))
    for duty in responder.duties():
        duty.do()
    engine = responder.alerts.engine
    firing = [f"{rule} {subject}" for rule, subject in sorted(engine.firing if engine else ())]
    say(as_json, {"firing": firing}, "\n".join(firing) or "Nothing fires.")
