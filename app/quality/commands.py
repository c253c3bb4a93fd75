"""What the verbs about data points share: who decides, what the store says, times as people write them, the spool."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import click
import polars as pl

from app.cli_store import opened
from app.quality.deciding import Case, RefusedError
from app.quality.deciding_merge import Decision
from config.estate import ROLES, Estate
from config.load import FILE, in_force
from store import clock
from store.connection import Store
from store.read import ask
from store.settings import settings
from store.spool import Spool

COLLECTOR = "command_line"
ROLE = "operator"
REASON_OPTION = click.option("--reason", required=True, help="Why; it is kept with your name.")
TAKEN = "The store takes it in within seconds while Shewhart runs, else when it starts."
Row = TypeVar("Row", bound=Decision)


class Moment(click.ParamType[datetime]):
    """A time as people write it, as naive UTC."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # noqa: ARG002
        """The time; raises RefusedError for text that is none."""
        if isinstance(value, datetime):
            return value
        try:
            return clock.to_utc(datetime.fromisoformat(str(value).strip()))
        except (ValueError, OverflowError) as error:
            name = param.opts[0] if param else "the time"
            raise RefusedError(
                f"{name} is {value!r}; expected a time such as 2026-11-24T08:00, in UTC where it names no zone."
            ) from error


MOMENT = Moment()


def estate() -> Estate:
    """The estate in force; raises EstateError."""
    conf = settings()
    return in_force(conf.estate, conf.state_path / FILE).estate


def decide(make: Callable[[Case], Row]) -> Row:
    """Put what `make` decides into the spool, and return it; raises RefusedError, StoreError or SpoolFullError.

    The account on this machine decides; one that is among the estate's people needs the role operator.
    """
    found = estate()
    case = Case(found, _Look(), _actor(found), clock.now())
    row = make(case)
    Spool(settings().spool_path, COLLECTOR).put([row])
    return row


def look(name: str, /, **parameters: str | datetime) -> pl.DataFrame:
    """The answer of the store to one query; raises StoreError."""
    return _Look()(name, **parameters)


class _Look:
    """Opens the store with the first question."""

    def __init__(self) -> None:
        self._store: Store | None = None

    def __call__(self, name: str, /, **parameters: str | datetime) -> pl.DataFrame:
        self._store = self._store or opened()
        return ask(self._store, name, **parameters)


def _actor(found: Estate) -> str:
    user = getpass.getuser()
    person = next((one for one in found.people if one.id == user), None)
    if person and max(map(ROLES.index, person.roles), default=-1) < ROLES.index(ROLE):
        raise RefusedError(f"Deciding about data points needs the role {ROLE}, {person.name} has not got it.")
    return user
