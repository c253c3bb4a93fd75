"""The page Control charts: a wall sorted by evidence, one chart that says everything, and what people decide on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.reports.phrases import plain
from store import clock
from store.settings import settings
from tests.fixtures import screens, watched

ORDER = [
    "Orders",
    "Rows without a partner",
    "Old feed",
    "Just added",
    "Never seen",
    "Invoices",
    "New customers",
]
CALM = {"Revenue", "Refunds", "sales.customers · country · share of nulls"}


@pytest.fixture(scope="module", autouse=True)
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("portal")
    url = screens.make_store(folder / "store.duckdb", list(watched.watched(clock.now())))
    with screens.installation(folder / "home", url, watched.ESTATE):
        yield


def page(**query: str) -> AppTest:
    tested = screens.page("control_charts", **query)
    assert not tested.exception, [found.value for found in tested.exception]
    return tested


def cards(tested: AppTest) -> list[str]:
    """The titles of the cards, in the order of the wall."""
    bold = [element.value.strip("*") for element in tested.markdown if element.value.startswith("**")]
    return [title for title in bold if title in {*ORDER, *CALM}]


def test_the_wall_stands_by_evidence_and_nothing_unknown_is_green() -> None:
    tested = page()
    shown = cards(tested)
    assert shown[:7] == ORDER
    assert set(shown[7:]) == CALM
    said = screens.texts(tested)
    assert said.count(":green-badge[:material/check_circle: In control]") == len(CALM)
    assert "1 of 10 data points signal; chance alone gives about" in said
    assert "Orders was" in said
    assert "No point for 20 d" in said


def test_the_key_figures_count_each_state() -> None:
    found = screens.figures(page())
    assert found["Data points that signal"][0] == "1 of 10"
    assert found["In control"] == ("3", "✓ 30 % of all")
    assert found["Not judged"] == ("4", "? 1 unknown, …")
    assert found["Only watched"] == ("1", "· 1 answered by people")


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ({"kind": "Signal"}, ["Orders"]),
        ({"area": "Finance"}, ["Never seen", "Invoices", "Refunds"]),
        ({"dataset": "Invoices"}, ["Invoices", "Refunds"]),
        ({"find": "country nulls"}, ["sales.customers · country · share of nulls"]),
    ],
)
def test_filters_in_the_address_narrow_the_wall(query: dict[str, str], left: list[str]) -> None:
    assert cards(page(**query)) == left


def test_the_table_has_the_same_points_in_the_same_order() -> None:
    rows = page(view="Table").dataframe[0].value
    assert rows["title"].to_list() == cards(page())
    assert rows["kind"].to_list()[0] == ["! Signal"]


def test_a_rule_that_was_often_wrong_is_said_to_be_only_watched() -> None:
    assert "1 of 12 signals were real" in screens.texts(page())
    rows = page(view="Rules").dataframe[0].value.to_dict("records")
    assert (rows[0]["rule"], rows[0]["where"], rows[0]["standing"]) == ("Drift", "All data points", ["· Only watched"])
    assert (rows[0]["real"], rows[0]["answers"]) == (1, 12)


def test_trends_are_one_click_away_and_the_filters_narrow_them_too() -> None:
    assert "**Orders**" in screens.texts(page(view="Trends"))
    narrowed = screens.texts(page(view="Trends", dataset="Invoices"))
    assert "**Refunds**" in narrowed
    assert "**Orders**" not in narrowed
    assert "No trend of these" in screens.texts(page(view="Trends", find="country nulls"))


@pytest.mark.parametrize("name", ["orders", "Orders"])
def test_a_point_opens_by_id_or_title_with_evidence_plan_and_its_signal(name: str) -> None:
    tested = page(series=name)
    said = screens.texts(tested)
    assert "Signal: orders was" in said
    assert "1. Look at the load of orders" in said
    assert "1 open signal" in said
    (row,) = tested.dataframe[0].value.to_dict("records")
    assert row["standing"] == ["! Signal"]
    assert len(tested.get("plotly_chart")) == 1


def test_a_learning_point_is_shown_and_not_called_in_control() -> None:
    said = screens.texts(page(series="new-customers"))
    assert "Learning: Too little history" in said
    assert ":green" not in said
    assert "No verdict yet" in said


def test_a_point_that_nobody_judged_yet_has_a_chart_all_the_same() -> None:
    said = screens.texts(page(series="just-added"))
    assert "Not judged yet" in said
    assert "Too few points to judge" in said


def test_a_point_without_values_and_one_that_is_gone_say_so() -> None:
    assert "No value in this range" in screens.texts(page(series="never-seen"))
    assert "The estate has no data point “gone”" in screens.texts(page(series="gone"))
    assert r"The estate has no data point “table\:no/such/one”" in screens.texts(page(series="table:no/such/one"))


def test_a_profiled_column_opens_too() -> None:
    assert "share of nulls" in page(series=watched.PROFILED).subheader[0].value


def test_a_series_of_a_host_is_charted_over_nelsons_rules() -> None:
    said = screens.texts(page(series="host:db-01|cpu_busy_ratio|"))
    assert "CPU busy ratio · db-01" in said
    assert "Upper control limit" in said
    assert "**2 · Shift**" in said


def test_choosing_a_series_opens_it_and_clearing_it_leads_back() -> None:
    tested = page()
    tested.selectbox(key="series").set_value("host:db-01|cpu_busy_ratio|").run()
    assert tested.query_params["series"] in ("host:db-01|cpu_busy_ratio|", ["host:db-01|cpu_busy_ratio|"])
    assert "Nelson's eight rules" in screens.texts(tested)
    tested.selectbox(key="series").set_value(None).run()
    assert cards(tested)[:1] == ["Orders"]


def test_both_verdicts_of_a_point_that_was_judged_again_are_shown() -> None:
    rows = page(series="revenue").dataframe[0].value.to_dict("records")
    assert len(rows) == 1
    assert rows[0]["value_said"] == "50,400 EUR"
    assert rows[0]["first_value_said"] != "50,400 EUR"


def test_limits_and_capability_are_stated() -> None:
    limits = page(series="revenue", point_tab="Limits").dataframe[0].value
    assert limits["reason"].to_list() == ["first limits"]
    said = screens.texts(page(series="revenue", point_tab="Capability"))
    assert "Cpk is" in said
    assert "The business has set no limits" in screens.texts(page(series="orders", point_tab="Capability"))


def test_switches_of_the_chart_are_kept_in_the_address() -> None:
    tested = page(series="orders", residual="true", rolling_mean="true")
    assert tested.toggle(key="residual").value is True
    assert len(tested.get("plotly_chart")) == 1


def test_without_anything_named_the_page_shows_how(tmp_path: Path) -> None:
    (tmp_path / "estate").mkdir()
    (tmp_path / "estate" / "estate.yaml").write_text("name: New\nsubsystems: [{id: sales, title: Sales}]\n")
    url = screens.make_store(tmp_path / "store.duckdb", [])
    with screens.installation(tmp_path / "home", url, tmp_path / "estate"):
        tested = page()
    assert "No data point yet" in screens.texts(tested)
    assert "profiles:" in tested.code[0].value


def test_nothing_is_green_while_the_store_is_away(tmp_path: Path) -> None:
    with screens.installation(tmp_path / "away", screens.away(), watched.ESTATE):
        tested, opened = page(), page(series="revenue")
    for one in (tested, opened):
        assert "does not answer" in one.warning[0].value
        assert ":green-badge[:material/check_circle" not in screens.texts(one)
    assert screens.figures(tested)["In control"][0] == "Unknown"


def test_a_title_a_unit_and_evidence_that_look_like_markdown_are_shown_as_they_are(tmp_path: Path) -> None:
    title, unit = "<b>Paid</b> **twice** [l](http://x) $x^2$", "`EUR` <i>"
    text = (watched.ESTATE / "estate.yaml").read_text()
    (tmp_path / "estate.yaml").write_text(
        text.replace("title: Revenue\n", f"title: '{title}'\n").replace("unit: EUR\n", f"unit: '{unit}'\n")
    )
    with screens.installation(tmp_path / "home", settings().store_url, tmp_path):
        for tab in ("Signals", "Mark points", "Settings", "Capability", "Nelson's rules"):
            tested = page(series="revenue", point_tab=tab)
            assert tested.subheader[0].value == plain(title)
            shown = [one.value for one in (*tested.markdown, *tested.caption, *tested.subheader)]
            assert not [one for one in shown if "**twice**" in one or "`EUR`" in one], tab
            assert not [one for one in tested.number_input if "`EUR`" in one.label]
        wall = [one.value for one in page().markdown]
        assert not [one for one in wall if "**twice**" in one or "`EUR`" in one]
