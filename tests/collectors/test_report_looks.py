"""The collector that looks at reports, with a real browser and the pages of its own trial as reports."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from collectors.base import Context
from collectors.reports import canary
from collectors.sources.report_looks import collect
from store.connection import Store
from store.rows import CheckerTrial, CheckState, Fault, NumberState, ReportCheck, ReportNumber, Snapshot
from tests.collectors.support import NOW, context, deliver, rows

pytestmark = pytest.mark.browser
FAST = ("good", "wrong_number", "exception")


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """The pages of the trial that are quickly seen through."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for name in FAST:
        shutil.copy(canary.PAGES / f"{name}.html", folder)
    return folder


@pytest.fixture
def site(pages: Path) -> Iterator[str]:
    with canary.served(pages) as address:
        yield address


def estate(folder: Path, site: str, **more: object) -> list[dict[str, object]]:
    found = []
    for name in ("good", "wrong_number"):
        report = canary.target(name, site, folder).report.model_dump(mode="json", exclude_unset=True)
        found.append({**report, "id": name.replace("_", "-"), "subsystem": "s", **more})
    return found


def later(ctx: Context, seconds: float) -> Context:
    return Context(ctx.now + timedelta(seconds=seconds), ctx.estate, ctx.settings, ctx.state)


def test_looks_are_told_with_numbers_and_pictures_and_come_again_when_it_is_their_turn(
    tmp_path: Path, site: str, pages: Path, store: Store
) -> None:
    ctx = context(tmp_path, reports=estate(tmp_path, site))
    found = list(collect(ctx, pages))
    deliver(store, tmp_path, found)
    checks = {row.report_id: row for row in rows(found) if isinstance(row, ReportCheck)}
    numbers = {row.report_id: row for row in rows(found) if isinstance(row, ReportNumber)}
    assert (checks["good"].state, checks["good"].fault, checks["good"].confirmed) == ("up", None, "up")
    assert (checks["wrong-number"].state, checks["wrong-number"].fault) == (CheckState.DOWN, Fault.WRONG_NUMBER)
    assert checks["wrong-number"].attempts == 2
    assert (numbers["good"].state, numbers["good"].page_text) == (NumberState.MATCH, "409,849")
    wrong = numbers["wrong-number"]
    assert (wrong.state, wrong.page_value, wrong.backend_value, wrong.hop) == ("wrong", 418_312, 409_849, "page")
    pictures = [row for row in rows(found) if isinstance(row, Snapshot)]
    assert {row.report_id for row in pictures} == {"good", "wrong-number"}
    assert all((ctx.settings.snapshot_path / row.file).is_file() for row in pictures)
    assert len([row for row in rows(found) if isinstance(row, CheckerTrial) and row.is_right]) == len(FAST)
    kept = store.fetch("select report_id, verdict from report_verdicts order by 1").rows()
    assert kept == [("good", "up"), ("wrong-number", "down")]

    assert rows(collect(later(ctx, 60), pages)) == []
    again = rows(collect(later(ctx, 301), pages))
    assert {row.report_id for row in again if isinstance(row, ReportCheck)} == {"good", "wrong-number"}
    assert [row for row in again if isinstance(row, Snapshot)] == []


def test_a_checker_that_calls_a_broken_page_good_is_broken_and_nothing_it_says_is_believed(
    tmp_path: Path, site: str, pages: Path
) -> None:
    trial_pages = tmp_path / "trial"
    shutil.copytree(pages, trial_pages)
    shutil.copy(pages / "good.html", trial_pages / "exception.html")
    ctx = context(tmp_path, reports=estate(tmp_path, site)[:1])
    found = rows(collect(ctx, trial_pages))
    trials = {row.case_id: row for row in found if isinstance(row, CheckerTrial)}
    assert (trials["exception"].is_right, trials["good"].is_right) == (False, True)
    assert trials["exception"].message == "Found nothing wrong, expected exception."
    (check,) = [row for row in found if isinstance(row, ReportCheck)]
    assert (check.state, check.confirmed, check.fault) == ("unknown", "unknown", Fault.CHECKER_BROKEN)
    mended = rows(collect(later(ctx, 301), pages))
    assert [row.state for row in mended if isinstance(row, ReportCheck)] == ["up"]


def test_without_a_browser_everything_is_unknown_and_says_what_to_do(
    tmp_path: Path, site: str, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from collectors.reports.looking import look_once

    monkeypatch.setenv("SHEWHART_BROWSER", "no-such-browser")
    ctx = context(tmp_path, reports=estate(tmp_path, site))
    found = look_once(ctx.estate, "good", "", ctx.settings, NOW)
    assert (found.check.state, found.check.fault) == (CheckState.UNKNOWN, Fault.NO_BROWSER)
    assert "SHEWHART_BROWSER" in (found.check.message or "")
