"""README and CONTRIBUTING say what is true today."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from app.cli import cli
from collectors.base import Collector, Context
from config.alerting import Alerting
from config.base import Part
from config.estate import Estate
from config.load import parse_as, read
from store.rows import MetricSample
from store.settings import ROOT, Settings, SettingsError, settings

README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()


def settings_table() -> str:
    """The settings as README shows them."""
    lines = ["| variable | default | what it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.default.name if isinstance(field.default, Path) else field.default
        shown = "the owner process" if default == "" else f"`{default}`"
        lines.append(f"| `SHEWHART_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines)


def test_readme_has_every_setting() -> None:
    assert settings_table() in README


def test_every_make_target_that_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", README + CONTRIBUTING, re.MULTILINE))
    assert named <= targets, named - targets


def test_every_verb_stands_in_readme_and_every_one_there_exists() -> None:
    table = README.split("## Command line")[1].split("## How it works")[0]
    named = {
        word.split()[0]
        for cell in re.findall(r"^\| (.+?) \|", table, re.MULTILINE)
        for word in re.findall(r"`([^`]+)`", cell)
    }
    assert named == set(cli.commands)


def test_every_file_that_the_docs_name_exists() -> None:
    named = re.findall(
        r"`((?:tests|store|docs|collectors|pages|alerts|actions|config)/[\w/.-]+\.\w+)`", README + CONTRIBUTING
    )
    assert named
    missing = [name for name in named if not (ROOT / name).exists()]
    assert missing == []


@pytest.mark.parametrize(("guide", "model"), [("refreshes", Estate), ("alerts", Alerting)])
def test_the_example_of_a_guide_is_a_configuration_that_holds(
    guide: str, model: type[Part], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGER_KEY", "x")
    (text,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / f"{guide}.md").read_text(), re.DOTALL)
    if model is Estate:
        text += "name: Example\nsubsystems: [{id: sales, title: Sales}, {id: finance, title: Finance}]\n"
    assert parse_as(model, text, f"{guide}.md")


def test_the_collector_of_contributing_collects(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", CONTRIBUTING, re.DOTALL)
    module: dict[str, Any] = {}
    exec(code, module)
    assert isinstance(module["COLLECTOR"], Collector)
    (tmp_path / "one.eml").touch()
    ctx = Context(datetime(2026, 11, 23), read(ROOT / "config"), Settings(), tmp_path / "notes.json")
    found: Iterator[MetricSample] = module["collect"](ctx, queue=tmp_path)
    assert [row.value for row in found] == [1.0]


def test_a_bad_setting_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEWHART_APP_PORT", "many")
    settings.cache_clear()
    with pytest.raises(SettingsError, match="SHEWHART_APP_PORT is 'many'"):
        settings()
    settings.cache_clear()


def test_broad_excepts_stand_at_exactly_two_seams() -> None:
    command = ["git", "grep", "-nE", r"except (Base)?Exception\b|except:", "--", "*.py", ":!tests", ":!bench"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.splitlines()
    assert sorted(line.split(":")[0] for line in found) == ["app/navigation.py", "collectors/runner.py"]
