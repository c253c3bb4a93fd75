"""Finds the pages by folder scan, builds the menu by section, and runs the chosen page in its frame.

The frame holds the one broad `except` of the app: a page that fails says so in one sentence, is logged with its
traceback, and leaves the other pages alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import streamlit as st
import structlog

import pages
from app import data, people, ui
from app.page import SECTIONS, Page
from config.plugins import modules

DEFAULT = "overview"
log = structlog.get_logger("app.navigation")


@lru_cache(maxsize=1)
def discover() -> dict[str, tuple[Page, Callable[[], None]]]:
    """Every page with its `render`, by file name, in the order of the menu."""
    found = {module.__name__.split(".")[-1]: (module.PAGE, module.render) for module in modules(pages)}
    return dict(sorted(found.items(), key=lambda item: (SECTIONS.index(item[1][0].section), item[1][0].order)))


def framed(page: Page, render: Callable[[], None]) -> Callable[[], None]:
    """The page as the menu runs it: role first, then render, and a designed error when that fails."""

    def run_page() -> None:
        if not people.current_user().may_open(page):
            ui.refused(page.title, page.role)
            return
        try:
            with data.together(page.url_path):
                render()
        except Exception as error:
            log.exception("page failed", page=page.url_path)
            ui.failed(page.title, type(error).__name__)

    return run_page


def run() -> None:
    """Build the menu, remember it for links between pages, and run the page that the address names."""
    menu: dict[str, list[st.Page]] = {section: [] for section in SECTIONS}
    by_name = {}
    for name, (page, render) in discover().items():
        entry = st.Page(
            framed(page, render), title=page.title, icon=page.icon, url_path=page.url_path, default=name == DEFAULT
        )
        menu[page.section].append(entry)
        by_name[name] = entry
    st.session_state[ui.LINKS] = by_name
    chosen = st.navigation({section: entries for section, entries in menu.items() if entries})
    ui.sidebar(people.current_user().name, people.current_user().roles)
    chosen.run()
