"""The tab Trends as a viewer sees it: the worst movement first, unknown never good, segments named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analysis.spc.movements import month_before
from app import data
from app.quality import trend_board
from store.rows import DataPoint, MarkKind, PointMark, Row
from tests.app.quality.points import DAY, TODAY
from tests.fixtures import screens


def shape(name: str, title: str, **more: object) -> dict[str, object]:
    return {"id": name, "title": title, "source": "s", "sql": "select 1", "subsystem": "s", **more}


SALES = {"dataset": "sales", "unit": "EUR"}
METRICS = [
    shape("failed", "Failed", direction="lower"),
    shape("steady", "Steady"),
    shape("revenue", "Revenue", direction="higher", **SALES),
    shape("it", "Revenue Italy", direction="higher", segment={"country": "Italy"}, **SALES),
    shape("es", "Revenue Spain", direction="higher", segment={"country": "Spain"}, **SALES),
    shape("clicks", "Clicks [web]", unit="clicks"),
    shape("visits", "Visits"),
    shape("old", "Old", direction="lower"),
    shape("empty", "Empty"),
]
ESTATE = {
    "name": "Test",
    "subsystems": [{"id": "s", "title": "S"}],
    "datasets": [{"id": "sales", "title": "Sales", "subsystem": "s"}],
    "metrics": METRICS,
}
LEVELS = {  # on all days, and on the newest
    "failed": (100.0, 50.0),
    "steady": (7.0, 7.0),
    "revenue": (1000.0, 910.0),
    "it": (400.0, 322.0),
    "es": (600.0, 588.0),
    "clicks": (200.0, 300.0),
    "visits": (200.0, 206.0),
}


def rows() -> list[Row]:
    found: list[Row] = []
    for name, (then, now) in LEVELS.items():
        found += [DataPoint(name, TODAY - ago * DAY, TODAY, then if ago else now) for ago in range(100)]
    found += [DataPoint("old", TODAY - ago * DAY, TODAY, 100.0 - ago) for ago in range(9, 40)]
    wrong = TODAY - 7 * DAY
    found.append(DataPoint("steady", wrong, TODAY + timedelta(seconds=1), 70.0))
    span = (wrong, wrong, TODAY, "alice", "the file came twice")
    found.append(PointMark("m-1", "steady", MarkKind.CORRECTED, *span, 70.0, 7.0))
    found.append(DataPoint("clicks", TODAY + timedelta(hours=1), TODAY, 9e9))
    out = TODAY + timedelta(hours=1)
    found.append(PointMark("m-2", "clicks", MarkKind.LEFT_OUT, out, out, TODAY, "alice", "robots of a test"))
    return found


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "estate").mkdir()
    (tmp_path / "estate" / "estate.yaml").write_text(json.dumps(ESTATE))
    url = screens.make_store(tmp_path / "store.duckdb", rows())
    with screens.installation(tmp_path / "home", url, tmp_path / "estate"):
        yield tmp_path


def shown() -> AppTest:
    script = "from app.quality import trend_cards\ntrend_cards.render()"
    tested = AppTest.from_string(script, default_timeout=screens.PATIENCE_SECONDS).run()
    assert not tested.exception
    return tested


def test_the_worst_movement_comes_first_and_the_unknown_last(installed: Path) -> None:
    frame, _ = trend_board.moves()
    assert frame.select("metric_id", "judged").rows() == [
        ("clicks", "moved"), ("it", "worse"), ("revenue", "worse"), ("visits", "moved"), ("es", "worse"),
        ("steady", "unchanged"), ("failed", "better"), ("old", "unknown"), ("empty", "unknown"),
    ]  # fmt: skip
    shares = dict(frame.select("metric_id", "share").iter_rows())
    assert (shares["revenue"], shares["clicks"], shares["steady"]) == (pytest.approx(-0.09), 0.5, 0.0)
    texts = screens.texts(shown())
    places = [texts.index(f"**{title}**") for title in ("Clicks \\[web\\]", "Revenue Italy", "Steady", "Old")]
    assert places == sorted(places)


def test_a_card_says_value_movements_drift_and_segments(installed: Path) -> None:
    texts = screens.texts(shown()).replace("\N{NO-BREAK SPACE}", " ")
    assert "### 910 EUR" in texts
    assert ":gray[Last week] :orange[**−9.0 %** worse] · " in texts
    assert ":gray[Last year –]" in texts
    assert "last week\\: Revenue -9.0 % (1,000 EUR to 910 EUR), of which Italy -7.8, Spain -1.2." in texts
    assert "No trend\\: the values do not rise or fall over 91 days." in texts
    assert f":gray[Last month ({month_before(TODAY.date()):%a})] :gray[**−9.0 %**] · " in texts  # another weekday
    assert ":gray[**+50.0 %**]" in texts  # clicks: neither good nor bad, and the left-out value is not in it
    assert ":green[**−50.0 %** better]" in texts
    assert ":gray[Last week] :gray[**0.0 %**]" in texts  # the corrected value is what counts


def test_a_card_without_a_new_day_is_grey(installed: Path) -> None:
    texts = screens.texts(shown())
    assert f"Unknown, there is no whole day since {TODAY - 9 * DAY:%d %b %Y}." in texts
    assert "There is no whole day yet." in texts
    assert ":gray-badge[:material/help: 2 unknown]" in texts
    assert ":green-badge[:material/check_circle: 1 better]" in texts


def test_more_cards_come_with_a_press(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.quality.trend_cards.STEP", 5)
    tested = shown()
    assert "**Old**" not in screens.texts(tested)
    assert tested.button(key="trends_more").label == "Show more (4 left)"
    tested.button(key="trends_more").click().run()
    assert "**Old**" in screens.texts(tested)


def test_nothing_to_show_says_what_would_bring_it(tmp_path: Path) -> None:
    folder = tmp_path / "estate"
    folder.mkdir()
    (folder / "estate.yaml").write_text(json.dumps(ESTATE | {"metrics": []}))
    with screens.installation(tmp_path / "home", screens.make_store(tmp_path / "store.duckdb", []), folder):
        assert "No data point yet" in screens.texts(shown())


def test_a_last_good_answer_is_shown_and_nothing_in_it_is_good(installed: Path) -> None:
    assert "better" in trend_board.moves()[0]["judged"]
    shown()
    data.desk().store().execute("drop view corrected_data_points")  # from now on nothing is answered
    st.cache_data.clear()
    frame, asked = trend_board.moves()
    assert (asked.is_stale, set(frame["judged"]), frame["value"].null_count()) == (True, {"unknown"}, 1)
    texts = screens.texts(shown())
    assert "Unknown, the store does not answer now." in texts
    assert ":green" not in texts
    assert ":orange[" not in texts


def test_while_the_store_is_away_nothing_is_good(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = installed / "home2"
    with screens.installation(home, screens.away(), installed / "estate"):
        assert set(trend_board.moves()[0]["judged"]) == {"unknown"}
        texts = screens.texts(shown())
    assert "The store has not answered since the app was started." in texts
    assert ":green" not in texts
