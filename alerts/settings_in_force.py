"""alerts.yaml as it is in force: the newest, or the last good one while the newest has a mistake."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import structlog

from config.alerting import Alerting
from config.load import ALERTS_FILE, EstateError, read_alerting

Signature = tuple[int, int, int] | None
log = structlog.get_logger("alerts.settings_in_force")


class AlertingInForce:
    """Reads `folder`/alerts.yaml anew when it changes and keeps a copy of the last good one in the folder `kept`.

    The copy is for a notifier that starts while the file has a mistake; only its own account can read it.
    """

    def __init__(self, folder: Path, kept: Path) -> None:
        self.folder = folder
        self.kept = kept
        self.problem: str | None = None
        self._signature: Signature | str = "never read"
        self._found: Alerting | None = None

    def read(self) -> Alerting | None:
        """What is in force; None while there has never been a good one, so that nothing is given up for a mistake."""
        signature = _signature(self.folder / ALERTS_FILE)
        if signature != self._signature:
            self._signature = signature
            try:
                self._found, self.problem = read_alerting(self.folder), None
                self._keep()
            except EstateError as error:
                self.problem = str(error)
                log.error("alerts.yaml refused, the last good one stays in force", problem=self.problem)
                self._found = self._found or self._last_good()
        return self._found

    def _keep(self) -> None:
        """Copy the file that was just read; without it, the next start has only the file itself."""
        target = self.kept / ALERTS_FILE
        try:
            text = (self.folder / ALERTS_FILE).read_bytes()
            self.kept.mkdir(parents=True, exist_ok=True)
            beside = target.with_suffix(f".{os.getpid()}.new")
            beside.touch(mode=0o600)
            beside.write_bytes(text)
            beside.replace(target)
        except FileNotFoundError:
            target.unlink(missing_ok=True)
        except OSError as error:
            log.warning("alerts.yaml could not be copied", problem=str(error))

    def _last_good(self) -> Alerting | None:
        with contextlib.suppress(EstateError):
            if (self.kept / ALERTS_FILE).exists():
                return read_alerting(self.kept)
        return None


def _signature(path: Path) -> Signature:
    """What changes when the file is written; None when there is none."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
