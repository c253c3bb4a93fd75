"""Refreshes as pages show them: who is stale, why, who is hit; and nothing good that is not known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import polars as pl
import pytest
import streamlit as st

from analysis.data_freshness import DataState
from analysis.learned_schedule import learn
from app import (
    charts_refresh,
    data,
    refresh_board,
    refresh_deciding,
    refresh_drawer,
    refresh_graph,
    refresh_trust,
    refresh_words,
    refreshing,
    words,
)
from app.refresh_deciding import DecisionError
from app.refresh_figures import figures
from app.refresh_troubles import Trouble, troubles, verdict
from app.refreshing import Situation
from config.refreshes import Expectation
from store import clock, spool
from store.rows import ProposalState, RefreshForecast, RefreshSlot, Row, Verdict
from store.settings import settings
from tests.fixtures import screens
from tests.fixtures.outage import take_away

NOW = clock.now()
HOUR = timedelta(hours=1)
NO_TREND = pl.DataFrame(schema={"day_at": pl.Datetime("us"), "judged": pl.Int64, "on_time": pl.Int64})


@contextmanager
def installed(tmp_path: Path, rows: list[Row]) -> Iterator[None]:
    tmp_path.mkdir(exist_ok=True)
    with screens.installation(tmp_path / "home", screens.make_store(tmp_path / "store.duckdb", rows)):
        yield


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session of its own, without a browser."""
    monkeypatch.setattr(st, "session_state", {})


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Situation]:
    with screens.installation(tmp_path / "home", screens.filled(tmp_path / "store.duckdb")):
        yield refreshing.situation()


def slot(job: str, due: datetime, what: Verdict, **more: object) -> RefreshSlot:
    made = RefreshSlot(job, "every 3600 s", due, NOW, what, due + HOUR / 4, due + HOUR / 2)
    return replace(made, **more)  # type: ignore[arg-type]


def finished(job: str, due: datetime, what: Verdict = Verdict.ON_TIME) -> RefreshSlot:
    return slot(job, due, what, started_at=due + HOUR / 60, finished_at=due + HOUR / 10)


def states(found: Situation) -> dict[str, str]:
    return dict(found.jobs.select("job_id", "state").iter_rows())


def line_of(found: Situation, title: str) -> Trouble:
    return next(line for line in troubles(found) if line.title == title)


def test_every_verdict_and_data_state_has_a_word_of_its_own() -> None:
    names = {*map(str, Verdict), *map(str, DataState), *map(str, ProposalState), "late_job_stale_data"}
    assert names - {"unknown", "late"} <= words.STATES.keys()


def test_a_stale_dataset_names_the_job_to_chase_and_who_is_hit(portal: Situation) -> None:
    line = line_of(portal, "Invoices")
    assert (line.state, line.chase) == ("late_job_stale_data", "invoices-load")
    assert line.reports == ("invoice-ageing", "margin-by-product")
    assert line.audiences == ("finance",)
    assert "9 h 30 min old, at most 2 h promised" in line.why
    assert "UTC" not in line.why, "moments are on the viewer's clock"
    assert line.right.startswith("right again about")


def test_a_green_job_with_stale_data_sends_people_to_the_source_not_to_the_job(portal: Situation) -> None:
    line = line_of(portal, "Partners")
    assert line.state == "green_job_stale_data"
    assert line.chase == ""
    assert "look at its source" in line.right
    assert states(portal)["partners-load"] == "on_time"


def test_a_likely_miss_is_told_with_its_chance_and_the_job_that_blocks(portal: Situation) -> None:
    line = line_of(portal, "Margin mart")
    assert (line.kind, line.chase, line.chase_path) == ("May miss", "invoices-load", "invoices-load > margin-mart")
    assert "with 92 %" in line.right


def test_a_deadline_that_has_passed_is_no_forecast(portal: Situation) -> None:
    assert "past its deadline of" in line_of(portal, "Shipments").right


def test_the_list_is_ranked_stale_first_and_says_each_job_once(portal: Situation) -> None:
    lines = troubles(portal)
    assert [line.kind for line in lines] == ["Stale", "Stale", "Stale", "Late", "May miss"]
    assert len({line.job_id for line in lines}) == len(lines)
    assert lines[0].impact >= lines[1].impact >= lines[2].impact


def test_one_sentence_sums_it_up(portal: Situation) -> None:
    state, said = verdict(portal, troubles(portal))
    assert state == "critical"
    assert said.startswith("3 datasets are stale, 1 job is late, 1 job will probably be late; 6 reports hit.")
    assert "Chase **Invoices load** first" in said


def test_key_figures_count_what_is_wrong(portal: Situation) -> None:
    found = {figure.label: figure for figure in figures(portal, NO_TREND)}
    assert (found["Datasets stale"].value, found["Datasets stale"].state) == ("3 of 8", "stale")
    assert found["Datasets stale"].detail == "1 behind a green job"
    assert (found["Jobs failed or late"].value, found["About to miss"].value) == ("2 of 8", "1")
    judged, good = portal.jobs["judged"].sum(), portal.jobs["on_time"].sum()
    assert found["On time, 30 d"].value == f"{int(10_000 * good / judged) / 100:.2f} %"


def test_nothing_is_good_while_the_store_is_away(tmp_path: Path) -> None:
    with screens.installation(tmp_path / "home", screens.away()):
        found = refreshing.situation()
        shown = figures(found, NO_TREND)
        board = refresh_board.subsystems(found, data.titles("subsystems"))
        assert found.is_away
        assert {figure.state for figure in shown} == {"unknown"}
        assert verdict(found, troubles(found))[0] == "unknown"
        assert set(board["state"]) == {"unknown"}


def test_what_was_known_before_the_store_went_away_is_not_good_any_more(tmp_path: Path) -> None:
    with screens.installation(tmp_path / "home", screens.filled(tmp_path / "store.duckdb")):
        assert states(refreshing.situation())["orders-load"] == "on_time"
        take_away(tmp_path / "store.duckdb")
        found = refreshing.situation()
        assert found.is_away
        assert states(found)["orders-load"] == "unknown"
        assert set(found.datasets["state"]) & {"fresh"} == set()
        assert {figure.state for figure in figures(found, NO_TREND)} == {"unknown"}
        state, said = verdict(found, troubles(found))
        assert state == "critical", "what was stale is shown as stale"
        assert said.endswith("As last known, the store does not answer now.")


def test_nothing_stored_is_unknown_not_fresh(tmp_path: Path) -> None:
    with installed(tmp_path, []):
        found = refreshing.situation()
        assert set(found.datasets["state"]) == {"unknown"}
        assert {figure.state for figure in figures(found, NO_TREND)} == {"unknown"}
        state, said = verdict(found, troubles(found))
        assert (state, said) == ("unknown", "Nothing is known to be stale, but of 8 things nobody can tell.")


def test_a_slot_that_the_tracker_left_unjudged_is_unknown(tmp_path: Path) -> None:
    rows: list[Row] = [
        finished("orders-load", NOW - 3 * HOUR),
        slot("orders-load", NOW - 2 * HOUR, Verdict.UPCOMING),
    ]
    with installed(tmp_path, rows):
        assert states(refreshing.situation())["orders-load"] == "unknown"


def test_a_late_finish_is_over_when_the_run_has_finished(tmp_path: Path) -> None:
    rows: list[Row] = [
        finished("orders-load", NOW - HOUR, Verdict.LATE_FINISH),
        slot("stock-load", NOW - HOUR, Verdict.LATE_FINISH, started_at=NOW - HOUR),
    ]
    with installed(tmp_path, rows):
        found = refreshing.situation()
    wrong = dict(found.jobs.select("job_id", "is_wrong").iter_rows())
    assert (states(found)["orders-load"], wrong["orders-load"]) == ("late_finish", False)
    assert (states(found)["stock-load"], wrong["stock-load"]) == ("late_finish", True)


def test_an_open_slot_does_not_hide_that_the_last_one_failed(tmp_path: Path) -> None:
    rows: list[Row] = [slot("orders-load", NOW - HOUR, Verdict.FAILED), slot("orders-load", NOW, Verdict.DUE)]
    with installed(tmp_path, rows):
        assert states(refreshing.situation())["orders-load"] == "failed"


def test_a_forecast_from_few_runs_is_a_guess_and_puts_nothing_at_risk(tmp_path: Path) -> None:
    def rows(runs: int) -> list[Row]:
        due, end = NOW + HOUR, NOW + 2 * HOUR
        forecast = RefreshForecast("orders-load", due, NOW, end, end, end, end, 0.9, 0.0, "", "", runs)
        return [finished("orders-load", NOW - HOUR), slot("orders-load", due, Verdict.UPCOMING), forecast]

    with installed(tmp_path / "few", rows(3)):
        assert states(refreshing.situation())["orders-load"] == "on_time"
    with installed(tmp_path / "many", rows(30)):
        assert states(refreshing.situation())["orders-load"] == "at_risk"


def test_the_error_budget_is_what_the_objective_allows(tmp_path: Path) -> None:
    rows: list[Row] = [finished("orders-load", NOW - HOUR * (2 + turn)) for turn in range(199)]
    rows.append(slot("orders-load", NOW - HOUR, Verdict.MISSED))
    with installed(tmp_path, rows):
        found = refreshing.situation()
        board = refresh_board.subsystems(found, data.titles("subsystems"))
    sales = board.filter(pl.col("subsystem") == "sales").to_dicts()[0]
    assert sales["on_time_ratio"] == pytest.approx(0.995)
    assert sales["budget_left"] == pytest.approx(0.5), "one miss of the two that 99 % of 200 allow"
    assert (sales["worst_job"], sales["wrong"]) == ("Orders load", 1)


def test_the_board_ranks_the_worst_subsystem_first(portal: Situation) -> None:
    board = refresh_board.subsystems(portal, data.titles("subsystems"))
    assert board["title"].to_list() == ["Finance", "Operations", "Sales"]
    assert board["stale"].to_list() == [1, 1, 1]
    assert refreshing.narrowed(portal, "sales").jobs["job_id"].to_list() == ["partners-load", "orders-load"]


def test_the_heat_map_shows_the_worst_verdict_of_a_day_with_a_sign() -> None:
    days = pl.DataFrame(
        {
            "job_id": ["a", "a"],
            "day_at": [datetime(2026, 11, 24), datetime(2026, 11, 25)],
            "verdict": ["on_time", "missed"],
            "slots": [24, 24],
            "judged": [24, 24],
            "on_time": [24, 23],
        }
    )
    spec = charts_refresh.heat_map(refresh_board.cells(days, {"a": "Load"}), ["Load"], ["24 Nov", "25 Nov"])
    cells = spec["dataset"]["source"]
    assert cells["sign"].to_list() == ["", "✕"]
    assert cells["said"][1] == "Load, 25 Nov: ✕ Missed, 23 of 24 slots on time"
    kinds = {piece["value"]: piece["label"] for piece in spec["visualMap"]["pieces"]}
    assert [kinds[kind] for kind in cells["kind"]] == ["on time", "failed"]


def test_the_timeline_measures_from_the_due_time() -> None:
    due = datetime(2026, 11, 25, 6)
    one = slot("a", due, Verdict.ON_TIME, started_at=due - HOUR / 60, finished_at=due + HOUR / 6)
    frame = pl.DataFrame([{name: getattr(one, name) for name in RefreshSlot.__slots__}], infer_schema_length=None)
    row = refresh_drawer.timeline(frame.cast({"rows": pl.Int64, "bytes": pl.Int64})).to_dicts()[0]
    assert (row["window"], row["started"], row["lasted"]) == (30.0, -1.0, 11.0)


def test_a_run_is_drawn_in_the_colour_of_its_verdict_from_where_it_started() -> None:
    rows = pl.DataFrame(
        {
            "label": ["b", "a"],
            "window": [15.0, 15.0],
            "started": [1.0, 1.0],
            "lasted": [18.0, 2.0],
            "verdict": ["late_finish", "on_time"],
            "said": ["", ""],
        }
    )
    source = charts_refresh.slot_timeline(rows)["dataset"]["source"]
    assert source["late"].to_list() == [18.0, 0.0]
    assert source["on time"].to_list() == [0.0, 2.0], "0 and not null, or what is stacked on it vanishes"


def test_the_graph_keeps_the_blocked_path_and_counts_what_it_leaves_out() -> None:
    before = {"mart": ["a", "b", "c", "d", "load"], "load": ["extract"]}
    path = ["extract", "load", "mart"]
    layers, hidden = refresh_graph.layers_around("mart", before, {}, path, lambda name: ord(name[0]))
    assert layers == [["extract"], ["load", "a", "b"], ["mart"]]
    assert hidden == 2
    spec = refresh_graph.job_graph(layers, {}, {}, [("extract", "load"), ("a", "mart")], path, "mart")
    widths = {(link["source"], link["target"]): link["lineStyle"]["width"] for link in spec["series"][0]["links"]}
    assert widths[("extract", "load")] > widths[("a", "mart")]


@pytest.mark.parametrize(
    ("expectation", "said"),
    [
        (
            {"cron": "0 6 * * 1-5", "timezone": "Europe/Berlin", "deadline": "07:00"},
            "on weekdays at 06:00 Europe/Berlin",
        ),
        ({"cron": "30 2 * * 0"}, "on Sundays at 02:30 UTC"),
        ({"cron": "19 * * * *"}, "every hour at minute 19"),
        ({"cron": "0 6 1 * *"}, "by cron `0 6 1 * *` UTC"),
        ({"every_seconds": 3600}, "every 1 h after the last success"),
        ({"workday": 3, "at": "06:00"}, "on workday 3 of the month at 06:00 UTC"),
        ({"after_upstream": True}, "when its upstream jobs have succeeded"),
    ],
)
def test_an_expectation_is_said_in_words(expectation: dict[str, object], said: str) -> None:
    assert refresh_words.due_text(Expectation.model_validate(expectation)) == said


def test_margins_are_said_in_words() -> None:
    expectation = Expectation(cron="0 6 * * *", deadline="07:00", min_seconds=60, max_seconds=600)
    assert refresh_words.margins_text(expectation) == "start within 15 min, finish by 07:00 UTC, take 1 min to 10 min"


def spooled() -> list[dict[str, str]]:
    found = [spool.read(path) for path in spool.pending(settings().spool_path / refresh_deciding.COLLECTOR)]
    return [event for batch in found for part in batch.parts for event in orjson.loads(part.path.read_bytes())]


def test_an_accepted_expectation_is_on_disk_and_in_force_at_once(portal: Situation) -> None:
    proposal = learn([datetime(2026, 11, 1, 6) + timedelta(days=day) for day in range(20)])
    assert proposal is not None
    refresh_deciding.decide("archive", proposal.expectation, ProposalState.ACCEPTED, proposal.confidence, "learned")
    (event,) = spooled()
    assert (event["job_id"], event["state"], event["actor_id"]) == ("archive", "accepted", "alice")
    assert Expectation.model_validate_json(event["expectation"]) == proposal.expectation
    found = refreshing.situation(refresh_deciding.decisions()[0])
    assert found.in_force["archive"].expectations == [proposal.expectation]


def test_other_margins_take_the_place_of_the_estates(portal: Situation) -> None:
    before = portal.in_force["margin-mart"].expectations[0]
    wider = refresh_deciding.with_margins(before, deadline_seconds=7200.0)
    refresh_deciding.decide("margin-mart", wider, ProposalState.ACCEPTED)
    found = refreshing.situation(refresh_deciding.decisions()[0])
    assert [one.deadline_seconds for one in found.in_force["margin-mart"].expectations] == [7200.0]
    refresh_deciding.decide("margin-mart", wider, ProposalState.WITHDRAWN)
    found = refreshing.situation(refresh_deciding.decisions()[0])
    assert found.in_force["margin-mart"].expectations == [before]


def test_a_deadline_in_seconds_takes_the_place_of_one_on_the_clock() -> None:
    changed = refresh_deciding.with_margins(Expectation(cron="0 6 * * *", deadline="07:00"), 60.0, 1800.0)
    assert (changed.deadline, changed.deadline_seconds, changed.start_margin_seconds) == (None, 1800.0, 60.0)


def test_who_does_not_operate_decides_nothing(portal: Situation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "bob")  # an analyst
    expectation = portal.in_force["margin-mart"].expectations[0]
    with pytest.raises(DecisionError, match="needs the role operator"):
        refresh_deciding.decide("margin-mart", expectation, ProposalState.ACCEPTED)
    assert not (settings().spool_path / refresh_deciding.COLLECTOR).exists() or spooled() == []


def test_the_forecasts_of_the_past_are_measured_in_the_background(portal: Situation) -> None:
    gauge = refresh_trust.Gauge()
    desk, jobs = data.desk(), list(portal.in_force.values())
    assert gauge.newest(lambda: refresh_trust.measure(desk, jobs)) is None, "a page never waits for it"
    gauge.wait(60)
    found = gauge.newest(lambda: None)
    assert found is not None
    assert found.forecasts > 100
    assert f"Of {found.forecasts:,} past forecasts" in refresh_trust.said(found)


def test_a_large_estate_is_measured_by_a_sample_with_what_is_upstream(portal: Situation) -> None:
    jobs = list(portal.in_force.values())
    chosen = {job.id for job in refresh_trust.sample([*jobs[-2:], *jobs[:-2]], most=1)}
    assert chosen == {"margin-mart", "invoices-load", "rates-load"}
