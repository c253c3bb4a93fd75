"""The limits of a data point version by version, and whether the process is capable of what the business asks."""

from __future__ import annotations

import polars as pl
import streamlit as st

from analysis.spc.capability import Capability, Index, Specification, capability
from app import tables, ui, words
from app.quality.story import Story
from app.quality.whole_limits import as_read
from app.reports.phrases import plain


def versions(story: Story) -> None:
    """Every version of the limits: of which points, why, and what it promises."""
    if story.limits.is_empty():
        ui.empty("No limits yet", "They come once there is enough history to learn them from.", ":material/school:")
        return
    unit = story.metric.unit
    said = [
        pl.col(name).map_elements(lambda value: words.measured(value, unit), return_dtype=pl.String).alias(name)
        for name in ("center", "lower", "upper")
    ]
    columns = {
        "version": tables.number("Version", "%d"),
        "made_at": tables.moment("Made"),
        "reason": tables.text("Why", 220),
        "points": tables.number("Points", "%d"),
        "from_at": tables.moment("Learned from"),
        "to_at": tables.moment("to"),
        "kind": tables.text("Kind"),
        "center": tables.text("Center line"),
        "lower": tables.text("Lower limit"),
        "upper": tables.text("Upper limit"),
        "rate": tables.number("False alarms a point", "%.5f"),
        "actor": tables.text("By"),
    }
    st.caption("Limits are never changed, only replaced; those at the end of what they were learned from are shown.")
    tables.show(as_read(story.limits).with_columns(said), columns, "limits", "Versions of the limits")


def capable(story: Story) -> None:
    """Indices with their intervals against the limits of the business, or why none are stated."""
    watch = story.watch
    if watch.lowest is None and watch.highest is None:
        said = "Give this data point `lowest` or `highest` (and a `target`) under `watch` in the estate."
        ui.empty("The business has set no limits", said, ":material/straighten:")
        return
    values = _in_control(story)
    unit = story.metric.unit
    wanted = [(name, getattr(watch, name)) for name in ("lowest", "target", "highest")]
    st.markdown(
        " · ".join(
            f":gray[{name.capitalize()}] **{plain(words.measured(value, unit))}**"
            for name, value in wanted
            if value is not None
        )
    )
    try:
        found = capability(values.to_numpy(), Specification(watch.lowest, watch.highest, watch.target))
    except ValueError as error:
        ui.empty("No capability stated", str(error), ":material/help:")
        return
    if not isinstance(found, Capability):
        ui.empty(
            "No capability stated",
            f"{found.reason} {words.share(found.within)} of the values are within.",
            ":material/help:",
        )
        return
    st.markdown(found.sentence())
    indices = {"Cp": found.cp, "Cpk": found.cpk, "Cpm": found.cpm, "Pp": found.pp, "Ppk": found.ppk}
    with st.grid(5, min_column_width=130):
        for name, index in indices.items():
            _index(name, index)


def _index(name: str, index: Index | None) -> None:
    if index is not None:
        st.metric(
            name,
            f"{index.value:.2f}",
            f"{index.lower:.2f} to {index.upper:.2f}",
            delta_color="off",
            delta_arrow="off",
            border=True,
        )


def _in_control(story: Story) -> pl.Series:
    """The values that count, without those a person left out, since the newest accepted stage."""
    stages = story.stages.filter(pl.col("state") == "accepted")["starts_at"]
    kept = story.points.filter(pl.col("value").is_finite() & (pl.col("state").fill_null("") != "left_out"))
    return (kept.filter(pl.col("observed_at") >= stages.max()) if stages.len() else kept)["value"]
