"""The estate on the pages: a mistake is shown while it stands, and forgotten when it is mended."""

from __future__ import annotations

import shutil
from pathlib import Path

from app import data
from config.load import FILE
from tests.fixtures import screens


def test_a_mistake_is_shown_at_once_and_the_last_good_estate_stays(tmp_path: Path) -> None:
    estate = tmp_path / "estate"
    shutil.copytree(screens.ESTATE, estate)
    good = (estate / FILE).read_text()
    url = screens.make_store(tmp_path / "store.duckdb", [])
    with screens.installation(tmp_path / "home", url, estate):
        reports = data.estate().estate.reports
        assert data.estate().problem is None
        (estate / FILE).write_text(good.replace("\nreports:", "\nreprots:"))
        assert "expected `reports`" in str(data.estate().problem)
        assert data.estate().estate.reports == reports
        assert any("expected `reports`" in text for text in screens.texts(screens.page("collectors")).splitlines())
        (estate / FILE).write_text(good)
        assert data.estate().problem is None
