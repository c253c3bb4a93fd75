"""Costs against plan: one currency at a time, compared for the days that have charges."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from app import costs
from app.costs import Month
from store.rows import ChargeLoad, PlanLine, Row
from tests.fixtures import screens
from tests.fixtures.bills import charge

APRIL = datetime(2026, 4, 1)
DAYS = [datetime(2026, 4, day) for day in range(1, 16)]


def bill() -> list[Row]:
    """Fifteen of thirty days: warehouse 10 a day, compute 4 a day, one row in dollars."""
    rows: list[Row] = [charge("eur", APRIL, day, "Warehouse", Decimal(10), "EUR") for day in DAYS]
    rows += [charge("eur", APRIL, day, "Compute", Decimal(4), "EUR") for day in DAYS]
    rows += [charge("usd", APRIL, APRIL, "Domains", Decimal(7), "USD")]
    rows += [ChargeLoad("eur", "focus", APRIL, APRIL, 30, Decimal(210), "EUR", "focus.csv")]
    rows += [ChargeLoad("usd", "registrar", APRIL, APRIL, 1, Decimal(7), "USD", "registrar.csv")]
    for service, planned in (("Warehouse", 240), ("Compute", 120), ("Backups", 60)):
        rows.append(PlanLine("plan", APRIL, service, APRIL.date(), Decimal(planned), "EUR"))
    return rows


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[None]:
    with screens.installation(tmp_path / "home", screens.make_store(tmp_path / "store.duckdb", bill())):
        yield


def test_months_come_newest_first_with_the_dearest_currency_first(installed: None) -> None:
    found, _ = costs.months()
    assert found == [Month(APRIL, "EUR"), Month(APRIL, "USD")]
    assert found[0].title == "April 2026"
    assert found[0].until == datetime(2026, 5, 1)


def test_the_plan_is_compared_for_the_days_that_have_charges(installed: None) -> None:
    found = costs.spent(Month(APRIL, "EUR"))
    assert found.covered == 0.5
    assert found.cost == 210.0
    assert (found.planned, found.planned_to_date) == (420.0, 210.0)
    assert found.state == "within"


def test_every_service_has_its_variance(installed: None) -> None:
    rows = {row["service_name"]: row for row in costs.spent(Month(APRIL, "EUR")).by_service.iter_rows(named=True)}
    assert (rows["Warehouse"]["cost"], rows["Warehouse"]["planned_to_date"]) == (150.0, 120.0)
    assert rows["Warehouse"]["difference"] == 30.0
    assert rows["Warehouse"]["ratio"] == 1.25
    assert rows["Warehouse"]["state"] == "over"
    assert rows["Compute"]["state"] == "within"
    assert (rows["Backups"]["cost"], rows["Backups"]["difference"]) == (0.0, -30.0), "planned and not used"


def test_currencies_are_never_added(installed: None) -> None:
    found = costs.spent(Month(APRIL, "USD"))
    assert found.cost == 7.0
    assert found.planned is None
    assert found.state == "unplanned"
    assert costs.daily(found).columns == ["day_at", "Domains"]


def test_the_curve_goes_to_the_end_of_the_month_for_the_plan_only(installed: None) -> None:
    frame = costs.cumulative(costs.spent(Month(APRIL, "EUR")))
    assert frame.height == 30
    assert frame["Effective cost"].drop_nulls().to_list()[-1] == 210.0
    assert frame["Effective cost"].null_count() == 15
    assert frame["Plan"][-1] == pytest.approx(420.0)


@pytest.mark.parametrize(
    ("cost", "planned", "verdict"),
    [(100, 100, "within"), (109, 100, "warning"), (111, 100, "over"), (5, None, "unplanned"), (5, 0, "unplanned")],
)
def test_a_little_over_plan_is_a_warning(cost: float, planned: float | None, verdict: str) -> None:
    assert costs.verdict(cost, planned) == verdict
