"""A header that signs the browser in: sent to the report's own scheme, host and port, and to nobody else.

The browser's own way to add headers sends them to every host that the page asks, and Playwright's to every host that a
request is redirected to; so each request is held until it is known where it goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page

from collectors.reach import Reach


def send_headers(context: BrowserContext, page: Page, reach: Reach, headers: Mapping[str, str]) -> None:
    """Add `headers` to what the page and its frames ask of the report's own origin; websockets go without."""
    session = context.new_cdp_session(page)

    def on_paused(event: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"requestId": event["requestId"]}
        if reach.is_own(event["request"]["url"]):
            merged = event["request"]["headers"] | dict(headers)
            answer["headers"] = [{"name": name, "value": value} for name, value in merged.items()]
        with suppress(Error):  # the page is gone
            session.send("Fetch.continueRequest", answer)

    session.on("Fetch.requestPaused", on_paused)
    session.send("Fetch.enable", {"patterns": [{"urlPattern": f"{reach.origin}/*", "requestStage": "Request"}]})
