"""Fixtures for all tests: a scratch installation, a store in this process, and a running owner process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from store.connection import Store, open_store
from store.migrate import migrate
from store.settings import ROOT
from tests.processes import Home

hypothesis_settings.register_profile("shewhart", deadline=None)  # no test is judged by the clock
hypothesis_settings.load_profile("shewhart")

PRACTICE = ROOT.parent / "shared" / "practice"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A scratch installation; what the test starts in it is ended."""
    made = Home.make(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A migrated store of this process's own."""
    opened = open_store(f"duckdb:{tmp_path / 'own.duckdb'}", tmp_path)
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """An installation whose owner process runs; shared by the tests of one module."""
    made = Home.make(tmp_path_factory.mktemp("served"))
    made.start_store()
    yield made
    made.stop()


@pytest.fixture
def practice() -> Path:
    """Real cases with known answers, beside the project."""
    if not PRACTICE.exists():
        pytest.skip("the practice data is not beside the project")
    return PRACTICE
