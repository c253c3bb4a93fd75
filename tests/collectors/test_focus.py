"""FOCUS files: totals equal the bill, a period is replaced and never doubled, a bad file costs nothing loaded."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import pytest

from collectors import focus
from collectors.focus import Loaded, load_files
from collectors.plan import read_plan
from collectors.sources.focus_costs import collect
from store.connection import Store
from store.settings import ROOT
from tests.collectors.bills import NOVEMBER, write
from tests.collectors.support import NOW, context, deliver, problems

MICRO = Decimal("0.000001")


def current(store: Store) -> dict[str, tuple[int, Decimal]]:
    """Rows and billed cost that count now, by month."""
    sql = "select strftime(billing_period_start, '%Y-%m') as month, count(*) as n, sum(billed_cost) as billed"
    found = store.fetch(f"{sql} from current_charges group by month")
    return {month: (n, billed) for month, n, billed in found.rows()}


class Source:
    """One cost source of an estate, collected minute by minute into a store."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder, self.minute, self.name = store, folder, 0, "cloud"
        (folder / "bills").mkdir()

    def collect(self) -> tuple[int, list[str]]:
        self.minute += 1
        parts: dict[str, Any] = {"focus": [{"id": self.name, "path": "bills/*"}]}
        self.ctx = context(self.folder, NOW + timedelta(minutes=self.minute), **parts)
        found = list(collect(self.ctx))
        return deliver(self.store, self.folder, found), problems(found)

    def write(self, name: str, *changes: Mapping[str, str], lacks: str = "") -> Path:
        return write(self.folder / "bills" / name, *changes, lacks=lacks)


@pytest.fixture
def source(store: Store, tmp_path: Path) -> Source:
    return Source(store, tmp_path)


@pytest.fixture
def sample(practice: Path) -> Path:
    return practice / "cost" / "focus_1.0_sample_1000.csv"


def test_totals_of_the_real_sample_equal_the_bill(sample: Path, practice: Path) -> None:
    expected = json.loads((practice / "cost" / "expected_totals.json").read_text())[sample.name][sample.stem]
    loaded = load_files([sample], "cloud", NOW)
    (total,) = loaded.summary.totals
    assert (total.currency, total.rows, loaded.summary.rows) == ("USD", expected["rows"], expected["rows"])
    assert round(total.billed, 8) == Decimal(str(expected["sum_BilledCost"]))
    assert round(total.effective, 8) == Decimal(str(expected["sum_EffectiveCost"]))
    assert loaded.summary.versions == {str(sample): "1.0"}
    assert loaded.summary.refused == {}


def test_stored_money_is_each_row_rounded_half_even(sample: Path, practice: Path, store: Store, tmp_path: Path) -> None:
    deliver(store, tmp_path, load_files([sample], "cloud", NOW).pieces)
    with sample.open() as file:
        bill = list(csv.DictReader(file))
    expected = json.loads((practice / "cost" / "expected_totals.json").read_text())[sample.name][sample.stem]
    for column, focus_name in (("billed_cost", "BilledCost"), ("list_cost", "ListCost")):
        stored = store.fetch(f"select sum({column}) from current_charges").item()
        assert stored == sum(Decimal(row[focus_name]).quantize(MICRO, ROUND_HALF_EVEN) for row in bill)
        assert abs(stored - Decimal(str(expected[f"sum_{focus_name}"]))) <= len(bill) * MICRO / 2
    by_provider = store.fetch("select provider_name, count(*) from current_charges group by 1")
    assert dict(by_provider.rows()) == expected["rows_by_ProviderName"]
    nulls = store.fetch(
        "select count(*) filter (contracted_cost is null), count(*) filter (region_id is null), "
        "count(*) filter (resource_id is null), count(*) filter (tags is null) from current_charges"
    )
    assert nulls.row(0) == tuple(
        expected["null_counts"][name] for name in ("ContractedCost", "RegionId", "ResourceId", "Tags")
    )


def test_the_same_file_twice_counts_once_and_a_changed_one_replaces_its_period(source: Source) -> None:
    source.write("a.csv", {}, {}, NOVEMBER)
    first = (2, Decimal("3"))
    assert source.collect() == (5, [])
    assert source.collect() == (0, [])
    source.ctx.state.unlink()
    assert source.collect() == (0, [])
    assert current(source.store) == {"2026-10": first, "2026-11": (1, Decimal("1.5"))}
    source.write("a.csv", {"BilledCost": "9"}, NOVEMBER)
    source.collect()
    assert current(source.store) == {"2026-10": (1, Decimal("9")), "2026-11": (1, Decimal("1.5"))}
    source.write("a.csv", {}, {}, NOVEMBER)
    source.collect()
    assert current(source.store) == {"2026-10": first, "2026-11": (1, Decimal("1.5"))}


def test_a_renamed_source_counts_once(source: Source) -> None:
    source.write("a.csv", {}, {}, NOVEMBER)
    source.collect()
    before = current(source.store)
    source.name = "cloud-bill"
    source.collect()
    assert current(source.store) == before
    source.name = "cloud"
    source.collect()
    assert current(source.store) == before


def test_files_of_one_source_that_share_a_period_are_one_load(source: Source) -> None:
    source.write("a.csv", {}, NOVEMBER)
    source.write("b.csv", {"BilledCost": "2"})
    source.collect()
    assert current(source.store) == {"2026-10": (2, Decimal("3.5")), "2026-11": (1, Decimal("1.5"))}
    source.write("b.csv", {"BilledCost": "4"})
    assert source.collect() == (3, [])
    assert current(source.store)["2026-10"] == (2, Decimal("5.5"))
    source.ctx.state.unlink()
    source.collect()
    assert current(source.store) == {"2026-10": (2, Decimal("5.5")), "2026-11": (1, Decimal("1.5"))}
    (source.folder / "bills" / "b.csv").unlink()
    source.collect()
    assert current(source.store)["2026-10"] == (1, Decimal("1.5"))


def test_an_export_written_again_with_the_same_content_is_not_loaded_again(source: Source) -> None:
    source.write("a.csv", {})
    source.collect()
    source.write("a.csv", {})
    assert source.collect() == (0, [])


def test_a_refused_file_keeps_what_was_loaded_until_it_is_corrected(source: Source) -> None:
    source.write("a.csv", {}, {})
    source.write("b.csv", NOVEMBER)
    source.collect()
    source.write("a.csv", {}, {"BilledCost": "1,5"})
    source.write("b.csv", {**NOVEMBER, "BilledCost": "7"})
    for _ in range(2):
        _, said = source.collect()
        assert len(said) == 1
        assert "row 2: BilledCost is '1,5'" in said[0]
        assert said[0].endswith("Until that is corrected, billing period 2026-10 stays as it is.")
        assert current(source.store) == {"2026-10": (2, Decimal("3")), "2026-11": (1, Decimal("7"))}
    source.write("a.csv", {"BilledCost": "8"})
    assert source.collect()[1] == []
    assert current(source.store)["2026-10"] == (1, Decimal("8"))


def test_a_file_that_cannot_be_opened_holds_back_the_period_it_had(source: Source) -> None:
    a = source.write("a.csv", {})
    source.write("b.csv", {"BilledCost": "2"})
    source.collect()
    a.write_bytes(gzip.compress(a.read_bytes())[:-20])
    source.write("b.csv", {"BilledCost": "5"})
    _, said = source.collect()
    assert "a.csv cannot be read" in said[0]
    assert current(source.store) == {"2026-10": (2, Decimal("3.5"))}


def test_two_currencies_are_never_added(source: Source) -> None:
    source.write("a.csv", {}, {"BillingCurrency": "USD"}, NOVEMBER)
    _, said = source.collect()
    assert "mixes EUR and USD in billing period 2026-10" in said[0]
    assert current(source.store) == {}
    source.write("a.csv", {})
    source.write("b.csv", {"BillingCurrency": "USD"}, NOVEMBER)
    _, said = source.collect()
    assert "mix EUR and USD in one billing period" in said[0]
    assert current(source.store) == {"2026-11": (1, Decimal("1.5"))}


def test_a_half_delivered_load_is_not_current(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(focus, "CHUNK_ROWS", 2)
    loaded = load_files([write(tmp_path / "a.csv", *[{}] * 5)], "cloud", NOW)
    assert [sum(frame.height for frame in piece.frames.values()) for piece in loaded.pieces] == [2, 2, 1, 0]
    deliver(store, tmp_path, loaded.pieces[:2])
    assert current(store) == {}
    deliver(store, tmp_path, loaded.pieces)
    assert current(store) == {"2026-10": (5, Decimal("7.5"))}


def test_an_export_without_rows_changes_nothing(tmp_path: Path) -> None:
    loaded: Loaded = load_files([write(tmp_path / "a.csv")], "cloud", NOW)
    assert (loaded.pieces, loaded.summary.rows, loaded.summary.refused) == ((), 0, {})


def test_the_plan_of_the_shipped_estate_agrees_with_its_charges(store: Store, tmp_path: Path) -> None:
    config = ROOT / "config"
    loaded = load_files([config / "example" / "focus.csv"], "example", NOW)
    assert loaded.summary.refused == {}
    deliver(store, tmp_path, loaded.pieces)
    _, lines = read_plan(config / "plan.csv", NOW)
    services = set(store.fetch("select distinct service_name from current_charges")["service_name"])
    assert {line.service_name for line in lines} == services
    (total,) = loaded.summary.totals
    assert {line.billing_currency for line in lines} == {total.currency}
    october = store.fetch("select sum(effective_cost) from current_charges where billing_period_start = '2026-10-01'")
    planned = sum(line.planned_cost for line in lines if f"{line.period_start:%Y-%m}" == "2026-10")
    assert abs(october.item() / planned - 1) < Decimal("0.1")
