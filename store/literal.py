"""Values into SQL text for the owner process, which takes whole statements and no bound parameters.

The only place where a value becomes SQL text; tests/store/test_literal.py sends arbitrary values there and back.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

Value = None | bool | int | float | str | datetime | date | Decimal | list[str]

PARAMETER = re.compile(r"\$([a-z][a-z0-9_]*)")


def literal(value: Value) -> str:
    """The SQL literal of `value`; raises ValueError for what no literal can carry (a NUL character)."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return f"{value:f}::decimal(18, 6)"
        case float():
            return f"{value!r}::double" if math.isfinite(value) else f"'{value!r}'::double"
        case datetime():
            return f"timestamp '{value.isoformat(sep=' ')}'"
        case date():
            return f"date '{value.isoformat()}'"
        case list():
            return f"[{', '.join(literal(item) for item in value)}]::varchar[]"
        case str():
            if "\0" in value:
                raise ValueError("a text with a NUL character cannot be stored; remove the character")
            return "'" + value.replace("'", "''") + "'"


def render(sql: str, parameters: Mapping[str, Value]) -> str:
    """`sql` with each `$name` replaced by the literal of that parameter; raises KeyError for one that is missing."""
    return PARAMETER.sub(lambda match: literal(parameters[match.group(1)]), sql)
