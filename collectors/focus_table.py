"""One FOCUS file (1.0 to 1.4, CSV or Parquet) as a frame with the columns of store.rows.Charge, or a sentence why not.

Money goes from text to Decimal(18, 6), never through a float of ours; what has more than six decimals is rounded half
to even, row by row. Beside it stand the billed and effective costs as they were, for totals that equal the bill's.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import orjson
import polars as pl

from collectors.base import SourceError
from store.clock import to_utc

MONEY = pl.Decimal(18, 6)
TIME = pl.Datetime("us")
TEXT = pl.String()
NAMES: dict[str, tuple[pl.DataType, tuple[str, ...]]] = {  # our column: its type, and the FOCUS names that may bring it
    "billing_period_start": (TIME, ("BillingPeriodStart",)),
    "charge_period_start": (TIME, ("ChargePeriodStart",)),
    "charge_period_end": (TIME, ("ChargePeriodEnd",)),
    "charge_category": (TEXT, ("ChargeCategory",)),
    "service_name": (TEXT, ("ServiceName",)),
    "service_category": (TEXT, ("ServiceCategory",)),
    "provider_name": (TEXT, ("ServiceProviderName", "ProviderName", "HostProviderName")),
    "sub_account_id": (TEXT, ("SubAccountId",)),
    "sub_account_name": (TEXT, ("SubAccountName",)),
    "region_id": (TEXT, ("RegionId", "Region")),
    "resource_id": (TEXT, ("ResourceId",)),
    "pricing_quantity": (MONEY, ("PricingQuantity",)),
    "pricing_unit": (TEXT, ("PricingUnit",)),
    "billed_cost": (MONEY, ("BilledCost",)),
    "effective_cost": (MONEY, ("EffectiveCost",)),
    "list_cost": (MONEY, ("ListCost",)),
    "contracted_cost": (MONEY, ("ContractedCost",)),
    "billing_currency": (TEXT, ("BillingCurrency",)),
    "tags": (TEXT, ("Tags",)),
}
EXACT = {"billed_exact": "billed_cost", "effective_exact": "effective_cost"}  # Decimal(38, 18), beside the rounded ones
MANDATORY = (
    "billing_period_start",
    "charge_period_start",
    "charge_period_end",
    "charge_category",
    "service_name",
    "billed_cost",
    "effective_cost",
    "billing_currency",
)
SIGNS = (  # the first column that is there tells the version
    ("1.4", {"serviceprovidername"}, {"providername"}),
    ("1.3", {"serviceprovidername", "providername"}, set[str]()),
    ("1.2", {"billingaccounttype"}, set[str]()),
    ("1.1", {"servicesubcategory"}, set[str]()),
)
EMPTY = ("", "NULL", "null")


class FocusError(SourceError):
    """A file cannot be used; `periods` are the billing periods that could be read from it all the same."""

    def __init__(self, message: str, periods: frozenset[datetime] = frozenset()) -> None:
        super().__init__(message)
        self.periods = periods


@dataclass(frozen=True, slots=True)
class Table:
    """The charges of one file in its order, without `load_id` and `source`, with the columns of EXACT; its version."""

    charges: pl.DataFrame
    version: str
    periods: frozenset[datetime] = field(default_factory=frozenset)


def read_table(data: bytes, name: str) -> Table:
    """The charges in the content of a file called `name`; raises FocusError naming row (from 1) and column."""
    raw = _read(data, name)
    present = {found.replace("_", "").lower(): found for found in reversed(raw.columns)}
    sources = {ours: [present[n.lower()] for n in names if n.lower() in present] for ours, (_, names) in NAMES.items()}
    periods = _periods(raw, sources["billing_period_start"])
    absent = [NAMES[ours][1][0] for ours in MANDATORY if not sources[ours]]
    if absent:
        raise FocusError(f"{name} has no column {', '.join(absent)}, expected a FOCUS 1.0 to 1.4 export.", periods)
    try:
        charges = pl.DataFrame([_column(raw, ours, sources[ours]) for ours in NAMES])
        exact = [_text(raw[sources[ours][0]]).cast(pl.Decimal(38, 18)).alias(name) for name, ours in EXACT.items()]
        charges = charges.with_columns(exact)
        _check_currencies(charges)
    except ValueError as error:
        raise FocusError(f"{name} {error}.", periods) from error
    return Table(charges, _version(present.keys()), periods)


def _read(data: bytes, name: str) -> pl.DataFrame:
    """Every column that a name of ours may mean, CSV as text and Parquet as typed."""
    wanted = {focus.lower() for _, names in NAMES.values() for focus in names} | {
        "billingaccounttype",
        "servicesubcategory",
    }
    try:
        if data.startswith(b"PAR1"):
            frame = pl.read_parquet(io.BytesIO(data))
        else:
            plain = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
            frame = pl.read_csv(plain, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError, EOFError) as error:
        reason = str(error).split("\n")[0]
        raise FocusError(f"{name} cannot be read ({reason}), expected a whole CSV or Parquet file.") from error
    return frame.select(found for found in frame.columns if found.replace("_", "").lower() in wanted)


def _version(present: Iterable[str]) -> str:
    names = set(present)
    return next((version for version, has, lacks in SIGNS if has <= names and not lacks & names), "1.0")


def _periods(raw: pl.DataFrame, sources: Sequence[str]) -> frozenset[datetime]:
    """The billing periods that can be read, even of a file that is refused for something else."""
    if not sources:
        return frozenset()
    text = _text(raw[sources[0]]).unique().drop_nulls()
    return frozenset(at for at in (_try(_instant, value) for value in text) if at is not None)


def _column(raw: pl.DataFrame, ours: str, sources: Sequence[str]) -> pl.Series:
    """One column of ours; raises ValueError with the end of a sentence about the first value that is wrong."""
    kind, focus = NAMES[ours]
    if not sources:
        return pl.Series(ours, [None] * raw.height, dtype=kind)
    text = raw.select(pl.coalesce([_text(raw[source]) for source in sources]).alias(ours)).to_series()
    parsed = _parse(text, kind)
    wrong = (parsed.is_null() & text.is_not_null()).arg_max() if parsed.null_count() > text.null_count() else None
    if wrong is not None:
        expected = "a time in ISO form" if kind == TIME else "a number below 1e12"
        raise ValueError(f"row {wrong + 1}: {focus[0]} is {text[wrong]!r}, expected {expected}")
    if ours in MANDATORY and parsed.null_count():
        empty = parsed.is_null().arg_max() or 0
        raise ValueError(f"row {empty + 1}: {focus[0]} is empty, expected a value; is the file whole?")
    return parsed


def _text(series: pl.Series) -> pl.Series:
    """Any column as text, with what FOCUS files write for "nothing" as null; maps become JSON."""
    if series.dtype.is_nested():
        series = pl.Series(series.name, [_json(value) for value in series.to_list()], dtype=pl.String)
    elif isinstance(series.dtype, pl.Datetime):
        series = series.dt.to_string("iso")
    text = series.cast(pl.String).str.strip_chars()
    return text.to_frame().select(pl.when(~pl.first().is_in(EMPTY)).then(pl.first())).to_series()


def _json(value: object) -> str | None:
    """Tags of a Parquet file: a map comes as a list of key and value, or as a struct."""
    if isinstance(value, list):
        pairs = [tuple(item.values()) for item in value if isinstance(item, dict)]
        value = {str(pair[0]): pair[1] for pair in pairs if len(pair) == 2} if len(pairs) == len(value) else value
    return None if value is None else orjson.dumps(value, default=str).decode()


def _parse(text: pl.Series, kind: pl.DataType) -> pl.Series:
    """`text` as `kind`, null where it is not one; times in UTC."""
    if kind == MONEY:
        return text.cast(MONEY, strict=False)
    if kind == TIME:
        values = text.unique().drop_nulls().to_list()
        times = pl.Series([_try(_instant, value) for value in values], dtype=TIME)
        return text.replace_strict(values, times, return_dtype=TIME) if values else text.cast(TIME)
    return text


def _instant(text: str) -> datetime:
    return to_utc(datetime.fromisoformat(text.removesuffix(" UTC")))


Parsed = TypeVar("Parsed")


def _try(parse: Callable[[str], Parsed], text: str) -> Parsed | None:
    try:
        return parse(text)
    except (ValueError, OverflowError):
        return None


def _check_currencies(charges: pl.DataFrame) -> None:
    """Raise ValueError when one billing period has charges in more than one currency: they cannot be added."""
    by_period = charges.group_by("billing_period_start").agg(pl.col("billing_currency").unique().sort())
    mixed = by_period.filter(pl.col("billing_currency").list.len() > 1).sort("billing_period_start")
    if mixed.height:
        found = mixed.row(0, named=True)
        currencies = " and ".join(found["billing_currency"])
        month = f"{found['billing_period_start']:%Y-%m}"
        raise ValueError(f"mixes {currencies} in billing period {month}, expected one currency; split the export")
