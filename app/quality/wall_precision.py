"""How often each rule was right as people answered, and which rules are only watched because they were not."""

from __future__ import annotations

import polars as pl
import streamlit as st

from app import data, tables, ui, words
from app.quality import series
from app.quality.precision import QUERY, demotions, precision_of
from app.reports.phrases import plain

MOST_TOLD = 5
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "standing": pl.String,
    "rule": pl.String,
    "where": pl.String,
    "ratio": pl.Float64,
    "interval": pl.String,
    "real": pl.Int64,
    "answers": pl.Int64,
    "sentence": pl.String,
}


def show() -> None:
    """A row per rule, and per rule and data point, with its answers; what is only watched first."""
    answers = data.answer(QUERY)
    quality = data.estate().estate.quality
    st.caption(
        f"A rule of which fewer than {words.share(quality.precision_floor)} of the answered signals were real, after "
        f"{words.plural(quality.least_answers, 'answer')}, alerts nobody and is only watched."
    )
    said = "Answer signals as real, expected or late data, and each rule is judged by its answers."
    if ui.nothing(answers, "No signal was answered yet", said):
        return
    rows = [
        (
            "watched" if one.is_watched else "active" if one.answers >= quality.least_answers else "learning",
            words.spoken(one.rule),
            _title(one.metric_id),
            one.ratio,
            f"{words.share(one.low)} to {words.share(one.high)}",
            one.real,
            one.answers,
            one.sentence,
        )
        for one in precision_of(answers.frame, quality)
    ]
    columns = {
        "standing": {**tables.state("State"), "width": 130},
        "rule": tables.text("Rule"),
        "where": tables.text("Data point", 200),
        "ratio": tables.level("Were real"),
        "interval": tables.text("With 95 %", None, "Wilson's interval of the share that is real"),
        "real": tables.number("Real", "%d"),
        "answers": tables.number("Answers", "%d"),
        "sentence": tables.text("In words", "large"),
    }
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    tables.show(frame, columns, "precision", "Rules with how often they were right", ["standing"])


def _title(metric_id: str) -> str:
    if not metric_id:
        return "All data points"
    metric = series.metric_of(metric_id)
    return metric.title if metric else metric_id


def demoted() -> None:
    """Say above the wall which rules alert nobody any more, as nothing would be heard of them."""
    found = demotions(data.answer(QUERY).frame, data.estate().estate.quality)
    if not found:
        return
    lines = [f"- {plain(one.sentence)}" for one in found[:MOST_TOLD]]
    more = [f"- and {len(found) - MOST_TOLD} more, under Rules"] if len(found) > MOST_TOLD else []
    with st.expander(f"{words.plural(len(found), 'rule')} only watched", icon=":material/visibility:"):
        st.markdown("\n".join([*lines, *more]))
