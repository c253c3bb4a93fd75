"""Reads one page: how far it comes of reachable, loaded, finished, present and drawn, and what stands on it."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Page

from collectors.reports import elements, picture
from collectors.reports.arriving import Notes, open_page
from collectors.reports.base import Finding, Target, Visit
from collectors.reports.judging import Look, judge
from collectors.reports.traffic import Traffic
from collectors.reports.troubles import Trouble
from store.rows import Stage, StageState

STAGES = (Stage.REACHABLE, Stage.LOADED, Stage.FINISHED, Stage.PRESENT, Stage.DRAWN)
MOST_CONSOLE = 20


def visit(page: Page, target: Target, notes: Notes, now_seconds: Callable[[], float] = time.perf_counter) -> Visit:
    """Look at the target on a page of its own, and take what the other stages need.

    It takes `timeout_seconds` of the report at most, and a few more for the picture. Raises Playwright's Error when
    the browser ends meanwhile.
    """
    begin = now_seconds()
    traffic = Traffic(page, now_seconds)
    look = Look(page, target, notes, now_seconds, traffic, begin, begin + target.report.timeout_seconds)
    problem = open_page(page, target, notes, traffic)
    if problem is not None:
        look.fail(Stage.REACHABLE, Trouble(*problem))
        return _told(look)
    look.passed(Stage.REACHABLE)
    judge(look)
    return _told(look, *_taken(look))


def _taken(look: Look) -> tuple[bytes | None, str | None, str | None]:
    """Picture, structure and the words of its age; whatever the verdict."""
    as_of = elements.as_of_text(look.page, look.report.as_of)
    look.texts = look.texts or elements.texts(look.page, look.report)
    structure = picture.layout(look.page, look.report, look.deadline - look.clock())
    return picture.take(look.page, look.report, look.deadline - look.clock()), structure, as_of


def _told(look: Look, png: bytes | None = None, layout: str | None = None, as_of: str | None = None) -> Visit:
    useful = look.rest.useful
    return Visit(
        findings=tuple(_findings(look)),
        useful_seconds=None if useful is None else max(0.0, useful - look.begin),
        http_status=look.traffic.status or look.notes.status,
        texts=look.texts or {number.id: None for number in look.report.numbers},
        as_of_text=as_of,
        charts=look.charts,
        png=png,
        layout=layout,
        console=tuple([*look.notes.page_errors, *look.notes.console_errors][:MOST_CONSOLE]),
    )


def _findings(look: Look) -> list[Finding]:
    found: list[Finding] = []
    for stage in STAGES:
        seconds = look.ended.get(stage, 0.0)
        if look.verdict is not None and look.verdict[0] is stage:
            trouble = look.verdict[1]
            found.append(Finding(stage, StageState.FAILED, seconds, trouble.message, trouble.fault))
        elif look.verdict is not None and STAGES.index(stage) > STAGES.index(look.verdict[0]):
            found.append(Finding(stage, StageState.SKIPPED))
        else:
            found.append(Finding(stage, StageState.PASSED, seconds, " ".join(look.remarks.get(stage, ()))))
    return found
