"""Takes the picture of a whole page and its structure, both without what the report's masks name."""

from __future__ import annotations

import base64

from playwright.sync_api import Error, FloatRect, Page

from collectors.reports import in_page
from collectors.reports.readiness import masking
from config.reports import Report

MOST_PIXELS = 8000  # high
SHOT_MILLISECONDS = 5_000  # at least; more while the report's own time is not over
LAYOUT_MILLISECONDS = 3_000  # with the picture, what a look may take after its time
MOST_STEPS = 25  # when scrolling through
SETTLE_MILLISECONDS = 60


def scroll_through(page: Page) -> bool:
    """Bring every part of the page into the window once, so that what draws late does so; False if all was in it."""
    has_scrolled = False
    for step in range(1, MOST_STEPS + 1):
        left = in_page.run(page.main_frame, "rest", step)
        if left is None or (step == 1 and not left and not _scrolls(page)):
            break
        has_scrolled = True
        page.wait_for_timeout(SETTLE_MILLISECONDS)  # observers of the window tell late
        if left <= 0:
            break
    in_page.run(page.main_frame, "rest", -1)
    return has_scrolled


def take(page: Page, report: Report, seconds: float) -> bytes | None:
    """The page as PNG, as wide as the report says and at most 8,000 pixels high; None if it cannot be taken.

    `seconds` is what is left of the report's time.
    """
    try:
        extra = int(in_page.run(page.main_frame, "height") or 0)
        if extra:
            height = min(report.height + extra, MOST_PIXELS)
            page.set_viewport_size({"width": report.width, "height": height})
            page.wait_for_timeout(SETTLE_MILLISECONDS * 4)  # charts fit themselves into the new window
        full = int(page.evaluate("document.documentElement.scrollHeight"))
        high = max(1, min(max(full, report.height), MOST_PIXELS))
        clip: FloatRect = {"x": _leftwards(page), "y": 0, "width": report.width, "height": high}
        png = page.screenshot(
            full_page=True,
            clip=clip,
            animations="disabled",
            caret="hide",
            scale="css",
            timeout=max(SHOT_MILLISECONDS, seconds * 1000),
            style=masking(report.masks),
        )
    except Error:
        if page.is_closed():
            raise
        return _plain(page)
    finally:
        if not page.is_closed() and page.viewport_size != {"width": report.width, "height": report.height}:
            page.set_viewport_size({"width": report.width, "height": report.height})
    return png


def layout(page: Page, report: Report, seconds: float) -> str | None:
    """The page's accessibility tree as text; None if it cannot be had. `seconds` as above."""
    _mask(page, report, is_on=True)
    try:
        return page.locator("body").aria_snapshot(timeout=max(LAYOUT_MILLISECONDS, seconds * 1000))
    except Error:
        if page.is_closed():
            raise
        return None
    finally:
        if not page.is_closed():
            _mask(page, report, is_on=False)


def _leftwards(page: Page) -> int:
    """Where the window begins in the whole page: pictures count from the left, and some pages begin at the right."""
    return int(in_page.run(page.main_frame, "leftwards") or 0)


def _scrolls(page: Page) -> bool:
    return bool(in_page.run(page.main_frame, "rest", 0))


def _mask(page: Page, report: Report, *, is_on: bool) -> None:
    if report.masks:
        in_page.on_frames(page, "masks", {"masks": report.masks, "is_on": is_on})


def _plain(page: Page) -> bytes | None:
    """The window only, without waiting for anything: a font that never comes holds up the other way."""
    try:
        session = page.context.new_cdp_session(page)
        answer = session.send("Page.captureScreenshot", {"format": "png"})
        session.detach()
    except Error:
        return None
    return base64.b64decode(answer["data"])


def window(page: Page) -> bytes | None:
    """What the window shows now; None if its picture cannot be taken."""
    try:
        if _leftwards(page):
            return _plain(page)
        return page.screenshot(animations="disabled", scale="css", timeout=3_000)
    except Error:
        if page.is_closed():
            raise
        return None
