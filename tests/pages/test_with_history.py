"""What each page says about thirty days of history in which some things are wrong on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from store import clock, spool
from store.connection import open_store
from store.export import export
from store.rows import ReportCheck
from store.settings import settings
from tests.fixtures import screens
from tests.fixtures.history import history


@pytest.fixture(scope="module", autouse=True)
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("portal")
    url = screens.filled(folder / "store.duckdb")
    with screens.installation(folder / "home", url):
        store = open_store(url, folder)
        export(store, clock.now(), settings())
        store.close()
        yield folder


def test_the_overview_counts_what_is_wrong() -> None:
    tested = screens.page("overview")
    found = screens.figures(tested)
    assert found["Reports up"] == ("4 of 7", "✕ 2 down, 1 unknown, 2 degraded")
    assert found["Fullest disk"] == ("93 %", "✕ /archive, 280 GB free")
    assert found["Data points in control"][1] == "! 2 signals"
    assert found["Cost, " + f"{clock.now():%B %Y}"][0].startswith("€")
    said = screens.texts(tested)
    assert "Invoice ageing is down" in said
    assert "is out of control" in said, "what a figure marks must stand in the list too"
    assert "Answered 503, expected 2xx" in said


def test_refreshes_can_be_narrowed_to_the_failed_ones() -> None:
    tested = screens.page("refreshes")
    assert tested.dataframe[0].value["title"].to_list()[0] == "Invoices load"
    assert set(tested.dataframe[0].value["title"]) > {"Orders load", "resources"}
    tested.segmented_control(key="refresh_state").set_value("Failed").run()
    assert tested.dataframe[0].value["title"].to_list() == ["Invoices load", "focus_costs"]


def test_a_job_named_in_the_address_opens_its_history() -> None:
    tested = screens.page("refreshes", job="invoices-load")
    assert not tested.exception
    assert "Failed" in screens.texts(tested)
    messages = tested.dataframe[-1].value["message"]
    assert "relation staging.invoices is locked by another session" in set(messages)


def test_a_report_named_in_the_address_opens_its_last_looks() -> None:
    tested = screens.page("reports", report="invoice-ageing", report_tab="Looks")
    assert "owner bob" in screens.texts(tested)
    assert tested.dataframe[-1].value["http_status"].to_list()[:4] == [503] * 4


def test_infrastructure_shows_the_host_and_its_fullest_file_system() -> None:
    tested = screens.page("infrastructure")
    assert screens.figures(tested)["Memory used"][1].endswith("of 34.0 GB")
    disks = tested.dataframe[0].value
    assert disks["mount"].to_list() == ["/archive", "/data", "/"]
    assert [state[0] for state in disks["state"]] == ["✕ Critical", "! Warning", "✓ Fine"]


def test_a_control_chart_explains_why_a_point_is_a_signal() -> None:
    tested = screens.page("control_charts")
    tested.selectbox(key="series").set_value("null-share").run()
    said = screens.texts(tested)
    assert "Rows without a partner" in said
    assert "**2 · Shift**" in said
    assert "Fired" in said
    explained = set(tested.dataframe[0].value["explanation"])
    assert any("Nine points in a row" in text for text in explained)


def test_a_host_metric_can_be_charted_too() -> None:
    tested = screens.page("control_charts")
    options = [name for name in tested.selectbox(key="series").options if name.startswith("CPU busy ratio")]
    tested.selectbox(key="series").set_value("host:db-01|cpu_busy_ratio|").run()
    assert options == ["CPU busy ratio · db-01"]
    assert not tested.exception
    assert "Upper control limit" in screens.texts(tested)


def test_costs_are_shown_in_one_currency_at_a_time() -> None:
    tested = screens.page("cost")
    assert screens.figures(tested)["Effective cost"][0].startswith("€")
    tested.segmented_control(key="currency").set_value("USD").run()
    assert screens.figures(tested)["Effective cost"] == ("$42.50", "· no plan in this currency")
    assert tested.dataframe[0].value["service_name"].to_list() == ["Domain names"]


def test_collectors_that_never_ran_and_batches_that_were_set_aside_are_listed() -> None:
    tested = screens.page("collectors")
    states = {
        name: state[0] for name, state in tested.dataframe[0].value[["collector", "state"]].itertuples(index=False)
    }
    assert states["focus_costs"] == "✕ Failed"
    assert states["dbt_artifacts"] == "? Never run"
    assert "Conversion Error" in tested.dataframe[1].value["problem"][0]


def test_a_request_goes_from_the_form_to_the_spool_and_back_to_the_screen() -> None:
    tested = screens.page("access")
    tested.text_area(key="justification").set_value("I close the quarter and need the list")
    tested.button(key="file_request").click().run()
    assert tested.success[0].value.startswith("Filed: viewer of Sales overview.")
    newest = spool.pending(settings().spool_path / "app")[-1]
    (event,) = orjson.loads((newest / "request_events.json").read_bytes())
    assert (event["requester_id"], event["state"]) == ("alice", "pending")
    tested.button(key=f"cancel_{event['request_id']}").click().run()
    assert tested.success[0].value.startswith("Cancelled.")
    assert f"cancel_{event['request_id']}" not in {button.key for button in tested.button}


def test_a_request_without_a_reason_is_refused_and_stays_in_the_form() -> None:
    tested = screens.page("access")
    tested.text_area(key="justification").set_value("please")
    tested.button(key="file_request").click().run()
    assert "has 6 characters; write at least 12" in tested.error[0].value
    assert tested.text_area(key="justification").value == "please"


def test_explore_answers_a_query_and_remembers_it() -> None:
    tested = screens.page("explore")
    tested.text_area(key="q").set_value("select count(*) as looks from report_checks")
    tested.button(key="run").click().run()
    looks = sum(isinstance(row, ReportCheck) for row in history(clock.now()))
    assert tested.dataframe[0].value["looks"].to_list() == [looks]
    assert "Copy of" in screens.texts(tested)
    assert [button.label for button in tested.button if str(button.key).startswith("again_")] == [
        "select count(*) as looks from report_checks"
    ]


def test_explore_refuses_to_write() -> None:
    tested = screens.page("explore")
    tested.text_area(key="q").set_value("drop table report_checks")
    tested.button(key="run").click().run()
    assert "only reads" in tested.error[0].value
