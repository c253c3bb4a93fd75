"""alerts.yaml: who hears of what, where and when; how patient each rule is. Pydantic models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from config.base import Identifier, Part, Span, TimeOfDay, Zone
from config.refreshes import Weekday

Severity = Literal["info", "warning", "critical"]


class Mail(Part):
    """A mail server and who gets the mail; the password comes from an environment variable by `${NAME}`."""

    host: str
    port: int = Field(25, ge=1, le=65535)
    sender: str
    to: list[str] = Field(min_length=1)
    user: str = ""
    password: str = ""
    starttls: bool = False


class Channel(Part):
    """Where a notification goes: an `apprise` URL (Slack, Teams, webhooks, ...) or `mail` with the chart inside."""

    id: Identifier
    apprise: str | None = None
    mail: Mail | None = None

    @model_validator(mode="after")
    def _is_one_kind(self) -> Channel:
        if (self.apprise is None) == (self.mail is None):
            raise ValueError("a channel has either `apprise` or `mail`")
        return self


class Hours(Part):
    """When people can be disturbed: outside, notifications wait until the next beginning."""

    id: Identifier
    days: list[Weekday] = ["mon", "tue", "wed", "thu", "fri"]
    begin: TimeOfDay = "08:00"
    end: TimeOfDay = "18:00"
    timezone: Zone = "UTC"


class Route(Part):
    """Alerts that match go to `channels`; the first route that matches decides, `*` and `?` as in file names.

    Without an acknowledgement `escalate_to` is told after `escalate_after_seconds`; while it fires and nobody has
    acknowledged, `channels` are reminded every `repeat_seconds`.
    """

    rules: list[str] = ["*"]
    subjects: list[str] = ["*"]
    severities: list[Severity] = ["warning", "critical"]
    channels: list[Identifier] = []
    hours: Identifier | None = None
    repeat_seconds: Span | None = 14_400.0
    escalate_after_seconds: Span | None = None
    escalate_to: list[Identifier] = []


class Verification(Part):
    """A mail that says how the reports of `owner` are, every day of `days` at `at`; `*` is everybody's, and nobody's.

    `digest` is one mail about all of them, `each` one per report. With `bad` nothing is sent when all is well, with
    `changed` when all is as the last mail said.
    """

    owner: str = Field(min_length=1)
    channel: Identifier
    at: TimeOfDay = "07:00"
    timezone: Zone = "UTC"
    days: list[Weekday] = Field(["mon", "tue", "wed", "thu", "fri"], min_length=1)
    mode: Literal["digest", "each"] = "digest"
    when: Literal["always", "changed", "bad"] = "always"

    @property
    def key(self) -> str:
        """What tells verifications apart."""
        return "|".join((self.owner, self.channel, self.at, self.timezone, self.mode, ",".join(self.days)))


class RuleTuning(Part):
    """How patient a rule is here; what is not given stays as the rule's own file says.

    It fires when `raise_looks` of the newest `window_looks` looks are bad and have been for `pending_seconds`; it
    resolves after `clear_looks` good looks in a row.
    """

    is_enabled: bool = True
    severity: Severity | None = None
    raise_looks: int | None = Field(None, ge=1, le=100)
    window_looks: int | None = Field(None, ge=1, le=100)
    clear_looks: int | None = Field(None, ge=1, le=100)
    pending_seconds: Span | None = None

    @model_validator(mode="after")
    def _fits(self) -> RuleTuning:
        if self.raise_looks and self.window_looks and self.raise_looks > self.window_looks:
            raise ValueError("`raise_looks` is more than `window_looks`")
        return self


class Flapping(Part):
    """An alert that changes more than `changes` times within `window_seconds` flaps: its clearing is held off.

    The first hold-off lasts `hold_seconds`; each further change makes it `growth` times as long, up to `most_seconds`.
    """

    changes: int = Field(3, ge=1)
    window_seconds: Span = 3600.0
    hold_seconds: Span = 120.0
    growth: float = Field(1.5, ge=1, le=10)
    most_seconds: Span = 3600.0


class Alerting(Part):
    """Everything in alerts.yaml."""

    address: str = "http://localhost:8501"  # where links in messages lead
    channels: list[Channel] = []
    hours: list[Hours] = []
    routes: list[Route] = []
    rules: dict[str, RuleTuning] = {}
    flapping: Flapping = Flapping()
    watchdog_seconds: Span = 120.0  # after which a silent engine is itself reported
    watchdog_channels: list[Identifier] = []
    verifications: list[Verification] = []
    heartbeat_url: str | None = None  # is asked after every pass: a dead-man's switch outside this machine

    @model_validator(mode="after")
    def _names_agree(self) -> Alerting:
        channels = {channel.id for channel in self.channels}
        hours = {one.id for one in self.hours}
        for route in self.routes:
            for name in (*route.channels, *route.escalate_to):
                if name not in channels:
                    raise ValueError(
                        f"a route names channel {name!r}; known are {', '.join(sorted(channels)) or 'none'}"
                    )
            if route.hours is not None and route.hours not in hours:
                raise ValueError(f"a route names hours {route.hours!r}; known are {', '.join(sorted(hours)) or 'none'}")
        for name in self.watchdog_channels:
            if name not in channels:
                raise ValueError(f"watchdog_channels names {name!r}; known are {', '.join(sorted(channels)) or 'none'}")
        seen: set[str] = set()
        for one in self.verifications:
            if one.channel not in channels:
                known = ", ".join(sorted(channels)) or "none"
                raise ValueError(f"a verification names channel {one.channel!r}; known are {known}")
            if one.key in seen:
                raise ValueError(
                    f"found two verifications of owner {one.owner!r} by channel {one.channel!r} at the same time; "
                    "expected them to differ in owner, channel, time, days or mode"
                )
            seen.add(one.key)
        return self
