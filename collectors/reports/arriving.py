"""Opens the page: whether its address can be reached, and whether what came is a page."""

from __future__ import annotations

import re
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from playwright.sync_api import Error, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from collectors.reports.base import Target
from collectors.reports.traffic import Traffic
from store.rows import Fault

MOST_LETTERS = 300
WORDS = {
    "ERR_CONNECTION_REFUSED": "refused the connection",
    "ERR_CONNECTION_RESET": "broke off the connection before it answered",
    "ERR_CONNECTION_CLOSED": "closed the connection before it answered",
    "ERR_EMPTY_RESPONSE": "closed the connection without an answer",
    "ERR_NAME_NOT_RESOLVED": "has no address; its name is not known",
    "ERR_ADDRESS_UNREACHABLE": "cannot be reached from here",
    "ERR_INTERNET_DISCONNECTED": "cannot be reached: this machine has no network",
    "ERR_CONNECTION_TIMED_OUT": "did not take the connection in time",
    "ERR_SOCKS_CONNECTION_FAILED": "cannot be connected to",
    "ERR_PROXY_CONNECTION_FAILED": "cannot be connected to",
    "ERR_INVALID_HTTP_RESPONSE": "does not speak HTTP",
    "ERR_SSL_PROTOCOL_ERROR": "does not speak TLS",
    "ERR_UNSAFE_PORT": "has a port that browsers refuse",
}


EMPTY_ANSWERS = {"ERR_HTTP_RESPONSE_CODE_FAILURE", "ERR_INVALID_AUTH_CREDENTIALS"}


class Notes(Protocol):
    """What was noted beside the page while it was looked at."""

    status: int | None
    dialogs: list[str]
    downloads: list[str]
    popups: list[str]
    console_errors: list[str]
    page_errors: list[str]

    @property
    def refused(self) -> list[str]:
        """A sentence for every address that the page may not use."""
        ...

    @property
    def unreached(self) -> dict[str, str]:
        """Why a connection was not made, by `host:port`."""
        ...


def address(target: Target) -> str:
    """The report's address with the persona's query in it."""
    url = str(target.report.url)
    if target.persona is None or not target.persona.query:
        return url
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | target.persona.query
    return urlunsplit(parts._replace(query=urlencode(query)))


def open_page(page: Page, target: Target, notes: Notes, traffic: Traffic) -> tuple[Fault, str] | None:
    """Go to the report's address; what went wrong and its sentence, or None when an answer came."""
    url = address(target)
    seconds = target.report.timeout_seconds
    try:
        page.goto(url, wait_until="commit", timeout=seconds * 1000)
    except PlaywrightTimeoutError:
        return Fault.TIMED_OUT, f"{host(url)} gave no answer within {seconds:g} s."
    except Error as error:
        if page.is_closed():
            raise
        return _why(url, error.message, notes, traffic)
    return None


def _why(url: str, message: str, notes: Notes, traffic: Traffic) -> tuple[Fault, str] | None:
    if notes.downloads or "Download is starting" in message:
        name = f" `{notes.downloads[0]}`" if notes.downloads else ""
        return Fault.DOWNLOAD, f"{host(url)} sent a file{name} to download, expected a page."
    code = next(iter(re.findall(r"ERR_[A-Z_]+", message)), "")
    if code == "ERR_TOO_MANY_REDIRECTS":
        return Fault.REDIRECT_LOOP, f"{host(url)} redirects in a circle; the browser gave up after 20 redirects."
    if code in {"ERR_TIMED_OUT", "ERR_CONNECTION_TIMED_OUT"}:
        return Fault.TIMED_OUT, f"{host(url)} did not take the connection in time."
    if notes.refused:
        return Fault.REFUSED_ADDRESS, notes.refused[0]
    if code in EMPTY_ANSWERS and notes.status is not None:
        return Fault.HTTP_ERROR, f"{host(url)} answered {notes.status} with nothing in it, expected a page."
    if code == "ERR_ABORTED" and traffic.status == 204:
        return Fault.HTTP_ERROR, f"{host(url)} answered 204 with nothing in it, expected a page."
    if "interrupted by another navigation" in message or code == "ERR_ABORTED":
        return None if traffic.status is not None else (Fault.UNREACHABLE, f"{host(url)} broke off its answer.")
    if code.startswith("ERR_CERT"):
        words = code.removeprefix("ERR_CERT_").replace("_", " ").lower()
        return Fault.UNREACHABLE, f"{host(url)} has a certificate that browsers do not trust ({words})."
    reasons = list(notes.unreached.items())
    if reasons and code in {"", "ERR_SOCKS_CONNECTION_FAILED", "ERR_CONNECTION_CLOSED", "ERR_EMPTY_RESPONSE"}:
        place, reason = next((one for one in reasons if one[0] == host(url)), reasons[-1])
        return Fault.UNREACHABLE, f"{place} {reason.rstrip('.')}."
    return Fault.UNREACHABLE, f"{host(url)} {WORDS.get(code) or f'cannot be loaded ({_short(code or message)})'}."


def host(url: str) -> str:
    """Host and port, as a message names them."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _short(text: str) -> str:
    line = text.strip().splitlines()[0] if text.strip() else "no reason given"
    return line[:MOST_LETTERS]
