"""Makes dashboards in a running Superset through its API, and signs a browser in."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import sync_playwright

from collectors.reports.browser import find_browser
from tests.e2e.conftest import QUIET

PARTNERS = 409_849
COUNTRIES = ("DE", "IT", "FR")


def fill(path: Path) -> None:
    """A SQLite table `partners` with one row per partner, spread over three countries and twenty days."""
    with closing(sqlite3.connect(path)) as con, con:
        con.execute("create table partners (id integer, country text, joined_on text)")
        rows = ((number, COUNTRIES[number % 3], f"2026-11-{1 + number % 20:02d}") for number in range(PARTNERS))
        con.executemany("insert into partners values (?, ?, ?)", rows)


@dataclass
class Superset:
    """Its API, as the administrator."""

    url: str
    password: str
    session: requests.Session = field(default_factory=requests.Session)

    def sign_in(self) -> None:
        who = {"username": "admin", "password": self.password, "provider": "db", "refresh": True}
        answer = self.session.post(f"{self.url}/api/v1/security/login", json=who, timeout=30)
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def make(self, kind: str, **content: object) -> int:
        """The id of what was made."""
        answer = self.session.post(f"{self.url}/api/v1/{kind}/", json=content, timeout=60)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def chart(self, name: str, dataset: int, kind: str, **form: object) -> int:
        params = {"datasource": f"{dataset}__table", "viz_type": kind, "adhoc_filters": [], **form}
        return self.make(
            "chart",
            slice_name=name,
            viz_type=kind,
            datasource_id=dataset,
            datasource_type="table",
            params=json.dumps(params),
        )

    def dashboard(self, slug: str, charts: Mapping[str, int]) -> str:
        """The address of a new dashboard with the charts in one row."""
        made = self.make(
            "dashboard",
            dashboard_title=slug.replace("-", " ").capitalize(),
            slug=slug,
            published=True,
            position_json=json.dumps(_position(charts)),
        )
        for chart in charts.values():
            path = f"{self.url}/api/v1/chart/{chart}"
            self.session.put(path, json={"dashboards": [made]}, timeout=30).raise_for_status()
        return f"{self.url}/superset/dashboard/{slug}/"


def _position(charts: Mapping[str, int]) -> dict[str, Any]:
    holders = {
        f"CHART-{number}": {
            "type": "CHART",
            "id": f"CHART-{number}",
            "children": [],
            "parents": ["ROOT_ID", "GRID_ID", "ROW-1"],
            "meta": {"chartId": chart, "width": 4, "height": 50, "sliceName": name},
        }
        for number, (name, chart) in enumerate(charts.items())
    }
    row = {"type": "ROW", "id": "ROW-1", "children": list(holders), "parents": ["ROOT_ID", "GRID_ID"]}
    return {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": ["ROW-1"], "parents": ["ROOT_ID"]},
        "ROW-1": {**row, "meta": {"background": "BACKGROUND_TRANSPARENT"}},
        **holders,
    }


def browser_state(url: str, password: str) -> str:
    """The state of a browser that has signed in, as JSON."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(QUIET))
        page = browser.new_page()
        page.goto(f"{url}/login/")
        page.locator("#username").fill("admin")
        page.locator("#password").fill(password)
        page.keyboard.press("Enter")
        page.wait_for_url("**/welcome/**", timeout=60_000)
        state = page.context.storage_state()
        browser.close()
    return json.dumps(state)
