"""The walk along the hops of a number in one or two sentences for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from analysis.reports.hops import PAGE, Difference, HopValue, Proof, Wrong

PERCENT = 100.0
SHARES = ("%", "ratio")


def explain(values: Sequence[HopValue], wrong: Wrong | None, proof: Proof, unit: str = "") -> str:
    """`Right at Source and Staging, wrong from Mart on: first on 12 Nov 2026, segment IT: 1,204 rows instead of …`."""
    if wrong is None:
        return _agreement(values)
    right = [one for one in values[: wrong.position] if one.problem is None]
    text = f"{_upper(f'right at {_listed(right)}')}, {_where(values, wrong)}{_doubt(values, wrong)}: "
    text += f"{_what(values[wrong.before], values[wrong.position], proof, unit)}."
    if proof.note:
        text += f" {_upper(proof.note.rstrip('.'))}."
    return text


def _agreement(values: Sequence[HopValue]) -> str:
    known = [one for one in values if one.problem is None]
    blind = [one for one in values if one.problem is not None]
    missing = f"{_listed(blind)} could not be asked" if blind else ""
    if len(known) < 2:
        return _upper(f"{missing or 'there is one hop only'}: where it goes wrong is not known.")
    return _upper(f"{_listed(known)} agree{f'; {missing}' if missing else ''}.")


def _where(values: Sequence[HopValue], wrong: Wrong) -> str:
    here = values[wrong.position]
    if here.hop == PAGE:
        return "wrong on the page only"
    if wrong.right_again is not None:
        return f"wrong at {here.title}, right again from {values[wrong.right_again].title} on"
    return f"wrong from {here.title} on"


def _doubt(values: Sequence[HopValue], wrong: Wrong) -> str:
    """What the hops that could not be asked leave open."""
    between = [values[at] for at in wrong.unknown]
    earlier = [one for one in values[: wrong.before] if one.problem is not None]
    said = [f"{_listed(between)} could not be asked, it may be wrong there already"] if between else []
    said += [f"{_listed(earlier)} could not be asked"] if earlier else []
    return f" ({'; '.join(said)})" if said else ""


def _what(before: HopValue, here: HopValue, proof: Proof, unit: str) -> str:
    """The difference where it is known best: in a segment of a day, in a day, or in all."""
    if proof.day is None:
        if before.value is None or here.value is None:
            return f"{amount(here.value, unit)} instead of {amount(before.value, unit)}"
        return off(before.value, here.value, unit)
    where = f"first {_day(proof.day.name)}"
    if proof.segment is None:
        return f"{where}: {_difference(proof.day, unit)}"
    return f"{where}, segment {proof.segment.name}: {_difference(proof.segment, unit)}"


def _difference(found: Difference[date | None] | Difference[str], unit: str) -> str:
    rows_before, rows_here = found.rows_before, found.rows_here
    parts = []
    if rows_before is not None and rows_here is not None and rows_before != rows_here:
        parts.append(f"{_rows(rows_here)} instead of {f'{rows_before:,}' if rows_before else 'none'}")
    elif rows_here is not None:
        parts.append(f"the same {_rows(rows_here)}")
    if found.value_before == found.value_here:
        parts.append("the same value")
    elif (found.value_before is None and rows_before != 0) or (found.value_here is None and rows_here != 0):
        parts.append(f"{amount(found.value_here, unit)} instead of {amount(found.value_before, unit)}")
    else:
        parts.append(off(found.value_before or 0.0, found.value_here or 0.0, unit))
    return ", ".join(parts)


def off(before: float, here: float, unit: str) -> str:
    """`118,402 EUR too low`, `1.2 points too high`."""
    way = "too low" if here < before else "too high"
    gap = abs(here - before)
    if unit in SHARES:
        return f"{_digits(gap * (PERCENT if unit == 'ratio' else 1))} points {way}"
    return f"{amount(gap, unit)} {way}"


def amount(value: float | None, unit: str) -> str:
    """`1,234.5 EUR`, `12.3 %`, `no value`."""
    if value is None:
        return "no value"
    if unit == "ratio":
        value, unit = value * PERCENT, "%"
    return f"{_digits(value)} {unit}".rstrip()


def _digits(value: float) -> str:
    if 0 < abs(value) < 1:
        return f"{value:.4g}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}" if count else "no rows"


def _day(day: date | None) -> str:
    return f"on {day.day} {day:%b %Y}" if day else "in rows without a day"


def _listed(hops: Sequence[HopValue]) -> str:
    names = [one.title for one in hops]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
