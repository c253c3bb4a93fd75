"""Every file in actions/playbooks keeps the contract of a playbook."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

import actions.playbooks
import alerts.base
from actions.base import discover

FILES = sorted(path.stem for path in Path(actions.playbooks.__path__[0]).glob("[a-z]*.py"))


@pytest.mark.parametrize("name", FILES)
def test_a_playbook_declares_itself_and_has_guard_rails(name: str) -> None:
    playbook = discover()[name].playbook
    assert playbook.name == name, "a playbook has the name of its file"
    assert playbook.help
    assert playbook.rule in alerts.base.discover(), "a playbook acts on the alerts of a rule that exists"
    assert 1 <= playbook.attempts <= 10
    assert playbook.cooldown >= timedelta(minutes=1)
    assert playbook.verify_within > timedelta(0)
