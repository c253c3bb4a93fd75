"""Reports, jobs, collectors and machines as pages show them: what is not known now is never green."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from app import attention, collecting, data, machine, summary, watching
from store import clock
from store.rows import CheckState, CollectorRun, MetricSample, Outcome, ReportCheck, Row, Stage
from store.settings import settings
from store.spool import Spool
from tests.fixtures import screens

NOW = clock.now()


@contextmanager
def installed(tmp_path: Path, rows: list[Row]) -> Iterator[None]:
    with screens.installation(tmp_path / "home", screens.make_store(tmp_path / "store.duckdb", rows)):
        yield


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[None]:
    with screens.installation(tmp_path / "home", screens.filled(tmp_path / "store.duckdb")):
        yield


def test_a_report_that_was_not_looked_at_lately_is_unknown(tmp_path: Path) -> None:
    rows: list[Row] = [
        ReportCheck("stock-board", NOW, CheckState.UP, Stage.PRESENT),
        ReportCheck("sales-overview", NOW - timedelta(hours=3), CheckState.UP, Stage.PRESENT),
    ]
    with installed(tmp_path, rows):
        frame, _, _ = watching.reports()
    states = dict(frame.select("report_id", "state").iter_rows())
    assert states["stock-board"] == "up"
    assert states["sales-overview"] == "unknown"
    assert states["new-report"] == "unknown", "the estate names it, nobody has looked yet"
    assert frame["report_id"][-1] == "stock-board", "worst first"


def test_a_collector_is_failed_late_or_never_run_before_it_is_fine(tmp_path: Path) -> None:
    at = clock.now()
    rows: list[Row] = [
        CollectorRun("resources", "1", at, Outcome.SUCCEEDED, 20, 0.1),
        CollectorRun("http_checks", "1", at - timedelta(minutes=10), Outcome.SUCCEEDED, 6, 0.1),
        CollectorRun("focus_costs", "1", at, Outcome.FAILED, 0, 0.1, "no file"),
    ]
    with installed(tmp_path, rows):
        Spool(settings().spool_path, "resources").put(rows)
        data.reset()
        frame, _, _ = collecting.collectors()
    states = dict(frame.select("collector", "state").iter_rows())
    assert states["resources"] == "succeeded"
    assert states["http_checks"] == "late"
    assert states["focus_costs"] == "failed"
    assert states["data_points"] == "never"
    assert set(states) >= set(data.sources())
    resources = frame.filter(pl.col("collector") == "resources").row(0, named=True)
    assert resources["waiting"] == 1
    assert resources["next_due_at"] == at + timedelta(seconds=10)
    good, worst, said = collecting.verdict(frame)
    assert (good, worst) == (1, "failed")
    assert said.startswith("1 failed, 1 late")


def test_a_host_that_fell_silent_is_unknown(tmp_path: Path) -> None:
    old = NOW - timedelta(minutes=5)
    rows: list[Row] = [
        MetricSample("db-01", "cpu_busy_ratio", "", old, 0.4),
        MetricSample("db-01", "disk_used_ratio", "/", old, 0.95),
    ]
    with installed(tmp_path, rows):
        figures = {figure.label: figure for figure in summary.figures()[0]}
        disks = machine.disks(machine.newest())
    assert figures["CPU busy"].state == "unknown"
    assert figures["CPU busy"].value == "40 %", "the last value stays readable"
    assert disks["state"].to_list() == ["unknown"]


def test_file_systems_are_judged_by_the_estates_thresholds(portal: None) -> None:
    disks = machine.disks(machine.newest())
    assert dict(disks.select("mount", "state").iter_rows()) == {"/archive": "critical", "/data": "warning", "/": "ok"}


def test_what_needs_attention_is_ranked_and_leads_to_its_page(portal: None) -> None:
    concerns, _ = attention.concerns()
    assert [concern.rank for concern in concerns] == sorted(concern.rank for concern in concerns)
    lines = {concern.title: concern for concern in concerns}
    assert lines["Disk filling: db-01:/archive"].page == "infrastructure"
    assert lines["Invoice ageing is down"].query == {"report": "invoice-ageing"}
    assert lines["Refresh delayed: Invoices load"].query == {"incident": "inc-invoices-load"}
    assert "Invoices load failed" not in lines, "what an alert says is not said twice"
    assert lines["Data of shipments is ageing"].evidence == "newest row is 2 h 36 min old"
    assert "expected a number" in lines["Collector focus_costs: failed"].evidence
    assert not [title for title in lines if "Sales overview" in title], "a resolved alert is no concern"


def test_a_store_that_is_away_is_the_first_concern(tmp_path: Path) -> None:
    with screens.installation(tmp_path / "home", screens.away()):
        concerns, _ = attention.concerns()
    assert concerns[0].title == "The store does not answer"


def test_a_long_range_falls_back_to_the_newest_raw_samples_until_there_are_rollups(portal: None) -> None:
    history = data.metric_history(["cpu_busy_ratio"], timedelta(hours=24))
    assert history.frame.height > 100
    oldest = history.frame["bucket_at"].min()
    assert oldest >= clock.now() - timedelta(hours=3, minutes=2)


def test_an_estate_that_is_wrong_says_so_and_the_last_good_one_stays(tmp_path: Path) -> None:
    folder = tmp_path / "estate"
    folder.mkdir()
    good = (screens.ESTATE / "estate.yaml").read_text()
    (folder / "estate.yaml").write_text(good)
    with screens.installation(tmp_path / "home", screens.away(), folder):
        assert data.estate().problem is None
        (folder / "estate.yaml").write_text(good.replace("reports:", "reprots:", 1))
        data.reset()
        found = data.estate()
    assert "`reports`" in str(found.problem)
    assert len(found.estate.reports) == 7
