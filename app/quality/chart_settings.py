"""How a data point is judged, changed on the page: tried on its own history first, then saved with a reason."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pydantic import ValidationError

from analysis.spc.rules import FAMILIES, RULES
from app import ui, words
from app.quality import acts, chart_backtest
from app.quality.chart_deeds import attempt, may_decide, reason, typed
from app.quality.story import Story
from app.reports.phrases import plain
from config.quality import Watch

BUDGET = "Share of the budget"
STEPS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 12.0, 26.0, 52.0)
DIRECTIONS = {"both": "Up and down", "up": "Only up", "down": "Only down"}
WHY = "watch_reason"


def show(story: Story) -> None:
    """The settings in force, the form, the comparison on history and the way to save or reset them."""
    st.markdown(_in_force(story))
    if not may_decide("Changing how a data point is judged"):
        return
    metric = story.metric.id
    wanted = _form(story)
    if wanted is None:
        return
    is_changed = wanted != story.watch
    with st.container(horizontal=True, gap="small"):
        if st.button("Compare on history", key="compare", icon=":material/compare_arrows:", disabled=not is_changed):
            chart_backtest.run(metric, wanted)
    found = chart_backtest.of(metric, wanted)
    if is_changed and found is not None:
        chart_backtest.show(found)
    if is_changed:
        reason(WHY)
        st.button(
            "Save", key="save_watch", type="primary", on_click=_save, args=(metric, wanted), disabled=found is None,
            help=None if found is not None else "Compare on history first; what it says is kept beside the setting.",
        )  # fmt: skip
    if story.watch != story.metric.watch:
        with st.popover("As the estate says again", icon=":material/undo:"):
            reason("reset_reason")
            st.button("Reset", key="reset_watch", on_click=_reset, args=(metric,))


def _in_force(story: Story) -> str:
    watch = story.watch
    own = "as saved here" if watch != story.metric.watch else "as the estate says"
    promised = _per_year(story)
    chance = f"chance alone gives about {promised:.2g} signals a year" if promised is not None else "no limits yet"
    rules = ", ".join(words.spoken(rule) for rule in watch.rules) or "none beside the calibrated detector"
    return f":gray[In force, {own}:] {chance} · chart rules: {rules} · {DIRECTIONS[watch.direction].lower()}"


def _per_year(story: Story) -> float | None:
    """Expected signals a year by chance, of the limits in force and the usual step of the points."""
    step = story.points["observed_at"].diff().drop_nulls().median()
    seconds = getattr(step, "total_seconds", float)()
    if story.limits.is_empty() or not seconds:
        return None
    return float(story.limits["rate"][0]) * 365.25 * 86400 / seconds


def _form(story: Story) -> Watch | None:
    """The settings as they stand in the form; None and a sentence where they contradict each other."""
    watch, metric = story.watch, story.metric.id
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        options = [BUDGET, *STEPS]
        if watch.false_alarms_per_year and watch.false_alarms_per_year not in options:
            options.insert(1, watch.false_alarms_per_year)
        alarms = st.select_slider(
            "Signals a year that chance alone may give", options, watch.false_alarms_per_year or BUDGET,
            key=f"alarms_{metric}", format_func=lambda one: one if isinstance(one, str) else f"{one:g}", width=380,
        )  # fmt: skip
        direction = st.segmented_control(
            "Direction", list(DIRECTIONS), default=watch.direction, required=True, key=f"direction_{metric}",
            format_func=DIRECTIONS.__getitem__,
        )  # fmt: skip
        least = st.number_input(
            f"Least change that matters{f', {plain(story.metric.unit)}' if story.metric.unit else ''}", min_value=0.0,
            value=watch.least_change, key=f"least_{metric}", width=200, format="%g",
        )  # fmt: skip
    names = [*FAMILIES, *RULES, *(rule for rule in watch.rules if rule not in RULES and rule not in FAMILIES)]
    rules = st.multiselect(
        "Chart rules beside the calibrated detector", names, watch.rules, key=f"rules_{metric}", format_func=_rule_said
    )
    changed: dict[str, Any] = {
        "false_alarms_per_year": None if isinstance(alarms, str) else alarms,
        "direction": direction,
        "least_change": least,
        "rules": rules,
    }
    try:
        return Watch.model_validate(watch.model_dump() | changed)
    except ValidationError as error:
        st.error(error.errors()[0]["msg"].removeprefix("Value error, "), icon=":material/error:")
        return None


def _rule_said(name: str) -> str:
    if name in FAMILIES:
        return f"All of {words.spoken(name)}"
    return f"{words.spoken(name)}: {RULES[name].title}" if name in RULES else name


def _save(metric_id: str, watch: Watch) -> None:
    found = chart_backtest.of(metric_id, watch)
    plain = found.as_plain() if found is not None else ""
    attempt(
        lambda: acts.save_watch(metric_id, watch, typed(WHY), plain), "Saved; new limits follow in some seconds.", WHY
    )


def _reset(metric_id: str) -> None:
    done = "The estate's setting counts again."
    attempt(lambda: acts.reset_watch(metric_id, typed("reset_reason")), done, "reset_reason")


def action_plan(story: Story) -> None:
    """What to do when it signals, step by step."""
    if not story.watch.action_plan:
        return
    with ui.card("What to do", "The action plan of this data point"):
        st.markdown("\n".join(f"{place}. {step}" for place, step in enumerate(story.watch.action_plan, 1)))
