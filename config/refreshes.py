"""Refresh jobs of the estate: when a run is due, how late is late, what it feeds, and on which days work is done."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Literal

from cronsim import CronSim, CronSimError
from pydantic import Field, field_validator, model_validator

from config.base import Identifier, Part, Span, TimeOfDay, Zone

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
KINDS = ("cron", "every_seconds", "workday", "after_upstream")


class Calendar(Part):
    """The days on which a business works: a country's holidays, weekends, and days of one's own."""

    id: Identifier
    country: str | None = None
    subdivision: str | None = None
    weekend: list[Weekday] = ["sat", "sun"]
    closed: list[date] = []
    open: list[date] = []

    @model_validator(mode="after")
    def _is_known(self) -> Calendar:
        if self.country is None:
            if self.subdivision is not None:
                raise ValueError("a subdivision needs its country")
            return self
        import holidays  # 17 MB that the small collectors need only where a country is named

        known = holidays.list_supported_countries()
        if self.country not in known:
            raise ValueError(f"country {self.country!r} is not known; expected an ISO code such as DE or US")
        if self.subdivision is not None and self.subdivision not in known[self.country]:
            raise ValueError(
                f"subdivision {self.subdivision!r} of {self.country} is not known; "
                f"expected one of {', '.join(known[self.country]) or 'none'}"
            )
        return self


def checked_cron(text: str) -> str:
    """`text`, when it is a cron schedule; raises ValueError otherwise."""
    try:
        next(CronSim(text, datetime(2026, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration) as error:
        raise ValueError(f"{text!r} is no cron schedule ({error}); expected five fields as in `0 6 * * 1-5`") from error
    return text


class Expectation(Part):
    """When a refresh run is due, by exactly one of `cron`, `every_seconds`, `workday` with `at`, `after_upstream`.

    `calendar` drops the days on which its business rests. Margins are seconds after the due time; `deadline` is the
    wall-clock time of `timezone` by which a run must have finished, on the day it is due or, if earlier, the next.
    """

    cron: str | None = None
    every_seconds: float | None = Field(None, ge=1)
    workday: int | None = Field(None, ge=-23, le=23, description="3 is the third workday of the month, -1 the last")
    at: TimeOfDay | None = None
    after_upstream: bool = False
    timezone: Zone = "UTC"
    calendar: Identifier | None = None
    early_seconds: Span = 300.0
    start_margin_seconds: Span = 900.0
    deadline_seconds: Span | None = None
    deadline: TimeOfDay | None = None
    min_seconds: Span | None = None
    max_seconds: Span | None = None

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, text: str | None) -> str | None:
        return text if text is None else checked_cron(text)

    @model_validator(mode="after")
    def _is_one_kind(self) -> Expectation:
        given = [kind for kind in KINDS if getattr(self, kind) not in (None, False)]
        if len(given) != 1:
            raise ValueError(f"found {' and '.join(given) or 'none'} of {', '.join(KINDS)}; expected exactly one")
        if (self.workday is None) != (self.at is None):
            raise ValueError('`workday` and `at` belong together, as in `workday: 3` with `at: "06:00"`')
        if self.workday == 0:
            raise ValueError("`workday` is 0; expected 1 for the first workday of the month, or -1 for the last")
        if self.deadline is not None and self.deadline_seconds is not None:
            raise ValueError("found `deadline` and `deadline_seconds`; expected one of them")
        if self.max_seconds is not None and self.min_seconds is not None and self.max_seconds < self.min_seconds:
            raise ValueError("`max_seconds` is less than `min_seconds`")
        return self

    @property
    def id(self) -> str:
        """What tells the expectations of a job apart, the same as long as its due times are."""
        if self.cron is not None:
            when = f"cron {self.cron} {self.timezone}"
        elif self.every_seconds is not None:
            when = f"every {self.every_seconds:g} s"
        elif self.workday is not None:
            when = f"workday {self.workday} {self.at} {self.timezone}"
        else:
            when = "after upstream"
        return f"{when} on {self.calendar}" if self.calendar else when


class Dataset(Part):
    """Data that jobs refresh and reports show; `inputs` are the datasets it is made from.

    Data older than `max_age_seconds` is stale; a refresh that brings fewer than `min_rows` rows has failed to fill it.
    """

    id: Identifier
    title: str = ""
    subsystem: Identifier
    inputs: list[Identifier] = []
    max_age_seconds: Span | None = None
    min_rows: int | None = Field(None, ge=0)
