"""The reader of pages against pages whose fault is known, and good ones that look as if they had one."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from collectors.reports.base import Visit
from collectors.reports.pool import Pool
from tests.collectors.reports import pages_server, streamlit_server
from tests.collectors.reports.pages_server import SERVER_CASES, Case, page_cases
from tests.collectors.reports.streamlit_server import STREAMLIT_CASES
from tests.collectors.reports.visits import failed, report, verdict, visit_all

LONGEST = 1150.0  # for all pages together, on a machine that does other things too
pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

PAGE_CASES = [*page_cases(), *SERVER_CASES]
Visits = dict[str, Visit | BaseException]


@pytest.fixture(scope="module")
def workers() -> Iterator[Pool]:
    with closing(Pool(3)) as pool:
        yield pool


@pytest.fixture(scope="module")
def pages(workers: Pool) -> Visits:
    """All pages, looked at once."""
    with pages_server.served() as url:
        return visit_all(workers, {one.path: report(url + one.path, **one.report) for one in PAGE_CASES}, LONGEST)


@pytest.fixture(scope="module")
def app(workers: Pool) -> Visits:
    """All cases of the Streamlit app."""
    with streamlit_server.served() as url:
        return visit_all(workers, {one.path: report(url + one.path, **one.report) for one in STREAMLIT_CASES}, LONGEST)


@pytest.mark.parametrize("case", PAGE_CASES, ids=lambda case: case.path)
def test_page(case: Case, pages: Visits) -> None:
    assert verdict(pages[case.path]) == (case.fault, case.stage), pages[case.path]


@pytest.mark.processes
@pytest.mark.parametrize("case", STREAMLIT_CASES, ids=lambda case: case.path)
def test_streamlit_page(case: Case, app: Visits) -> None:
    assert verdict(app[case.path]) == (case.fault, case.stage), app[case.path]


def test_nobody_listens(workers: Pool) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    seen = visit_all(workers, {"only": report(url)})["only"]
    assert verdict(seen) == ("unreachable", "reachable")
    assert isinstance(seen, Visit)
    finding = failed(seen)
    assert finding is not None
    assert "refused the connection" in finding.message
    assert seen.png is None


def test_every_case_has_a_picture_and_a_structure(pages: Visits) -> None:
    come = [path for path, seen in pages.items() if isinstance(seen, Visit) and seen.findings[0].fault is None]
    assert len(come) > 100
    for path in come:
        seen = pages[path]
        assert isinstance(seen, Visit)
        assert seen.png is not None, path
        assert seen.png.startswith(b"\x89PNG"), path
        assert seen.layout is not None, path
