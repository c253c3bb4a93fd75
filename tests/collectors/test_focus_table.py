"""One FOCUS file: every version, form and kind of file gives the same charges, and a bad one says where and why."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from collectors.focus_table import FocusError, read_table
from tests.collectors.bills import NOVEMBER, write


def read(path: Path) -> pl.DataFrame:
    return read_table(path.read_bytes(), path.name).charges


@pytest.mark.parametrize(
    ("change", "lacks", "said"),
    [
        ({}, "BilledCost", "a.csv has no column BilledCost, expected a FOCUS 1.0 to 1.4 export."),
        ({"ServiceName": "NULL"}, "", "a.csv row 1: ServiceName is empty, expected a value"),
        ({"EffectiveCost": "abc"}, "", "a.csv row 1: EffectiveCost is 'abc', expected a number"),
        ({"ListCost": "1000000000000"}, "", "a.csv row 1: ListCost is '1000000000000', expected a number below 1e12"),
        ({"ChargePeriodEnd": "31.10.2026"}, "", "a.csv row 1: ChargePeriodEnd is '31.10.2026', expected a time"),
    ],
)
def test_a_bad_file_names_row_and_column(tmp_path: Path, change: dict[str, str], lacks: str, said: str) -> None:
    with pytest.raises(FocusError) as refused:
        read(write(tmp_path / "a.csv", change, lacks=lacks))
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("0.0000005", "0.000000"),
        ("0.0000015", "0.000002"),
        ("-1.0000025", "-1.000002"),
        ("3.7E-7", "0.000000"),
        ("1e3", "1000.000000"),
        ("999999999999.999999", "999999999999.999999"),
        (" 12.10 ", "12.100000"),
    ],
)
def test_money_is_exact_to_six_decimals(tmp_path: Path, text: str, stored: str) -> None:
    assert read(write(tmp_path / "a.csv", {"BilledCost": text}))["billed_cost"].item() == Decimal(stored)


@pytest.mark.parametrize(
    "text", ["2026-10-01", "2026-10-01 00:00:00", "2026-10-01T02:00:00+02:00", "2026-10-01 00:00:00.000 UTC"]
)
def test_times_in_every_common_form_are_utc(tmp_path: Path, text: str) -> None:
    found = read(write(tmp_path / "a.csv", {"BillingPeriodStart": text}))
    assert found["billing_period_start"].item() == datetime(2026, 10, 1)


@pytest.mark.parametrize(
    ("columns", "version", "provider"),
    [
        ({}, "1.0", "Cloud"),
        ({"ServiceSubcategory": "x"}, "1.1", "Cloud"),
        ({"ServiceSubcategory": "x", "BillingAccountType": "x"}, "1.2", "Cloud"),
        ({"ServiceProviderName": "New", "HostProviderName": "Host"}, "1.3", "New"),
    ],
)
def test_versions_and_their_names_of_the_provider(
    tmp_path: Path, columns: dict[str, str], version: str, provider: str
) -> None:
    found = read_table(write(tmp_path / "a.csv", columns).read_bytes(), "a.csv")
    assert (found.version, found.charges["provider_name"].item()) == (version, provider)


def test_the_newest_version_has_no_provider_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", {"ServiceProviderName": "New", "HostProviderName": "Host"}, lacks="ProviderName")
    found = read_table(path.read_bytes(), "a.csv")
    assert (found.version, found.charges["provider_name"].item()) == ("1.4", "New")


def test_gzip_and_parquet_say_the_same_as_csv(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", {}, NOVEMBER)
    zipped, columnar = tmp_path / "a.csv.gz", tmp_path / "a.parquet"
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    typed = pl.read_csv(path, null_values="NULL").with_columns(
        pl.col("^.*(Period).*$").str.slice(0, 10).str.to_datetime("%Y-%m-%d", time_zone="UTC"),
        pl.col("EffectiveCost").cast(pl.Decimal(38, 12)),
        Tags=pl.Series([[{"key": "team", "value": "a"}]] * 2),
    )
    typed.write_parquet(columnar)
    expected = read(path)
    assert read(zipped).equals(expected)
    assert read(columnar).drop("tags").equals(expected.drop("tags"))
    assert json.loads(read(columnar)["tags"][0]) == {"team": "a"}


@pytest.mark.parametrize("content", [b"", b"PAR1 and no more", b"\x1f\x8b and no more", b'A,B\n"1,2\n'])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(FocusError, match=r"a\.csv cannot be read"):
        read_table(content, "a.csv")
