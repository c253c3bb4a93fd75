"""A rate limit: so many a minute for each name."""

from __future__ import annotations

from collections.abc import Callable


class Buckets:
    """A token bucket per job: so many pings a minute, as many at once after a quiet minute."""

    def __init__(self, per_minute: int, timer: Callable[[], float]) -> None:
        self._per_minute, self._timer = per_minute, timer
        self._levels: dict[str, tuple[float, float]] = {}

    def wait_seconds(self, job_id: str) -> float:
        """Take a token: 0, or the seconds until there is one."""
        now = self._timer()
        level, at = self._levels.get(job_id, (float(self._per_minute), now))
        level = min(float(self._per_minute), level + (now - at) * self._per_minute / 60)
        is_enough = level >= 1
        self._levels[job_id] = (level - 1 if is_enough else level, now)
        return 0.0 if is_enough else (1 - level) * 60 / self._per_minute
