"""Runs playbooks for firing alerts within their guard rails, and finds out whether they cured.

detected -> (refused | acting) -> cured | not_cured; every step is a row. Cured means the alert has resolved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from actions.base import Action, Context
from actions.processes import ProcessError
from store.rows import ActionEvent, ActionState

HOUR = timedelta(hours=1)


@dataclass(slots=True)
class ActionRunner:
    """Keeps what has been tried; start it with the events of the last hour so that a restart forgets nothing."""

    actions: dict[str, Action]
    tried: dict[tuple[str, str], list[datetime]] = field(default_factory=lambda: defaultdict(list))
    verifying: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def remember(self, events: Iterable[ActionEvent]) -> None:
        """Take over the attempts of an earlier process."""
        for event in events:
            key = (event.playbook, event.subject)
            if event.state is ActionState.ACTING:
                self.tried[key].append(event.occurred_at)
                self.verifying[key] = event.occurred_at
            elif event.state in {ActionState.CURED, ActionState.NOT_CURED}:
                self.verifying.pop(key, None)

    def step(self, firing: set[tuple[str, str]], ctx: Context) -> Iterator[ActionEvent]:
        """Verify what was done, then act on what fires; `firing` holds (rule, subject)."""
        yield from self._verify(firing, ctx.now)
        for action in self.actions.values():
            for rule, subject in sorted(firing):
                if rule == action.playbook.rule and self._may_act(action, subject, ctx.now):
                    yield self._act(action, subject, ctx)

    def _may_act(self, action: Action, subject: str, now: datetime) -> bool:
        key = (action.playbook.name, subject)
        recent = [at for at in self.tried[key] if now - at < HOUR]
        self.tried[key] = recent
        is_resting = bool(recent) and now - recent[-1] < action.playbook.cooldown
        return key not in self.verifying and not is_resting and len(recent) < action.playbook.attempts

    def _act(self, action: Action, subject: str, ctx: Context) -> ActionEvent:
        key = (action.playbook.name, subject)
        self.tried[key].append(ctx.now)
        try:
            detail = action.act(subject, ctx)
        except ProcessError as error:
            return ActionEvent(*key, ctx.now, ActionState.REFUSED, str(error))
        self.verifying[key] = ctx.now
        return ActionEvent(*key, ctx.now, ActionState.ACTING, detail)

    def _verify(self, firing: set[tuple[str, str]], now: datetime) -> Iterator[ActionEvent]:
        for (name, subject), since in list(self.verifying.items()):
            playbook = self.actions[name].playbook
            if (playbook.rule, subject) not in firing:
                del self.verifying[name, subject]
                yield ActionEvent(name, subject, now, ActionState.CURED, f"{playbook.rule} resolved")
            elif now - since > playbook.verify_within:
                del self.verifying[name, subject]
                yield ActionEvent(
                    name,
                    subject,
                    now,
                    ActionState.NOT_CURED,
                    f"{playbook.rule} still fires after {playbook.verify_within}",
                )
