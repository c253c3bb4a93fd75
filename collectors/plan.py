"""The plan of costs: a CSV with service_name, period_start, planned_cost, billing_currency, one row each month."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from pathlib import Path

from collectors import files
from collectors.base import SourceError
from store.rows import PlanLine

COLUMNS = ("service_name", "period_start", "planned_cost", "billing_currency")
MICRO = Decimal("0.000001")
TOO_MUCH = Decimal("1e12")  # does not fit decimal(18, 6)


def read_plan(path: Path, now: datetime) -> tuple[str, tuple[PlanLine, ...]]:
    """The id of this version of the plan and its lines; raises SourceError naming row (from 1) and column.

    The id follows path, content and time of change, so that an earlier plan that comes back is a new version.
    """
    try:
        data = path.read_bytes()
        changed_ns = files.stamp(path)[1]
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
        rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"The plan {path} cannot be read ({error}), expected a CSV file.") from error
    absent = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
    if absent:
        raise SourceError(f"The plan {path} has no column {', '.join(absent)}, expected {', '.join(COLUMNS)}.")
    load_id = files.digest(f"{path} {changed_ns} {files.digest(data)}".encode())
    lines: dict[tuple[str, date], PlanLine] = {}
    for number, row in enumerate(rows, start=1):
        line = _line(row, f"The plan {path}, row {number}", load_id, now)
        if (line.service_name, line.period_start) in lines:
            found = f"{line.service_name} stands twice for {line.period_start:%Y-%m}"
            raise SourceError(f"The plan {path}, row {number}: {found}; keep one.")
        lines[line.service_name, line.period_start] = line
    return load_id, tuple(lines.values())


def _line(row: dict[str, str | None], where: str, load_id: str, now: datetime) -> PlanLine:
    values = {name: (row.get(name) or "").strip() for name in COLUMNS}
    empty = next((name for name, value in values.items() if not value), None)
    if empty:
        raise SourceError(f"{where}: {empty} is empty, expected a value.")
    try:
        period_start = date.fromisoformat(values["period_start"])
    except ValueError as error:
        raise SourceError(f"{where}: period_start is {values['period_start']!r}, expected YYYY-MM-01.") from error
    if period_start.day != 1:
        raise SourceError(f"{where}: period_start is {period_start}, expected the first day of a month.")
    cost = _cost(values["planned_cost"])
    if cost is None:
        raise SourceError(f"{where}: planned_cost is {values['planned_cost']!r}, expected a number below 1e12.")
    return PlanLine(load_id, now, values["service_name"], period_start, cost, values["billing_currency"])


def _cost(text: str) -> Decimal | None:
    """`text` with six decimals, rounded half to even; None when it is no amount."""
    try:
        cost = Decimal(text)
    except InvalidOperation:
        return None
    return cost.quantize(MICRO, ROUND_HALF_EVEN) if cost.is_finite() and abs(cost) < TOO_MUCH else None
