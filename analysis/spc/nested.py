"""Rows of nested dataclasses of arrays: taken, joined, and turned into plain lists and numbers for JSON and back."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Nested = Any  # a dataclass or dictionary of arrays, or of more of these


def take_rows(value: Nested, rows: npt.NDArray[np.int64]) -> Nested:
    """The `rows` of every array in `value`."""
    if isinstance(value, dict):
        return {name: take_rows(item, rows) for name, item in value.items()}
    if is_dataclass(value):
        return type(value)(**{f.name: take_rows(getattr(value, f.name), rows) for f in fields(value)})  # type: ignore[misc]
    return value[rows] if isinstance(value, np.ndarray) else value


def join_rows(parts: list[Nested]) -> Nested:
    """The rows of all parts, which have the same shape of nesting, one after the other."""
    first = parts[0]
    if isinstance(first, dict):
        return {name: join_rows([part[name] for part in parts]) for name in first}
    if is_dataclass(first):
        return type(first)(**{f.name: join_rows([getattr(p, f.name) for p in parts]) for f in fields(first)})  # type: ignore[misc]
    return np.concatenate(parts) if isinstance(first, np.ndarray) else first


def to_plain(value: Nested) -> Nested:
    """Dictionaries, lists, numbers and texts only; NaN becomes None."""
    if isinstance(value, dict):
        return {name: to_plain(item) for name, item in value.items()}
    if is_dataclass(value):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, np.ndarray):
        return to_plain(value.tolist())
    if isinstance(value, list):
        return [to_plain(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def numbers(plain: Nested) -> npt.NDArray[np.float64]:
    """The array that `to_plain` wrote as numbers."""
    return np.array(plain, dtype=np.float64)
