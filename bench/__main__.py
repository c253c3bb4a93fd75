"""`python -m bench [NAME ...]`: run the benchmarks and print each figure beside its baseline of the same run."""

from __future__ import annotations

import importlib
import sys
import time

NAMES = ("append", "collector", "overview", "rerun")


def main() -> None:
    """Run the named benchmarks, or all of them."""
    for name in sys.argv[1:] or NAMES:
        started = time.perf_counter()
        print(f"== {name}: {importlib.import_module(f'bench.{name}').__doc__.strip().splitlines()[0]}", flush=True)
        for line in importlib.import_module(f"bench.{name}").run():
            print(f"   {line}", flush=True)
        print(f"   ({time.perf_counter() - started:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
