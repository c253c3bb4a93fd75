"""The processes of this installation, through the supervisor that runs them (XML-RPC on a socket of this account)."""

from __future__ import annotations

import hashlib
import tempfile
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path

from supervisor.xmlrpc import SupervisorTransport

SOCKET_PATH_BYTES = 90  # a socket's path may have 107 bytes; the supervisor adds a suffix while it makes it


class ProcessError(Exception):
    """The supervisor could not be asked or refused; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Process:
    """One supervised process: `state` is the supervisor's word in lower case."""

    name: str
    state: str
    pid: int | None
    uptime_s: int | None
    problem: str | None


def socket_path(home: Path) -> Path:
    """Where the supervisor of this home listens."""
    path = home.resolve() / "supervisor.sock"
    if len(str(path).encode()) <= SOCKET_PATH_BYTES:
        return path
    return Path(tempfile.gettempdir()) / f"shewhart-{hashlib.sha256(str(path).encode()).hexdigest()[:16]}.sock"


def _server(home: Path) -> xmlrpc.client.ServerProxy:
    transport = SupervisorTransport(None, None, f"unix://{socket_path(home)}")
    return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)


def processes(home: Path) -> list[Process]:
    """All processes of this home; empty when nothing is running."""
    if not socket_path(home).exists():
        return []
    try:
        found = _server(home).supervisor.getAllProcessInfo()
    except (OSError, xmlrpc.client.Error):
        return []
    assert isinstance(found, list)  # noqa: S101  # narrows the untyped answer
    return [_process(info) for info in found]


def _process(info: dict[str, object]) -> Process:
    is_running = info["statename"] == "RUNNING"
    uptime = int(str(info["now"])) - int(str(info["start"])) if is_running else None
    problem = None if info["statename"] in {"RUNNING", "STARTING"} else str(info["spawnerr"] or info["description"])
    pid = int(str(info["pid"])) or None
    return Process(str(info["name"]), str(info["statename"]).lower(), pid, uptime, problem)


def restart(home: Path, name: str) -> None:
    """Stop and start one process; raises ProcessError when the supervisor cannot."""
    server = _server(home)
    try:
        if any(process.name == name and process.state == "running" for process in processes(home)):
            server.supervisor.stopProcess(name)
        server.supervisor.startProcess(name)
    except (OSError, xmlrpc.client.Error) as error:
        raise ProcessError(f"Process {name} could not be restarted: {error}.") from error


def shut_down(home: Path) -> bool:
    """Ask the supervisor to stop everything and itself; False when nothing was running."""
    if not processes(home):
        return False
    _server(home).supervisor.shutdown()
    return True
