"""What happened beside the page while it was looked at: dialogs, downloads, popups, errors, and what was refused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Download,
    Error,
    Page,
    Request,
    Response,
    WebError,
)

from collectors.reports.passage import Passage

MOST_NOTES = 100  # of each kind: a page may go on for ever
MOST_LETTERS = 500


@dataclass(slots=True)
class Notes:
    """Notes of one look, each kind in the order it came; `status` is that of `answer`, with which the page itself came.

    `failed_requests` are `url: reason`; `has_crashed` means that the page's own process ended.
    """

    passage: Passage
    status: int | None = None
    answer: Response | None = None
    content_type: str = ""
    has_crashed: bool = False
    dialogs: list[str] = field(default_factory=list)
    downloads: list[str] = field(default_factory=list)
    popups: list[str] = field(default_factory=list)
    console_errors: list[str] = field(default_factory=list)
    page_errors: list[str] = field(default_factory=list)
    failed_requests: list[str] = field(default_factory=list)

    @property
    def refused(self) -> list[str]:
        """A sentence for every address that the page may not use."""
        return self.passage.refused

    @property
    def unreached(self) -> dict[str, str]:
        """Why a connection was not made, by `host:port`: “refused the connection”, “has no address ...”."""
        return self.passage.unreached


def attend(context: BrowserContext, page: Page, notes: Notes) -> None:
    """Take notes of a page, and keep what would hold it up out of its way: dialogs, downloads and popups."""

    def on_dialog(dialog: Dialog) -> None:
        _note(notes.dialogs, f"{dialog.type}: {dialog.message}")
        _try(dialog.dismiss)

    def on_popup(popup: Page) -> None:
        if popup != page:
            popup.on("download", on_download)
            _note(notes.popups, popup.url)
            _try(popup.close)

    def on_download(download: Download) -> None:
        _note(notes.downloads, download.suggested_filename)
        _try(download.cancel)

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            _note(notes.console_errors, message.text)

    def on_error(error: WebError) -> None:
        _note(notes.page_errors, error.error.message if isinstance(error.error, Error) else str(error.error))

    def on_failure(request: Request) -> None:
        _note(notes.failed_requests, f"{request.url[:MOST_LETTERS]}: {request.failure or 'failed'}")

    def on_response(response: Response) -> None:
        if _is_of_page(response.request, page):
            notes.status, notes.answer = response.status, response
            notes.content_type = response.headers.get("content-type", "")

    def on_crash(_page: Page) -> None:
        notes.has_crashed = True

    context.on("dialog", on_dialog)
    context.on("page", on_popup)
    context.on("console", on_console)
    context.on("weberror", on_error)
    page.on("requestfailed", on_failure)
    page.on("response", on_response)
    page.on("download", on_download)
    page.on("crash", on_crash)


def _is_of_page(request: Request, page: Page) -> bool:
    """Whether it asks for the page itself, not for a part of it."""
    with suppress(Error):
        return request.is_navigation_request() and request.frame == page.main_frame
    return False


def _note(kept: list[str], text: str) -> None:
    if len(kept) < MOST_NOTES:
        kept.append(text[:MOST_LETTERS])


def _try(act: Callable[[], None]) -> None:
    with suppress(Error):  # the page is gone
        act()
