"""What is said of a point when the pointer stands on it: everything that was made of it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import polars as pl

from app import times, words
from app.words import measured


def texts(rows: pl.DataFrame, unit: str) -> list[str]:
    """A text per point, with line breaks as Plotly has them; columns as in app.quality.figures, values in `unit`."""
    return ["<br>".join(_lines(row, unit)) for row in rows.iter_rows(named=True)]


def _lines(row: Mapping[str, Any], unit: str) -> list[str]:
    at = times.local(row["observed_at"])
    lines = [f"<b>{escape(measured(row['value'], unit))}</b> · {at:%a} {at.day} {at:%b %Y %H:%M}"]
    if row["is_corrected"]:
        lines.append(f"Corrected; {escape(measured(row['raw_value'], unit))} was collected")
    if row["lower"] is not None and row["upper"] is not None:
        low, high = (escape(measured(row[name], unit)) for name in ("lower", "upper"))
        lines.append(f"Expected {low} to {high}, center {escape(measured(row['center'], unit))}")
    if row["state"] is None:
        lines.append("Not judged yet")
        return lines
    lines.append(_verdict(row))
    if row["times_judged"] and row["times_judged"] > 1:
        before = words.state(row["first_state"]).word.lower()
        lines.append(f"First judged {before} at {escape(measured(row['first_value'], unit))}; judged again later")
    rules = sorted({*(row["rules"] or "").split(), *(row["member_of"] or [])})
    if rules:
        lines.append("Rules: " + escape(", ".join(words.spoken(rule) for rule in rules)))
    return lines


def _verdict(row: Mapping[str, Any]) -> str:
    word = words.state(row["state"]).word
    score = f", evidence {row['score']:.2f} of the limit" if row["score"] is not None else ""
    cause = f" ({escape(row['cause'])})" if row["cause"] else ""
    late = ", came late" if row["is_late"] else ""
    return f"{word}{cause}{score}{late}; limits version {row['version']}"
