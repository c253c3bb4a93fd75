"""dbt files on disk become runs and freshness once each, and a broken one costs the others nothing."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from collectors.base import Context
from collectors.sources.dbt_artifacts import collect
from store.connection import Store
from tests.collectors.support import NOW, context, deliver, problems, rows


@pytest.fixture
def ctx(practice: Path, tmp_path: Path) -> Context:
    folder = tmp_path / "target"
    folder.mkdir()
    for path in (practice / "refresh").glob("dbt_*.json"):
        shutil.copy(path, folder / path.name)
    return context(tmp_path, dbt=[{"id": "shop", "path": "target/*.json"}])


def test_every_file_is_stored_once_even_when_the_notes_are_lost(ctx: Context, store: Store, tmp_path: Path) -> None:
    assert deliver(store, tmp_path, collect(ctx)) == 8 + 8 + 8 + 4
    assert rows(collect(ctx)) == []
    ctx.state.unlink()
    assert deliver(store, tmp_path, collect(ctx)) == 0
    assert store.fetch("select count(*) from latest_refresh_runs where status = 'failed'").item() == 1


def test_a_truncated_file_is_named_and_the_others_go_on(ctx: Context, store: Store, tmp_path: Path) -> None:
    broken = tmp_path / "target" / "dbt_12_build_ok.run_results.json"
    whole = broken.read_bytes()
    broken.write_bytes(whole[:-100])
    found = list(collect(ctx))
    assert deliver(store, tmp_path, found) == 8 + 8 + 4
    assert len(problems(found)) == 1
    assert str(broken) in problems(found)[0]
    broken.write_bytes(whole)
    assert deliver(store, tmp_path, collect(ctx)) == 8
    assert problems(collect(ctx)) == []


def test_facts_carry_the_time_they_were_collected(ctx: Context, store: Store, tmp_path: Path) -> None:
    deliver(store, tmp_path, collect(ctx))
    assert store.fetch("select distinct collected_at from refresh_runs").item() == NOW


def test_the_newest_freshness_check_stands_whatever_the_files_are_called(
    practice: Path, tmp_path: Path, store: Store
) -> None:
    text = (practice / "refresh" / "dbt_04_freshness.sources.json").read_text()
    (tmp_path / "a.json").write_text(text.replace("2026-11-22T23:5", "2026-11-22T23:4").replace('"pass"', '"warn"'))
    (tmp_path / "b.json").write_text(text)
    (tmp_path / "c.json").write_text(text.replace("2026-11-22T23:5", "2026-11-22T23:3").replace('"pass"', '"error"'))
    deliver(store, tmp_path, collect(context(tmp_path, dbt=[{"id": "shop", "path": "*.json"}])))
    latest = store.fetch("select state from latest_freshness_checks where dataset_id like '%.fresh'")
    assert latest.item() == "fresh"


def test_a_folder_means_the_two_artifacts_in_it(ctx: Context, tmp_path: Path) -> None:
    target = tmp_path / "target"
    (target / "dbt_06_build_test_fail.run_results.json").rename(target / "run_results.json")
    (target / "manifest.json").write_text("{}")
    again = context(tmp_path, NOW + timedelta(minutes=1), dbt=[{"id": "shop", "path": "target"}])
    found = list(collect(again))
    assert len(rows(found)) == 8
    assert problems(found) == []


def test_a_path_without_files_is_a_problem(tmp_path: Path) -> None:
    found = list(collect(context(tmp_path, dbt=[{"id": "shop", "path": "target"}])))
    assert problems(found) == ["dbt source shop has no file at target, expected run_results.json or sources.json."]
