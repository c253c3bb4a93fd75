"""Charges under their FOCUS names, the loads that brought them, and the plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from store.rows.base import Row


@dataclass(frozen=True, slots=True)
class Charge(Row):
    """One FOCUS charge row under its snake_case names; `load_id` tells which load brought it."""

    TABLE: ClassVar[str] = "charges"
    TIME: ClassVar[str] = "charge_period_start"

    load_id: str
    source: str
    billing_period_start: datetime
    charge_period_start: datetime
    charge_period_end: datetime
    charge_category: str
    service_name: str
    service_category: str | None
    provider_name: str | None
    sub_account_id: str | None
    sub_account_name: str | None
    region_id: str | None
    resource_id: str | None
    pricing_quantity: Decimal | None
    pricing_unit: str | None
    billed_cost: Decimal
    effective_cost: Decimal
    list_cost: Decimal | None
    contracted_cost: Decimal | None
    billing_currency: str
    tags: str | None = None


@dataclass(frozen=True, slots=True)
class ChargeLoad(Row):
    """The record that makes a load of one source and billing period the current one; the last record wins."""

    TABLE: ClassVar[str] = "charge_loads"
    TIME: ClassVar[str] = "loaded_at"

    load_id: str
    source: str
    billing_period_start: datetime
    loaded_at: datetime
    rows: int
    billed_cost: Decimal
    billing_currency: str
    path: str


@dataclass(frozen=True, slots=True)
class PlanLine(Row):
    """Planned effective cost of a service for one month, as one version of the plan says."""

    TABLE: ClassVar[str] = "plan_lines"
    TIME: ClassVar[str] = "loaded_at"

    load_id: str
    loaded_at: datetime
    service_name: str
    period_start: date
    planned_cost: Decimal
    billing_currency: str
