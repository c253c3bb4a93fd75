"""A verification mail as plain text, with the same facts as its HTML."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.verification.account import Account
from alerts.verification.numbers import hop_cells, number_cells
from alerts.verification.sheet import Sheet, counted_text
from alerts.verification.stages import stages_of
from alerts.verification.words import STAGES, facts_of, headline_of, link_of, sentences_of
from alerts.wording import one_line

NUMBER_HEADS = ("page", "backend", "difference", "allowed")


def text_of(sheet: Sheet) -> str:
    """The whole mail; sections follow each other after a line."""
    parts = [sheet.headline]
    if sheet.is_digest:
        parts.append("\n".join(f"- {title}: {said}" for title, said in sheet.summary) + _more(sheet.unlisted))
    parts += [_section(sheet, account) for account in sheet.full]
    if sheet.compact:
        parts.append("Verified:\n" + "\n".join(f"- {counted_text(account)}" for account in sheet.compact))
    parts += sheet.notes
    parts.append(sheet.link)
    return "\n\n".join(part for part in parts if part) + "\n"


def _more(unlisted: int) -> str:
    return f"\nand {unlisted} more" if unlisted else ""


def _section(sheet: Sheet, account: Account) -> str:
    lines = [*([f"== {headline_of(account)}"] if sheet.is_digest else []), *sentences_of(account)]
    lines += _stages(account) + _numbers(sheet, account) + _hops(account)
    lines += [f"{name}: {value}" for name, value in facts_of(account, sheet.zone)]
    return "\n".join([*lines, f"Open: {sheet.address}/{link_of(account)}"])


def _stages(account: Account) -> list[str]:
    if account.check is None:
        return []
    lines = []
    for one in stages_of(account.check):
        seconds = "" if one.seconds is None else f" {one.seconds:.1f} s"
        message = f": {one_line(one.message)}" if one.message else ""
        lines.append(f"  {STAGES[one.state]} {one.stage}{seconds}{message}")
    return lines


def _numbers(sheet: Sheet, account: Account) -> list[str]:
    lines = []
    for number in account.numbers[: sheet.most_numbers]:
        verdict, title, *values = number_cells(account, number)
        named = ", ".join(f"{head} {value}" for head, value in zip(NUMBER_HEADS, values, strict=True))
        lines.append(f"  {verdict} {title}: {named}")
    return lines + _left_out(account.numbers, sheet.most_numbers, "numbers")


def _hops(account: Account) -> list[str]:
    lines = []
    for hop in account.hops:
        name, value, said = hop_cells(account, hop)
        lines.append(f"  {name}: {value}" + (f" {said}" if said else ""))
    return lines


def _left_out(found: Sequence[object], most: int, what: str) -> list[str]:
    return [f"  and {len(found) - most} more {what} that are no worse"] if len(found) > most else []
