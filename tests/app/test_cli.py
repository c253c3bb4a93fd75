"""The command line: every verb helps with an example, answers JSON, and ends with the status that scripts rely on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest

from app import supervisor
from app.cli import cli
from store import spool
from store.connection import Store
from store.settings import settings
from store.shipper import ship
from tests.collectors.bills import write
from tests.processes import Home


def answer(home: Home, *arguments: str) -> dict[str, Any]:
    """The JSON object that a verb answers."""
    found: dict[str, Any] = json.loads(home.verb(*arguments, "--json").stdout)
    return found


def verbs(group: click.Group) -> list[tuple[str, click.Command]]:
    """All verbs, with those of groups under `group verb`."""
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        inner = verbs(command) if isinstance(command, click.Group) else []
        found += [(f"{name} {below}", one) for below, one in inner] or [(name, command)]
    return found


@pytest.mark.parametrize(("name", "command"), verbs(cli))
def test_every_verb_shows_an_example_and_takes_json(name: str, command: click.Command) -> None:
    assert f"Example: python -m app {name}" in (command.help or "")
    if name != "up":
        assert any("--json" in option.opts for option in command.params)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("sql", "select 1"), "There is no export yet"),
        (("restore", "nowhere.duckdb"), "There is no backup at nowhere.duckdb"),
        (("backup",), "the store has not started yet"),
        (("check-config", "--estate", "/nowhere"), "cannot be read"),
    ],
)
def test_unusable_input_is_one_sentence_and_status_2(home: Home, arguments: tuple[str, ...], sentence: str) -> None:
    found = home.verb(*arguments)
    assert found.returncode == 2
    assert sentence in found.stderr
    assert "Traceback" not in found.stderr
    assert found.stdout in {"", "\n"}


def test_costs_load_says_what_it_brought_to_the_last_digit(home: Home, practice: Path) -> None:
    found = answer(home, "costs", "load", str(practice / "cost" / "focus_1.0_sample_1000.csv"))
    assert (found["rows"], found["currency"], found["refused"]) == (1000, "USD", {})
    assert found["billed"].startswith("20.5202267")
    assert spool.depths(home.conf.spool_path)["focus_costs"] == 4, "two billing periods: charges, then their record"


def test_a_file_loaded_again_after_another_one_counts_again_and_once(home: Home, tmp_path: Path, store: Store) -> None:
    files = {"a": write(tmp_path / "a.csv", {"BilledCost": "1"}), "b": write(tmp_path / "b.csv", {"BilledCost": "5"})}
    for name in ("a", "b", "a", "a"):
        home.verb("costs", "load", str(files[name]), "--source", "bill")
    ship(store, home.conf.spool_path)
    assert store.fetch("select sum(billed_cost)::double from current_charges").item() == 1.0


def test_migrate_then_list_then_backup_and_export_on_a_stopped_store(home: Home) -> None:
    applied = answer(home, "migrate")["applied"]
    assert applied[0] == "0001_create_facts"
    listed = answer(home, "migrate", "--list")
    assert listed["applied"] == []
    assert all(migration["applied_at"] for migration in listed["migrations"])
    assert Path(answer(home, "backup")["path"]).exists()
    assert answer(home, "export")["folder"] == str(home.conf.export_path)


def test_collect_once_puts_a_run_in_the_spool(home: Home) -> None:
    found = answer(home, "collect", "resources", "--once")
    assert found["outcome"] == "succeeded"
    assert found["rows"] > 5
    assert len(spool.pending(home.conf.spool_path / "resources")) == 1
    assert "There is no collector 'resorces'" in home.verb("collect", "resorces", "--once").stderr


def test_respond_once_rolls_up_and_exports(home: Home) -> None:
    home.start_store()
    home.verb("collect", "resources", "--once")
    assert answer(home, "respond", "--once") == {"firing": []}
    assert (home.conf.export_path / "manifest.json").exists()


def test_check_config_names_rules_and_collectors_that_do_not_exist(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "estate"
    assert home.verb("init", str(folder)).returncode == 0
    (folder / "alerts.yaml").write_text("rules: {disc_full: {is_enabled: false}}\n")
    refused = home.verb("check-config", "--estate", str(folder))
    assert refused.returncode == 2
    assert "rules.disc_full: found no such rule, expected one of checker_broken, collector_failed" in refused.stderr
    (folder / "alerts.yaml").unlink()
    estate = folder / "estate.yaml"
    estate.write_text(estate.read_text().replace("    dataset: analysts-copy\n", "    collector: airflow\n", 1))
    refused = home.verb("check-config", "--estate", str(folder))
    assert refused.returncode == 2
    assert "job export: found no collector 'airflow', expected one of " in refused.stderr
    text = estate.read_text().replace("    collector: airflow\n", "", 1)
    estate.write_text(text.replace("    unit: batches\n", "    watch: {rules: [nelsen_1]}\n", 1))
    refused = home.verb("check-config", "--estate", str(folder))
    assert refused.returncode == 2
    assert "metric batches-per-minute, watch.rules: 'nelsen_1' is no rule" in refused.stderr


def test_verbs_speak_of_the_estate_that_was_started(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`up --estate mine` in one terminal, `points` in another that was told nothing."""
    folder = tmp_path / "estate"
    assert home.verb("init", str(folder)).returncode == 0
    supervisor.write_configuration(home.conf.model_copy(update={"estate": folder}))
    monkeypatch.setenv("SHEWHART_HOME", str(home.conf.home))
    monkeypatch.delenv("SHEWHART_ESTATE", raising=False)
    settings.cache_clear()
    try:
        assert settings().estate == folder
        monkeypatch.setenv("SHEWHART_ESTATE", str(tmp_path / "other"))
        settings.cache_clear()
        assert settings().estate == tmp_path / "other"
    finally:
        settings.cache_clear()


def test_a_wrong_chart_rule_in_a_running_estate_is_a_problem_of_the_status(tmp_path: Path) -> None:
    folder = tmp_path / "estate"
    home = Home.make(tmp_path, estate=folder)
    assert home.verb("init", str(folder)).returncode == 0
    assert not any("chart rules" in one for one in answer(home, "status")["problems"])
    estate = folder / "estate.yaml"
    estate.write_text(estate.read_text().replace("    unit: batches\n", "    watch: {rules: [nelsen_1]}\n", 1))
    said = (
        "The chart rules of a data point are not asked: metric batches-per-minute, watch.rules: 'nelsen_1' is no rule"
    )
    assert any(one.startswith(said) for one in answer(home, "status")["problems"])
