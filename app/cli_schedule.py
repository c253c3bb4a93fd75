"""The verb that says for any schedule whether it is on time, late or missed, in the manner of Healthchecks."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import click
import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from analysis.timetable import next_due
from app.cli_output import JSON_OPTION
from collectors.base import SourceError
from config.base import Zone
from config.refreshes import Expectation

LONGEST = 10 * 366 * 86_400.0  # seconds
Kind = Literal["interval", "cron", "never_ran", "paused", "explicit_fail", "started_not_finished"]


def _instant(given: object) -> object:
    """A time as text; JSON has numbers too, and a number could be seconds or milliseconds."""
    if given is not None and not isinstance(given, str):
        raise ValueError("that is no time; expected one such as 2026-03-01T06:00:00+00:00")
    return given


def _number(given: object) -> object:
    if isinstance(given, bool | str):
        raise ValueError("that is no number; expected seconds")
    return given


Instant = Annotated[datetime, BeforeValidator(_instant)]
Span = Annotated[float, Field(ge=0, le=LONGEST, allow_inf_nan=False), BeforeValidator(_number)]


class Case(BaseModel):
    """One schedule and what is known of its runs, at one time; a time without an offset is UTC."""

    model_config = ConfigDict(frozen=True)

    kind: Kind | None = None
    now: Instant
    grace_s: Span
    interval_s: Annotated[float, Field(gt=0, le=LONGEST, allow_inf_nan=False), BeforeValidator(_number)] | None = None
    cron: str | None = None
    tz: Zone = "UTC"
    last_success: Instant | None = None
    last_start: Instant | None = None
    last_event: str | None = None

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, text: str | None) -> str | None:
        return text if text is None else Expectation(cron=text).cron

    @field_validator("now", "last_success", "last_start")
    @classmethod
    def _as_utc(cls, at: datetime | None) -> datetime | None:
        return at if at is None or at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)

    @model_validator(mode="after")
    def _is_whole(self) -> Case:
        needs = {"interval": "interval_s", "cron": "cron", "started_not_finished": "last_start"}
        missing = needs.get(self.kind or "")
        if missing is not None and getattr(self, missing) is None:
            raise ValueError(f"field `{missing}` is missing, which kind {self.kind!r} needs")
        if self.interval_s is not None and self.cron is not None:
            raise ValueError("found `interval_s` and `cron`; expected one of them")
        if self.interval_s is None and self.cron is None and self.kind not in ("paused", "never_ran"):
            raise ValueError("found neither `interval_s` nor `cron`; expected one of them")
        return self


def verdict_of(case: Case) -> dict[str, str | None]:
    """Status, next due time and deadline of a case: late from the due time on, missed from the deadline on."""
    if case.kind == "paused":
        return _answer("paused")
    if case.kind == "explicit_fail" or case.last_event == "fail":
        return _answer("missed")
    grace = timedelta(seconds=case.grace_s)
    if case.last_start is not None and _is_under_way(case, case.last_start):
        end = case.last_start + grace
        return _answer("running" if case.now < end else "missed", _due(case), end)
    due = _due(case)
    if due is None or case.kind == "never_ran":
        return _answer("new")
    end = due + grace
    status = "on_time" if case.now < due else "late" if case.now < end else "missed"
    return _answer(status, due, end)


def _is_under_way(case: Case, start: datetime) -> bool:
    return case.kind == "started_not_finished" or case.last_success is None or start > case.last_success


def _due(case: Case) -> datetime | None:
    """When the next success is due; None before the first, and for a cron that never comes again."""
    if case.last_success is None:
        return None
    if case.interval_s is not None:
        return case.last_success + timedelta(seconds=case.interval_s)
    return next_due(Expectation(cron=case.cron, timezone=case.tz), None, case.last_success)


def _answer(status: str, due: datetime | None = None, deadline: datetime | None = None) -> dict[str, str | None]:
    times = {"next_due": due, "deadline": deadline}
    return {"status": status} | {
        name: None if at is None else at.replace(tzinfo=UTC).isoformat() for name, at in times.items()
    }


@click.group()
def schedule() -> None:
    """What a schedule expects. Example: python -m app schedule verdict < cases.jsonl"""


@schedule.command()
@JSON_OPTION
@click.pass_context
def verdict(context: click.Context, as_json: bool) -> None:  # noqa: ARG001 - it answers JSON in any case
    """On time, late or missed? Reads one JSON object, an array or JSON Lines. Example: python -m app schedule verdict

    \b
    echo '{"cron": "0 6 * * *", "tz": "Europe/Paris", "grace_s": 1800, "now": "2026-03-31T04:05:00Z",
           "last_success": "2026-03-30T04:02:00Z"}' | python -m app schedule verdict

    Fields: kind (interval, cron, never_ran, paused, explicit_fail, started_not_finished), interval_s or cron with tz,
    grace_s, last_success, last_start, last_event, now. A time without an offset is UTC. One line is answered for each,
    {"status", "next_due", "deadline"}; status is on_time, late, missed, new, paused or running. Exit status 1 when a
    single object was given and it is missed.
    """
    answers = [_judged(place, given) for place, given in _cases(_read())]
    for answer in answers:
        click.echo(orjson.dumps(answer).decode())
    context.exit(1 if len(answers) == 1 and answers[0]["status"] == "missed" else 0)


def _read() -> str:
    try:
        return sys.stdin.read().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise SourceError(f"Standard input is no text ({error}); expected JSON in UTF-8.") from error


def _cases(text: str) -> Iterator[tuple[str, object]]:
    """What was given, with its place: a single object or an array over any lines, otherwise one object a line."""
    if not text.strip():
        raise SourceError("There is nothing on standard input; expected a JSON object, an array or JSON Lines.")
    try:
        whole = json.loads(text)
    except ValueError:
        yield from _lines(text)
        return
    if isinstance(whole, list):
        yield from ((f"Item {number}", one) for number, one in enumerate(whole, start=1))
    else:
        yield "Line 1", whole


def _lines(text: str) -> Iterator[tuple[str, object]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield f"Line {number}", json.loads(line)
        except ValueError as error:
            raise SourceError(f"Line {number} is no JSON ({error}); expected one JSON object a line.") from error


def _judged(place: str, given: object) -> dict[str, str | None]:
    """The answer to one case; raises SourceError that names the place and the field."""
    if not isinstance(given, dict):
        raise SourceError(f"{place} is no JSON object; expected one with fields such as cron, grace_s and now.")
    known = {name: value for name, value in given.items() if name in Case.model_fields}
    if known.get("tz") is None:
        known.pop("tz", None)
    try:
        return verdict_of(Case(**known))
    except ValidationError as error:
        raise SourceError(f"{place}: {_first_problem(error, known)}.") from error
    except OverflowError as error:
        raise SourceError(f"{place}: its times lie beyond the year 9999; expected times of this century.") from error


def _first_problem(error: ValidationError, given: dict[str, object]) -> str:
    problem = error.errors()[0]
    said = problem["msg"].removeprefix("Value error, ").rstrip(".")
    if not problem["loc"]:
        return said
    name = str(problem["loc"][0])
    if problem["type"] == "missing":
        return f"field `{name}` is missing, expected {_EXPECTED.get(name, 'it')}"
    if name == "cron" and isinstance(given[name], str):
        return f"field `cron`: {given[name]!r} is no cron schedule; expected five fields as in `0 6 * * 1-5`"
    return f"field `{name}` is {json.dumps(given[name])}: {said[0].lower()}{said[1:]}"


_EXPECTED = {"now": "a time such as 2026-03-01T06:00:00+00:00", "grace_s": "seconds, 0 or more"}
