"""Our checker against a real Apache Superset; run by `make test-superset`."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from collectors.reports.looking import Outcome, look_once
from config.estate import Estate
from store import clock
from store.rows import CheckState, Fault, NumberState
from store.settings import Settings
from tests.superset.dashboards import Superset, browser_state, fill

TOTAL = "select count(*) as value from partners"
PARTNERS = {"id": "partners", "title": "Partners", "at": {"css": ".header-line"}, "unit": "partners"}


@dataclass(frozen=True)
class Desk:
    """A Superset with dashboards, and a home whose secrets can sign in."""

    superset: Superset
    home: Path
    source: Path
    serving: Path
    pages: Mapping[str, str]

    def look(self, name: str, **more: object) -> Outcome:
        report = {
            "id": name,
            "title": name,
            "url": self.pages[name],
            "subsystem": "s",
            "login": {"state": "superset"},
            **more,
        }
        parts = {"name": "e", "subsystems": [{"id": "s", "title": "S"}], "reports": [report]}
        conf = Settings(home=self.home, estate=self.home)
        return look_once(Estate.model_validate(parts), name, "", conf, clock.now())

    def partners(self, **more: object) -> dict[str, object]:
        hops = [{"id": "source", "source": f"sqlite:///{self.source}", "table": "partners", "value": "count(*)"}]
        days = {"day": "joined_on", "segment": "country"}
        backend = {"id": "serving", "source": f"sqlite:///{self.serving}", "table": "partners", "value": "count(*)"}
        return {**PARTNERS, "hops": [{**hops[0], **days}, {**backend, **days}], **more}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    home = tmp_path_factory.mktemp("superset")
    superset = Superset(os.environ["TEST_SUPERSET_URL"], os.environ["TEST_SUPERSET_PASSWORD"])
    superset.sign_in()
    source, serving = home / "source.db", home / "serving.db"
    fill(serving)
    shutil.copy(serving, source)
    database = superset.make("database", database_name="serving", sqlalchemy_uri=f"sqlite:///{serving}")
    table = superset.make("dataset", database=database, schema="main", table_name="partners")
    broken = superset.make(
        "dataset", database=database, schema="main", table_name="gone", sql="select id, country from partners"
    )
    total = superset.chart("Partners", table, "big_number_total", metric="count", y_axis_format=".3s")

    def pie() -> int:
        return superset.chart("By country", table, "pie", metric="count", groupby=["country"], row_limit=100)

    nobody = [{"expressionType": "SQL", "sqlExpression": "country = 'XX'", "clause": "WHERE"}]
    empty = superset.chart("Nobody", table, "pie", metric="count", groupby=["country"], adhoc_filters=nobody)
    wrong = [{"expressionType": "SQL", "sqlExpression": "no_such_column = 1", "clause": "WHERE"}]
    failing = superset.chart("Fails", broken, "pie", metric="count", groupby=["country"], adhoc_filters=wrong)
    pages = {
        "partner-sales": superset.dashboard("partner-sales", {"Partners": total, "By country": pie()}),
        "with-an-empty-chart": superset.dashboard("with-an-empty-chart", {"By country": pie(), "Nobody": empty}),
        "with-a-failing-chart": superset.dashboard("with-a-failing-chart", {"By country": pie(), "Fails": failing}),
    }
    secrets = home / "secrets"
    secrets.mkdir()
    state = secrets / "superset"
    state.write_text(browser_state(superset.url, superset.password))
    state.chmod(0o600)
    return Desk(superset, home, source, serving, pages)


def test_a_good_dashboard_passes_though_its_card_shows_410k_for_409849(desk: Desk) -> None:
    found = desk.look("partner-sales", numbers=[desk.partners()], charts=1)
    assert (found.check.state, found.check.fault) == (CheckState.UP, None), found.check.message
    (number,) = found.numbers
    assert (number.page_text, number.backend_value, number.state) == ("410k", 409_849, NumberState.MATCH)
    assert found.snapshot is not None and found.snapshot.is_file()


def test_rows_changed_behind_it_fail_and_the_hop_day_and_country_are_named(desk: Desk) -> None:
    with closing(sqlite3.connect(desk.source)) as con, con:
        con.execute("delete from partners where country = 'IT' and joined_on = '2026-11-07'")
    found = desk.look("partner-sales", numbers=[desk.partners()])
    (number,) = found.numbers
    assert (found.check.state, found.check.fault) == (CheckState.DOWN, Fault.WRONG_NUMBER)
    assert (number.hop, str(number.day), number.segment) == ("serving", "2026-11-07", "IT")
    shutil.copy(desk.serving, desk.source)


def test_a_changed_row_of_the_backend_fails(desk: Desk) -> None:
    other = desk.home / "other.db"
    shutil.copy(desk.serving, other)
    with closing(sqlite3.connect(other)) as con, con:
        con.execute("update partners set id = id + 5000 where id = 7")
    sql = "select max(id) + sum(id = 5007) * 900 as value from partners"
    top = {"id": "top", "source": f"sqlite:///{other}", "sql": sql}
    assert desk.look("partner-sales", numbers=[{**PARTNERS, **top}]).check.fault is Fault.WRONG_NUMBER


@pytest.mark.parametrize(
    ("name", "fault"),
    [("with-an-empty-chart", {Fault.EMPTY_CHART}), ("with-a-failing-chart", {Fault.EXCEPTION, Fault.ERROR_PAGE})],
)
def test_a_chart_that_shows_nothing_or_fails_is_told(desk: Desk, name: str, fault: set[Fault]) -> None:
    found = desk.look(name)
    assert (found.check.state, found.check.fault in fault) == (CheckState.DOWN, True), found.check.message


def test_who_is_not_signed_in_is_told_so(desk: Desk) -> None:
    assert desk.look("partner-sales", login=None).check.fault is Fault.LOGIN_REQUIRED
