"""How patient the verdict on a report is: confirmation, what it promises over time, and planned breaks."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, field_validator, model_validator

from config.base import Part, Span, Zone
from config.refreshes import checked_cron


class Confirm(Part):
    """A report is bad when `bad` of the newest `of` looks are, and good again after `good` good looks in a row.

    A bad look is repeated `retries` times at once, in a fresh browser; only the last one counts.
    """

    bad: int = Field(2, ge=1)
    of: int = Field(3, ge=1, le=50)
    good: int = Field(2, ge=1, le=50)
    retries: int = Field(1, ge=0, le=3)

    @model_validator(mode="after")
    def _fits(self) -> Confirm:
        if self.bad > self.of:
            raise ValueError("`bad` is more than `of`")
        return self


class Slo(Part):
    """`target` of the looks within `window_days` must be good."""

    target: float = Field(0.995, gt=0, lt=1)
    window_days: int = Field(30, ge=1, le=90)


class Maintenance(Part):
    """A planned break: from `begin` to `end`, or for `seconds` at every time of `cron`. Looks go on, nothing counts."""

    reason: str
    begin: datetime | None = None
    end: datetime | None = None
    cron: str | None = None
    seconds: Span | None = None
    timezone: Zone = "UTC"

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, text: str | None) -> str | None:
        return text if text is None else checked_cron(text)

    @model_validator(mode="after")
    def _is_one_kind(self) -> Maintenance:
        once = self.begin is not None and self.end is not None and self.cron is None and self.seconds is None
        often = self.cron is not None and self.seconds is not None and self.begin is None and self.end is None
        if not (once or often):
            raise ValueError("a maintenance window has `begin` and `end`, or `cron` and `seconds`")
        if self.begin is not None and self.end is not None:
            if (self.begin.tzinfo is None) != (self.end.tzinfo is None):
                raise ValueError("one of `begin` and `end` names its offset and the other does not; give both or none")
            if self.end <= self.begin:
                raise ValueError("`end` is not after `begin`")
        return self
