"""FOCUS files for tests: a good row, and changes to it."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from pathlib import Path

BASE = {
    "BillingPeriodStart": "2026-10-01T00:00:00Z",
    "ChargePeriodStart": "2026-10-03T00:00:00Z",
    "ChargePeriodEnd": "2026-10-04T00:00:00Z",
    "ChargeCategory": "Usage",
    "ServiceName": "Storage",
    "ProviderName": "Cloud",
    "BilledCost": "1.5",
    "EffectiveCost": "1.25",
    "ListCost": "NULL",
    "BillingCurrency": "EUR",
    "Tags": '{"team": "a"}',
    "Id": "7",
}
NOVEMBER = {"BillingPeriodStart": "2026-11-01T00:00:00Z", "ChargePeriodStart": "2026-11-03 00:00:00"}


def write(path: Path, *changes: Mapping[str, str], lacks: str = "") -> Path:
    """A FOCUS file with one row per change to BASE; its time of change is always a new one."""
    names = [name for name in {**BASE, **(changes[0] if changes else {})} if name != lacks]
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, names, extrasaction="ignore")
        table.writeheader()
        table.writerows({**BASE, **change} for change in changes)
    write.times += 1  # type: ignore[attr-defined]
    os.utime(path, (1_700_000_000 + write.times, 1_700_000_000 + write.times))  # type: ignore[attr-defined]
    return path


write.times = 0  # type: ignore[attr-defined]
