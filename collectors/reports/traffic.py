"""What the page asks for: requests in flight, those that do not count, and the answers for the page itself."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Error, Page, Request, Response

Clock = Callable[[], float]

ENDLESS = frozenset({"websocket", "eventsource", "media", "ping", "manifest", "texttrack", "cspviolationreport"})
STREAMS = ("text/event-stream", "multipart/x-mixed-replace", "application/x-ndjson", "application/stream")
QUESTIONS = frozenset({"fetch", "xhr"})
PATIENCE_SECONDS = 4.0  # after that a question may be a long poll, and what another host still owes holds up nothing
POLLS, POLL_SECONDS = 4, 2.0  # so many questions to one address over so long a time are polling


class Traffic:
    """Listens to one page from before it is opened; times are those of `clock`, in seconds."""

    def __init__(self, page: Page, clock: Clock) -> None:
        self._page, self._clock = page, clock
        self._flying: dict[Request, float] = {}
        self._asked: dict[str, list[float]] = {}
        self._ended = clock()
        self.status: int | None = None
        self.content_type = ""
        self.arrivals = 0  # how often a document came into the main frame
        self.broken: str | None = None  # why the page itself broke off after it had begun to come
        page.on("request", self._on_request)
        page.on("requestfinished", self._on_end)
        page.on("requestfailed", self._on_failure)
        page.on("response", self._on_response)

    def waiting(self) -> list[str]:
        """Addresses that are waited for now."""
        now = self._clock()
        return [request.url for request, since in self._flying.items() if not self._is_idle(request, now - since)]

    def patient(self) -> list[str]:
        """Requests in flight that look like polling: they hold up a page only while something is wrong with it."""
        now = self._clock()
        old = [request for request, since in self._flying.items() if now - since > PATIENCE_SECONDS]
        return [request.url for request in old if request.resource_type in QUESTIONS and not self._is_poll(request)]

    def seconds_quiet(self) -> float:
        """For how long nothing that counts has ended."""
        return self._clock() - self._ended

    def _is_idle(self, request: Request, seconds: float) -> bool:
        if request.resource_type in QUESTIONS:
            return seconds > PATIENCE_SECONDS or self._is_poll(request)
        is_foreign = urlsplit(request.url).hostname != urlsplit(self._page.url).hostname
        is_spare = is_foreign or request.resource_type == "font"  # without its font a text is shown in another
        return is_spare and seconds > PATIENCE_SECONDS

    def _on_request(self, request: Request) -> None:
        if request.resource_type in ENDLESS or request.url.startswith(("data:", "blob:")):
            return
        self._asked.setdefault(_place(request.url), []).append(self._clock())
        self._flying[request] = self._clock()

    def _on_end(self, request: Request) -> None:
        since = self._flying.pop(request, None)
        if since is not None and not self._is_poll(request):
            self._ended = self._clock()

    def _is_poll(self, request: Request) -> bool:
        asked = self._asked.get(_place(request.url), [])
        is_often = len(asked) >= POLLS and asked[-1] - asked[0] >= POLL_SECONDS
        return is_often and request.resource_type in QUESTIONS

    def _on_failure(self, request: Request) -> None:
        self._on_end(request)
        failure = request.failure or "failed"
        if self._is_main(request) and self.status is not None and failure != "net::ERR_ABORTED":
            self.broken = failure

    def _on_response(self, response: Response) -> None:
        request = response.request
        if response.headers.get("content-type", "").startswith(STREAMS):
            self._flying.pop(request, None)
        if self._is_main(request):
            if not 300 <= response.status < 400:
                self.arrivals += 1
            self.broken = None
            self.status, self.content_type = response.status, response.headers.get("content-type", "")

    def _is_main(self, request: Request) -> bool:
        try:
            return request.is_navigation_request() and request.frame == self._page.main_frame
        except Error:  # its frame is gone, or not there yet
            return False


def _place(url: str) -> str:
    found = urlsplit(url)
    return f"{found.netloc}{found.path}"
