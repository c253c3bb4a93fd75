"""How verbs answer: JSON for machines with --json, aligned text for people without."""

from __future__ import annotations

from decimal import Decimal

import click
import orjson

JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")


def say(as_json: bool, answer: dict[str, object], text: str) -> None:
    """Print `answer` as JSON, or `text` for a person."""
    click.echo(orjson.dumps(answer, default=plain, option=orjson.OPT_SERIALIZE_NUMPY).decode() if as_json else text)


def plain(value: object) -> str:
    """What JSON has no type for, as text: money without an exponent, everything else as it prints."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def table(rows: list[tuple[object, ...]], header: tuple[str, ...]) -> str:
    """Rows as aligned columns under a header."""
    cells = [tuple(map(str, header)), *(tuple("" if cell is None else str(cell) for cell in row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = ("  ".join(map(str.ljust, row, widths)) for row in cells)
    return "\n".join(line.rstrip() for line in lines)
