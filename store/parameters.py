"""Parameters that somebody's SELECT names as `:day`: where they stand, outside of strings, names, comments and casts.

Values never become SQL text: the name is turned into what a database's driver binds.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

Bound = str | datetime | date | int | float | None

OPAQUE = r"""
    (?P<comment> --[^\n]* | /\*.*?\*/ )
  | (?P<quoted>
        (?<!\w)[eE]'(?:[^'\\]|\\.|'')*'
      | '(?:[^']|'')*'
      | "(?:[^"]|"")*"
      | `[^`]*`
      | (?<![\w$])\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$
    )
"""
NAME = r"(?<![:\w\\'\"\])}]):(?P<name>[^\W\d]\w*)"  # neither `::date` nor `a[1:n]` nor `{'key':value}`
HIDDEN = re.compile(OPAQUE, re.VERBOSE | re.DOTALL)
TOKEN = re.compile(f"{OPAQUE} | {NAME}", re.VERBOSE | re.DOTALL)


def parameter_names(sql: str) -> list[str]:
    """The names in `sql`, each once, in order."""
    return list(dict.fromkeys(found["name"] for found in TOKEN.finditer(sql) if found["name"]))


def bare(sql: str) -> str:
    """`sql` without its comments, and with nothing in its quotes."""
    return HIDDEN.sub(lambda found: " " if found["comment"] else "''", sql)


def rewrite(sql: str, named: Callable[[str], str], other: Callable[[str], str] = str) -> str:
    """`sql` with `named(name)` where a parameter stands, and everything between them as `other` gives it."""
    parts, last = [], 0
    for found in TOKEN.finditer(sql):
        if found["name"]:
            parts += [other(sql[last : found.start()]), named(found["name"])]
            last = found.end()
    return "".join([*parts, other(sql[last:])])
