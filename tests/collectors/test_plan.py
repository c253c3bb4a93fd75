"""The plan: its lines with their money, each version on its own, and what is refused."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from collectors.base import SourceError
from collectors.plan import read_plan
from collectors.sources.focus_costs import collect
from store.connection import Store
from tests.collectors.support import NOW, context, deliver, problems

HEAD = "service_name,period_start,planned_cost,billing_currency\n"


def test_lines_of_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_text("\ufeff" + HEAD + '"Load, balanced",2026-11-01,12.50,EUR\n')
    _, (line,) = read_plan(path, NOW)
    assert (line.service_name, line.period_start) == ("Load, balanced", date(2026, 11, 1))
    assert (line.planned_cost, line.billing_currency) == (Decimal("12.5"), "EUR")


def test_the_last_version_is_the_current_plan_even_when_an_old_one_comes_back(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    for version, cost in enumerate((10, 20, 10)):
        path.write_text(f"{HEAD}Storage,2026-11-01,{cost},EUR\n")
        os.utime(path, (1_700_000_000 + version, 1_700_000_000 + version))
        ctx = context(tmp_path, NOW.replace(minute=version))
        deliver(store, tmp_path, collect(ctx))
        assert deliver(store, tmp_path, collect(ctx)) == 0
        assert store.fetch("select planned_cost from current_plan_lines").item() == cost
    ctx.state.unlink()
    assert deliver(store, tmp_path, collect(ctx)) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("service_name,period_start\n", "has no column planned_cost, billing_currency"),
        (f"{HEAD}Storage,2026-11-01,much,EUR\n", "row 1: planned_cost is 'much'"),
        (f"{HEAD}Storage,November,1,EUR\n", "row 1: period_start is 'November'"),
        (f"{HEAD}Storage,2026-11-02,1,EUR\n", "row 1: period_start is 2026-11-02, expected the first day"),
        (f"{HEAD}Storage,2026-11-01,1,EUR\nStorage,2026-11-01,2,EUR\n", "row 2: Storage stands twice for 2026-11"),
        (f"{HEAD}Storage,2026-11-01,1\n", "row 1: billing_currency is empty"),
    ],
)
def test_a_bad_plan_names_row_and_column(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "plan.csv"
    path.write_text(text)
    with pytest.raises(SourceError, match=said):
        read_plan(path, NOW)
    assert len(problems(collect(context(tmp_path)))) == 1


def test_no_plan_is_fine_unless_the_estate_names_one(tmp_path: Path) -> None:
    assert list(collect(context(tmp_path))) == []
    assert problems(collect(context(tmp_path, plan={"path": "our.csv"}))) == [
        f"The plan {tmp_path / 'our.csv'} does not exist."
    ]
