"""Runs the scripts of `scripts/` in the frames of a page; a frame that goes away meanwhile answers nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from playwright.sync_api import ElementHandle, Error, Frame, Locator, Page

SCRIPTS = Path(__file__).with_name("scripts")
HELPERS: Mapping[str, tuple[str, ...]] = {"charts": ("libraries", "marks")}
LEAST_PIXELS = 30
MOST_FRAMES = 20
Answer: TypeAlias = Any  # JSON, as the script gives it
KEPT = "Symbol.for('kept elements')"


@cache
def script(name: str) -> str:
    """A function for the page: the script by that name after its helpers."""
    helpers = "\n".join(
        (SCRIPTS / f"{one}.js").read_text(encoding="utf-8") for one in ("common", *HELPERS.get(name, ()))
    )
    body = (SCRIPTS / f"{name}.js").read_text(encoding="utf-8").strip()
    return f"(first, second) => {{\n{helpers}\nreturn (\n{body}\n)(first, second);\n}}"


@cache
def keeping(name: str) -> str:
    """The same, for a script that keeps elements in `argument.keep`."""
    return f"(given) => ({script(name)})({{ ...given, keep: (globalThis[{KEPT}] = []) }})"


def run(frame: Frame, name: str, argument: object = None) -> Answer:
    """What the script answers in the frame; None when the frame goes away or moves on meanwhile.

    Raises Error when the whole page is gone.
    """
    try:
        return frame.evaluate(script(name), argument)
    except Error:
        _unless_gone(frame.page)
        return None


def run_keeping(frame: Frame, name: str, argument: Mapping[str, object]) -> list[dict[str, Any]]:
    """As `run`, for a script that gives a list and keeps elements."""
    try:
        return list(frame.evaluate(keeping(name), dict(argument)))
    except Error:
        _unless_gone(frame.page)
        return []


def kept(frame: Frame, index: int) -> ElementHandle | None:
    """An element that the last script kept."""
    try:
        return frame.evaluate_handle(f"(index) => globalThis[{KEPT}]?.[index] ?? null", index).as_element()
    except Error:
        _unless_gone(frame.page)
        return None


def run_on(locator: Locator, name: str, argument: object = None) -> Answer:
    """What the script answers for all elements that the locator finds; None as in `run`, or for a wrong selector."""
    try:
        return locator.evaluate_all(script(name), argument)
    except Error:
        _unless_gone(locator.page)
        return None


def about(frame: Frame) -> dict[str, Any]:
    """How the frame stands on its page: is_visible, width, height, share, is_floating, name; empty when it is gone."""
    try:
        return dict(frame.frame_element().evaluate(script("frame")))
    except Error:
        _unless_gone(frame.page)
        return {}


def seen_frames(page: Page) -> Iterator[Frame]:
    """The main frame, then every frame within it that a person can see."""
    hidden: set[Frame] = set()
    for number, frame in enumerate(page.frames[:MOST_FRAMES]):
        if number == 0:
            yield frame
            continue
        here = about(frame)
        is_small = min(here.get("width", 0), here.get("height", 0)) < LEAST_PIXELS
        if not here.get("is_visible") or is_small or frame.parent_frame in hidden:
            hidden.add(frame)
            continue
        yield frame


def on_frames(page: Page, name: str, argument: object = None) -> list[tuple[Frame, Answer]]:
    """The script's answer of every frame that can be seen and answers."""
    answers = ((frame, run(frame, name, argument)) for frame in seen_frames(page))
    return [(frame, answer) for frame, answer in answers if answer is not None]


def _unless_gone(page: Page) -> None:
    if page.is_closed():
        raise Error("The page is gone.")
