"""All reports at once: how each is, what is wrong with it, and the key figures above them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from app import data, words
from app.answers import Answer
from app.reports import looks, objective, phrases
from app.reports.looks import BAD, TARGET, Checker
from app.reports.phrases import WORST_NUMBERS

KINDS = ("down", "wrong", "stale", "slow", "degraded", "unknown", "maintenance", "up")
KIND_OF = {
    "wrong_number": "wrong",
    "wrong_unit": "wrong",
    "unreadable_number": "wrong",
    "missing_number": "wrong",
    "stale_number": "stale",
    "slow": "slow",
}
NUMBER_STATES = ("match", "in_flight", "stale", "wrong", "unreadable", "unknown")


@dataclass(frozen=True, slots=True)
class Board:
    """Every report, worst first, and every audience of every report.

    `reports` has a row per report, `targets` one per report and audience, `numbers` one per number of a newest look
    that is known now. `declared` is how many numbers the estate promises.
    """

    reports: pl.DataFrame
    targets: pl.DataFrame
    numbers: pl.DataFrame
    declared: int
    checker: Checker
    answers: tuple[Answer, ...]

    @property
    def is_away(self) -> bool:
        """Whether the store cannot be asked now."""
        return self.answers[0].is_stale


def board() -> Board:
    """The board as it is now."""
    targets, newest, trusted = looks.newest()
    _, trials = looks.checker()
    numbers = data.answer("report_numbers_now")
    known = targets.filter(pl.col("is_known")).select(*TARGET)
    of_now = numbers.frame.join(known, on=TARGET, how="semi")
    counted = _counted(of_now)
    targets = targets.join(counted, on=TARGET, how="left", maintain_order="left").with_columns(
        pl.col(*NUMBER_STATES, "numbers").fill_null(0)
    )
    targets = targets.with_columns(
        pl.col("word").replace_strict(KIND_OF, default=pl.col("state")).alias("kind"), _said(targets, of_now)
    )
    sums = targets.group_by("report_id").agg(
        pl.col("match", "numbers").sum(), pl.col("numbers_declared").sum().alias("numbers_declared")
    )
    reports = looks.by_report(targets).drop("match", "numbers", "numbers_declared")
    reports = reports.join(sums, on="report_id", how="left", maintain_order="left")
    estate = data.estate().estate
    totals = objective.totals(estate)
    reports = reports.join(objective.budgets(estate, totals), on="report_id", how="left", maintain_order="left")
    return Board(
        reports, targets, of_now, int(targets["numbers_declared"].sum()), trusted, (newest, numbers, trials, totals)
    )


def _counted(numbers: pl.DataFrame) -> pl.DataFrame:
    counts = [(pl.col("state") == name).sum().cast(pl.Int64).alias(name) for name in NUMBER_STATES]
    return numbers.group_by(*TARGET).agg(pl.len().cast(pl.Int64).alias("numbers"), *counts)


def _said(targets: pl.DataFrame, numbers: pl.DataFrame) -> pl.Series:
    """What is wrong with each row; only rows that are not up are looked at."""
    estate = {report.id: report for report in data.estate().estate.reports}
    by_target: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in numbers.filter(pl.col("state") != "match").iter_rows(named=True):
        by_target.setdefault((one["report_id"], one["persona"]), []).append(one)
    wanted = targets.select(
        *TARGET, "state", "word", "fault", "look_state", "last_state", "latency_seconds", "slow_seconds", "message"
    )
    told = [
        ""
        if row["state"] == "up" and row["look_state"] == "up"
        else phrases.said(row, estate.get(row["report_id"]), by_target.get((row["report_id"], row["persona"]), []))
        for row in wanted.iter_rows(named=True)
    ]
    return pl.Series("said", told, dtype=pl.String)


def kinds_said(frame: pl.DataFrame, most: int = 1) -> str:
    """How many reports are not up, by kind: `2 down, 4 more`."""
    counts = dict(frame.group_by("kind").len().iter_rows())
    told = [(kind, int(counts[kind])) for kind in KINDS[:-1] if kind in counts]
    said = [f"{number} {words.state(kind).word.lower()}" for kind, number in told[:most]]
    more = sum(number for _, number in told[most:])
    return ", ".join([*said, f"{more} more"] if more else said)


def narrowed(frame: pl.DataFrame, wanted: Mapping[str, Iterable[str]], find: str) -> pl.DataFrame:
    """The rows that have one of the wanted values in every named column, and all words of `find` in their names."""
    for column, values in wanted.items():
        chosen = list(values)
        if chosen:
            frame = frame.filter(pl.col(column).is_in(chosen))
    for part in find.lower().split():
        named = pl.concat_str("title", "report_id", "owner", "audience", "said", separator=" ").str.to_lowercase()
        frame = frame.filter(named.str.contains(part, literal=True))
    return frame


def figures(found: Board) -> list[dict[str, Any]]:
    """The key figures: label, value, state, detail and help, as ui.kpi takes them."""
    return [_bad(found), _numbers(found), _slowest(found), _objectives(found), _checker(found)]


def _figure(label: str, value: str, state: str, detail: str, about: str = "") -> dict[str, Any]:
    return {"label": label, "value": value, "state": state, "detail": detail, "help_text": about or None}


def _bad(found: Board) -> dict[str, Any]:
    frame, about = found.reports, "Reports that are down or degraded, as confirmed by several looks"
    bad = frame.filter(pl.col("state").is_in(BAD)).height
    unknown = frame.filter(pl.col("state") == "unknown").height
    if frame.is_empty():
        return _figure("Reports bad now", words.UNKNOWN_NUMBER, "unknown", "no report named", about)
    if found.is_away:
        return _figure("Reports bad now", "Unknown", "unknown", "the store is away", about)
    worst = next((name for name in ("down", "degraded", "unknown") if (frame["state"] == name).any()), "up")
    value = "Unknown" if unknown == frame.height else f"{bad:,} of {frame.height:,}"
    return _figure("Reports bad now", value, worst, kinds_said(frame) or "all are up", about)


def _numbers(found: Board) -> dict[str, Any]:
    about = "Numbers of the pages that equal their backend, of all that the estate promises"
    counts = {name: int((found.numbers["state"] == name).sum()) for name in NUMBER_STATES}
    missing = max(found.declared - found.numbers.height, 0)
    told = [(counts[name], words.state(name).word.lower()) for name in WORST_NUMBERS if counts[name]]
    told += [(missing, "not read")] if missing else []
    more = sum(number for number, _ in told[1:])
    said = [f"{number:,} {word}" for number, word in told[:1]] + ([f"{more:,} more"] if more else [])
    if not found.declared:
        return _figure("Numbers match", words.UNKNOWN_NUMBER, "unknown", "no number is promised", about)
    if found.is_away or missing == found.declared:
        return _figure(
            "Numbers match", "Unknown", "unknown", "the store is away" if found.is_away else "no number was read", about
        )
    worst = next(
        (state for name, state in _WORST if counts[name]), "unknown" if missing or counts["unknown"] else "match"
    )
    value = f"{counts['match']:,} of {found.declared:,}"
    return _figure("Numbers match", value, worst, ", ".join(said) or "all equal their backend", about)


_WORST = (("wrong", "wrong"), ("unreadable", "unreadable"), ("stale", "degraded"))


def _slowest(found: Board) -> dict[str, Any]:
    about = "Longest time until a page was useful, in the newest looks"
    timed = found.targets.filter(pl.col("is_known") & pl.col("latency_seconds").is_not_null())
    if timed.is_empty():
        why = "the store is away" if found.is_away else "no look yet"
        return _figure("Slowest", "Unknown" if found.is_away else "None yet", "unknown", why, about)
    row = timed.sort("latency_seconds", descending=True).row(0, named=True)
    state = "slow" if row["latency_seconds"] > row["slow_seconds"] else "up"
    return _figure("Slowest", words.duration(row["latency_seconds"]), state, row["title"], about)


def _objectives(found: Board) -> dict[str, Any]:
    about = "Reports whose error budget is spent or nearly so: less than a quarter is left"
    left = found.reports["budget_left"].drop_nulls()
    if left.is_empty() or found.is_away:
        value, why = ("Unknown", "the store is away") if found.is_away else ("None yet", "no look counted")
        return _figure("Budgets at risk", value, "unknown", why, about)
    spent, low = int((left <= 0).sum()), int(((left > 0) & (left < objective.LOW_BUDGET)).sum())
    state = "budget_spent" if spent else "budget_low" if low else "budget_left"
    said = ", ".join([f"{spent:,} spent"] * bool(spent) + [f"{low:,} nearly"] * bool(low))
    return _figure("Budgets at risk", f"{spent + low:,} of {left.len():,}", state, said or "all within", about)


def _checker(found: Board) -> dict[str, Any]:
    about = "The checker is tried on pages of its own whose fault is known; a broken one makes every verdict unknown"
    value, state = {
        "right": ("Right", "checker_right"),
        "broken": ("Broken", "checker_broken"),
        "never": ("Unknown", "unknown"),
    }.get(found.checker.state, ("Unknown", "unknown"))
    return _figure("Checker", value, state, found.checker.said, about)
