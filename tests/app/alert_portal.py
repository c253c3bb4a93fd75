"""An installation with given alerts in its store and routes in its alerts.yaml."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from app import data
from store.rows import Row
from store.settings import settings
from tests.fixtures import screens

ROUTES = """
channels:
  - {id: ops-chat, apprise: "json://localhost:9"}
  - {id: phone, apprise: "json://localhost:9"}
routes:
  - {rules: [data_stale], channels: [ops-chat], repeat_seconds: 7200}
  - {channels: [ops-chat], escalate_after_seconds: 1800, escalate_to: [phone]}
"""


@contextmanager
def installed(folder: Path, rows: list[Row], routes: str = ROUTES) -> Iterator[None]:
    """The estate of the tests with `routes`, and a store with `rows`, until the block ends."""
    estate = folder / "estate"
    shutil.copytree(screens.ESTATE, estate)
    (estate / "alerts.yaml").write_text(routes)
    with screens.installation(folder / "home", screens.make_store(folder / "store.duckdb", rows), estate):
        yield


def beat(at: datetime) -> None:
    """Let the alert engine have finished a pass at `at`."""
    path = settings().state_path / "alerts.json.beat"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(at.isoformat())
    data.reset()
