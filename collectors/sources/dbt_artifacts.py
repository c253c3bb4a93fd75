"""Refresh runs and freshness checks from the artifacts that dbt leaves behind: run_results.json and sources.json."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from collectors import files, notes
from collectors.base import Collector, Context, Piece, SourceError, Yield
from collectors.dbt import Artifact, read_artifact
from config.estate import FileSource

COLLECTOR = Collector(
    name="dbt_artifacts",
    group="files",
    every=timedelta(minutes=1),
    timeout=timedelta(seconds=50),
    help="Names the files of `dbt:` in the estate; a file is read once for each content it has had.",
)
NAMES = ("run_results.json", "sources.json")


def collect(ctx: Context) -> Iterator[Yield]:
    """One piece per new file, oldest first, because the newest freshness check of a dataset is the one that stands."""
    known = notes.read(ctx.state)
    kept: dict[str, Any] = {}
    fresh: list[tuple[Path, list[int], str, Artifact]] = []
    for path in _paths(ctx):
        if isinstance(path, Piece):
            yield path
            continue
        try:
            stamp = files.stamp(path)
            if known.get(str(path)) == stamp:
                kept[str(path)] = stamp
                continue
            data = path.read_bytes()
            fresh.append((path, stamp, files.digest(data), read_artifact(data.decode(), str(path))))
        except (OSError, UnicodeDecodeError) as error:
            yield Piece(f"refused:{path}", problem=f"{path} cannot be read ({error}), expected a dbt artifact.")
        except SourceError as error:
            yield Piece(f"refused:{path}", problem=str(error))
    for path, stamp, key, artifact in sorted(fresh, key=lambda found: found[3].generated_at):
        runs = [replace(run, collected_at=ctx.now) for run in artifact.runs]
        yield Piece(key, rows=(*runs, *artifact.freshness))
        kept[str(path)] = stamp
    if kept != known:
        notes.write(ctx.state, kept)


def _paths(ctx: Context) -> Iterator[Path | Piece]:
    """Every file once, and a problem for each source that has none."""
    seen: set[Path] = set()
    for source in ctx.estate.dbt:
        found = files.find(ctx.settings.estate, source.path, NAMES)
        if not found:
            yield Piece(f"missing:{source.id}", problem=_missing(source))
        yield from (path for path in found if path not in seen)
        seen.update(found)


def _missing(source: FileSource) -> str:
    return f"dbt source {source.id} has no file at {source.path}, expected run_results.json or sources.json."
