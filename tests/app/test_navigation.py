"""The menu and the frame around each page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import navigation
from store.settings import ROOT
from tests.fixtures import screens

BROKEN = """
from app import navigation
from app.page import Page
PAGE = Page(title="Broken", icon=":material/error:", section="System", order=1, url_path="broken", role={role!r})
def render():
    import streamlit as st
    st.title("Broken")
    raise LookupError("secret detail")
navigation.framed(PAGE, render)()
"""


@pytest.fixture(autouse=True)
def installed(tmp_path: Path) -> Iterator[None]:
    with screens.installation(tmp_path / "home", screens.make_store(tmp_path / "store.duckdb", [])):
        yield


def test_the_menu_stands_in_the_order_of_its_sections_and_opens_with_the_overview() -> None:
    pages = [page for page, _ in navigation.discover().values()]
    assert [page.section for page in pages] == sorted(
        (page.section for page in pages), key=["Operate", "Analyse", "Self-service", "System"].index
    )
    assert pages[0].url_path == navigation.DEFAULT == "overview"


def test_a_session_starts_on_the_overview_and_says_who_is_looking() -> None:
    tested = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=screens.PATIENCE_SECONDS).run()
    assert not tested.exception
    assert tested.title[0].value == "Overview"
    assert "Alice Adams" in tested.sidebar.caption[0].value


def test_a_page_that_fails_says_so_in_one_sentence_without_its_secrets() -> None:
    tested = AppTest.from_string(BROKEN.format(role="viewer")).run()
    assert not tested.exception
    said = screens.texts(tested)
    assert "Broken could not be shown." in said
    assert "LookupError" in said
    assert "secret detail" not in said


def test_a_page_for_another_role_is_not_even_started() -> None:
    tested = AppTest.from_string(BROKEN.format(role="admin")).run()
    said = screens.texts(tested)
    assert "needs the role admin" in said
    assert "could not be shown" not in said
