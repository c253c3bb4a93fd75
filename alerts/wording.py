"""A message in the words that people read: headline, facts and text, the same for a mail and for any service."""

from __future__ import annotations

import math
import re
from dataclasses import fields, replace
from typing import Any

from alerts.base import Finding
from alerts.messages import Message
from store.rows import NoticeKind

LONGEST_HEADLINE = 200
LONGEST_EVIDENCE = 4000
MOST_ATTACHED = 20
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]+")
MARKS = {NoticeKind.REMINDER: "Still: ", NoticeKind.ESCALATION: "Nobody has acknowledged: "}


def writable(message: Message) -> Message:
    """The message as JSON and a mail can carry it: no half of a Unicode pair, no value that is not a number."""
    texts: dict[str, Any] = {
        f.name: _unicode(value) for f in fields(message) if type(value := getattr(message, f.name)) is str
    }
    return replace(
        message,
        **texts,
        attached=tuple(_unicode(name) for name in message.attached),
        points=tuple((at, value) for at, value in message.points if math.isfinite(value)),
        limit=message.limit if message.limit is not None and math.isfinite(message.limit) else None,
    )


def readable(finding: Finding) -> Finding:
    """The finding as JSON can carry it: a mount or a process may have a name that is no Unicode."""
    is_finite = finding.value is None or math.isfinite(finding.value)
    return replace(
        finding,
        subject=_unicode(finding.subject),
        evidence=_unicode(finding.evidence),
        value=finding.value if is_finite else None,
        causes=tuple(_unicode(name) for name in finding.causes),
        points=tuple((at, value) for at, value in finding.points if math.isfinite(value)),
        limit=finding.limit if finding.limit is not None and math.isfinite(finding.limit) else None,
        help=_unicode(finding.help),
    )


def one_line(text: str) -> str:
    """Text without line breaks and control characters, as a header or a title needs it."""
    return " ".join(CONTROL.sub(" ", text).split())


def headline(message: Message) -> str:
    """`[critical] Disk full: db-01` in one line; what is over has `[resolved]` in front. A letter has its own."""
    if message.letter:
        return _cut(one_line(message.letter.subject), LONGEST_HEADLINE)
    tag = "resolved" if message.kind is NoticeKind.RESOLVED else message.severity
    return _cut(one_line(f"[{tag}] {MARKS.get(message.kind, '')}{message.title}"), LONGEST_HEADLINE)


def link_of(message: Message, address: str) -> str:
    """Where the message leads: the page of its incident, or the address itself."""
    return f"{address.rstrip('/')}/{message.link.lstrip('/')}"


def evidence_of(message: Message) -> str:
    """What was seen, over as many lines as it has."""
    return _cut(CONTROL.sub(" ", message.evidence).strip(), LONGEST_EVIDENCE)


def facts_of(message: Message) -> list[tuple[str, str]]:
    """Name and value of what is said below the evidence."""
    facts = []
    if message.help and message.kind is not NoticeKind.RESOLVED:
        facts.append(("What to do", one_line(message.help)))
    if message.attached:
        shown = ", ".join(one_line(name) for name in message.attached[:MOST_ATTACHED])
        more = len(message.attached) - MOST_ATTACHED
        facts.append(("Explains as well", f"{shown} and {more} more" if more > 0 else shown))
    facts.append(("Subject", one_line(message.subject)))
    facts.append(("Rule", one_line(message.rule)))
    facts.append(("Time", f"{message.occurred_at.day} {message.occurred_at:%b %Y %H:%M} UTC"))
    return facts


def text_of(message: Message, address: str) -> str:
    """The whole message as plain text, the headline excepted."""
    if message.letter:
        return message.letter.text
    facts = "\n".join(f"{name}: {value}" for name, value in facts_of(message))
    return f"{evidence_of(message)}\n\n{facts}\n\n{link_of(message, address)}\n"


def span_text(seconds: float) -> str:
    """A span in its two largest units: `40 s`, `25 min`, `3 h 5 min`, `2 d 4 h`."""
    minutes = int(seconds // 60)
    if minutes < 2:
        return f"{max(seconds, 0):.3g} s"
    hours, days = minutes // 60, minutes // 1440
    if days:
        return f"{days} d {hours % 24} h".removesuffix(" 0 h")
    return f"{hours} h {minutes % 60} min".removesuffix(" 0 min") if hours else f"{minutes} min"


def _unicode(text: str) -> str:
    return text.encode(errors="replace").decode()


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
