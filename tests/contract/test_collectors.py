"""What every collector promises, whoever wrote it: found by its name, typed, light where its group must be."""

from __future__ import annotations

import csv
import inspect
import json
import subprocess
import sys
import typing
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from collectors import sources
from collectors.base import Context, Piece, Source, Yield, check_names, discover, load, step_seconds
from config.estate import Estate
from store.rows import MetricSample
from store.settings import ROOT, Settings
from tests.collectors.support import NOW

NAMES = sorted(path.stem for path in Path(sources.__path__[0]).glob("[a-z]*.py"))
HEAVY = {"streamlit", "plotly", "pandas", "statsmodels"}
HEAVY_OUTSIDE_FILES = HEAVY | {"polars", "duckdb", "sqlalchemy", "pyarrow", "numpy"}
LONGEST = timedelta(minutes=5)


@pytest.fixture(params=NAMES)
def source(request: pytest.FixtureRequest) -> Source:
    return load(request.param)


def test_the_folder_is_what_is_found() -> None:
    assert sorted(discover()) == NAMES


def test_it_is_declared_under_the_name_of_its_file_with_words_for_a_person(source: Source) -> None:
    module = sys.modules[source.collect.__module__]
    assert module.__name__.endswith(f".{source.collector.name}")
    assert module.__doc__ and source.collect.__doc__
    assert source.collector.help.endswith(".")
    assert source.collector.group


def test_the_estate_can_set_its_step(source: Source) -> None:
    name = source.collector.name
    estate = Estate.model_validate({"name": "test", "subsystems": [], "every": {name: 7}})
    assert step_seconds(estate, source.collector) == 7
    unset = Estate.model_validate({"name": "test", "subsystems": []})
    assert step_seconds(unset, source.collector) == source.collector.every.total_seconds()
    check_names(estate)


def test_it_gives_up_in_reasonable_time(source: Source) -> None:
    assert timedelta(0) < source.collector.timeout <= max(source.collector.every, LONGEST)


def test_collect_takes_the_context_first_and_seams_with_defaults(source: Source) -> None:
    hints = typing.get_type_hints(source.collect)
    first, *seams = inspect.signature(source.collect).parameters.values()
    assert hints[first.name] is Context
    assert hints["return"] == Iterator[Yield]
    assert all(seam.default is not inspect.Parameter.empty and seam.name in hints for seam in seams)


@pytest.mark.parametrize("name", NAMES)
def test_its_process_imports_nothing_heavy(name: str) -> None:
    program = f"import sys, json; import collectors.sources.{name}; print(json.dumps(list(sys.modules)))"
    printed = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    forbidden = HEAVY if load(name).collector.group == "files" else HEAVY_OUTSIDE_FILES
    assert forbidden & set(json.loads(printed)) == set()


def test_an_empty_estate_gives_no_problem_and_only_catalogued_metrics(source: Source, tmp_path: Path) -> None:
    estate = Estate.model_validate({"name": "empty", "subsystems": []})
    ctx = Context(NOW, estate, Settings(home=tmp_path, estate=tmp_path), tmp_path / "notes.json")
    found = list(source.collect(ctx))
    assert [item.problem for item in found if isinstance(item, Piece) and item.problem] == []
    rows = [row for item in found for row in (item.rows if isinstance(item, Piece) else [item])]
    emitted = {row.metric for row in rows if isinstance(row, MetricSample)}
    with (ROOT / "store" / "metrics.csv").open() as catalogue:
        known = {line["name"] for line in csv.DictReader(catalogue)}
    assert emitted <= known
