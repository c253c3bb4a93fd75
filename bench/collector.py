"""The resources collector: CPU seconds per hour and resident memory, beside `python -c "import psutil"` as the floor.

The collector runs as in production (runner, spool) at a tenth of its step, so that a minute shows ten minutes' work.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import yaml

from store.settings import ROOT
from tests.processes import Home

SECONDS = 60.0
STEP = 1.0
STEP_IN_PRODUCTION = 10.0
FLOOR = """
import psutil, sys
own = psutil.Process()
print(own.memory_info().rss)
sys.stdin.read()
"""


def cpu_seconds(process: psutil.Process) -> float:
    """User and system time so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def run() -> Iterator[str]:
    """Floor, then the collector."""
    command = [sys.executable, "-c", FLOOR]
    floor_bytes = int(subprocess.run(command, input="", capture_output=True, text=True, check=True).stdout)
    yield f'python -c "import psutil"     {floor_bytes / 1e6:6.1f} MB   1.00 (floor)'
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        estate = yaml.safe_load((ROOT / "config" / "estate.yaml").read_text())
        estate["every"] = {"resources": STEP}
        (folder / "estate.yaml").write_text(yaml.safe_dump(estate))
        home = Home.make(folder, estate=folder)
        process = psutil.Process(home.start("-m", "collectors.runner", "resources").pid)
        time.sleep(10)
        before, started = cpu_seconds(process), time.monotonic()
        time.sleep(SECONDS)
        used = (cpu_seconds(process) - before) / (time.monotonic() - started)
        memory = process.memory_info().rss
        home.stop()
    share = used * STEP / STEP_IN_PRODUCTION
    yield f"collector, resident           {memory / 1e6:6.1f} MB   {memory / floor_bytes:.2f} (goal < 60 MB)"
    yield f"collector, at a 10 s step     {share * 3600:6.1f} CPU s per hour = {share:.2%} of a core (goal < 1 %)"
