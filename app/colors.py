"""Colours inside charts, where the theme does not reach: one set for dark and one for light, by meaning."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by meaning, as hex text; `good`, `warn` and `bad` are for states only."""

    accent: str
    good: str
    warn: str
    bad: str
    quiet: str
    line: str
    band: str
    series: tuple[str, ...]


DARK = Palette(
    accent="#6EA0FF",
    good="#3CCB7F",
    warn="#F79009",
    bad="#F97066",
    quiet="#98A2B3",
    line="#26303F",
    band="rgba(110, 160, 255, 0.08)",
    series=("#6EA0FF", "#2ED3B7", "#A48AFB", "#FDB022", "#36BFFA", "#F670C7", "#8098F9", "#98A2B3"),
)
LIGHT = Palette(
    accent="#155EEF",
    good="#12915A",
    warn="#D97706",
    bad="#D92D20",
    quiet="#667085",
    line="#E4E7EC",
    band="rgba(21, 94, 239, 0.06)",
    series=("#155EEF", "#0E9384", "#7A5AF8", "#DD8A0B", "#0BA5EC", "#C11574", "#4E5BA6", "#667085"),
)


def palette() -> Palette:
    """The colours for the theme that the viewer has on."""
    return LIGHT if st.context.theme.type == "light" else DARK
