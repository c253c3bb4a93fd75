"""`python -m bench [NAME ...]`: run benchmarks, each in its own process; figures stand beside a baseline."""

from __future__ import annotations

import importlib
import subprocess
import sys
import time

NAMES = (
    *("append", "collector", "overview", "rerun", "verdicts", "forecast"),
    *("engine", "board", "reports", "wall", "looks", "spc", "monitor", "backtest", "judge"),
)


def main() -> None:
    """Run the named benchmarks, or all of them."""
    names = sys.argv[1:] or NAMES
    if len(names) > 1:
        sys.exit(max(subprocess.run([sys.executable, "-m", "bench", name], check=False).returncode for name in names))
    for name in names:
        started = time.perf_counter()
        print(f"== {name}: {importlib.import_module(f'bench.{name}').__doc__.strip().splitlines()[0]}", flush=True)
        for line in importlib.import_module(f"bench.{name}").run():
            print(f"   {line}", flush=True)
        print(f"   ({time.perf_counter() - started:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
