"""Charges from the FOCUS exports that the estate names, and the planned costs beside them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from collectors import files, notes
from collectors.base import Collector, Context, Piece, SourceError, Yield
from collectors.plan import read_plan
from config.estate import FileSource

COLLECTOR = Collector(
    name="focus_costs",
    group="files",
    every=timedelta(minutes=1),
    timeout=timedelta(minutes=5),
    help="Loads the files of `focus:` in the estate, a whole billing period at a time, and the plan.",
)


def collect(ctx: Context) -> Iterator[Yield]:
    """The loads of every source with new or changed files, then the plan when it has changed."""
    known = notes.read(ctx.state)
    kept: dict[str, Any] = {name: era for name, era in known.items() if name.startswith("era:")}
    for source in ctx.estate.focus:
        yield from _source(ctx, source, known, kept)
    yield from _retired(ctx, known, kept)
    yield from _plan(ctx, known, kept)
    if kept != known:
        notes.write(ctx.state, kept)


def _source(ctx: Context, source: FileSource, known: dict[str, Any], kept: dict[str, Any]) -> Iterator[Piece]:
    from collectors.focus import NAMES, load_files

    paths = files.find(ctx.settings.estate, source.path, NAMES)
    name = f"focus:{source.id}"
    if not paths:
        problem = f"Cost source {source.id} has no file at {source.path}, expected FOCUS files, CSV or Parquet."
        yield Piece(f"missing:{source.id}", problem=problem)
        if name in known:
            kept[name] = known[name]
        return
    loaded = load_files(paths, source.id, ctx.now, known.get(name), kept.get(f"era:{source.id}", 0))
    yield from loaded.pieces
    kept[name] = loaded.notes
    for path, problem in loaded.summary.refused.items():
        yield Piece(f"refused:{path}", problem=problem)


def _retired(ctx: Context, known: dict[str, Any], kept: dict[str, Any]) -> Iterator[Piece]:
    """What sources that have left the estate loaded no longer counts; a renamed one must not count twice."""
    from collectors.focus import retire

    named = {f"focus:{source.id}" for source in ctx.estate.focus}
    for name, notes_of_source in known.items():
        if name.startswith("focus:") and name not in named:
            source = name.removeprefix("focus:")
            yield from retire(source, notes_of_source, ctx.now)
            kept[f"era:{source}"] = kept.get(f"era:{source}", 0) + 1


def _plan(ctx: Context, known: dict[str, Any], kept: dict[str, Any]) -> Iterator[Piece]:
    """The plan as one piece; no plan is fine unless the estate names one."""
    plan = ctx.estate.plan
    path = ctx.settings.estate.absolute() / plan.path
    if not path.exists() and "path" not in plan.model_fields_set:
        return
    try:
        stamp = [str(path), *files.stamp(path)]
        if known.get("plan") != stamp:
            load_id, lines = read_plan(path, ctx.now)
            yield Piece(f"plan:{load_id}", rows=lines)
        kept["plan"] = stamp
    except (OSError, SourceError) as error:
        yield Piece("refused:plan", problem=f"The plan {path} does not exist." if not path.exists() else str(error))
