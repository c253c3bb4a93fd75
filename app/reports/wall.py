"""The wall: a card per report, worst first, or the same as a table. Only the page that is seen is asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import streamlit as st

from app import charts_reports, data, tables, times, ui, watching, words
from app.answers import Answer
from app.reports import board, filters, objective, opening, phrases, thumbnails
from app.reports.board import KINDS, Board
from app.reports.filters import Shown

DAYS = 90
MANY, FEW_LOOKS = 500, 12  # so many rows with forty points each would be a megabyte for the browser
NO_BROWSER = (
    "There is no browser where the checker runs, so no report can be rendered; install Chromium there "
    "(`deploy/install-browser.sh`), and the next look finds it."
)
EXAMPLE = """reports:
  - id: sales-overview
    title: Sales overview
    url: https://reports.example.org/sales
    subsystem: sales
    numbers:
      - id: revenue
        at: {text: Revenue}
        unit: EUR
        source: postgresql://reader@warehouse/sales
        sql: select sum(amount) as value from mart.orders"""


def figures(found: Board, live_seconds: int | None = None) -> None:
    """When this was true, and the key figures."""
    counts = dict(found.reports.group_by("kind").len().iter_rows())
    notes = [ui.badge(kind, f"{words.state(kind).word} {counts[kind]}") for kind in KINDS if kind in counts]
    ui.as_of(*found.answers, live_seconds=live_seconds, notes=notes)
    with st.grid(5, min_column_width=158):
        for figure in board.figures(found):
            ui.kpi(**figure)


def banners(found: Board) -> None:
    """Why nothing below can be trusted, or why nothing is looked at."""
    if found.checker.state == "broken":
        st.error(
            f"The checker is broken: {found.checker.said}. Until it is right again every rendered report is unknown.",
            icon=":material/build_circle:",
        )
    elif found.checker.state == "silent":
        st.warning(
            f"The checker was {found.checker.said} on its own pages, so its verdicts are not trusted; "
            "see Collectors for why it does not run.",
            icon=":material/help:",
        )
    if (found.targets["fault"] == "no_browser").any():
        st.warning(NO_BROWSER, icon=":material/web_asset_off:")


def show(found: Board) -> None:
    """Filters, then the reports that pass them as cards or as rows."""
    if found.reports.is_empty():
        _no_report()
        return
    shown = filters.pick(found)
    filters.remember()
    if shown.frame.is_empty():
        ui.empty("No report is so", "Widen the filters to see others.", ":material/filter_alt_off:")
    elif shown.view == "Table":
        _table(shown)
    else:
        _cards(shown)


def _no_report() -> None:
    with st.container(border=True):
        ui.empty(
            "Name reports in the estate", "Each is then opened in a browser every few minutes and proven, as here:"
        )
        st.code(EXAMPLE, language="yaml")


def _cards(shown: Shown) -> None:
    place = st.container()
    rows = filters.paged(shown)
    ids = rows["report_id"].to_list()
    days = data.answer("report_bars", reports=ids, since=timedelta(days=DAYS))
    files = thumbnails.files_of(ids)
    by_report = {str(key[0]): part for key, part in days.frame.partition_by("report_id", as_dict=True).items()}
    with place, st.grid(3, min_column_width=300):
        for row in rows.iter_rows(named=True):
            file = files.get((row["report_id"], row["persona"]))
            _card(row, by_report.get(row["report_id"]), days, file)


def _card(row: dict[str, Any], days: pl.DataFrame | None, answer: Answer, file: str | None) -> None:
    with st.container(border=True, gap="xsmall", height="stretch", key=f"card_{row['report_id']}"):
        with st.container(horizontal=True, gap="small", vertical_alignment="top"):
            thumbnails.show(file, row["title"])
            with st.container(gap=None):
                opening.link(f"**{phrases.plain(row['title'])}**", row["report_id"], row["persona"])
                st.markdown(" ".join(_badges(row)))
                st.caption(_about(row))
        if row["said"]:
            st.markdown(phrases.sentence(row["said"]))
        _bars(row["title"], days, answer)
        st.caption(" · ".join(_facts(row)))


def _badges(row: dict[str, Any]) -> list[str]:
    """The state and, where it is at risk, the error budget."""
    budget = objective.state_of(row["budget_left"])
    return [ui.badge(row["word"])] + [ui.badge(budget)] * (budget in ("budget_low", "budget_spent"))


def _about(row: dict[str, Any]) -> str:
    audience = row["audience_title"] or row["audience"]
    more = f", {row['personas_bad']} of {row['personas']} audiences" if row["personas"] > 1 else ""
    parts = (phrases.plain(row["owner"]), phrases.plain(audience) + (more if row["personas_bad"] else ""))
    return " · ".join(filter(None, parts))


def _facts(row: dict[str, Any]) -> list[str]:
    """Time to useful, numbers that match and when it was looked at; what is old says so."""
    facts = []
    if row["is_known"] and row["latency_seconds"] is not None:
        facts.append(words.duration(row["latency_seconds"]))
    if row["numbers_declared"]:
        read = row["match"] if row["numbers"] else words.UNKNOWN_NUMBER
        facts.append(f"{read} of {words.plural(row['numbers_declared'], 'number')} match")
    if row["observed_at"] is not None:
        facts.append(f"seen {times.ago(row['observed_at'])}")
    return facts or ["nothing known yet"]


def _bars(title: str, days: pl.DataFrame | None, answer: Answer) -> None:
    if days is None or answer.as_of is None:
        return
    kinds = charts_reports.day_kinds(days, answer.as_of.date(), DAYS)
    st.image(charts_reports.day_bars(kinds), width="stretch", alt=f"{title}, {charts_reports.days_said(kinds)}")


def _table(shown: Shown) -> None:
    day = data.answer("report_availability", since=watching.DAY)
    frame = shown.frame.join(
        day.frame.select("report_id", "up_ratio", "p95_latency_seconds", "latencies"),
        on="report_id", how="left", maintain_order="left",
    )  # fmt: skip
    if frame.height > MANY:
        frame = frame.with_columns(pl.col("latencies").list.tail(FEW_LOOKS))
    columns = {
        "word": {**tables.state("State"), "width": 170},
        "title": tables.text("Report", 150),
        "said": tables.text("What is wrong", 260),
        "latency_seconds": tables.seconds("Useful after"),
        "latencies": tables.lines("Newest looks"),
        "p95_latency_seconds": tables.seconds("p95, 24 h"),
        "up_ratio": tables.level("Up, 24 h"),
        "budget_left": tables.level("Budget left"),
        "match": tables.number("Match", help_text="Numbers that equal their backend"),
        "numbers_declared": tables.number("Numbers", help_text="Numbers that the estate promises"),
        "observed_at": tables.moment("Looked at"),
        "owner": tables.text("Owner"),
        "tls_days_left": tables.number("TLS", "%.0f d", "Days until the certificate expires; empty without TLS"),
    }
    row = tables.show(frame, columns, "reports", "Reports with state, speed and numbers", ["word"], selectable=True)
    if row is not None and row < frame.height:
        opening.go(frame["report_id"][row], frame["persona"][row])
