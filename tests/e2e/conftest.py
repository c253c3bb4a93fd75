"""A browser and the pages it looks at: a store with history, its shipper and the app, all on free ports."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
from playwright.sync_api import Browser, sync_playwright

from collectors.reports.browser import find_browser
from store import clock
from store.export import export
from store.spool import Spool
from tests.fixtures import report_paintings
from tests.fixtures.history import history
from tests.fixtures.screens import ESTATE
from tests.processes import Home, wait_for

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True)
class Portal:
    """A running product with history in it."""

    home: Home
    url: str

    def start_app(self) -> None:
        """Start the app and wait until it answers."""
        self.home.start("-m", "streamlit", "run", "app/server.py", "--server.port", str(self.home.conf.app_port))
        wait_for(lambda: is_up(self.url), "the app to answer")

    def restart_app(self) -> None:
        """`kill -9` the app, which was started last, and start another."""
        self.home.running[-1].kill()
        self.home.running[-1].wait()
        self.start_app()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser without a window for all tests."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=find_browser(), args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Store, shipper and app of their own, with thirty days of history and its export."""
    home = Home.make(tmp_path_factory.mktemp("portal"), estate=ESTATE)
    try:
        home.start_store()
        home.start("-m", "store.shipper")
        report_paintings.paint(home.conf.snapshot_path)
        Spool(home.conf.spool_path, "history").put(history(clock.now(), getpass.getuser()))
        store = home.open()
        wait_for(lambda: store.fetch("select count(*) from batches").item() == 1, "the history to be stored")
        export(store, clock.now(), home.conf)
        store.close()
        made = Portal(home, f"http://localhost:{home.conf.app_port}")
        made.start_app()
        yield made
    finally:
        home.stop()


def is_up(url: str) -> bool:
    """Whether the app answers."""
    try:
        return requests.get(f"{url}/healthz", timeout=2).status_code == 200
    except requests.RequestException:
        return False
