"""A change and its parts as one sentence whose printed parts add up to the printed total."""

from __future__ import annotations

import math
from collections.abc import Sequence

from analysis.spc.segments import OTHERS, Contributions

DIGITS = 1


def sentence(found: Contributions, name: str = "The total", unit: str = "") -> str:
    """For example "Orders -9.0 % (1,200 to 1,092), of which Italy -7.8, Spain -2.0, others (3 segments) +0.8."

    Parts are in percentage points of the total before, for ratios with rate and mix; in the unit where that is 0.
    """
    suffix = f" {unit}" if unit else ""
    span = f"{_amount(found.before)}{suffix} to {_amount(found.after)}{suffix}"
    if found.change == 0 and all(part.change == 0 for part in found.parts):
        return f"{name} is unchanged ({_amount(found.after)}{suffix})."
    scale = 100 / abs(found.before) if found.before else 1.0
    parts = rounded_parts([part.change * scale for part in found.parts])
    listed = [
        f"{_called(part.segment, part.state)} {_signed(printed)}{_split(part.rate * scale, part.mix * scale, found)}"
        for part, printed in zip(found.parts, parts, strict=True)
    ]
    head = f"{_signed(math.fsum(parts))} %" if found.before else f"{_signed(math.fsum(parts))}{suffix}"
    return f"{name} {head} ({span}), of which {', '.join(listed)}." + (f" {found.note}" if found.note else "")


def rounded_parts(parts: Sequence[float], digits: int = DIGITS) -> list[float]:
    """`parts` rounded so that they add up to their rounded sum: the largest remainders take the missing steps."""
    step = 10.0**digits
    scaled = [part * step for part in parts]
    floors = [math.floor(part) for part in scaled]
    missing = round(math.fsum(scaled)) - sum(floors)
    order = sorted(range(len(parts)), key=lambda place: floors[place] - scaled[place])
    up = set(order[:missing])
    return [(floor + (place in up)) / step for place, floor in enumerate(floors)]


def _amount(value: float) -> str:
    """Six digits that matter, and all of a larger number: 1,163,150 and not 1.16315e+06."""
    return f"{value:,.0f}" if abs(value) >= 100_000 else f"{value:,.6g}"


def _called(segment: str, state: str) -> str:
    return f"{OTHERS} ({state})" if segment == OTHERS else f"{segment} ({state})" if state else segment


def _signed(value: float) -> str:
    return f"{value + 0.0:+,.{DIGITS}f}" if round(value, DIGITS) else f"{0:.{DIGITS}f}"


def _split(rate: float, mix: float, found: Contributions) -> str:
    return f" (rate {_signed(rate)}, mix {_signed(mix)})" if found.is_ratio else ""
