"""Finds the elements that a report names, in all frames and open shadow roots, and the texts of its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from playwright.sync_api import Error, Frame, Locator, Page

from collectors.reports.in_page import on_frames, run_on, seen_frames
from config.reports import AsOf, Element, Expected, Report


def locators(frame: Frame, element: Element) -> list[Locator]:
    """Where the element may be in the frame, the surest place first."""
    if element.css:
        return [frame.locator(f"css={element.css}")]
    if element.text:
        return [frame.get_by_text(element.text, exact=True), frame.get_by_text(element.text), _svg(frame, element.text)]
    if element.label:
        by = (
            frame.get_by_label(element.label),
            frame.get_by_alt_text(element.label),
            frame.get_by_title(element.label),
        )
        return list(by)
    role: Any = element.role
    return [frame.get_by_role(role, name=element.name) if element.name else frame.get_by_role(role)]


def count_visible(page: Page, element: Element) -> int:
    """How many such elements a person can see, over all frames."""
    return sum(max((_count(one) for one in locators(frame, element)), default=0) for frame in seen_frames(page))


def missing(page: Page, expected: Expected) -> str | None:
    """The sentence for something that must be there and is not, or not often enough; None when all is well."""
    found = count_visible(page, expected)
    if found >= expected.at_least:
        return None
    if expected.css and not _is_selector(page, expected.css):
        return f"{expected} is no CSS selector; correct it in the estate."
    if expected.at_least > 1:
        return f"Found {expected} {found} times, expected at least {expected.at_least}."
    return f"Found no {expected} that can be seen, expected one."


def all_missing(page: Page, report: Report) -> list[str]:
    """A sentence for everything that the report expects to be seen and is not."""
    found = [told for one in report.expect if (told := missing(page, one))]
    if wanted := report.must_contain:
        answers = on_frames(page, "content")
        text = " ".join(" ".join(answer["text"].split()) for _frame, answer in answers)
        if " ".join(wanted.split()).casefold() not in text.casefold():
            found.append(f"The text “{wanted}” is not on the page.")
    return found


def texts(page: Page, report: Report) -> dict[str, str | None]:
    """The text of every number of the report by its id; None where there is none."""
    return {number.id: text_of(page, number.at) for number in report.numbers}


def as_of_text(page: Page, as_of: AsOf | None) -> str | None:
    """The text that says how old the page's data is."""
    if as_of is None:
        return None
    return text_of(page, as_of.at, is_date=True, is_iso=as_of.format is None)


def text_of(page: Page, element: Element, *, is_date: bool = False, is_iso: bool = False) -> str | None:
    """The text of the first such element that can be seen; for `text`, the number that stands beside the words."""
    kind = next(kind for kind in ("css", "text", "label", "role") if getattr(element, kind))
    argument: Mapping[str, object] = {
        "kind": kind,
        "anchor": element.text or element.label or element.name or "",
        "is_date": is_date,
        "is_iso": is_iso,
    }
    answers = (run_on(one, "number", argument) for one in _places(page, element))
    return next((str(answer) for answer in answers if answer is not None), None)


def _places(page: Page, element: Element) -> Iterator[Locator]:
    for frame in seen_frames(page):
        yield from locators(frame, element)


def _is_selector(page: Page, css: str) -> bool:
    """Whether the browser understands it; what else may go wrong says nothing about that."""
    try:
        page.main_frame.locator(css).count()
    except Error as error:
        return "selector" not in error.message and "token" not in error.message
    return True


def _count(locator: Locator) -> int:
    return int(run_on(locator, "count") or 0)


def _svg(frame: Frame, text: str) -> Locator:
    return frame.locator("css=svg text").filter(has_text=text)
