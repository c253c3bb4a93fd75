"""A number on a report differs from its backend, as several looks agree: which, by how much, and from which hop on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from alerts.base import Context, Finding, Rule
from alerts.report_looks import BAD, NewestLook, judged
from analysis.reports.judging_words import difference, figure
from config.reports import BACKEND, Number
from store.rows import CheckState, Fault, NumberState

RULE = Rule(
    name="report_wrong",
    severity="critical",
    queries=("rule_reports", "rule_report_numbers", "checker_trials"),
    help="Begin at the first wrong hop, on the day and in the segment that the evidence names.",
)
PAGE = "page"
Key = tuple[str, str]
Rows = list[dict[str, Any]]


def find(ctx: Context) -> Iterator[Finding]:
    """One finding per report with a wrong number (critical) or a stale one (warning); unknown where nobody can tell."""
    numbers: dict[Key, Rows] = {}
    for row in ctx.answers["rule_report_numbers"].iter_rows(named=True):
        numbers.setdefault((row["report_id"], row["persona"]), []).append(row)
    yield from judged(ctx, partial(_judge, ctx, numbers))


def _judge(ctx: Context, numbers: Mapping[Key, Rows], look: NewestLook) -> Finding | None:
    promised = {number.id: number for number in look.report.numbers}
    if not promised or look.verdict not in BAD:
        return None
    read = {row["number_id"]: row for row in numbers.get(look.key, [])}
    rows = [read[name] for name in promised if name in read]
    wrong = [row for row in rows if row["state"] == NumberState.WRONG]
    if look.state is CheckState.UP or (look.state is CheckState.DOWN and not rows):
        return look.unknown("the newest look did not find it wrong; more have to agree")
    if wrong and look.verdict is CheckState.DOWN:
        more = f"; {len(wrong) - 1} more wrong" if len(wrong) > 1 else ""
        return look.finding(
            f"{_wrong(wrong[0], promised[wrong[0]['number_id']], look)}{more}",
            severity="critical",
            value=_gap(wrong[0]),
            unit=wrong[0]["unit"],
        )
    stale = [row for row in rows if row["state"] == NumberState.STALE]
    if not stale:
        return None
    more = f"; {len(stale) - 1} more stale" if len(stale) > 1 else ""
    return look.finding(
        f"{_stale(stale[0], promised[stale[0]['number_id']])}{more}",
        severity="warning",
        causes=tuple(f"dataset:{name}" for name in sorted(ctx.graph.datasets_of(look.report.id))),
    )


def _wrong(row: dict[str, Any], number: Number, look: NewestLook) -> str:
    """`Revenue: page shows €372,600, backend has 409,849 EUR, 37,249 EUR (9.1 %) too low; wrong from Mart on, …`."""
    page, backend, unit = row["page_value"], row["backend_value"], row["unit"]
    if page is None or backend is None or look.fault is Fault.WRONG_UNIT:
        return f"{_title(number)}: {(row['message'] or 'wrong').rstrip('.')}"
    said = f"{_title(number)}: page shows {row['page_text'] or figure(page, unit)}, backend has {figure(backend, unit)}"
    return f"{said}, {difference(page, backend, unit)}{_hop(row, number)}"


def _hop(row: dict[str, Any], number: Number) -> str:
    """Where the number first goes wrong, as far as the walk along its hops came."""
    if not row["hop"]:
        return ""
    if row["hop"] == PAGE:
        return "; wrong on the page only"
    title = next((hop.title for hop in number.way if hop.id == row["hop"] and hop.title), row["hop"])
    day = f", first on {row['day'].day} {row['day']:%b %Y}" if row["day"] else ""
    return f"; wrong from {'the backend' if title == BACKEND else title} on{day}{_segment(row)}"


def _segment(row: dict[str, Any]) -> str:
    return f" in {row['segment']}" if row["segment"] else ""


def _stale(row: dict[str, Any], number: Number) -> str:
    if row["page_value"] is None or row["backend_value"] is None:
        return f"{_title(number)}: {(row['message'] or 'stale').rstrip('.')}"
    shown = row["page_text"] or figure(row["page_value"], row["unit"])
    now = figure(row["backend_value"], row["unit"])
    return f"{_title(number)}: page still shows the older {shown}, backend has {now}"


def _title(number: Number) -> str:
    return number.title or number.id


def _gap(row: dict[str, Any]) -> float | None:
    """How far the page lies from the backend, in the number's unit."""
    if row["page_value"] is None or row["backend_value"] is None:
        return None
    return float(row["page_value"] - row["backend_value"])
