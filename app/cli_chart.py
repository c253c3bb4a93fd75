"""The verb `chart`: a control chart of any CSV or Parquet file, for one series or one per group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypedDict, Unpack

import click

from analysis.spc.charts import BEYOND_LIMITS, ONLY_LIMITS
from analysis.spc.rule_words import EXAMPLES, UnknownRuleError
from analysis.spc.rules import FAMILIES as RULE_FAMILIES
from analysis.spc.rules import find_rule
from analysis.spc.subgroups import Estimate
from app.chart_answers import answer, check_out, text, write_table
from app.chart_files import Columns, Series, read_frame, series_of
from app.chart_kinds import KINDS, Asked, Charted, Kind, chart_series
from app.cli_output import JSON_OPTION, say
from collectors.base import SourceError

FAMILIES: dict[str, tuple[str, ...]] = {**RULE_FAMILIES, BEYOND_LIMITS: ONLY_LIMITS}

NAMELESS = "(no name)"  # the series of the rows where the column of --by is empty


def kind_of(name: str) -> Kind:
    """The kind of chart of any of its names, capitals and dashes aside."""
    for spelled in (name, name.lower(), name.lower().replace("-", "_")):
        if spelled in KINDS:
            return KINDS[spelled]
    raise SourceError(f"{name!r} is no kind of chart; expected one of {', '.join(dict.fromkeys(KINDS.values()))}.")


def rules_of(names: str) -> tuple[str, ...]:
    """The rules of families, names, and words such as "4 of 5 beyond 1 sigma", separated by commas."""
    found: list[str] = []
    for word in filter(None, (word.strip().lower().replace("-", "_") for word in names.split(","))):
        found += FAMILIES[word] if word in FAMILIES else (_rule(word),)
    if not found:
        raise SourceError("No rule was named; expected a family such as nelson, or names of rules.")
    return tuple(dict.fromkeys(found))


def _rule(word: str) -> str:
    """The name of one rule."""
    try:
        return find_rule(word).name
    except UnknownRuleError as error:
        known = ", ".join(FAMILIES)
        raise SourceError(
            f"{word!r} is no rule; expected {known}, names such as nelson_2, or words such as {EXAMPLES}."
        ) from error
    except ValueError as error:
        raise SourceError(f"Rule {word!r}: {error}") from error


class Options(TypedDict):
    """The options that say what to chart, as `Asked` holds them."""

    baseline: int | None
    center: float | None
    sigma: float | None
    width: float | None
    share: float | None
    k: float | None
    h: float | None
    head_start: float | None
    estimate: Estimate | None
    limits: str | None


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--value", required=True, help="Column of the values; counts for p, np, c, u and g, times for t.")
@click.option("--time", help="Column to order by: times, dates or numbers.")
@click.option("--size", help="Column of the sample sizes, or one number for all.")
@click.option("--subgroup", help="Column whose equal values make one subgroup (xbar, r, s, ewma, cusum).")
@click.option("--by", help="Column whose values name the series: one chart for each.")
@click.option("--kind", default="individuals", show_default=True, help=f"{', '.join(KINDS)}.")
@click.option("--rules", help="Families (nelson, westgard, ...), names, or words (4 of 5 beyond 1 sigma), with commas.")
@click.option("--baseline", type=int, help="Limits from the first N points.")
@click.option("--center", type=float, help="A given center line, or target.")
@click.option("--sigma", type=float, help="A given sigma of one value.")
@click.option("--width", type=float, help="Sigmas from the center line to the limits; 3 unless given.")
@click.option("--lambda", "share", type=float, help="Weight of the newest point of an ewma; 0.2 unless given.")
@click.option("--k", type=float, help="Reference value of a cusum in sigmas; 0.5 unless given.")
@click.option("--h", type=float, help="Decision interval of a cusum in sigmas; 5 unless given.")
@click.option("--head-start", type=float, help="Where the sums of a cusum start, in sigmas; 0 unless given.")
@click.option(
    "--estimate", type=click.Choice(["range", "deviation", "pooled"]), help="Sigma of xbar from R/d2, S/c4 or pooled."
)
@click.option(
    "--limits",
    type=click.Choice(["exact", "asymptotic", "sigmas", "probability"]),
    help="Limits of an ewma (exact, asymptotic) or of g and t (sigmas, probability).",
)
@click.option("--out", type=click.Path(path_type=Path), help="CSV or Parquet file for one row per point.")
@JSON_OPTION
@click.pass_context
def chart(
    context: click.Context,
    path: Path,
    value: str,
    time: str | None,
    size: str | None,
    subgroup: str | None,
    by: str | None,
    kind: str,
    rules: str | None,
    out: Path | None,
    as_json: bool,
    **asked: Unpack[Options],
) -> None:
    """Control chart of a CSV or Parquet; exit status 1 on signals. Example: python -m app chart a.csv --value y

    With --by the answer holds one chart per group under "series"; a group that cannot be charted has "error" there.
    """
    if out:
        check_out(out)
    number = _number(size)
    plan = Asked(kind_of(kind), rules_of(rules) if rules is not None else None, **asked, size=number)
    columns = Columns(value, time, size if number is None else None, subgroup, by)
    frame, notes = read_frame(path, columns)
    found = {name: _charted(series, plan) for name, series in series_of(frame, columns)}
    charts = {name: one for name, one in found.items() if isinstance(one, Charted)}
    wrong = {name: one for name, one in found.items() if isinstance(one, SourceError)}
    if not charts:
        raise SourceError(_sentence(path, wrong, bool(by)))
    if out:
        write_table(out, list(charts.items()))
    say(as_json, _answer(found, notes, bool(by)), "\n".join(_lines(found, notes, bool(by))))
    if wrong:
        click.echo(f"shewhart: {_sentence(path, wrong, True)}", err=True)
    context.exit(2 if wrong else 1 if any(one.chart.signals for one in charts.values()) else 0)


def _charted(series: Series | SourceError, plan: Asked) -> Charted | SourceError:
    """The chart of a series, or the sentence why there is none: one that is wrong does not stop the others."""
    if isinstance(series, SourceError):
        return series
    try:
        return chart_series(series, plan)
    except SourceError as error:
        return error
    except ValueError as error:
        return SourceError(str(error))


def _number(size: str | None) -> float | None:
    """`--size` as a number, None where it names a column."""
    try:
        return float(size) if size is not None else None
    except ValueError:
        return None


def _sentence(path: Path, wrong: Mapping[str, SourceError], is_grouped: bool) -> str:
    name, error = next(iter(wrong.items()))
    if not is_grouped:
        return f"{path}: {error}"
    others = f" {len(wrong) - 1} more series cannot be charted." if len(wrong) > 1 else ""
    return f"{path}: series {name!r} cannot be charted: {error}{others}"


def _answer(found: Mapping[str, Charted | SourceError], notes: list[str], is_grouped: bool) -> dict[str, object]:
    if is_grouped:
        made = {name: answer(one) if isinstance(one, Charted) else {"error": str(one)} for name, one in found.items()}
        return {"series": made, "notes": notes}
    (only,) = (one for one in found.values() if isinstance(one, Charted))
    return {**answer(only), "notes": [*notes, *only.notes]}


def _lines(found: Mapping[str, Charted | SourceError], notes: list[str], is_grouped: bool) -> Iterator[str]:
    yield from (f"Note: {note}" for note in notes)
    yield from (text(name or (NAMELESS if is_grouped else ""), one) for name, one in found.items())
