"""The Reports page: what is wrong stands on the first screen in words, and the way to its proof is one link."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import report_pictures
from store import clock
from store.rows import CheckerTrial, CheckState, Fault, ReportCheck, Row, Snapshot, Stage
from store.settings import settings
from tests.fixtures import report_paintings, screens

NOW = clock.now()


@pytest.fixture(scope="module", autouse=True)
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("portal")
    with screens.installation(folder / "home", screens.filled(folder / "store.duckdb")):
        report_paintings.paint(settings().snapshot_path)
        yield


def page(**query: str) -> AppTest:
    tested = screens.page("reports", **query)
    assert not tested.exception, [found.value for found in tested.exception]
    return tested


def cards(tested: AppTest) -> list[str]:
    """The titles of the cards, in the order of the wall."""
    titles = {"Invoice ageing", "Partner scorecard", "Margin by product", "Delivery times", "Returns by reason"}
    titles |= {"Sales overview", "Stock board"}
    bold = [element.value.strip("*") for element in tested.markdown if element.value.startswith("**")]
    return [title for title in bold if title in titles]


def test_the_key_figures_say_what_is_bad_and_how_many_numbers_match() -> None:
    found = screens.figures(page())
    assert found["Reports bad now"] == ("4 of 7", "✕ 1 down, 4 more")
    assert found["Numbers match"] == ("11 of 14", "✕ 1 wrong, 2 more")
    assert found["Slowest"] == ("1.9 s", "! Margin by product")
    assert found["Checker"][0] == "Right"


def test_the_wall_is_sorted_worst_first_and_says_the_fault_in_words() -> None:
    tested = page()
    assert cards(tested) == [
        "Invoice ageing",
        "Partner scorecard",
        "Margin by product",
        "Delivery times",
        "Returns by reason",
        "Sales overview",
        "Stock board",
    ]
    said = screens.texts(tested)
    assert "Wrong number" in said
    assert "Revenue 9.1 % too low, wrong from Mart on" in said
    assert "Useful after 1.9 s, promised within 1.5 s" in said
    assert "alice · Gold partners, 1 of 2 audiences" in said
    assert "7 of 8 numbers match" in said


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ({"kind": "Wrong"}, ["Partner scorecard"]),
        ({"kind": "Stale"}, ["Delivery times"]),
        ({"area": "Finance"}, ["Invoice ageing", "Margin by product"]),
        ({"owner": "carol", "kind": "Up"}, ["Stock board"]),
        ({"find": "revenue low"}, ["Partner scorecard"]),
        ({"audience": "Silver partners"}, ["Partner scorecard"]),
    ],
)
def test_filters_in_the_address_narrow_the_wall(query: dict[str, str], left: list[str]) -> None:
    assert cards(page(**query)) == left


def test_an_audience_that_sees_the_report_right_sees_it_up() -> None:
    said = screens.texts(page(audience="Silver partners"))
    assert "Wrong number" not in said.split("Partner scorecard", 1)[1]
    assert "4 of 4 numbers match" in said


def test_the_table_has_the_same_reports_in_the_same_order() -> None:
    rows = page(view="Table").dataframe[0].value
    assert rows["title"].to_list() == cards(page())
    assert rows["word"].to_list()[1] == ["✕ Wrong number"]
    assert rows["said"].to_list()[1] == "Revenue 9.1 % too low, wrong from Mart on"


def test_a_report_opens_as_its_worst_audience_sees_it_with_the_stage_that_failed() -> None:
    said = screens.texts(page(report="partner-scorecard"))
    assert "Wrong number: Revenue 9.1 % too low, wrong from Mart on" in said
    assert ":red[:material/error:] **Right**" in said, "the stage that failed"
    assert "Failed · " in said
    assert "owner alice" in said


def test_the_numbers_stand_beside_their_backends_with_the_first_wrong_hop_and_its_proof() -> None:
    tested = page(report="partner-scorecard")
    row = tested.dataframe[0].value.iloc[0]
    assert row["state"] == ["✕ Wrong"]
    assert (row["page_said"], row["backend_said"], row["difference"]) == ("€372,600", "€409,849", "9.1 % too low")
    assert row["where"] == f"Mart · {(NOW - timedelta(days=2)).day} {NOW - timedelta(days=2):%b} · DE"
    said = screens.texts(tested)
    order = [said.index(f":red-badge[:material/exposure: {word}]") for word in ("First wrong",)]
    assert said.index("Right]") < order[0] < said.index("Passed on]")
    assert "€23,955 in Mart, €61,204 in Staging; 4,655 rows of 5,120 (465 rows missing)" in said


def test_another_audience_of_the_same_report_is_fine() -> None:
    tested = page(report="partner-scorecard", persona="silver")
    assert [row[0] for row in tested.dataframe[0].value["state"]] == ["✓ Matches"] * 4
    assert "First wrong" not in screens.texts(tested)


def test_a_number_that_the_look_did_not_come_to_is_not_read() -> None:
    tested = page(report="invoice-ageing")
    assert [row[0] for row in tested.dataframe[0].value["state"]] == ["? Not read"]
    assert "None of 1 number was read by the newest look" in screens.texts(tested)


def test_a_report_that_the_estate_does_not_have_says_so() -> None:
    assert "The estate has no report “gone”" in screens.texts(page(report="gone"))


def installed(tmp_path: Path, rows: list[Row]) -> AppTest:
    with screens.installation(tmp_path / "home", screens.make_store(tmp_path / "store.duckdb", rows)):
        return page()


def good(report: str, at_ago: timedelta = timedelta(0), **changes: object) -> ReportCheck:
    made = {"state": CheckState.UP, "stage": Stage.FAST, "confirmed": CheckState.UP} | changes
    return ReportCheck(report, clock.now() - at_ago, **made)  # type: ignore[arg-type]


def test_a_broken_checker_makes_every_report_unknown(tmp_path: Path) -> None:
    trial = CheckerTrial("empty_chart", clock.now(), False, Fault.EMPTY_CHART, None)
    tested = installed(tmp_path, [good("sales-overview"), trial])
    assert "The checker is broken: on its own page “empty chart” it found nothing wrong, expected empty chart" in (
        tested.error[0].value
    )
    found = screens.figures(tested)
    assert found["Checker"][0] == "Broken"
    assert found["Reports bad now"] == ("Unknown", "? 7 unknown")
    assert "Checker is broken" in screens.texts(tested)


def test_a_checker_that_was_not_tried_for_long_is_not_trusted(tmp_path: Path) -> None:
    trial = CheckerTrial("good", clock.now() - timedelta(hours=3), True)
    tested = installed(tmp_path, [good("sales-overview"), trial])
    assert "its verdicts are not trusted" in tested.warning[0].value
    assert screens.figures(tested)["Reports bad now"][0] == "Unknown"


def test_without_a_browser_the_page_says_what_to_do(tmp_path: Path) -> None:
    row = good("sales-overview", state=CheckState.UNKNOWN, confirmed=CheckState.UNKNOWN, fault=Fault.NO_BROWSER)
    tested = installed(tmp_path, [row])
    assert "install Chromium there" in tested.warning[0].value
    assert "No browser" in screens.texts(tested)


def test_a_bad_look_that_is_not_confirmed_does_not_turn_the_report_red(tmp_path: Path) -> None:
    row = good("sales-overview", state=CheckState.DOWN, fault=Fault.BLANK_PAGE, stage=Stage.PRESENT)
    said = screens.texts(installed(tmp_path, [row]))
    assert "The newest look found\\: blank page; more have to agree" in said
    assert ":red-badge" not in said


def test_what_happens_within_a_planned_break_counts_for_nothing(tmp_path: Path) -> None:
    down = {"state": CheckState.DOWN, "confirmed": CheckState.DOWN, "fault": Fault.HTTP_ERROR, "is_planned": True}
    tested = installed(tmp_path, [good("sales-overview", **down)])
    assert screens.figures(tested)["Reports bad now"][0] == "0 of 7"
    assert "Planned; now answers an error" in screens.texts(tested)


def test_an_estate_without_reports_shows_how_to_name_one(tmp_path: Path) -> None:
    (tmp_path / "estate").mkdir()
    (tmp_path / "estate" / "estate.yaml").write_text("name: New\nsubsystems: [{id: sales, title: Sales}]\n")
    url = screens.make_store(tmp_path / "store.duckdb", [])
    with screens.installation(tmp_path / "home", url, tmp_path / "estate"):
        tested = page()
    assert "Name reports in the estate" in screens.texts(tested)
    assert "sql: select sum(amount)" in tested.code[0].value


def test_nothing_is_green_while_the_store_is_away(tmp_path: Path) -> None:
    with screens.installation(tmp_path / "away", screens.away()):
        tested = page()
        opened = page(report="sales-overview")
    for one in (tested, opened):
        assert ":green" not in screens.texts(one)
        assert "does not answer" in one.warning[0].value
    assert screens.figures(tested)["Reports bad now"][0] == "Unknown"


def test_the_newest_picture_stands_beside_the_approved_one_with_what_differs_in_words() -> None:
    tested = page(report="partner-scorecard")
    before, after = tested.selectbox(key="before"), tested.selectbox(key="after")
    assert before.value == "partner-scorecard/gold/a.png"
    assert after.value == "partner-scorecard/gold/b.png"
    said = screens.texts(tested)
    assert "Structure changed" in said
    assert "A table “Details” is gone" in said
    assert "Approved by alice" in said
    assert "as agreed with the partners" in said
    before.set_value(after.value).run()
    assert "Before and after are the same picture." in screens.texts(tested)


def test_the_difference_of_two_pictures_is_a_picture() -> None:
    tested = page(report="partner-scorecard", pictures_view="Difference")
    assert len(tested.get("image")) == 1
    assert "of the picture differs" in screens.texts(tested)


def test_a_report_that_was_good_is_compared_with_its_last_good_picture() -> None:
    tested = page(report="invoice-ageing")
    assert tested.selectbox(key="before").value == "invoice-ageing/a.png".replace("/", "/_/")


def test_the_only_picture_stands_alone() -> None:
    tested = page(report="sales-overview")
    assert len(tested.get("image")) == 1
    assert "The only picture so far" in screens.texts(tested)


def test_a_picture_whose_file_is_gone_says_so_and_a_name_that_leads_out_is_none(tmp_path: Path) -> None:
    row = good("sales-overview", snapshot_id="x")
    gone = Snapshot("x", "sales-overview", "", clock.now(), "sales-overview/_/gone.png", 1, 1, 1, "0", "a")
    out = Snapshot("y", "sales-overview", "", clock.now(), "../store.token", 1, 1, 1, "0", "a")
    with screens.installation(tmp_path / "home", screens.make_store(tmp_path / "store.duckdb", [row, gone, out])):
        tested = page(report="sales-overview")
        assert report_pictures.path_of("../store.token") is None
        assert report_pictures.path_of("/etc/hosts") is None
    assert "The file is gone" in screens.texts(tested)
    assert not tested.get("image")
