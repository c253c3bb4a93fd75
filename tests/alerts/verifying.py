"""A small estate of reports with looks at them, good and bad, and pictures, to write verification mails about."""

from __future__ import annotations

import io
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from alerts.letters import Letter
from alerts.verification.account import Account, by_severity, doubt_of
from alerts.verification.mails import Mailing, mailing_of
from config.alerting import Verification
from config.load import parse
from store.rows import (
    CheckState,
    Fault,
    NumberState,
    ReportCheck,
    ReportHop,
    ReportNumber,
    Row,
    Snapshot,
    Stage,
)

NOW = datetime(2026, 11, 25, 6)  # Wednesday, 07:00 in Berlin
SEEN_AT = NOW - timedelta(minutes=2)
GOOD_AT = NOW - timedelta(hours=10)
ESTATE = """name: Test
subsystems: [{id: sales, title: Sales}]
reports:
  - id: partner-sales
    title: Partner sales
    url: "https://reports.example.com/partners"
    subsystem: sales
    owner: alice
    audience: partners
    numbers:
      - id: revenue
        title: Revenue
        at: {text: Revenue}
        unit: EUR
        hops:
          - {id: staging, title: Staging, source: "duckdb:x", sql: "select 1 as value"}
          - {id: mart, title: Mart, source: "duckdb:x", sql: "select 1 as value"}
      - {id: orders, title: Orders, at: {text: Orders}, source: "duckdb:x", sql: "select 1 as value"}
  - {id: stock, title: Stock board, url: "https://reports.example.com/stock", subsystem: sales, owner: alice}
  - {id: ledger, title: Ledger, url: "https://reports.example.com/ledger", subsystem: sales, owner: bob}
  - {id: lost, title: Lost property, url: "https://reports.example.com/lost", subsystem: sales}
"""


def looked(report: str, state: CheckState = CheckState.UP, **changes: Any) -> ReportCheck:
    """A look of two minutes ago, all stages passed unless it says otherwise."""
    shape: dict[str, Any] = {
        "stage": Stage.FAST,
        "observed_at": SEEN_AT,
        "latency_seconds": 1.8,
        "check_id": f"c-{report}",
        "confirmed": state,
        "stages": stages_json(changes.get("stage", Stage.FAST), "" if state is CheckState.UP else "failed"),
    }
    return ReportCheck(report_id=report, state=state, **{**shape, **changes})


def stages_json(last: Stage, ended: str, message: str = "") -> str:
    """Stages as a look keeps them: passed before `last`, skipped behind."""
    order = list(Stage)
    at = order.index(last)
    states = ["passed"] * at + [ended or "passed"] + ["skipped"] * (len(order) - at - 1)
    lines = [
        {"stage": stage, "state": state, "seconds": place / 4, "message": message if place == at else "", "fault": None}
        for place, (stage, state) in enumerate(zip(order, states, strict=True))
    ]
    return json.dumps(lines)


def number(
    name: str, state: NumberState = NumberState.MATCH, report: str = "partner-sales", **more: Any
) -> ReportNumber:
    """One number of the newest look."""
    shape: dict[str, Any] = {"page_text": "410k", "page_value": 410_000.0, "backend_value": 409_849.0, "unit": "EUR"}
    return ReportNumber(report, "", name, f"c-{report}", SEEN_AT, state, **{**shape, "tolerance": 500.0, **more})


def wrong_revenue() -> list[Row]:
    """Revenue 9 % too low, wrong from the mart on, with the proof; orders match."""
    message = "Revenue shows 910,000 EUR, the backend has 1,000,000 EUR."
    values = {"page_text": "910,000 €", "page_value": 910_000.0, "backend_value": 1_000_000.0}
    place: dict[str, Any] = {"day": date(2026, 11, 21), "segment": "Gold"}
    proof = {"value_before": 120_000.0, "value_here": 30_000.0, "rows_before": 12, "rows_here": 10}
    key = ("partner-sales", "", "revenue", "c-partner-sales", SEEN_AT)
    return [
        looked(
            "partner-sales",
            CheckState.DOWN,
            stage=Stage.EQUAL,
            fault=Fault.WRONG_NUMBER,
            message=message,
            snapshot_id="bad",
            stages=stages_json(Stage.EQUAL, "failed", message),
        ),
        number("revenue", NumberState.WRONG, hop="mart", **values, **place),
        number("orders", page_text="1,204", page_value=1204.0, backend_value=1204.0, unit="", tolerance=0.0),
        ReportHop(*key, 0, "staging", 1_000_000.0),
        ReportHop(*key, 1, "mart", 910_000.0, is_wrong=True, **place, **proof),
        ReportHop(*key, 2, "page", 910_000.0),
        looked("partner-sales", observed_at=GOOD_AT, check_id="c-before", snapshot_id="good"),
        shot("bad", SEEN_AT),
        shot("good", GOOD_AT),
    ]


def good_rows() -> list[Row]:
    """All reports well: two numbers match."""
    return [
        looked("partner-sales", snapshot_id="bad"),
        number("revenue"),
        number("orders", page_text="1,204", page_value=1204.0, backend_value=1204.0, unit=""),
        looked("stock", snapshot_id="stock"),
        looked("ledger"),
        looked("lost"),
        shot("bad", SEEN_AT),
    ]


def shot(name: str, taken_at: datetime) -> Snapshot:
    """The row of a picture of partner-sales."""
    return Snapshot(name, "partner-sales", "", taken_at, f"partner-sales/_/{name}.png", 1280, 900, 1, "", "")


def paint(path: Path, text: str = "Revenue 910,000", size: tuple[int, int] = (1600, 900)) -> bytes:
    """A picture of a page, written to `path`."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((40, 40), text, fill="black", font_size=40)
    file = io.BytesIO()
    image.save(file, "PNG")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.getvalue())
    return file.getvalue()


REPORTS = {report.id: report for report in parse(ESTATE).reports}
ADDRESS = "https://ops.example.com/"


def account(name: str, rows: list[Row], **more: Any) -> Account:
    """What the rows say of one report, the first look being the newest."""
    check = next((row for row in rows if isinstance(row, ReportCheck) and row.report_id == name), None)
    numbers = by_severity([row for row in rows if isinstance(row, ReportNumber) and row.report_id == name])
    hops = tuple(row for row in rows if isinstance(row, ReportHop) and row.report_id == name)
    doubt = doubt_of(REPORTS[name], None, check, numbers, (), NOW)
    return Account(REPORTS[name], None, check, numbers, hops, **{"doubt": doubt, **more})


def everything(rows: list[Row]) -> list[Account]:
    return [account(name, rows) for name in REPORTS]


def wanted(**parts: Any) -> Verification:
    shape = {"owner": "alice", "channel": "ops", "timezone": "Europe/Berlin"}
    return Verification.model_validate({**shape, **parts})


def mails(accounts: list[Account], said: dict[str, str] | None = None, **parts: Any) -> Mailing:
    return mailing_of(wanted(**parts), accounts, NOW, ADDRESS, said or {}, NOW)


def letter(accounts: list[Account], **parts: Any) -> Letter:
    """The only mail about these reports."""
    [found] = mails(accounts, **{"owner": "*", **parts}).messages
    assert found.letter is not None
    return found.letter


def moved(rows: list[Row], by: timedelta) -> list[Row]:
    """The rows as if all had happened so much later."""
    for row in rows:
        for name in ("observed_at", "taken_at"):
            at = getattr(row, name, None)
            if isinstance(at, datetime):
                object.__setattr__(row, name, at + by)
    return rows
