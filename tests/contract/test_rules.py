"""Every file in alerts/rules keeps the contract of a rule."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

import alerts.rules
from alerts.base import Context, discover
from analysis.job_graph import Graph
from config.load import read
from config.reports import Report
from store.connection import Store
from store.read import ask, queries
from store.settings import ROOT

NOW = datetime(2026, 11, 23, 12)
RENDERED = {
    "id": "sales",
    "title": "Sales",
    "url": "https://reports.example.com/sales",
    "subsystem": "product",
    "numbers": [{"id": "revenue", "at": {"text": "Revenue"}, "source": "sales.csv", "sql": "select 1 as value"}],
}
FILES = sorted(path.stem for path in Path(alerts.rules.__path__[0]).glob("[a-z]*.py"))


def context(answers: dict[str, pl.DataFrame]) -> Context:
    shipped = read(ROOT / "config")
    estate = shipped.model_copy(update={"reports": [*shipped.reports, Report.model_validate(RENDERED)]})
    graph = Graph.of(estate.jobs, estate.datasets, estate.reports)
    return Context(NOW, estate, graph, answers, {"resources": 10.0}, {"resources": "machine"})


@pytest.mark.parametrize("name", FILES)
def test_a_rule_declares_itself_and_is_silent_on_an_empty_store(name: str, store: Store) -> None:
    check = discover()[name]
    module = __import__(f"alerts.rules.{name}", fromlist=["find"])
    assert check.rule.name == name, "a rule has the name of its file"
    assert module.__doc__
    assert module.find.__doc__
    assert check.rule.help
    assert check.rule.severity in {"info", "warning", "critical"}
    answers = {query: ask(store, query, **dict.fromkeys(queries()[query].parameters)) for query in check.rule.queries}
    assert [found for found in check.find(context(answers)) if found.is_bad] == [], "nothing is bad that nobody knows"


SLOT = {
    "job_id": "export",
    "expectation": "every 60 s",
    "due_at": NOW - timedelta(minutes=9),
    "deadline_at": NOW - timedelta(minutes=4),
    "verdict": "missed",
    "run_id": None,
    "started_at": None,
    "finished_at": None,
    "detail": "",
    "judged_at": NOW,
    "is_unknown_next": False,
}
FORECAST = {
    "job_id": "export",
    "due_at": NOW - timedelta(minutes=1),
    "deadline_at": NOW + timedelta(minutes=4),
    "forecast_at": NOW,
    "median_at": NOW + timedelta(minutes=9),
    "p90_at": NOW + timedelta(minutes=12),
    "miss_ratio": 0.92,
    "blocked_by": "",
    "path": "",
    "runs": 90,
}
ARRIVAL = {
    "job_id": "export",
    "run_id": "r",
    "source": "responder",
    "status": "succeeded",
    "collected_at": NOW,
    "started_at": NOW - timedelta(minutes=1),
    "finished_at": NOW,
    "rows": 12,
    "message": None,
    "triggered_by": "scheduled",
    "data_interval_start": None,
    "data_interval_end": None,
    "landed_at": NOW - timedelta(hours=2),
    "bytes": None,
}
DURATIONS = [{"job_id": "export", "finished": [NOW.timestamp()], "seconds": [0.2]}]
DISKS = [{"host": "h", "instance": "/", "metric": "disk_used_ratio", "at": [NOW.timestamp()], "used": [0.95]}]
FINISHED = {"started_at": NOW - timedelta(minutes=9), "finished_at": NOW - timedelta(minutes=8), "run_id": "r"}
LOOK = {
    "report_id": "control-room",
    "persona": "",
    "observed_at": NOW,
    "state": "down",
    "verdict": "down",
    "stage": "loaded",
    "fault": "http_error",
    "message": "Answered 500, expected 2xx.",
    "latency_seconds": 0.2,
    "is_planned": False,
}
TRIAL = {
    "case_id": "exception",
    "observed_at": NOW,
    "is_right": False,
    "expected": "exception",
    "found": None,
    "message": "Found nothing wrong, expected exception.",
}
TRIALS = {"checker_trials": [TRIAL | {"is_right": True, "found": "exception"}]}
NUMBER = {
    "report_id": "sales",
    "persona": "",
    "number_id": "revenue",
    "state": "wrong",
    "page_text": "€372,600",
    "page_value": 372_600.0,
    "backend_value": 409_849.0,
    "unit": "EUR",
    "hop": "mart",
    "day": None,
    "segment": None,
    "message": None,
}
LAYOUT = {
    "report_id": "sales",
    "persona": "",
    "layout": "b",
    "approved_layout": "a",
    "approved_at": NOW - timedelta(days=2),
    "actor": "alice",
}
SALES = LOOK | {"report_id": "sales"}
WRONG = SALES | {"stage": "equal", "fault": "wrong_number"}
SLOW = SALES | {"state": "degraded", "verdict": "degraded", "stage": "fast", "fault": "slow", "latency_seconds": 12.0}
WELL = SALES | {"state": "up", "verdict": "up", "stage": "fast", "fault": None}
COUNTS = {f"known_{span}": known for span, known in (("5m", 3), ("30m", 6), ("1h", 12), ("6h", 72), ("3d", 864))}
BURN = {
    "report_id": "sales",
    "end_at": NOW,
    **COUNTS,
    **dict.fromkeys(("bad_5m", "bad_30m", "bad_1h", "bad_6h", "bad_3d"), 3),
    "hours": [NOW.timestamp()],
    "bad_ratios": [0.25],
}
NO_CHECK = {"dataset_id": "other", "observed_at": NOW, "state": "fresh", "landed_at": NOW, "data_age_seconds": 0.0}
SIGNAL = {
    "signal_id": "s",
    "metric_id": "batches-per-minute",
    "rule": "spike",
    "first_at": NOW,
    "last_at": NOW,
    "detected_at": NOW,
    "score": 1.4,
    "direction": "down",
    "value": 2.0,
    "center": 9.0,
    "lower": 4.0,
    "upper": 14.0,
    "evidence": "Batches was 2 at 12:00, expected 4 to 14.",
    "watch": None,
    "collected_at": NOW,
    "step_seconds": 60.0,
    "at": [NOW.timestamp()],
    "observed": [2.0],
}
RUN = {"collector": "data_points", "started_at": NOW, "outcome": "succeeded", "error": None}

BAD = {
    "refresh_delayed": {"rule_slots": [SLOT], "rule_forecasts": [FORECAST], "rule_durations": DURATIONS},
    "refresh_odd": {"rule_slots": [SLOT | FINISHED | {"verdict": "too_short", "detail": "took 1 s"}]},
    "data_stale": {
        "rule_arrivals": [ARRIVAL],
        "rule_freshness": [NO_CHECK | {"message": None}],
        "rule_slots": [SLOT | FINISHED | {"verdict": "on_time"}],
    },
    "collector_silent": {
        "rule_collectors": [
            {"collector": "resources", "started_at": NOW - timedelta(minutes=5), "outcome": "succeeded", "error": None}
        ]
    },
    "collector_failed": {
        "rule_collectors": [
            {"collector": "resources", "started_at": NOW, "outcome": "timed_out", "error": "no answer within 8 s"}
        ]
    },
    "disk_full": {
        "rule_metrics": [
            {"host": "h", "metric": "disk_used_ratio", "instance": "/", "observed_at": NOW, "value": 0.97}
        ],
        "rule_disk_history": DISKS,
    },
    "report_down": {"rule_reports": [LOOK], **TRIALS},
    "report_slow": {"rule_reports": [SLOW], **TRIALS},
    "report_wrong": {"rule_reports": [WRONG], "rule_report_numbers": [NUMBER], **TRIALS},
    "report_burn": {"rule_report_burns": [BURN], **TRIALS},
    "report_changed": {"rule_reports": [WELL], "rule_report_layouts": [LAYOUT], **TRIALS},
    "checker_broken": {"checker_trials": [TRIAL]},
    "special_cause": {"rule_signals": [SIGNAL], "rule_collectors": [RUN]},
}
GOOD = {
    "refresh_delayed": {
        "rule_slots": [SLOT | FINISHED | {"verdict": "late_finish"}],
        "rule_forecasts": [FORECAST | {"miss_ratio": 0.4}],
        "rule_durations": DURATIONS,
    },
    "refresh_odd": {"rule_slots": [SLOT | FINISHED | {"verdict": "on_time"}]},
    "data_stale": {
        "rule_arrivals": [ARRIVAL | {"landed_at": NOW - timedelta(minutes=2)}],
        "rule_freshness": [NO_CHECK | {"message": None}],
        "rule_slots": [SLOT | FINISHED | {"verdict": "on_time"}],
    },
    "collector_silent": {
        "rule_collectors": [
            {"collector": "resources", "started_at": NOW - timedelta(seconds=20), "outcome": "succeeded", "error": None}
        ]
    },
    "collector_failed": {
        "rule_collectors": [
            {
                "collector": "resources",
                "started_at": NOW,
                "outcome": "skipped",
                "error": "the last run is still going on",
            }
        ]
    },
    "disk_full": {
        "rule_metrics": [
            {"host": "h", "metric": "disk_used_ratio", "instance": "/", "observed_at": NOW, "value": 0.90}
        ],
        "rule_disk_history": DISKS,
    },
    "report_down": {"rule_reports": [LOOK | {"state": "unknown"}], **TRIALS},
    "report_slow": {"rule_reports": [WELL | {"latency_seconds": 12.0}], **TRIALS},
    "report_wrong": {"rule_reports": [WELL], "rule_report_numbers": [NUMBER], **TRIALS},
    "report_burn": {"rule_report_burns": [BURN | dict.fromkeys(("bad_5m", "bad_30m", "bad_6h"), 0)], **TRIALS},
    "report_changed": {"rule_reports": [WELL], "rule_report_layouts": [LAYOUT | {"layout": "a"}], **TRIALS},
    "checker_broken": TRIALS,
    "special_cause": {"rule_signals": [SIGNAL | {"metric_id": "gone"}], "rule_collectors": [RUN]},
}


@pytest.mark.parametrize("name", FILES)
def test_a_rule_finds_what_is_bad_and_lets_the_good_be(name: str) -> None:
    find = discover()[name].find
    bad = {query: pl.DataFrame(rows) for query, rows in BAD[name].items()}
    good = {query: pl.DataFrame(rows) for query, rows in GOOD[name].items()}
    (finding,) = find(context(bad))
    assert finding.evidence
    assert [found for found in find(context(good)) if found.is_bad] == []
