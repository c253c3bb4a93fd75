"""The signals of a data point with their evidence, what people said of them, and the buttons to say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from app import tables, times, ui, words
from app.quality import acts
from app.quality.chart_deeds import attempt, may_decide, reason, typed
from app.quality.story import Story
from app.reports.phrases import plain

ANSWERS = {
    "real": ("Real", "There was a cause", ":material/check:"),
    "expected": ("Expected", "We knew it would come", ":material/event_available:"),
    "data_late": ("Data late", "Only the data was not there yet", ":material/history:"),
}
MOST_OPEN = 5


def show(story: Story) -> None:
    """Open signals with their answers, then all of them as a table."""
    if story.signals.is_empty():
        said = (
            "Every judged point is within what it does by itself."
            if story.is_judged
            else "No point was held against limits yet."
        )
        ui.empty(
            "No signal" if story.is_judged else "No verdict yet",
            said,
            ":material/task_alt:" if story.is_judged else ":material/help:",
        )
        return
    for row in story.signals.filter(pl.col("state") == "open").head(MOST_OPEN).iter_rows(named=True):
        _open(row)
    _table(story)


def _open(row: Mapping[str, Any]) -> None:
    with st.container(border=True, gap="small"):
        marks = [ui.badge("signal" if row["mode"] == "alert" else "watched", words.spoken(row["rule"]))]
        marks.append(f":gray-badge[{row['score']:.2f} of its limit]")
        if row["answer"]:
            marks.append(ui.badge("answered", f"{ANSWERS[row['answer']][0]}, {plain(row['answered_by'])}"))
        st.markdown(f"{' '.join(marks)}  \n{plain(row['evidence'])}")
        if row["answer"]:
            st.caption(f"{plain(row['answer_reason'])} ({times.ago(row['answered_at'])})")
        if not may_decide("Answering a signal"):
            return
        key = f"answer_{row['signal_id']}"
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            reason(key)
            for name, (label, help_text, icon) in ANSWERS.items():
                st.button(
                    label, key=f"{name}_{key}", icon=icon, help=help_text, on_click=_answer,
                    args=(row["signal_id"], name), disabled=row["answer"] == name,
                )  # fmt: skip


def _answer(signal_id: str, name: str) -> None:
    key = f"answer_{signal_id}"
    done = f"Answered: {ANSWERS[name][0].lower()}. It counts for how often this rule is right."
    attempt(lambda: acts.answer(signal_id, name, typed(key)), done, key)


def _table(story: Story) -> None:
    frame = story.signals.with_columns(
        pl.col("rule").map_elements(words.spoken, return_dtype=pl.String).alias("rule_said"),
        pl.when((pl.col("state") == "open") & (pl.col("mode") == "watch"))
        .then(pl.lit("watched"))
        .otherwise(pl.col("state").replace({"open": "signal", "closed": "ended"}))
        .alias("standing"),
        pl.col("answer").replace({name: label for name, (label, _, _) in ANSWERS.items()}).fill_null(""),
    )
    columns = {
        "standing": {**tables.state("State"), "width": 120},
        "first_at": tables.moment("From"),
        "last_at": tables.moment("To"),
        "rule_said": tables.text("Rule"),
        "score": tables.number("Evidence", "%.2f", "Of the limit; 1 and above is a signal"),
        "answer": tables.text("Answer"),
        "evidence": tables.text("Evidence", "large"),
        "version": tables.number("Limits", "%d", "The version of the limits that it was judged by"),
    }
    tables.show(frame, columns, "signals", "Signals of this data point", ["standing"])


def judged_again(story: Story) -> None:
    """Points that were judged more than once, with their first and their newest verdict."""
    frame = story.points.filter(pl.col("times_judged") > 1).reverse()
    if frame.is_empty():
        return
    unit = story.metric.unit
    said = [
        pl.col(name)
        .map_elements(lambda value: words.measured(value, unit), return_dtype=pl.String)
        .alias(f"{name}_said")
        for name in ("first_value", "value")
    ]
    columns = {
        "observed_at": tables.moment("Point"),
        "first_value_said": tables.text("First value"),
        "first_state": {**tables.state("First verdict"), "width": 130},
        "value_said": tables.text("Value now"),
        "state": {**tables.state("Verdict now"), "width": 130},
        "score": tables.number("Evidence", "%.2f"),
        "judged_at": tables.moment("Judged again"),
    }
    st.markdown("**Judged again**, because the data came late or was corrected")
    tables.show(frame.with_columns(said), columns, "judged_again", "Points judged again", ["first_state", "state"])
