"""One frozen dataclass per table that collectors and pages append to. Imports no duckdb, so collectors stay small.

Times are naive UTC and end in `_at`; money is Decimal with a currency; durations are seconds, sizes bytes, shares 0..1.
`LATEST` names the tables whose newest row per key is kept in `latest_<table>`.
"""

from __future__ import annotations

from store.rows.alerting import AlertEvent, Notification, Silence
from store.rows.base import Row, column_names
from store.rows.costs import Charge, ChargeLoad, PlanLine
from store.rows.events import ActionEvent, AlertTransition, CollectorRun, Pass, RequestEvent, SetAsideBatch
from store.rows.measurements import DataPoint, FreshnessCheck, MetricSample, ProcessSample, RefreshRun
from store.rows.reports import (
    BaselineEvent,
    CheckerTrial,
    MaintenanceEvent,
    ReportCheck,
    ReportHop,
    ReportNumber,
    Snapshot,
)
from store.rows.states import (
    ActionState,
    AlertAct,
    AlertState,
    BaselineState,
    CheckState,
    DeliveryState,
    Fault,
    FreshnessState,
    NoticeKind,
    NumberState,
    Outcome,
    ProposalState,
    RequestState,
    RunStatus,
    SilenceState,
    Stage,
    StageState,
    Verdict,
)
from store.rows.tracking import ExpectationEvent, RefreshForecast, RefreshSlot

__all__ = [
    "TABLES",
    "ActionEvent",
    "ActionState",
    "AlertAct",
    "AlertEvent",
    "AlertState",
    "AlertTransition",
    "BaselineEvent",
    "BaselineState",
    "Charge",
    "ChargeLoad",
    "CheckState",
    "CheckerTrial",
    "CollectorRun",
    "DataPoint",
    "DeliveryState",
    "ExpectationEvent",
    "Fault",
    "FreshnessCheck",
    "FreshnessState",
    "MaintenanceEvent",
    "MetricSample",
    "NoticeKind",
    "Notification",
    "NumberState",
    "Outcome",
    "Pass",
    "PlanLine",
    "ProcessSample",
    "ProposalState",
    "RefreshForecast",
    "RefreshRun",
    "RefreshSlot",
    "ReportCheck",
    "ReportHop",
    "ReportNumber",
    "RequestEvent",
    "RequestState",
    "Row",
    "RunStatus",
    "SetAsideBatch",
    "Silence",
    "SilenceState",
    "Snapshot",
    "Stage",
    "StageState",
    "Verdict",
    "column_names",
]

TABLES: dict[str, type[Row]] = {
    row.TABLE: row
    for row in (
        MetricSample,
        ProcessSample,
        RefreshRun,
        FreshnessCheck,
        ReportCheck,
        DataPoint,
        Charge,
        ChargeLoad,
        PlanLine,
        RequestEvent,
        CollectorRun,
        AlertTransition,
        ActionEvent,
        SetAsideBatch,
        Pass,
        RefreshSlot,
        RefreshForecast,
        ExpectationEvent,
        AlertEvent,
        Silence,
        Notification,
        ReportNumber,
        ReportHop,
        Snapshot,
        BaselineEvent,
        MaintenanceEvent,
        CheckerTrial,
    )
}
