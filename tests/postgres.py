"""A real PostgreSQL for tests: a cluster of its own on a free port, ended by its own id."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import free_port

FOLDERS = (*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), *map(Path, os.get_exec_path()))
ACCOUNT = "postgres"  # initdb refuses root; Debian's package makes this account


def programs() -> Path | None:
    """The folder of initdb and postgres, if there is one."""
    return next((folder for folder in FOLDERS if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


@contextmanager
def cluster(bin_folder: Path) -> Iterator[str]:
    """A running cluster; gives its SQLAlchemy URL."""
    as_account = ["runuser", "-u", ACCOUNT, "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if as_account:
        shutil.chown(folder, ACCOUNT)
    port = free_port()
    data = folder / "data"
    subprocess.run(
        [*as_account, str(bin_folder / "initdb"), "-D", str(data), "-U", "shewhart", "--auth=trust", "-N"],
        check=True, capture_output=True, cwd="/",
    )  # fmt: skip
    control = [*as_account, str(bin_folder / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True, cwd="/")
    try:
        yield f"postgresql+psycopg://shewhart:secret@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True, cwd="/")
        shutil.rmtree(folder)
