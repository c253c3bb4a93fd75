"""A collector that has gone silent is restarted with its process; only processes of collectors can be named."""

from __future__ import annotations

from datetime import timedelta

from actions.base import Context, Playbook
from actions.processes import ProcessError, restart

PLAYBOOK = Playbook(
    name="restart_collector",
    rule="collector_silent",
    cooldown=timedelta(minutes=5),
    attempts=3,
    verify_within=timedelta(minutes=3),
    help="Restarts the process of a collector that has recorded no run for three times its step.",
)


def act(subject: str, ctx: Context) -> str:
    """Restart the process that runs collector `subject` (`group/name`)."""
    group, _, collector = subject.partition("/")
    if not collector:
        raise ProcessError(f"{subject!r} is not of the form group/collector, so no process can be chosen.")
    restart(ctx.settings.home, f"collectors-{group}")
    return f"restarted process collectors-{group}, which runs {collector}"
