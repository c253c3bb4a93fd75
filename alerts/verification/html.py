"""A verification mail as HTML: no colour of ground or text is set, so that a dark mail program shows it dark.

Everything is one column that narrow screens can hold; pictures stand beside each other where there is room. Whatever
comes from outside is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from alerts.letters import place
from alerts.verification.account import Account
from alerts.verification.numbers import hop_cells, number_cells
from alerts.verification.sheet import Sheet, counted_text
from alerts.verification.stages import stages_of
from alerts.verification.words import STAGES, facts_of, headline_of, link_of, sentences_of
from alerts.wording import one_line
from store.rows import CheckState

EDGES = {
    CheckState.UP: "#12915A",
    CheckState.DEGRADED: "#D97706",
    CheckState.DOWN: "#D92D20",
    CheckState.UNKNOWN: "#667085",
}
ROW = "text-align:left;vertical-align:top;border-bottom:1px solid #98A2B344"
NUMBER_HEAD = ("Verdict", "Number", "Page", "Backend", "Difference", "Allowed")
SHORT = 16  # characters that are not broken over two lines
HOP_HEAD = ("Hop", "Value", "Finding")
STAGE_HEAD = ("Stage", "Result", "After", "Finding")


def html_of(sheet: Sheet) -> str:
    """The whole mail, with places for its pictures."""
    headline = escape(sheet.headline)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>{headline}</title></head>
<body style="margin:0;padding:16px;font:15px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<div style="max-width:820px">
<p style="margin:0 0 12px;padding-left:12px;border-left:4px solid {EDGES[sheet.verdict]};font-size:18px;\
font-weight:600">{headline}</p>
{_summary(sheet)}{"".join(_section(sheet, at, account) for at, account in enumerate(sheet.full))}{_compact(sheet)}
{"".join(f'<p style="margin:12px 0 0;opacity:.7">{escape(note)}</p>' for note in sheet.notes)}
<p style="margin:16px 0 0"><a href="{escape(sheet.link)}">Open in Shewhart</a></p>
</div></body></html>
"""


def _summary(sheet: Sheet) -> str:
    if not sheet.is_digest or not sheet.summary:
        return ""
    more = f'<p style="margin:4px 0 0;opacity:.7">and {sheet.unlisted} more</p>' if sheet.unlisted else ""
    return _table(("Report", "Finding"), sheet.summary) + more


def _compact(sheet: Sheet) -> str:
    if not sheet.compact:
        return ""
    lines = "".join(f"<li>{escape(counted_text(account))}</li>" for account in sheet.compact)
    return (
        f'<div style="margin:20px 0 0">{_heading("Verified")}<ul style="margin:0;padding-left:20px">{lines}</ul></div>'
    )


def _section(sheet: Sheet, at: int, account: Account) -> str:
    edge = EDGES[account.verdict]
    title = _heading(headline_of(account)) if sheet.is_digest else ""
    said = "".join(f'<p style="margin:0 0 8px">{escape(one)}</p>' for one in sentences_of(account))
    link = escape(f"{sheet.address}/{link_of(account)}")
    way = f'<p style="margin:8px 0 0"><a href="{link}">This report in Shewhart</a></p>' if sheet.is_digest else ""
    inner = said + _pictures(sheet, at) + _numbers(sheet, account) + _hops(account) + _stages(account)
    return (
        f'<div style="margin:20px 0 0;border-left:4px solid {edge};padding-left:12px">'
        f"{title}{inner}{_facts(account, sheet.zone)}{way}</div>"
    )


def _pictures(sheet: Sheet, at: int) -> str:
    """Beside each other where there is room, below each other where there is none."""
    found = [(picture, caption) for place_at, picture, caption in sheet.pictures if place_at == at]
    width = "49%" if len(found) > 1 else "100%"
    return "".join(
        f'<div style="display:inline-block;vertical-align:top;width:{width};min-width:280px;max-width:100%;'
        f'margin:0 0 8px;padding:0 8px 0 0;box-sizing:border-box;font-size:13px">{place(picture.name)}<br>'
        f"{escape(caption)}</div>"
        for picture, caption in found
    )


def _numbers(sheet: Sheet, account: Account) -> str:
    rows = [number_cells(account, number) for number in account.numbers[: sheet.most_numbers]]
    left = len(account.numbers) - len(rows)
    more = f'<p style="margin:4px 0 0;opacity:.7">and {left} more that are no worse</p>' if left > 0 else ""
    return _table(NUMBER_HEAD, rows) + more if rows else ""


def _hops(account: Account) -> str:
    rows = [hop_cells(account, hop) for hop in account.hops]
    return _table(HOP_HEAD, rows) if rows else ""


def _stages(account: Account) -> str:
    if account.check is None:
        return ""
    rows = [
        (
            one.stage,
            STAGES[one.state],
            "" if one.seconds is None else f"{one.seconds:.1f} s",
            one_line(one.message or ""),
        )
        for one in stages_of(account.check)
    ]
    return _table(STAGE_HEAD, rows)


def _facts(account: Account, zone: str) -> str:
    rows = "".join(
        f'<tr><td style="padding:2px 16px 2px 0;opacity:.7;vertical-align:top;white-space:nowrap">{escape(name)}</td>'
        f'<td style="padding:2px 0">{escape(value)}</td></tr>'
        for name, value in facts_of(account, zone)
    )
    return f'<table role="presentation" style="margin:8px 0 0;border-collapse:collapse;font-size:14px">{rows}</table>'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table that scrolls by itself where the screen is narrow."""
    heads = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f'<tr style="{ROW}">{"".join(_cell(cell) for cell in row)}</tr>' for row in rows)
    return (
        '<div style="overflow-x:auto;margin:8px 0 0"><table cellpadding="4" style="border-collapse:collapse;'
        f'font-size:14px;width:100%"><tr style="{ROW};opacity:.7">{heads}</tr>{body}</table></div>'
    )


def _cell(text: str) -> str:
    return f"<td{' nowrap' if 0 < len(text) < SHORT else ''}>{escape(text)}</td>"


def _heading(text: str) -> str:
    return f'<p style="margin:0 0 6px;font-size:16px;font-weight:600">{escape(text)}</p>'
