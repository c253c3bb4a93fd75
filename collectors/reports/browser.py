"""A browser for one look at a time: every look in a fresh context, everything through the gateway, under a watchdog."""

from __future__ import annotations

import os
import shutil
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, StorageState, sync_playwright

from collectors.reach import Reach
from collectors.reports.base import Usage
from collectors.reports.gateway import Gateway, Resolve, addresses
from collectors.reports.limits import CLOSE_SECONDS, Limits, Watchdog
from collectors.reports.notes import Notes, attend
from collectors.reports.processes import Tree
from collectors.reports.sign_in import send_headers

VARIABLE = "SHEWHART_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_INSTALL = "install one (Debian: sudo apt-get install chromium; else: python -m playwright install chromium)"
CHECKS_PER_BROWSER = 100  # then it starts anew, so that its memory does not grow
LAUNCH_MILLISECONDS = 30_000
SMALL_SHARED_MEMORY = 512_000_000
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--dns-prefetch-disable",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # names are for the gateway to resolve
)


class BrowserMissingError(Exception):
    """There is no browser that starts; the message is one sentence that says what to do."""


class BrowserGoneError(Exception):
    """The browser ended in the middle of a look, not by a limit: its report is not known. One sentence."""


@dataclass(frozen=True, slots=True)
class Room:
    """One look's page in a context of its own."""

    page: Page
    context: BrowserContext
    notes: Notes
    watchdog: Watchdog

    def usage(self) -> Usage:
        """What the look has taken until now."""
        return self.watchdog.usage()


def find_browser() -> str | None:
    """The browser that SHEWHART_BROWSER names, else one on the PATH, else None for Playwright's own build.

    Raises BrowserMissingError when the named one does not exist.
    """
    named = os.environ.get(VARIABLE)
    if named:
        found = shutil.which(named)
        if found is None:
            raise BrowserMissingError(f"{VARIABLE} is {named!r}, which is no program; correct it, or {HOW_TO_INSTALL}.")
        return found
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Slot:
    """One browser, driven by the thread that first opens a room; it starts with the first room.

    `resolve` is a seam: how names become addresses.
    """

    def __init__(self, checks_per_browser: int = CHECKS_PER_BROWSER, resolve: Resolve = addresses) -> None:
        self.switch = f"--shewhart-slot={uuid.uuid4().hex}"  # in the command line of its browser, to find it by
        self._checks_per_browser, self._resolve = checks_per_browser, resolve
        self._checks = self._idle = 0
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._gateway: Gateway | None = None
        self._tree: Tree | None = None

    @contextmanager
    def room(
        self,
        limits: Limits,
        reach: Reach,
        *,
        width: int,
        height: int,
        headers: Mapping[str, str] | None = None,
        storage_state: Mapping[str, Any] | None = None,
        locale: str | None = None,
        timezone: str | None = None,
    ) -> Iterator[Room]:
        """A page in a fresh context; `headers` go to the report's own origin only.

        Raises BrowserMissingError before, and LimitExceededError or BrowserGoneError after the look, whatever else
        came of that.
        """
        browser, gateway, tree = self._ready()
        self._checks += 1
        passage = gateway.begin(reach, limits.download_bytes)
        with Watchdog(tree, limits, self._idle, lambda: passage.received) as watchdog:
            context: BrowserContext | None = None
            try:
                context = browser.new_context(
                    accept_downloads=False,
                    service_workers="block",
                    permissions=[],
                    viewport={"width": width, "height": height},
                    storage_state=cast("StorageState | None", storage_state),
                    locale=locale,
                    timezone_id=timezone,
                )
                context.set_default_timeout(limits.seconds * 1000)
                page = context.new_page()
                notes = Notes(passage)
                attend(context, page, notes)
                if headers:
                    send_headers(context, page, reach, headers)
                yield Room(page, context, notes, watchdog)
            finally:
                watchdog.closing()
                self._leave(context, gateway, tree, watchdog)

    def renew(self) -> None:
        """Let the next room have a fresh browser."""
        self._checks = self._checks_per_browser

    def kill(self) -> None:
        """End a look that is going on; from any thread."""
        if self._tree is not None:
            self._tree.kill()

    def close(self) -> None:
        """End the browser and all that belongs to it; on the slot's own thread."""
        self._end_browser()
        if self._playwright is not None:
            with suppress(Error):
                self._playwright.stop()
            self._playwright = None
        if self._gateway is not None:
            self._gateway.close()
            self._gateway = None

    def _leave(self, context: BrowserContext | None, gateway: Gateway, tree: Tree, watchdog: Watchdog) -> None:
        """Put the page away; what ended the look is told in place of what followed from that."""
        gateway.end()
        is_ended = watchdog.exceeded is not None
        if context is not None and not is_ended and tree.is_alive():
            with suppress(Error):
                context.close()
        if watchdog.exceeded is not None:
            raise watchdog.exceeded
        if not tree.is_alive():
            raise BrowserGoneError("The browser ended in the middle of the look; the next look starts another.")

    def _ready(self) -> tuple[Browser, Gateway, Tree]:
        """A browser that runs and is not too old; raises BrowserMissingError."""
        is_good = self._tree is not None and self._tree.is_alive() and self._checks < self._checks_per_browser
        if not is_good:
            self._end_browser()
        if self._gateway is None:
            self._gateway = Gateway(self._resolve)
        if self._browser is None or self._tree is None:
            path = find_browser()
            self._playwright = self._playwright or sync_playwright().start()
            self._browser, self._tree = _launch(self._playwright, path, self._gateway.port, self.switch)
            self._checks, self._idle = 0, _idle_memory(self._browser, self._tree)
        return self._browser, self._gateway, self._tree

    def _end_browser(self) -> None:
        """End the browser well, or else by force; a driver that is gone takes its connection with it."""
        browser, tree = self._browser, self._tree
        self._browser = self._tree = None
        if browser is None or tree is None:
            return
        timer = threading.Timer(CLOSE_SECONDS, tree.kill)
        timer.start()
        try:
            if tree.is_alive():
                with suppress(Error):
                    browser.close()
        finally:
            timer.cancel()
            tree.kill()
            tree.clear()
        if not tree.is_driver_alive() and self._playwright is not None:
            with suppress(Error):
                self._playwright.stop()
            self._playwright = None


def _launch(playwright: Playwright, path: str | None, port: int, switch: str) -> tuple[Browser, Tree]:
    if path is None and not Path(playwright.chromium.executable_path).exists():
        raise BrowserMissingError(f"There is no browser to look at reports with; {HOW_TO_INSTALL}.")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    try:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[*QUIET, *_for_machine(), f"--proxy-server=socks5://127.0.0.1:{port}", switch],
            chromium_sandbox=not is_root,
            timeout=LAUNCH_MILLISECONDS,
            env={name: value for name, value in os.environ.items() if not name.startswith("SHEWHART_")},
        )
        return browser, Tree(switch)
    except (Error, LookupError) as error:
        reason = str(error).strip().splitlines()[0]
        raise BrowserMissingError(f"The browser {path or 'of Playwright'} does not start: {reason}") from error


def _idle_memory(browser: Browser, tree: Tree) -> int:
    """Bytes of a browser that shows an empty page."""
    with suppress(Error):
        page = browser.new_page()
        measured = tree.memory()
        page.context.close()
        return measured
    return tree.memory()


def _for_machine() -> list[str]:
    """Containers often have next to no shared memory."""
    shared = Path("/dev/shm")  # noqa: S108
    is_small = shared.is_dir() and shutil.disk_usage(shared).total < SMALL_SHARED_MEMORY
    return ["--disable-dev-shm-usage"] if is_small else []
