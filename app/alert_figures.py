"""The key figures of the alerts page, and which rules make noise. What is not known now is never green."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from app import data, incidents, times, words
from app.alert_settings import Pulse
from app.answers import Answer
from app.incidents import BOTH_SPANS, SPAN, Inbox
from app.summary import Figure

WEEK = timedelta(days=7)
TROUBLE_SPAN = timedelta(hours=24)
SEVERITIES = ("critical", "warning", "info")
PAGE = "alerts"


def figures(found: Inbox, pulse: Pulse) -> tuple[list[Figure], list[Answer]]:
    """All key figures in the order of the screen, and the answers that they rest on."""
    history = data.answer("incident_history", since=BOTH_SPANS)
    days = data.answer("notifications_days", since=WEEK)
    is_known = pulse.is_known and not found.is_away
    spans = incidents.with_seconds(history.frame)
    at = history.as_of or times.now()
    return [
        _firing(found, is_known),
        _unowned(found, is_known),
        _mean("Time to acknowledge", spans, "acknowledge_seconds", "acknowledged_at", at, history),
        _mean("Time to resolve", spans, "resolve_seconds", "resolved_at", at, history),
        _pages(days),
    ], [history, days]


def _firing(found: Inbox, is_known: bool) -> Figure:
    firing = found.alerts.filter(pl.col("state") == "firing")
    if found.answers[0].as_of is None:
        return Figure("Firing now", "Unknown", "unknown", "the store is away", PAGE)
    counts = {name: firing.filter(pl.col("severity") == name).height for name in SEVERITIES}
    worst = next((name for name in SEVERITIES if counts[name]), "ok" if is_known else "unknown")
    said = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
    nothing = "nothing fires" if is_known else "nobody can tell now"
    return Figure("Firing now", words.count(firing.height), worst, said or nothing, PAGE)


def _unowned(found: Inbox, is_known: bool) -> Figure:
    if found.answers[0].as_of is None:
        return Figure("Nobody has it", "Unknown", "unknown", "the store is away", PAGE)
    open_ones = found.frame.filter(pl.col("owner") == "")
    oldest = open_ones["since_at"].min()
    if not isinstance(oldest, datetime):
        state = "ok" if is_known else "unknown"
        said = "all are acknowledged" if found.frame.height else "none open"
        return Figure("Nobody has it", "0", state, said if is_known else "nobody can tell now", PAGE)
    state = "critical" if "critical" in open_ones["severity"].to_list() else "warning"
    waits = words.duration(float(round((times.now() - oldest).total_seconds())))
    return Figure("Nobody has it", words.count(open_ones.height), state, f"oldest {waits}", PAGE)


def _mean(label: str, spans: pl.DataFrame, seconds: str, at_column: str, at: datetime, answer: Answer) -> Figure:
    """A mean over thirty days, compared with the thirty before; the trend is by day."""
    done = spans.drop_nulls(seconds)
    newest = done.filter(pl.col(at_column) >= at - SPAN)
    before = mean_of(done.filter((pl.col(at_column) < at - SPAN) & (pl.col(at_column) >= at - 2 * SPAN)), seconds)
    value = mean_of(newest, seconds)
    if value is None:
        is_away = answer.is_stale
        said = "the store is away" if is_away else "none in 30 days"
        return Figure(label, "Unknown" if is_away else "None yet", "unknown" if is_away else "", said, PAGE)
    days = newest.group_by(pl.col(at_column).dt.date().alias("day")).agg(pl.col(seconds).mean()).sort("day")
    detail = f"mean of {newest.height}, 30 d" + (f"; was {rounded(before)}" if before is not None else "")
    state = "unknown" if answer.is_stale else ""
    return Figure(label, rounded(value), state, detail, PAGE, tuple(days[seconds]))


def mean_of(frame: pl.DataFrame, column: str) -> float | None:
    """The mean of a column of seconds, None without values."""
    value = frame[column].mean()
    return float(value) if isinstance(value, int | float) else None


def rounded(seconds: float) -> str:
    """A mean in words, without the seconds that nobody cares about from ten minutes on."""
    return words.duration(60.0 * round(seconds / 60) if seconds >= 600 else float(round(seconds)))


def _pages(days: Answer) -> Figure:
    if days.as_of is None:
        return Figure("Pages, 7 d", "Unknown", "unknown", "the store is away", PAGE)
    sent, withheld, lost = (int(days.frame[name].sum()) for name in ("sent", "withheld", "undeliverable"))
    state = "critical" if lost else "unknown" if days.is_stale else ""
    said = f"{lost} lost, {withheld} withheld" if lost else f"{withheld} withheld"
    return Figure("Pages, 7 d", words.count(sent), state, said, PAGE, _by_day(days), True)


def _by_day(days: Answer) -> tuple[float, ...]:
    """Pages sent on each day of the week up to now, none on a day without a row."""
    sent = {row["day_at"].date(): float(row["sent"]) for row in days.frame.iter_rows(named=True)}
    today = (days.as_of or times.now()).date()
    return tuple(sent.get(today - timedelta(days=back), 0.0) for back in range(WEEK.days - 1, -1, -1))


@dataclass(frozen=True, slots=True)
class Trouble:
    """What could not be delivered lately, one sentence a channel; `is_lost` when somebody was never told."""

    sentences: list[str]
    is_lost: bool


def trouble() -> tuple[Trouble, Answer]:
    """Channels that could not be reached within a day."""
    answer = data.answer("notifications_trouble", since=TROUBLE_SPAN)
    sentences = [_sentence(row) for row in answer.frame.iter_rows(named=True)]
    return Trouble(sentences, bool(answer.frame["undeliverable"].sum())), answer


def _sentence(row: dict[str, object]) -> str:
    failed_at, sent_at = row["failed_at"], row["sent_at"]
    lost, tried = (int(str(row[name])) for name in ("undeliverable", "retrying"))
    what = [f"{words.plural(lost, 'message')} could not be delivered"] if lost else []
    what += [f"{words.plural(tried, 'message')} being tried again"] if tried else []
    said = f"{row['channel']}: {' and '.join(what)}"
    said += f" ({str(row['problem']).rstrip('.')})" if row["problem"] else ""
    if isinstance(sent_at, datetime) and isinstance(failed_at, datetime) and sent_at > failed_at:
        said += f"; reached again {times.ago(sent_at)}"
    return f"{said}."


def noise() -> tuple[pl.DataFrame, Answer]:
    """How often every rule fired in thirty days and whether anybody acted on it, the noisiest first.

    Columns: rule, name, fired, unattended, unattended_ratio, acknowledged, brief, returned, attached, withheld, sent,
    last_fired_at.
    """
    answer = data.answer("alert_noise", since=SPAN)
    names = [words.spoken(name) for name in answer.frame["rule"]]
    frame = answer.frame.with_columns(
        pl.Series("name", names, dtype=pl.String),
        (pl.col("unattended") / pl.col("fired")).fill_nan(None).alias("unattended_ratio"),
    )
    return frame, answer
