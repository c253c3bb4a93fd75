"""Tries the checker on pages of our own whose fault is known: a checker that calls a broken page good is broken itself.

The pages lie in `canary_pages`, one file per fault, and are served on a loopback port while a trial lasts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from collectors.reports.base import Target
from config.reports import Report
from store.rows import CheckerTrial, Fault

PAGES = Path(__file__).with_name("canary_pages")
GOOD = "good"
PARTNERS = 409_849
SECONDS = 20.0
UNFINISHED_SECONDS = 4.0  # nothing but its end can tell that a page never finishes


def cases() -> dict[str, Fault | None]:
    """Every page with the fault that the checker must find; None for the good one."""
    names = sorted(path.stem for path in PAGES.glob("*.html"))
    return {name: None if name == GOOD else Fault(name) for name in names}


@contextmanager
def served() -> Iterator[str]:
    """The address of a server that has the pages."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, args=(0.1,), name="canary", daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def target(case: str, address: str, folder: Path) -> Target:
    """The page as a report with one number, whose backend is a file in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    backend = folder / "canary.csv"
    backend.write_text(f"partners\n{PARTNERS}\n")
    number = {
        "id": "partners",
        "title": "Partners",
        "at": {"css": "#partners"},
        "source": str(backend.absolute()),
        "sql": "select partners as value from source",
    }
    report = {
        "id": f"canary-{case.replace('_', '-')}",
        "title": f"Canary: {case.replace('_', ' ')}",
        "url": f"{address}/{case}",
        "subsystem": "checker",
        "charts": 1,
        "timeout_seconds": UNFINISHED_SECONDS if case == Fault.UNFINISHED else SECONDS,
        "slow_seconds": SECONDS,
        "numbers": [number],
    }
    return Target(Report.model_validate(report))


def trial(case: str, now: datetime, look: Callable[[], tuple[Fault | None, float]]) -> CheckerTrial:
    """What the checker said of one page, and whether that is right; `look` gives its fault and the seconds it took."""
    expected = cases()[case]
    found, seconds = look()
    is_right = found == expected
    said = "Found as it is." if is_right else f"Found {_words(found)}, expected {_words(expected)}."
    return CheckerTrial(case, now, is_right, expected, found, seconds, said)


def _words(fault: Fault | None) -> str:
    return "nothing wrong" if fault is None else fault.value.replace("_", " ")


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = PAGES / f"{self.path.partition('?')[0].strip('/')}.html"
        is_known = path.parent == PAGES and path.is_file()
        body = path.read_bytes() if is_known else b"no such page"
        self.send_response(200 if is_known else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""
