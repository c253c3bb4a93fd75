"""Which processes there are, and the supervisor's configuration that starts, restarts and stops them."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import psutil

from actions.processes import socket_path
from collectors.base import discover
from store.ports import is_free
from store.settings import LOOPBACK, ROOT, Settings

HEADER = """; Written by `python -m app up`; changes are lost at the next start.
[supervisord]
logfile={home}/logs/supervisor.log
logfile_maxbytes=2MB
logfile_backups=1
pidfile={home}/supervisor.pid
directory={root}
silent=true

[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
PROGRAM = """
[program:{name}]
command={command}
priority={priority}
autorestart=true
startsecs=1
startretries=20
stopsignal=TERM
stopwaitsecs=20
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={home}/logs/{name}.log
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=2
"""


class StartError(Exception):
    """The processes cannot be started; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Program:
    """One supervised process."""

    name: str
    command: tuple[str, ...]
    priority: int


def programs(conf: Settings) -> list[Program]:
    """All processes, in the order in which they are started."""
    python = sys.executable
    groups: dict[str, list[str]] = defaultdict(list)
    for source in discover().values():
        groups[source.collector.group].append(source.collector.name)
    streamlit = ("-m", "streamlit", "run", "app/server.py", "--server.address", LOOPBACK)
    return [
        Program("store", (python, "-m", "store.server"), 1),
        *(
            Program(f"collectors-{group}", (python, "-m", "collectors.runner", *names), 2)
            for group, names in groups.items()
        ),
        Program("shipper", (python, "-m", "store.shipper"), 2),
        Program("ingest", (python, "-m", "collectors.ingest"), 2),
        Program("app", (python, *streamlit, "--server.port", str(conf.app_port)), 3),
        Program("responder", (python, "-m", "app.responder"), 4),
        Program("notifier", (python, "-m", "alerts.notifier"), 4),
    ]


def write_configuration(conf: Settings) -> Path:
    """Write the supervisor's file below the home, and which estate it is for; return its path."""
    home = conf.home.resolve()
    (home / "logs").mkdir(parents=True, exist_ok=True)
    text = HEADER.format(home=_plain(home), root=_plain(ROOT), socket=_plain(socket_path(home)))
    for program in programs(conf):
        command = " ".join(f'"{_plain(part)}"' if " " in part else _plain(part) for part in program.command)
        text += PROGRAM.format(name=program.name, command=command, priority=program.priority, home=_plain(home))
    conf.started_path.write_text(str(conf.estate.resolve()))
    path = home / "supervisor.conf"
    path.write_text(text)
    return path


def _plain(value: object) -> str:
    """A value for the supervisor's file, in which a percent sign starts an expansion."""
    return str(value).replace("%", "%%")


def taken_ports(conf: Settings) -> list[str]:
    """One sentence for every port that another process has, naming it where this account may know."""
    problems = []
    for name, port in (("app", conf.app_port), ("ingest", conf.ingest_port), ("store", conf.store_port)):
        if not is_free(LOOPBACK, port):
            setting = f"SHEWHART_{name.upper()}_PORT"
            problems.append(f"Port {port} is taken{_holder(port)}; stop that process or set {setting} to another port.")
    return problems


def _holder(port: int) -> str:
    """` by NAME (process N)` where this account may know who listens on the port."""
    try:
        listening = [one for one in psutil.net_connections(kind="tcp") if one.status == psutil.CONN_LISTEN]
        pid = next((one.pid for one in listening if tuple(one.laddr)[1:2] == (port,) and one.pid), None)
        return f" by {psutil.Process(pid).name()} (process {pid})" if pid else ""
    except psutil.Error:
        return ""
