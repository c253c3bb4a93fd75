"""Tries the checker on pages of our own whose fault is known: a checker that calls a broken page good is broken itself.

The pages lie in `canary_pages`, one file per fault, and are served on a loopback port while a trial lasts.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from collectors.reports.base import Target
from config.reports import Report
from store.rows import CheckerTrial, Fault

PAGES = Path(__file__).with_name("canary_pages")
GOOD = "good"
PARTNERS = 409_849
SECONDS = 20.0
UNFINISHED_SECONDS = 4.0  # nothing but its end can tell that a page never finishes


def cases(pages: Path = PAGES) -> dict[str, Fault | None]:
    """Every page with the fault that the checker must find; None for the good one."""
    names = sorted(path.stem for path in pages.glob("*.html"))
    return {name: None if name == GOOD else Fault(name) for name in names}


@contextmanager
def served(pages: Path = PAGES) -> Iterator[str]:
    """The address of a server that has the pages."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(pages)))
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
        "url": f"{address}/{case}.html",
        "subsystem": "checker",
        "charts": 1,
        "timeout_seconds": UNFINISHED_SECONDS if case == Fault.UNFINISHED else SECONDS,
        "slow_seconds": SECONDS,
        "numbers": [number],
    }
    return Target(Report.model_validate(report))


def trial(case: str, now: datetime, found: Fault | None, seconds: float) -> CheckerTrial:
    """What the checker said of one page after `seconds`, and whether that is right."""
    expected = None if case == GOOD else Fault(case)
    is_right = found == expected
    said = "Found as it is." if is_right else f"Found {_words(found)}, expected {_words(expected)}."
    return CheckerTrial(case, now, is_right, expected, found, seconds, said)


def _words(fault: Fault | None) -> str:
    return "nothing wrong" if fault is None else fault.value.replace("_", " ")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Nobody reads a log of trials."""
