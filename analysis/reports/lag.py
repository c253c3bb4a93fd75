"""Whether a hop differs from the one before it only because data is on its way, or because it is old, or is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from analysis.reports.backend_values import SAME, Past
from analysis.reports.judging_words import moment, span
from store.rows import NumberState


def judge_lag(
    value: float, ahead: float, earlier: Sequence[Past], allowed: float, skew_seconds: float, now: datetime
) -> tuple[NumberState, str]:
    """The state of a hop that has `value` where the hop before it has `ahead`, and why in a few words.

    `earlier` are the values that the hop before had, newest first. One of them, seen within `skew_seconds`, is in
    flight, and so is a value among those between which it has moved since then; one seen longer ago is stale. Anything
    else is wrong: nothing that is known says that it was ever right.
    """
    skew = timedelta(seconds=skew_seconds)
    reach = allowed + SAME * max(abs(value), abs(ahead))
    same = next((past for past in earlier if abs(past.value - value) <= reach), None)
    if same is not None and now - same.last_seen_at <= skew:
        return NumberState.IN_FLIGHT, f"it was right {span((now - same.last_seen_at).total_seconds())} ago"
    if same is not None:
        return NumberState.STALE, f"it is as of {moment(same.last_seen_at, now)}"
    lately = [ahead, *(past.value for past in earlier if now - past.last_seen_at <= skew)]
    if min(lately) < max(lately) and min(lately) - reach <= value <= max(lately) + reach:
        return NumberState.IN_FLIGHT, "the one before it is moving"
    return NumberState.WRONG, ""
