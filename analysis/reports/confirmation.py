"""What several looks at a report agree on: one bad look alarms nobody, one good look reassures nobody.

Looks of a checker that found nothing out are neither. Latencies are judged by their 95th percentile, not one by one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from config.patience import Confirm
from store.rows import CheckState

MOST_LOOKS = 50
MOST_LATENCIES = 20
LEAST_LATENCIES = 5
SLOW_SHARE = 0.95
BAD = (CheckState.DOWN, CheckState.DEGRADED)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of the looks at one target; `as_json` and `from_json` keep it in a file.

    `looks` are the newest known states and `latencies` the newest seconds until useful, oldest first; `blind` counts
    the looks since then that found nothing out. `judged` is what the states agree on, `confirmed` also how slow it is.
    """

    looks: tuple[CheckState, ...] = ()
    latencies: tuple[float, ...] = ()
    blind: int = 0
    judged: CheckState | None = None
    confirmed: CheckState | None = None

    def as_json(self) -> dict[str, object]:
        """For a JSON file."""
        return {
            "looks": [str(state) for state in self.looks],
            "latencies": list(self.latencies),
            "blind": self.blind,
            "judged": self.judged and str(self.judged),
            "confirmed": self.confirmed and str(self.confirmed),
        }

    @classmethod
    def from_json(cls, kept: object) -> Memory:
        """What `as_json` gave; anything else is a memory of nothing."""
        if not isinstance(kept, Mapping):
            return cls()
        try:
            return cls(
                looks=tuple(CheckState(state) for state in kept["looks"]),
                latencies=tuple(float(seconds) for seconds in kept["latencies"]),
                blind=int(kept["blind"]),
                judged=CheckState(kept["judged"]) if kept["judged"] else None,
                confirmed=CheckState(kept["confirmed"]) if kept["confirmed"] else None,
            )
        except (KeyError, TypeError, ValueError):
            return cls()


def confirm(memory: Memory, state: CheckState, latency: float | None, confirm: Confirm, slow_seconds: float) -> Memory:
    """The memory after one more look, which took `latency` seconds until the page was useful (None: it never was).

    The first look that finds anything out decides alone. Later ones follow `confirm`: bad when `bad` of the newest `of`
    are (down when as many are down), up after `good` good looks in a row. A report that is up and `is_slow` is
    degraded. Looks that find nothing out change nothing until there are `of` of them in a row.
    """
    if state == CheckState.UNKNOWN:
        blind = memory.blind + 1
        judged = CheckState.UNKNOWN if memory.judged is None or blind >= confirm.of else memory.judged
        return _with_latencies(replace(memory, blind=blind, judged=judged), slow_seconds)
    looks = (*memory.looks, state)[-MOST_LOOKS:]
    judged = state if not memory.looks else _agreed(looks, memory.judged or state, confirm)
    if judged == CheckState.UP and memory.judged != CheckState.UP:
        looks = looks[-confirm.good :]  # the bad looks before are over and done with
    latencies = memory.latencies
    if latency is not None and math.isfinite(latency):
        latencies = (*latencies, latency)[-MOST_LATENCIES:]
    return _with_latencies(replace(memory, looks=looks, latencies=latencies, blind=0, judged=judged), slow_seconds)


def is_slow(latencies: Sequence[float], slow_seconds: float) -> bool:
    """Whether the 95th percentile of at least five latencies (nearest rank, the slowest one left out) is too slow."""
    count = len(latencies)
    if count < LEAST_LATENCIES:
        return False
    rank = min(math.ceil(SLOW_SHARE * count), count - 1)
    return sorted(latencies)[rank - 1] > slow_seconds


def _agreed(looks: Sequence[CheckState], judged: CheckState, confirm: Confirm) -> CheckState:
    newest = looks[-confirm.of :]
    if len(looks) >= confirm.good and all(state == CheckState.UP for state in looks[-confirm.good :]):
        return CheckState.UP
    if sum(state in BAD for state in newest) < confirm.bad:
        return judged
    return CheckState.DOWN if newest.count(CheckState.DOWN) >= confirm.bad else CheckState.DEGRADED


def _with_latencies(memory: Memory, slow_seconds: float) -> Memory:
    is_degraded = memory.judged == CheckState.UP and is_slow(memory.latencies, slow_seconds)
    return replace(memory, confirmed=CheckState.DEGRADED if is_degraded else memory.judged)
