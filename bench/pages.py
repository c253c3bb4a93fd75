"""What the benchmarks of pages share: an app over a filled store, and how soon a page is painted in a real browser."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.processes import Home

VISITS = 5
READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def home_of(folder: Path, estate: Mapping[str, object]) -> Home:
    """A home in `folder` with this estate, which this process uses too."""
    from tests.processes import Home

    (folder / "estate.yaml").write_text(yaml.safe_dump(dict(estate)))
    home = Home.make(folder, estate=folder)
    os.environ.update(home.environment())
    return home


def visits(home: Home, path: str, text: str, title: str) -> Iterator[str]:
    """How soon `text` is seen on a page at the first and at later visits; baseline: the Access page, a form."""
    from playwright.sync_api import sync_playwright

    from collectors.reports.browser import find_browser
    from tests.e2e.conftest import QUIET, is_up
    from tests.processes import wait_for

    address = f"http://localhost:{home.conf.app_port}"
    try:
        home.start_store()
        home.start("-m", "streamlit", "run", "app/server.py", "--server.port", str(home.conf.app_port))
        wait_for(lambda: is_up(address), "the app to answer")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=list(QUIET))
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            painted(page, f"{address}/access", "Ask for access")
            base, _ = median([painted(page, f"{address}/access", "Ask for access") for _ in range(VISITS)])
            yield f"Access page                    {base:6.2f} s    1.00 (baseline)"
            first, rest = painted(page, f"{address}/{path}", text)
            yield line(f"{title}, first visit", first, base, f" (goal <= 1.5 s), at rest {rest:.2f} s")
            again, rest = median([painted(page, f"{address}/{path}", text) for _ in range(VISITS)])
            yield line(f"{title}, later visits", again, base, f", at rest {rest:.2f} s")
            browser.close()
    finally:
        home.stop()


def painted(page: Page, address: str, text: str) -> tuple[float, float]:
    """Seconds from the address until `text` is seen, and until the page has come to rest."""
    started = time.perf_counter()
    page.goto(address)
    page.get_by_text(text).first.wait_for()
    seen = time.perf_counter() - started
    page.wait_for_selector(READY)
    return seen, time.perf_counter() - started


def median(seconds: list[tuple[float, float]]) -> tuple[float, float]:
    """The median of each of both."""
    return statistics.median(seen for seen, _ in seconds), statistics.median(rest for _, rest in seconds)


def line(label: str, seconds: float, base: float, more: str) -> str:
    """A figure beside its baseline."""
    return f"{label:<30} {seconds:6.2f} s    {seconds / base:.2f}{more}"
