"""Refresh runs of jobs that leave files: a new or changed file is a run that succeeded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from collectors import files
from collectors.arrivals import changed_at, read_arrival
from collectors.base import Collector, Context, SourceError, Yield
from collectors.run_rows import Memo, Told, send_changed
from config.schedulers import FileArrivals
from store.rows import RefreshRun

COLLECTOR = Collector(
    name="file_arrivals",
    group="files",
    every=timedelta(minutes=1),
    timeout=timedelta(minutes=4),
    help="Looks at every place of `file_arrivals:` in the estate; a new or changed file is a run of its job.",
)
WORKERS = 4
RUN_SECONDS = 200.0
MAX_FILES = 500  # read in one pass, oldest first; the next pass goes on


def collect(ctx: Context) -> Iterator[Yield]:
    """One run per file that is new or changed; a place without files tells nothing."""
    work = {place.id: partial(look, place, ctx) for place in ctx.estate.file_arrivals}
    yield from send_changed(ctx, work, RUN_SECONDS, WORKERS)


def look(place: FileArrivals, ctx: Context, memo: Memo) -> Told:
    """The files that changed since the last look, oldest first; the first takes the newest and those in the window."""
    if place.job not in {job.id for job in ctx.estate.jobs}:
        return Told(problem=f"file place {place.id} names job {place.job!r}, which the estate does not have; add it.")
    stamps = _settled(place, ctx)
    known: dict[str, list[int]] = {name: stamp for name, stamp in memo.get("stamps", {}).items() if name in stamps}
    if "stamps" not in memo:
        known = _too_old(stamps, ctx.now - timedelta(days=place.window_days))
    fresh = sorted((name for name in stamps if known.get(name) != stamps[name]), key=lambda name: stamps[name][1])
    runs: list[RefreshRun] = []
    problems: list[str] = []
    for name in fresh[:MAX_FILES]:
        path = Path(name)
        try:
            runs.append(read_arrival(path, _called(path, ctx), place.job, place.landed_column, ctx.now))
            known[name] = stamps[name]
        except FileNotFoundError:
            continue  # gone since we looked
        except (SourceError, OSError) as error:
            problems.append(f"file place {place.id}: {str(error).rstrip('.')}.")
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return Told(runs, f"{problems[0]}{more}" if problems else None, {"stamps": known})


def _settled(place: FileArrivals, ctx: Context) -> dict[str, list[int]]:
    """The stamps of the files that are not being written any more."""
    latest = ctx.now - timedelta(seconds=place.settle_seconds)
    stamps = {}
    for path in files.find(ctx.settings.estate, place.path):
        with suppress(FileNotFoundError):
            if changed_at(path) <= latest:
                stamps[str(path)] = files.stamp(path)
    return stamps


def _too_old(stamps: dict[str, list[int]], first_at: datetime) -> dict[str, list[int]]:
    """What the first look leaves out: all but the newest that changed before `first_at`."""
    newest = max(stamps, key=lambda name: stamps[name][1], default=None)
    first_ns = int(first_at.replace(tzinfo=UTC).timestamp() * 1e9)
    return {name: stamp for name, stamp in stamps.items() if stamp[1] < first_ns and name != newest}


def _called(path: Path, ctx: Context) -> str:
    """The name of the file in the estate's folder, or all of it elsewhere."""
    folder = ctx.settings.estate.absolute()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()
