"""Frozen limits as plain values and back, so that they can be kept as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from analysis.spc.phases import Exclusion, Limits

TIMES = ("from_at", "to_at", "made_at")


def to_plain(limits: Limits) -> dict[str, Any]:
    """The limits as JSON can hold them: times as ISO text, a point without a value as None."""
    plain: dict[str, Any] = {field.name: getattr(limits, field.name) for field in fields(limits)}
    plain |= {name: plain[name].isoformat() for name in TIMES}
    plain["excluded"] = [
        {"index": point.index, "value": None if math.isnan(point.value) else point.value, "reason": point.reason}
        for point in limits.excluded
    ]
    return plain


def from_plain(plain: Mapping[str, Any]) -> Limits:
    """The limits that `to_plain` gave. Raises ValueError naming what is missing, unknown or of another type."""
    names = {field.name for field in fields(Limits)}
    odd = sorted(names.symmetric_difference(plain))
    if odd:
        raise ValueError(f"The limits have {', '.join(odd)} missing or unknown; expected {', '.join(sorted(names))}.")
    try:
        times = {name: datetime.fromisoformat(plain[name]) for name in TIMES}
        excluded = tuple([_exclusion(point) for point in plain["excluded"]])
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"The limits cannot be read: {error}; expected what was written before.") from error
    return Limits(**{**plain, **times, "excluded": excluded})


def _exclusion(point: Mapping[str, Any]) -> Exclusion:
    value = point["value"]
    return Exclusion(int(point["index"]), math.nan if value is None else float(value), str(point["reason"]))
