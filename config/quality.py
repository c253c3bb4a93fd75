"""How key data points are judged: what each one tolerates, the alarm budget over all, and tables watched as a whole."""

from __future__ import annotations

from typing import Literal, Self
from urllib.parse import quote, unquote

from pydantic import Field, model_validator

from config.base import Identifier, Part, Zone

PREFIX = "table"
MEASURES = {
    "rows": ("rows", "rows"),
    "schema": ("columns that differ", "columns"),
    "nulls": ("share of nulls", "ratio"),
    "distinct": ("distinct values", "values"),
    "least": ("least value", ""),
    "most": ("greatest value", ""),
    "mean": ("mean", ""),
    "psi": ("distance to the reference (PSI)", ""),
    "ks": ("distance to the reference (KS)", ""),
}


class Watch(Part):
    """How one data point is judged; without any of this it is judged too, by what its own history says.

    `false_alarms_per_year` is what chance may cost; None takes its share of the estate's budget, in proportion to
    `weight`. `rules` are rules of control charts (or rules in words) that are watched beside the calibrated detector,
    on a chart of kind `chart`. A move smaller than `least_change` is no signal. `lowest`, `highest` and `target` are
    the business's limits, which capability is judged by. `calendar` gives holidays, `zone` the clock of its week.
    """

    false_alarms_per_year: float | None = Field(None, gt=0, le=365)
    weight: float = Field(1.0, gt=0)
    chart: Literal["individuals", "p", "np", "c", "u", "laney_p", "laney_u", "ewma", "cusum"] = "individuals"
    rules: list[str] = []
    direction: Literal["both", "up", "down"] = "both"
    least_change: float = Field(0.0, ge=0)
    lowest: float | None = None
    highest: float | None = None
    target: float | None = None
    calendar: Identifier | Literal[""] = ""
    zone: Zone = "UTC"
    action_plan: list[str] = []

    @model_validator(mode="after")
    def _limits_are_ordered(self) -> Self:
        if self.lowest is not None and self.highest is not None and self.lowest >= self.highest:
            raise ValueError(
                f"lowest is {self.lowest:g} and highest {self.highest:g}; the lowest must be below the highest"
            )
        return self


class Metric(Part):
    """A key data point: a SQL statement that returns `value`, or `observed_at, value` and optionally `size`.

    `dataset` is the data it speaks of, `segment` the part of it ({country: IT}), so that one cause gives one incident.
    """

    id: Identifier
    title: str
    source: str
    sql: str
    unit: str = ""
    subsystem: Identifier
    direction: Literal["higher", "lower", "none"] = "none"
    dataset: Identifier | Literal[""] = ""
    segment: dict[str, str] = {}
    watch: Watch = Watch()


class Quality(Part):
    """The alarm budget over all data points, and when a rule that is often wrong stops alerting.

    Chance alone gives `false_alarms_per_week` in all. A rule whose precision falls below `precision_floor` after
    `least_answers` answers of people is only watched from then on.
    """

    false_alarms_per_week: float = Field(1.0, gt=0, le=1000)
    precision_floor: float = Field(0.3, ge=0, le=1)
    least_answers: int = Field(10, ge=3)


class TableProfile(Part):
    """Tables of one source that are under control charts as a whole: rows, nulls, distinct values, shape, schema.

    `source` is what a metric's is: a database URL, a DuckDB file, or CSV and Parquet files. `tables` and `leave_out`
    are patterns (`sales.*`, `*_tmp`); `dataset` is what its tables belong to.
    """

    id: Identifier
    source: str
    tables: list[str] = ["*"]
    leave_out: list[str] = []
    leave_out_columns: list[str] = []
    subsystem: Identifier
    title: str = ""
    dataset: Identifier | Literal[""] = ""
    every_seconds: float = Field(3600, ge=60)
    most_rows: int = Field(1_000_000, ge=1_000)  # a larger table is sampled for all but its row count
    most_tables: int = Field(500, ge=1)
    watch: Watch = Watch()


def profile_metric_id(profile: str, table: str, column: str, measure: str) -> str:
    """`table:warehouse/sales.customers/country/nulls`; `column` is empty for what a table has as a whole."""
    return f"{PREFIX}:{profile}/{quote(table, safe='.')}/{quote(column, safe='')}/{measure}"


def profiled_metric(metric_id: str, profiles: list[TableProfile]) -> Metric | None:
    """The metric behind an id of `profile_metric_id`; None for any other id or a profile that is gone."""
    kind, _, rest = metric_id.partition(":")
    parts = rest.split("/")
    if kind != PREFIX or len(parts) != 4 or parts[3] not in MEASURES:
        return None
    profile = next((one for one in profiles if one.id == parts[0]), None)
    if profile is None:
        return None
    table, column = unquote(parts[1]), unquote(parts[2])
    said, unit = MEASURES[parts[3]]
    where = f"{table} · {column}" if column else table
    return Metric.model_construct(
        id=metric_id,
        title=f"{where} · {said}",
        source=profile.source,
        sql="",
        unit=unit,
        subsystem=profile.subsystem,
        direction="none",
        dataset=profile.dataset,
        segment={},
        watch=profile.watch,
    )
