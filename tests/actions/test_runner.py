"""Playbooks act within their guard rails and are cured only when the alert has resolved."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from actions.base import Action, Context, Playbook
from actions.playbooks.restart_collector import act
from actions.processes import ProcessError, processes, shut_down, socket_path
from actions.runner import ActionRunner
from config.load import read
from store.rows import ActionEvent, ActionState
from store.settings import ROOT, Settings

NOW = datetime(2026, 11, 23, 12)
FIRING = {("collector_silent", "machine/resources")}
PLAYBOOK = Playbook("p", "collector_silent", timedelta(minutes=5), 3, timedelta(minutes=3), "help")


@pytest.fixture
def acted() -> list[datetime]:
    return []


@pytest.fixture
def runner(acted: list[datetime]) -> ActionRunner:
    def restart(subject: str, ctx: Context) -> str:
        acted.append(ctx.now)
        return f"restarted {subject}"

    return ActionRunner({"p": Action(PLAYBOOK, restart)})


def step(runner: ActionRunner, firing: set[tuple[str, str]], minutes: float, conf: Settings) -> list[ActionState]:
    ctx = Context(NOW + timedelta(minutes=minutes), read(ROOT / "config"), conf)
    return [event.state for event in runner.step(firing, ctx)]


@pytest.fixture
def conf(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_a_cure_is_an_alert_that_resolved(runner: ActionRunner, conf: Settings) -> None:
    assert step(runner, FIRING, 0, conf) == [ActionState.ACTING]
    assert step(runner, FIRING, 1, conf) == []
    assert step(runner, set(), 2, conf) == [ActionState.CURED]


def test_what_still_fires_after_its_time_is_not_cured(runner: ActionRunner, conf: Settings) -> None:
    step(runner, FIRING, 0, conf)
    assert step(runner, FIRING, 4, conf) == [ActionState.NOT_CURED]


def test_cooldown_and_attempts_per_hour_are_kept(runner: ActionRunner, acted: list[datetime], conf: Settings) -> None:
    for minute in range(60):
        step(runner, FIRING, minute, conf)
    assert len(acted) == PLAYBOOK.attempts
    assert all(later - earlier >= PLAYBOOK.cooldown for earlier, later in itertools.pairwise(acted))


def test_a_restart_forgets_no_attempt(runner: ActionRunner, acted: list[datetime], conf: Settings) -> None:
    runner.remember([ActionEvent("p", "machine/resources", NOW, ActionState.ACTING, "restarted")])
    assert step(runner, FIRING, 1, conf) == []
    assert acted == []


def test_an_alert_of_another_rule_is_left_alone(runner: ActionRunner, acted: list[datetime], conf: Settings) -> None:
    step(runner, {("disk_full", "/")}, 0, conf)
    assert acted == []


def test_a_playbook_that_cannot_act_is_refused_with_a_sentence(conf: Settings) -> None:
    with pytest.raises(ProcessError, match="could not be restarted"):
        act("machine/resources", Context(NOW, read(ROOT / "config"), conf))
    with pytest.raises(ProcessError, match="not of the form group/collector"):
        act("resources; rm -rf /", Context(NOW, read(ROOT / "config"), conf))


def test_without_a_supervisor_nothing_runs_and_nothing_is_stopped(tmp_path: Path) -> None:
    assert processes(tmp_path) == []
    assert shut_down(tmp_path) is False


def test_a_deep_home_still_has_a_socket_that_fits(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90) / ("e" * 90)
    assert len(str(socket_path(deep))) <= 107
