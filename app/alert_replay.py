"""How many pages the last thirty days would have been under other settings, before anybody writes them down."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import streamlit as st

from alerts.looks import Patience
from alerts.replaying import pages_per_week, replay
from app import alert_settings, data, times, words
from app.answers import Answer
from app.incidents import SPAN
from config.alerting import Alerting, RuleTuning

LOOK_SECONDS = 10.0  # between two passes of the engine


@dataclass(frozen=True, slots=True)
class Wish:
    """Settings to try on `rules`: the least patience before firing, the fewest good looks to clear, and a hold-off."""

    rules: tuple[str, ...]
    pending_seconds: float
    clear_looks: int
    hold_seconds: float


@dataclass(frozen=True, slots=True)
class Replayed:
    """Pages a week as it is and as it would be, and the same by rule (rule, name, now, then, change) and by day."""

    now: float
    then: float
    by_rule: pl.DataFrame
    by_day: pl.DataFrame
    answer: Answer


def known_rules() -> list[str]:
    """The rules that a replay can change, in the order of their names."""
    return sorted(alert_settings.rules())


def present(rules: tuple[str, ...]) -> tuple[float, int, float]:
    """Settings in force: the least patience in seconds and the fewest clear looks of the rules, and the hold-off."""
    alerting, _ = alert_settings.alerting()
    known = alert_settings.rules()
    patience = [Patience.of(known[name], alerting.rules.get(name)) for name in rules if name in known]
    pending = min((one.pending_for.total_seconds() for one in patience), default=0.0)
    return pending, min((one.clear_looks for one in patience), default=1), alerting.flapping.hold_seconds


def proposed(alerting: Alerting, wish: Wish) -> Alerting:
    """The settings with the wish in them; nothing gets less patient than it is, which a replay could not tell."""
    known = alert_settings.rules()
    tuned = dict(alerting.rules)
    for name in wish.rules:
        if name in known:
            tuning = tuned.get(name) or RuleTuning()
            patience = Patience.of(known[name], tuning)
            pending = max(patience.pending_for.total_seconds(), wish.pending_seconds)
            looks = max(patience.clear_looks, wish.clear_looks)
            tuned[name] = tuning.model_copy(update={"pending_seconds": pending, "clear_looks": looks})
    longest = max(alerting.flapping.most_seconds, wish.hold_seconds)
    flapping = alerting.flapping.model_copy(update={"hold_seconds": wish.hold_seconds, "most_seconds": longest})
    return alerting.model_copy(update={"rules": tuned, "flapping": flapping})


def replayed(wish: Wish) -> Replayed:
    """The last thirty days as they were recorded, replayed with the wish."""
    answer = data.answer("alert_transitions_since", since=SPAN)
    alerting, _ = alert_settings.alerting()
    days = _replay(answer.frame, wish, alerting.model_dump_json())
    now, then = pages_per_week(days, SPAN.days)
    sums = (pl.col("pages_now").sum().alias("now"), pl.col("pages_proposed").sum().alias("then"))
    by_rule = days.group_by("rule").agg(sums).with_columns((pl.col("then") - pl.col("now")).alias("change"))
    names = pl.Series("name", [words.spoken(name) for name in by_rule["rule"]], dtype=pl.String)
    every = pl.date_range((times.now() - SPAN).date(), times.now().date(), eager=True).alias("day").to_frame()
    by_day = every.join(days.group_by("day").agg(sums), on="day", how="left").fill_null(0).sort("day")
    by_day = by_day.rename({"now": "Now", "then": "With these settings"})
    worst = by_rule.with_columns(names).sort("now", "rule", descending=[True, False])
    return Replayed(now, then, worst, by_day.with_columns(pl.col("day").cast(pl.Datetime("us"))), answer)


@st.cache_data(max_entries=32, show_spinner=False)
def _replay(history: pl.DataFrame, wish: Wish, settings: str) -> pl.DataFrame:
    alerting = Alerting.model_validate_json(settings)
    rules = alert_settings.rules()
    return replay(history, rules, times.now(), alerting, proposed(alerting, wish), LOOK_SECONDS)


def verdict(found: Replayed) -> str:
    """The difference in words: `12 % fewer`."""
    if found.now == found.then:
        return "no difference"
    if not found.now:
        return "there were none"
    return f"{words.share(abs(found.then - found.now) / found.now)} {'fewer' if found.then < found.now else 'more'}"


def as_yaml(wish: Wish) -> str:
    """The wish as lines for alerts.yaml."""
    alerting, _ = alert_settings.alerting()
    tuned = proposed(alerting, wish)
    lines = ["rules:"] if wish.rules else []
    for name in wish.rules:
        tuning = tuned.rules.get(name)
        if tuning is not None:
            fields = f"pending_seconds: {tuning.pending_seconds:g}, clear_looks: {tuning.clear_looks}"
            lines.append(f"  {name}: {{{fields}}}")
    return "\n".join([*lines, "flapping:", f"  hold_seconds: {wish.hold_seconds:g}"])
