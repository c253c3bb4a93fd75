"""Waits until a page has come to rest: its application, what must be there, its requests and its picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Error, Page

from collectors.reports.applications import BUSY, NOT_BUSY
from collectors.reports.elements import count_visible
from collectors.reports.in_page import on_frames
from collectors.reports.traffic import Clock, Traffic
from config.reports import Element, Report

STEP_MILLISECONDS = 100
QUIET_SECONDS = 0.5
APART_SECONDS = 0.15  # between two pictures that must be the same
RESTLESS_SECONDS = 2.0  # a page that is ready so long may go on moving: a clock, a live chart
HOPELESS_SECONDS = 2.0  # so long a page that shows an error is waited for
SHOT_MILLISECONDS = 3_000
SLOW_SHOT_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Rest:
    """How waiting ended: `waits` is what was still missing; none when the page was ready at `useful`, on the clock.

    `shot` is the window's picture (JPEG) then.
    """

    waits: tuple[str, ...]
    useful: float | None = None
    is_restless: bool = False
    shot: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Now:
    """What is missing now; `is_quiet` when no request has ended just before, `is_only_ready` when only `ready` is."""

    waits: tuple[str, ...]
    is_quiet: bool = False
    is_only_ready: bool = False


def settle(
    page: Page, traffic: Traffic, report: Report, deadline: float, clock: Clock, is_hopeless: Callable[[], bool]
) -> Rest:
    """Wait until everything is there and two pictures are the same, at the latest until `deadline`.

    `is_hopeless` is asked once nothing but `ready` is missing any more: an error page will not become a report.
    """
    ready: float | None = None
    shot: bytes | None = None
    taken = moved = 0.0
    idle = clock()
    while True:
        here = _look(page, traffic, report.ready)
        now = clock()
        if now >= deadline or traffic.broken is not None:
            return Rest(here.waits, None if here.waits else (ready or now))
        if here.waits:
            ready = None
            idle = idle if here.is_only_ready else now
            if now - idle > HOPELESS_SECONDS and is_hopeless():
                return Rest(here.waits)
        else:
            ready, shot = (now, None) if ready is None else (ready, shot)
            newest = _shoot(page, report, deadline - now)
            if newest is None or newest != shot:
                shot, taken = newest, clock()
                moved = now if taken - now < SLOW_SHOT_SECONDS else taken  # a slow one may show what came meanwhile
            elif here.is_quiet and now - taken >= APART_SECONDS:
                return Rest((), max(ready, moved), shot=shot)
            if here.is_quiet and now - ready > RESTLESS_SECONDS:
                return Rest((), ready, is_restless=True)
        page.wait_for_timeout(STEP_MILLISECONDS)


def _shoot(page: Page, report: Report, seconds: float) -> bytes | None:
    """The window's picture as JPEG, with what changes by itself hidden; None if it cannot be taken."""
    limit = max(1000.0, min(seconds * 1000, SHOT_MILLISECONDS))
    style = masking(report.masks)
    try:
        return page.screenshot(type="jpeg", quality=70, animations="disabled", style=style, timeout=limit, scale="css")
    except Error:
        if page.is_closed():
            raise
        return None


def masking(masks: list[str]) -> str:
    """A style that hides what the masks name."""
    return "\n".join(f"{mask} {{ visibility: hidden !important }}" for mask in masks)


def _look(page: Page, traffic: Traffic, ready: Element | None) -> _Now:
    answers = on_frames(page, "state", {"busy": BUSY, "not_busy": NOT_BUSY})
    if not answers or answers[0][0] != page.main_frame:
        return _Now(("the page is on its way to another",))
    flying = traffic.waiting()
    waits = [reason for _frame, answer in answers for reason in answer["reasons"]]
    if answers[0][1]["document"] == "loading":
        waits.append("the page is still being sent")
    if flying:
        waits.append(f"{_count(len(flying), 'request')} in flight ({_short(flying[0])})")
    waits = list(dict.fromkeys(waits))
    if ready is not None and count_visible(page, ready) == 0:
        return _Now((*waits, f"{ready} is not there"), is_only_ready=not waits)
    return _Now(tuple(waits), is_quiet=traffic.seconds_quiet() >= QUIET_SECONDS)


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")


def _short(url: str) -> str:
    return url if len(url) <= 100 else f"{url[:99]}…"
