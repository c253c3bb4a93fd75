"""A warm rerun of the Overview on the server, beside an empty Streamlit script as the baseline."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROUNDS = 30
SAMPLES = 1_000_000


def median_rerun(script: str) -> float:
    """Median milliseconds of a rerun after three to warm up."""
    from streamlit.testing.v1 import AppTest

    test = AppTest.from_string(script, default_timeout=60).run()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        test.run()
        times.append((time.perf_counter() - started) * 1000)
    assert not test.exception, test.exception
    return statistics.median(times[3:])


def run() -> Iterator[str]:
    """Baseline, then the page."""
    from bench.portal import build
    from store.settings import settings
    from tests.processes import Home

    with tempfile.TemporaryDirectory() as name:
        home = Home.make(Path(name))
        os.environ.update(home.environment())
        settings.cache_clear()
        build(home.conf, SAMPLES)
        home.start_store()
        base = median_rerun("import streamlit as st\nst.title('Nothing')")
        yield f"empty script                 {base:7.1f} ms   1.00 (baseline)"
        page = median_rerun("from pages import overview\noverview.render()")
        yield f"Overview, warm               {page:7.1f} ms   {page / base:.1f} (goal <= 150 ms)"
        home.stop()
