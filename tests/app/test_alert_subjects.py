"""From an alert to the page that shows what it is about, and its name in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import alert_subjects
from tests.fixtures import screens, watched


@pytest.fixture(autouse=True)
def installed(tmp_path: Path) -> Iterator[None]:
    url = screens.make_store(tmp_path / "store.duckdb", [])
    with screens.installation(tmp_path / "home", url, watched.ESTATE):
        yield


@pytest.mark.parametrize(
    ("name", "title"), [("orders", "Orders"), (watched.PROFILED, "sales.customers · country · share of nulls")]
)
def test_a_special_cause_leads_to_the_chart_of_its_data_point(name: str, title: str) -> None:
    subject = f"metric:{name}"
    assert alert_subjects.place_of("special_cause", subject) == ("control_charts", {"series": name})
    assert alert_subjects.title_of("special_cause", subject) == f"Special cause: {title}"


def test_a_data_point_that_the_estate_does_not_have_keeps_its_id() -> None:
    assert alert_subjects.subject_text("metric:gone") == "gone"
