"""Finds every chart of the page and says whether it shows data; a doubtful one passes, with a note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playwright.sync_api import Error, Frame, Page

from collectors.reports import in_page, pixels
from collectors.reports.base import Chart
from config.reports import Report

MOST_PICTURES = 30  # charts that only their picture can tell of; more would take too long
SHOT_MILLISECONDS = 4_000
VALUES = frozenset({"number", "table", "panel"})  # what is no chart, but must not be empty either


def charts(page: Page, report: Report, texts: Mapping[str, str | None]) -> tuple[Chart, ...]:
    """Every chart, in the order of the page, then numbers, tables and panels that say they have nothing.

    A number that is under contract is not judged here. A chart that must not be judged is left out when it is empty.
    """
    found: list[Chart] = []
    left = MOST_PICTURES
    for frame in in_page.seen_frames(page):
        told = in_page.run_keeping(frame, "charts", {"may_be_empty": report.may_be_empty})
        here: list[Chart] = []
        for one in told:
            if one["state"] in {"pixels", "picture"}:
                left -= 1
                here.append(_by_picture(frame, one) if left >= 0 else _chart(one, message="not judged: too many"))
            else:
                here.append(_chart(one))
        found.extend(_whole(told, here))
    return (*found, *_blanks(page, report, texts, bool(found)))


def _whole(told: Sequence[Mapping[str, Any]], found: Sequence[Chart]) -> list[Chart]:
    """The same without the empty canvases that touch one with data: they are its heads and axes."""
    full = {one["front"] for one, chart in zip(told, found, strict=True) if "front" in one and not chart.is_empty}
    return [
        chart
        for one, chart in zip(told, found, strict=True)
        if not (chart.is_empty and full.intersection(one.get("beside", ())))
    ]


def empty(found: tuple[Chart, ...]) -> list[Chart]:
    """Those that show nothing."""
    return [one for one in found if one.is_empty]


def count(found: tuple[Chart, ...]) -> int:
    """How many charts there are."""
    return sum(one.kind not in VALUES for one in found)


def sentence(chart: Chart) -> str:
    """What a message says of a chart that shows nothing."""
    if chart.kind in VALUES:
        return f"The {chart.kind} {chart.where} says {chart.message}, expected data."
    reason = f" ({chart.message})" if chart.message else ""
    return f"The chart {chart.where} shows no data{reason}."


def _chart(one: Mapping[str, Any], state: str | None = None, message: str = "") -> Chart:
    title = str(one["title"])
    where = f"“{title}”" if title else f"`{one['where']}`"
    return Chart(where, str(one["kind"]), (state or one["state"]) == "empty", message or str(one["message"]))


def _by_picture(frame: Frame, one: Mapping[str, Any]) -> Chart:
    """Judge a chart by how it looks; whatever cannot be looked at is in doubt."""
    handle = in_page.kept(frame, int(one["index"]))
    if handle is None:
        return _chart(one, "doubt", "it went away")
    try:
        png = handle.screenshot(timeout=SHOT_MILLISECONDS, animations="disabled")
        is_plain = one["state"] == "picture" or one["kind"] == "map"
        look = (
            (pixels.Look.BLANK if pixels.is_one_colour(png) else pixels.Look.DRAWN) if is_plain else pixels.judge(png)
        )
    except (Error, OSError):
        if frame.page.is_closed():
            raise
        return _chart(one, "doubt", "its picture could not be taken")
    if look is pixels.Look.BLANK:
        return _chart(one, "empty", "it is blank")
    if look is pixels.Look.EMPTY:
        return _chart(one, "empty", "there is nothing but axes and words")
    is_doubtful = look is pixels.Look.DOUBT
    return _chart(
        one, "doubt" if is_doubtful else "full", "it is not clear whether it shows data" if is_doubtful else ""
    )


def _blanks(page: Page, report: Report, texts: Mapping[str, str | None], has_charts: bool) -> list[Chart]:
    answers = in_page.on_frames(page, "blanks", {"may_be_empty": report.may_be_empty})
    promised = {text.strip() for text in texts.values() if text}
    found = []
    for one in (one for _frame, answer in answers for one in answer):
        if one["kind"] == "number" and one["said"] in promised:
            continue
        if one["kind"] == "bare table":
            if not has_charts and len(answers) == 1 and len(answers[0][1]) == 1:
                found.append(Chart(_where(one), "table", True, "nothing below its head"))
            continue
        found.append(Chart(_where(one), str(one["kind"]), True, f"“{one['said']}”"))
    return found


def _where(one: Mapping[str, Any]) -> str:
    return f"“{one['title']}”" if one["title"] else f"`{one['where']}`"
