"""Judges a page that has come: loaded, finished, present and drawn, each until the first that fails."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from playwright.sync_api import Page

from collectors.reports import drawn, elements, in_page, picture, pixels, troubles
from collectors.reports.arriving import Notes, address, host
from collectors.reports.base import Chart, Target
from collectors.reports.readiness import Rest, settle
from collectors.reports.traffic import Clock, Traffic
from collectors.reports.troubles import Seen, Trouble
from config.reports import Report
from store.rows import Fault, Stage

PATIENCE_SECONDS = 3.0  # a bad page is looked at for so long once more, an eighth of its time at most
PATIENCE_SHARE = 8
ERROR_SECONDS = 3.0  # for an error page to show itself
STEP_MILLISECONDS = 300


@dataclass(slots=True)
class Look:
    """A look that goes on: where it stands, and the first thing that is wrong."""

    page: Page
    target: Target
    notes: Notes
    clock: Clock
    traffic: Traffic
    begin: float
    deadline: float
    rest: Rest = field(default_factory=lambda: Rest(("the page",)))
    verdict: tuple[Stage, Trouble] | None = None
    ended: dict[Stage, float] = field(default_factory=dict)
    remarks: dict[Stage, list[str]] = field(default_factory=dict)
    charts: tuple[Chart, ...] = ()
    texts: dict[str, str | None] = field(default_factory=dict)

    @property
    def report(self) -> Report:
        return self.target.report

    def passed(self, stage: Stage) -> None:
        self.ended[stage] = self.clock() - self.begin

    def fail(self, stage: Stage, trouble: Trouble) -> None:
        self.verdict = (stage, trouble)
        self.passed(stage)

    def remark(self, stage: Stage, text: str) -> None:
        self.remarks.setdefault(stage, []).append(text)


def judge(look: Look) -> None:
    """The stages after the first, until one fails."""
    status = look.traffic.status or look.notes.status
    is_error = status is not None and status >= 400
    wait_until = min(look.deadline, look.clock() + ERROR_SECONDS) if is_error else look.deadline
    look.rest = settle(look.page, look.traffic, look.report, wait_until, look.clock, lambda: _is_hopeless(look))
    look.texts = elements.texts(look.page, look.report)
    seen = _seen(look)
    if _check_loaded(look, seen):
        _check_finished(look, seen)
    if look.verdict is None:
        _check_shown(look)
    if look.verdict is not None and look.verdict[0] in {Stage.PRESENT, Stage.DRAWN}:
        _blame_script(look)


def _seen(look: Look) -> Seen | None:
    report = look.report
    problems = elements.all_missing(look.page, look.report)
    lost = [key for key, text in look.texts.items() if text is None]
    has_promise = bool(report.expect or report.must_contain or report.numbers or report.ready)
    is_ready = report.ready is None or elements.count_visible(look.page, report.ready) > 0
    is_kept = not problems and not lost and is_ready
    return troubles.examine(look.page, look.target, is_kept=is_kept, has_promise=has_promise)


def _is_hopeless(look: Look) -> bool:
    """Whether the page is settled but for its `ready`, and is no report."""
    look.texts = elements.texts(look.page, look.report)
    seen = _seen(look)
    if seen is None:
        return False
    found = (
        troubles.login(look.page, look.target, seen, has_moved=_has_moved(look)),
        troubles.application_error(seen),
        troubles.error_page(seen),
    )
    return any(found)


def _has_moved(look: Look) -> bool:
    asked, here = urlsplit(address(look.target)), urlsplit(look.page.url)
    return (asked.netloc, asked.path.rstrip("/")) != (here.netloc, here.path.rstrip("/"))


def _check_loaded(look: Look, seen: Seen | None) -> bool:
    """Status, login and kind of the answer."""
    status = look.traffic.status or look.notes.status
    page_login = seen and troubles.login(look.page, look.target, seen, has_moved=_has_moved(look))
    if page_login:
        look.fail(Stage.LOADED, page_login)
    elif status is not None and status >= 400:
        look.fail(Stage.LOADED, Trouble(Fault.HTTP_ERROR, f"Answered {status}, expected 2xx."))
    elif look.notes.downloads and seen is not None and not seen.main["text"]:
        told = f"Sent the file `{look.notes.downloads[0]}` to download, expected a page."
        look.fail(Stage.LOADED, Trouble(Fault.DOWNLOAD, told))
    elif seen and (foreign := troubles.foreign_content(look.traffic.content_type, seen)):
        look.fail(Stage.LOADED, foreign)
    else:
        look.passed(Stage.LOADED)
        return True
    return False


def _check_finished(look: Look, seen: Seen | None) -> None:
    """Errors that the page shows, what it still waits for, and what lies over it."""
    trouble = _shown_error(look, seen)
    if trouble is None and look.rest.waits:
        trouble = _unfinished(look)
    if trouble is None:
        trouble = _overlay(look)
    if trouble is not None:
        look.fail(Stage.FINISHED, trouble)
        return
    if look.rest.is_restless:
        look.remark(Stage.FINISHED, "Its picture never comes to rest.")
    if look.notes.page_errors:
        look.remark(Stage.FINISHED, f"A script of the page failed without harm: {look.notes.page_errors[0][:160]}")
    if look.notes.dialogs:
        look.remark(Stage.FINISHED, f"It opened a dialog, which was closed: {look.notes.dialogs[0][:160]}")
    look.passed(Stage.FINISHED)


def _shown_error(look: Look, seen: Seen | None) -> Trouble | None:
    if look.traffic.broken is not None:
        where = host(look.page.url)
        return Trouble(Fault.UNFINISHED, f"{where} broke off in the middle of the page ({look.traffic.broken}).")
    if seen is None:
        return None
    return troubles.application_error(seen) or troubles.error_page(seen) or troubles.failed_part(seen)


def _unfinished(look: Look) -> Trouble:
    waits = ", ".join(look.rest.waits[:4])
    told = f"Not finished after {look.report.timeout_seconds:g} s; it still waits: {waits}."
    if look.notes.page_errors:
        return Trouble(Fault.SCRIPT_ERROR, f"A script of the page failed: {look.notes.page_errors[0][:200]} {told}")
    return Trouble(Fault.UNFINISHED, told)


def _overlay(look: Look) -> Trouble | None:
    report = look.report
    named = [report.ready, *report.expect, *(number.at for number in report.numbers)]
    argument = {
        "wanted": [one.css for one in named if one is not None and one.css],
        "words": [word for one in named if one is not None for word in (one.text, one.label, one.name) if word],
    }
    told = in_page.run(look.page.main_frame, "overlay", argument)
    return None if told is None else Trouble(Fault.OVERLAY, f"Something lies over the page: “{told}”")


def _check_shown(look: Look) -> None:
    """Present and drawn; what is bad is looked at again for a while, for some charts come late."""
    has_scrolled = picture.scroll_through(look.page)
    if has_scrolled:
        _rest_again(look)
    late = False
    patience = min(PATIENCE_SECONDS, look.report.timeout_seconds / PATIENCE_SHARE)
    until = min(look.deadline, look.clock() + patience)
    while True:
        stage, trouble = _shown(look)
        is_asking = bool(look.traffic.waiting() or look.traffic.patient())
        is_over = look.clock() >= (look.deadline if is_asking else until)
        is_whole = trouble is None and None not in look.texts.values()  # the numbers may come late, too
        if is_whole or is_over:
            break
        late = True
        look.page.wait_for_timeout(STEP_MILLISECONDS)
    if stage is Stage.DRAWN:
        look.passed(Stage.PRESENT)
    if trouble is not None:
        look.fail(stage, trouble)
        return
    look.passed(Stage.DRAWN)
    if late and is_whole and not has_scrolled:
        look.rest = replace(look.rest, useful=look.clock())  # it seemed to be ready, and was not
    doubtful = [chart for chart in look.charts if chart.message]
    look.remarks[Stage.DRAWN] = [f"The chart {chart.where} is in doubt: {chart.message}." for chart in doubtful]


def _rest_again(look: Look) -> None:
    """Wait for what scrolling has woken up; a page that does not come to rest any more was ready before."""
    until = min(look.deadline, look.clock() + look.report.timeout_seconds / 2)
    settle(look.page, look.traffic, look.report, until, look.clock, lambda: False)


def _shown(look: Look) -> tuple[Stage, Trouble | None]:
    if _is_blank(look):
        return Stage.PRESENT, Trouble(Fault.BLANK_PAGE, "The page is blank, expected a report.")
    problems = elements.all_missing(look.page, look.report)
    if problems:
        more = f" {len(problems) - 1} more are missing." if len(problems) > 1 else ""
        return Stage.PRESENT, Trouble(Fault.MISSING_ELEMENT, problems[0] + more)
    look.texts = elements.texts(look.page, look.report)
    look.charts = drawn.charts(look.page, look.report, look.texts)
    nothing = drawn.empty(look.charts)
    if nothing:
        more = f" {len(nothing) - 1} more show nothing." if len(nothing) > 1 else ""
        return Stage.DRAWN, Trouble(Fault.EMPTY_CHART, drawn.sentence(nothing[0]) + more)
    found = drawn.count(look.charts)
    if found < look.report.charts:
        told = f"Found {found} charts, expected at least {look.report.charts}."
        return Stage.DRAWN, Trouble(Fault.EMPTY_CHART, told)
    return Stage.DRAWN, None


def _is_blank(look: Look) -> bool:
    answers = [answer for _frame, answer in in_page.on_frames(look.page, "content")]
    if answers and not any(one["text"].strip() or one["media"] or one["fields"] for one in answers):
        shot = picture.window(look.page) if any(one["closed"] for one in answers) else None
        return shot is None or pixels.is_one_colour(shot)
    if look.report.masks or look.rest.shot is None or not pixels.is_one_colour(look.rest.shot):
        return False
    if in_page.run(look.page.main_frame, "rest", 0):
        return False  # there is more below
    shot = picture.window(look.page)
    return shot is not None and pixels.is_one_colour(shot)


def _blame_script(look: Look) -> None:
    """What is missing because a script failed is that script's fault."""
    if look.verdict is None or not look.notes.page_errors:
        return
    stage, trouble = look.verdict
    told = f"A script of the page failed: {look.notes.page_errors[0][:200].rstrip('.')}. {trouble.message}"
    look.ended.pop(stage, None)
    look.ended.pop(Stage.PRESENT, None)
    look.verdict = (Stage.FINISHED, Trouble(Fault.SCRIPT_ERROR, told))
