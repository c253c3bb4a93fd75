"""What every page promises, whoever wrote it: declared, titled by its question, drawn in every state."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from streamlit.testing.v1 import AppTest

import pages
from app import navigation
from app.page import SECTIONS, Page
from config.estate import ROLES
from tests.fixtures import screens

NAMES = sorted(path.stem for path in Path(pages.__path__[0]).glob("[a-z]*.py"))

OF_THE_COPY = {"explore"}  # reads the analysts' copy, whose time stands beside each result


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=["filled", "empty", "away"])
def state(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp(request.param)
    urls = {"filled": screens.filled, "empty": lambda path: screens.make_store(path, [])}
    url = urls[request.param](folder / "store.duckdb") if request.param in urls else screens.away()
    with screens.installation(folder / "home", url):
        yield str(request.param)


def module_of(name: str) -> ModuleType:
    return importlib.import_module(f"pages.{name}")


def test_the_folder_is_what_the_menu_has() -> None:
    assert sorted(navigation.discover()) == NAMES


def test_it_is_declared_under_the_name_of_its_file(name: str) -> None:
    declared = module_of(name).PAGE
    assert isinstance(declared, Page)
    assert declared.url_path == name
    assert declared.section in SECTIONS
    assert declared.role in ROLES
    assert re.fullmatch(r":material/[a-z_]+:", declared.icon)


def test_its_order_is_its_own_within_its_section() -> None:
    places = [(page.section, page.order) for page, _ in navigation.discover().values()]
    assert len(places) == len(set(places))


def test_it_is_drawn_without_a_failure_and_says_the_question_it_answers(state: str, name: str) -> None:
    tested = screens.page(name)
    assert not tested.exception, [found.value for found in tested.exception]
    assert tested.title[0].value == module_of(name).PAGE.title
    assert tested.caption[0].value == module_of(name).__doc__
    assert module_of(name).__doc__.endswith("?")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OF_THE_COPY], indirect=True)
def test_it_says_when_its_data_was_true_or_that_the_store_is_away(state: str, name: str) -> None:
    tested = screens.page(name)
    if state == "away":
        assert re.search("does not answer|gave no answer", tested.warning[0].value)
    else:
        assert "As of" in screens.texts(tested)
        assert "UTC" in screens.texts(tested), "the zone is named"


@pytest.mark.parametrize("page_name", ["overview", "reports", "infrastructure"])
@pytest.mark.parametrize("state", ["empty", "away"], indirect=True)
def test_nothing_is_green_that_is_not_known(state: str, page_name: str) -> None:
    tested = screens.page(page_name)
    assert not [metric.label for metric in tested.metric if is_green(metric)]
    states = re.sub(r":green-badge\[:material/sensors:[^]]*\]", "", screens.texts(tested))
    assert ":green-badge" not in states


def is_green(metric: AppTest) -> bool:
    """Whether a key figure is drawn as good."""
    return "✓" in str(metric.delta)
