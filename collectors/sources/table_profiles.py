"""Profiles every table of the estate's `profiles:`; each measure of a table or a column is a data point.

A profile is due at its own `every_seconds`. A run begins tables while it is young and leaves the rest to the next run.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from collectors import notes
from collectors.base import Collector, Context, Piece, SourceError, Yield
from collectors.parallel import finished
from collectors.profiling import memory as memories
from collectors.profiling.rounds import Round, begin, is_due
from config.quality import TableProfile
from store.errors import StatementError

if TYPE_CHECKING:  # nothing is loaded where no table is watched
    from collectors.points import Result
    from collectors.profiling.profile import Profiled
    from collectors.profiling.tables import Table
    from store.parameters import Bound

COLLECTOR = Collector(
    name="table_profiles",
    group="files",
    every=timedelta(minutes=1),
    timeout=timedelta(minutes=5),
    help="Profiles the tables of the estate's `profiles`: rows, schema, nulls, distinct values, distributions.",
)
WORKERS = 4
SECONDS = 30.0  # for one statement
BEGIN_SECONDS = 120.0  # then a run begins no more tables
RUN_SECONDS = 280.0
MAX_ROWS = 100_000  # of an answer
MOST_TOLD = 20  # sentences of one profile


class NotBegunError(Exception):
    """The run was too old to begin this table; it stays due."""


def collect(ctx: Context, seconds: float = SECONDS, begin_seconds: float = BEGIN_SECONDS) -> Iterator[Yield]:
    """One piece per table; `seconds` limits each statement, `begin_seconds` is how long tables are begun."""
    began = time.monotonic()
    before = notes.read(ctx.state)
    rounds = {profile.id: Round.from_notes(before.get(profile.id)) for profile in ctx.estate.profiles}
    profiles = {one.id: one for one in ctx.estate.profiles if is_due(rounds[one.id], one.every_seconds, ctx.now)}
    try:
        if profiles:
            tables = _list(ctx, profiles, rounds, seconds)
            work = {
                (profile.id, table.name): partial(_profile, ctx, profile, table, seconds, began + begin_seconds)
                for profile, found in tables
                for table in found
            }
            for (profile_id, table_name), answer in finished(work, WORKERS, began + RUN_SECONDS - time.monotonic()):
                yield from _pieces(ctx, profile_id, table_name, answer, rounds[profile_id])
    finally:
        after = {name: found.to_notes() for name, found in rounds.items()}
        if after != before:
            notes.write(ctx.state, after)
    # Told again until the next profile says otherwise: in between, nobody knows that all is well.
    for profile_id, found in rounds.items():
        yield from _told(profile_id, found)


def _list(
    ctx: Context, profiles: Mapping[str, TableProfile], rounds: Mapping[str, Round], seconds: float
) -> list[tuple[TableProfile, list[Table]]]:
    """The tables that each profile has to look at in this run; those that wait longest come first."""
    from collectors.profiling.listing import list_tables

    found = []
    work = {name: partial(list_tables, one.source, ctx.settings, seconds) for name, one in profiles.items()}
    for name, answer in finished(work, WORKERS, 2 * seconds):
        if isinstance(answer, BaseException):
            rounds[name].problems[""] = [f"profile {name}: {_sentence(answer)}."]
            continue
        chosen = begin(profiles[name], rounds[name], answer, ctx.now)
        found.append((profiles[name], chosen))
    return found


def _profile(ctx: Context, profile: TableProfile, table: Table, seconds: float, until: float) -> Profiled:
    """Profile one table, in a thread of its own."""
    from collectors.asking import ask_source
    from collectors.profiling.listing import columns_of_file
    from collectors.profiling.profile import profile_table

    if time.monotonic() > until:
        raise NotBegunError

    def ask(sql: str, parameters: Mapping[str, Bound]) -> Result:
        return ask_source(table.source, sql, ctx.settings, seconds, MAX_ROWS, parameters)

    columns = table.columns if table.columns is not None else columns_of_file(table, ctx.settings, seconds)
    known = memories.from_notes(notes.read(_path(ctx, profile.id, table.name)))
    return profile_table(profile, table, columns, known, ask, ctx.now)


def _pieces(
    ctx: Context, profile_id: str, table: str, answer: Profiled | BaseException, found: Round
) -> Iterator[Piece]:
    """The points of a table; what is remembered of it is written after they were taken."""
    if isinstance(answer, NotBegunError):
        return
    found.finish(table, ctx.now)
    where = f"profile {profile_id}: table {table}"
    if isinstance(answer, BaseException):
        found.problems[table] = [f"{where}: {_sentence(answer)}."]
        return
    found.problems.pop(table, None)
    if answer.problems:
        found.problems[table] = [f"{where}: {said}." for said in answer.problems]
    yield Piece(f"{profile_id}/{table}:{ctx.now.isoformat()}", rows=answer.points)
    notes.write(_path(ctx, profile_id, table), memories.to_notes(table, answer.memory))


def _path(ctx: Context, profile_id: str, table: str) -> Path:
    return memories.path_of(ctx.state.with_suffix(""), profile_id, table)


def _told(profile_id: str, found: Round) -> Iterator[Piece]:
    said = [text for texts in found.problems.values() for text in texts]
    for number, text in enumerate(said[:MOST_TOLD]):
        yield Piece(f"problem:{profile_id}:{number}", problem=text)
    if len(said) > MOST_TOLD:
        yield Piece(f"problem:{profile_id}", problem=f"profile {profile_id}: and {len(said) - MOST_TOLD:,} more.")


def _sentence(error: BaseException) -> str:
    """An error of ours says it all; of any other only the kind is told, as its text may show a password."""
    if isinstance(error, SourceError | StatementError | TimeoutError):
        return str(error).removesuffix(".")
    return type(error).__name__
