"""The newest look at every report of the estate for each of its audiences: nothing is good that is not known now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from app import data, report_acts, times
from app.answers import Answer
from app.times import now
from config.estate import Estate
from config.reports import Persona

WORST_FIRST = ("down", "degraded", "unknown", "maintenance", "up")
BAD = ("down", "degraded")
UNKNOWN_AFTER_STEPS = 5
UNKNOWN_AFTER_LEAST = timedelta(minutes=5)
TRIAL_GOOD_FOR = timedelta(hours=2)
TARGET = ("report_id", "persona")
DECLARED = {
    "report_id": pl.String,
    "persona": pl.String,
    "title": pl.String,
    "audience_title": pl.String,
    "subsystem": pl.String,
    "owner": pl.String,
    "audience": pl.String,
    "is_rendered": pl.Boolean,
    "slow_seconds": pl.Float64,
    "step_seconds": pl.Float64,
    "numbers_declared": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Checker:
    """How far the checker itself can be trusted: right, broken, silent, or never tried.

    `at` is its newest trial in naive UTC, `said` what is wrong with it in one sentence.
    """

    state: str
    at: datetime | None
    said: str
    cases: int = 0

    @property
    def is_trusted(self) -> bool:
        """Whether its verdicts may be shown as known; one that was never tried gets the benefit of the doubt."""
        return self.state in ("right", "never")


def checker() -> tuple[Checker, Answer]:
    """What the newest trials say; a checker whose trials have stopped says nothing about now."""
    answer = data.answer("checker_trials")
    if answer.is_stale and answer.is_empty:
        return Checker("unknown", None, "the store is away"), answer
    if answer.is_empty:
        return Checker("never", None, "not tried yet"), answer
    wrong = answer.frame.filter(~pl.col("is_right"))
    newest = answer.frame["observed_at"].max()
    at = newest if isinstance(newest, datetime) else None
    if wrong.height:
        return Checker("broken", at, _wrong_trial(wrong.row(0, named=True)), answer.frame.height), answer
    if answer.is_stale:
        return Checker("unknown", at, "the store is away", answer.frame.height), answer
    if at is None or now() - at > TRIAL_GOOD_FOR:
        return Checker("silent", at, f"last tried {times.ago(at)}", answer.frame.height), answer
    return Checker("right", at, f"tried at {times.local(at):%H:%M}", answer.frame.height), answer


def _wrong_trial(row: dict[str, object]) -> str:
    case = str(row["case_id"]).replace("_", " ")
    expected, found = row["expected"] or "nothing wrong", row["found"] or "nothing wrong"
    return f"on its own page “{case}” it found {found}, expected {expected}".replace("_", " ")


def declared(estate: Estate) -> pl.DataFrame:
    """A row per report and audience of the estate, with the columns of DECLARED."""
    only: tuple[Persona | None, ...] = (None,)
    rows = [
        (
            report.id,
            persona.id if persona else "",
            report.title,
            (persona.title or persona.id) if persona else "",
            report.subsystem,
            report.owner,
            report.audience,
            report.check == "browser",
            report.slow_seconds,
            report.every_seconds * (persona.nth if persona else 1),
            len(report.numbers),
        )
        for report in estate.reports
        for persona in (tuple(report.personas) or only)
    ]
    return pl.DataFrame(rows, schema=DECLARED, orient="row")


def newest() -> tuple[pl.DataFrame, Answer, Checker]:
    """A row per report and audience, in the order of the estate: what is declared, and the newest look.

    `state` is down, degraded, unknown, maintenance or up; `word` names the state or fault that it is shown as (a key of
    words.STATES); `last_state` is the verdict whatever its age.
    """
    answer = data.answer("report_looks")
    trusted, _ = checker()
    frame = declared(data.estate().estate).join(answer.frame, on=TARGET, how="left", maintain_order="left")
    age = pl.max_horizontal(pl.col("step_seconds") * UNKNOWN_AFTER_STEPS, UNKNOWN_AFTER_LEAST.total_seconds())
    is_lately = pl.col("observed_at") >= pl.lit(now()) - pl.duration(seconds=age)
    is_trusted = ~pl.col("is_rendered") | pl.lit(trusted.is_trusted)
    is_known = (is_lately & is_trusted & pl.lit(not answer.is_stale)).fill_null(value=False)
    is_planned = pl.col("is_planned").fill_null(value=False) | pl.col("report_id").is_in(planned_now())
    state = (
        pl.when(~is_known)
        .then(pl.lit("unknown"))
        .when(is_planned & pl.col("verdict").is_in(BAD))
        .then(pl.lit("maintenance"))
        .otherwise(pl.col("verdict"))
    )
    return (
        frame.with_columns(
            state.alias("state"),
            is_known.alias("is_known"),
            is_planned.alias("is_planned"),
            pl.col("state").alias("look_state"),
            pl.col("verdict").alias("last_state"),
        ).with_columns(_word(answer, trusted, is_trusted).alias("word")),
        answer,
        trusted,
    )


def planned_now() -> list[str]:
    """The reports for which people have planned a break that is on now."""
    frame, _ = report_acts.windows()
    return frame.filter(pl.col("phase") == "maintenance")["report_id"].to_list()


def _word(answer: Answer, trusted: Checker, is_trusted: pl.Expr) -> pl.Expr:
    """The word of a row: its fault where the newest look and the verdict agree, and why nothing is known where not."""
    distrust = "checker_broken" if trusted.state == "broken" else "looked_long_ago"
    agrees = pl.col("look_state") == pl.col("verdict")
    return (
        pl.when(pl.lit(answer.is_stale))
        .then(pl.lit("not_known_now"))
        .when(pl.col("observed_at").is_null())
        .then(pl.lit("never_looked"))
        .when(~is_trusted)
        .then(pl.lit(distrust))
        .when(~pl.col("is_known"))
        .then(pl.lit("looked_long_ago"))
        .when(pl.col("state") == "maintenance")
        .then(pl.lit("maintenance"))
        .when(agrees & (pl.col("state") != "up"))
        .then(pl.coalesce("fault", "state"))
        .otherwise(pl.col("state"))
    )


def by_report(frame: pl.DataFrame) -> pl.DataFrame:
    """One row per report, worst first: as the audience that sees it worst; `personas_bad` of `personas` see it bad."""
    place = pl.col("state").replace_strict(
        {name: n for n, name in enumerate(WORST_FIRST)}, default=2, return_dtype=pl.Int64
    )
    counted = frame.with_columns(
        pl.len().over("report_id").alias("personas"),
        pl.col("state").is_in(BAD).sum().over("report_id").alias("personas_bad"),
        place.alias("place"),
    )
    worst = counted.sort("place", "word", "title", maintain_order=True)
    return worst.unique("report_id", keep="first", maintain_order=True).drop("place")
