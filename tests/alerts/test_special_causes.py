"""Signals become alerts and alerts incidents: one cause one message, two causes two, none where it was expected."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.base import Finding
from alerts.special_causes import Signalling, causes_among, in_order
from analysis.job_graph import Graph
from config.quality import Metric, Watch, profile_metric_id, profiled_metric
from store.connection import Store
from store.rows import Answer, MarkKind, PointMark, Signal, SignalMode, SignalState, WatchEvent
from store.write import append
from tests.alerts.special_causes import (
    DAY,
    NOW,
    PLAN,
    TODAY,
    Desk,
    answer,
    estate,
    findings,
    metric,
    points,
    ran,
    signal,
)

ORDERS = estate(metric("orders", "board", watch={"action_plan": PLAN}), metric("visits", "other"))


def root_of(found: Mapping[str, Finding], name: str) -> str:
    """The metric at the top of a metric's causes."""
    while above := [one for one in found[name].causes if one.startswith("metric:")]:
        name = above[0].removeprefix("metric:")
    return name


def test_a_signal_says_what_happened_who_is_hit_and_where_to_begin(store: Store) -> None:
    found = findings(store, ORDERS, *points("orders"), signal("orders"), ran())["orders"]
    assert found.evidence == f"orders was 412 (spike). First step: {PLAN[0]}."
    assert found.help == f"1. {PLAN[0]}; 2. {PLAN[1]}; 3. {PLAN[2]}"
    assert (found.is_bad, found.severity, found.value, found.unit) == (True, "warning", 412.0, "rows")
    assert found.limit == 950.0, "it went down, so the lower limit is the one it broke"
    assert found.impact == 3, "two reports and the partners who read them"
    assert found.points[-1] == (TODAY, 1029.0)
    assert found.causes == (
        "dataset:board",
        "dataset:mart",
        "dataset:raw",
        "job:build",
        "job:load",
    )


def test_the_plan_that_a_person_saved_counts_until_it_is_withdrawn_or_unreadable(store: Store) -> None:
    saved = WatchEvent("orders", NOW, Watch(action_plan=["Call bob"]).model_dump_json(), "bob", "new plan")
    found = findings(store, ORDERS, *points("orders"), signal("orders"), saved)["orders"]
    assert (found.evidence, found.help) == ("orders was 412 (spike). First step: Call bob.", "Call bob")
    found = findings(store, ORDERS, replace(saved, watch='{"chart": "none"}', occurred_at=NOW + DAY))["orders"]
    assert found.help.startswith(f"1. {PLAN[0]}")
    withdrawn = replace(saved, occurred_at=NOW + 2 * DAY, is_withdrawn=True)
    assert findings(store, ORDERS, withdrawn)["orders"].help.startswith(f"1. {PLAN[0]}")


def test_all_rules_that_fired_on_a_metric_are_one_finding_the_strongest_first(store: Store) -> None:
    rules = [signal("visits", 1.1, "drift"), signal("visits", 1.9, "shift"), signal("visits", 1.3)]
    more = [signal("visits", 1.0, name) for name in ("nelson_2", "nelson_5")]
    found = findings(store, ORDERS, *points("visits"), *rules, *more)["visits"]
    assert found.evidence == (
        "visits was 412 (shift). visits was 412 (spike). visits was 412 (drift). 2 more rules fired."
    )


def test_twice_the_evidence_is_critical(store: Store) -> None:
    found = findings(store, ORDERS, signal("orders", 1.99), signal("visits", 2.0))
    assert [found[name].severity for name in ("orders", "visits")] == ["warning", "critical"]


def test_the_chart_shows_corrected_values(store: Store) -> None:
    mark = PointMark("m", "orders", MarkKind.CORRECTED, TODAY - DAY, TODAY - DAY, NOW, "bob", "typo", 1028.0, 7.0)
    found = findings(store, ORDERS, *points("orders"), signal("orders"), mark)["orders"]
    assert [value for _, value in found.points[-3:]] == [1027.0, 7.0, 1029.0]


@pytest.mark.parametrize(
    "changes",
    [{"mode": SignalMode.WATCH}, {"state": SignalState.CLOSED}, {"state": SignalState.WITHDRAWN}],
    ids=["watched only", "back in control", "undone by late data"],
)
def test_only_open_signals_that_alert_are_told(store: Store, changes: dict[str, object]) -> None:
    one = signal("orders")
    assert list(findings(store, ORDERS, one)) == ["orders"]
    assert findings(store, ORDERS, replace(one, changed_at=NOW + DAY, **changes)) == {}  # type: ignore[arg-type]


def test_a_signal_of_a_metric_that_left_the_estate_is_told_no_more(store: Store) -> None:
    assert findings(store, ORDERS, signal("gone"), signal("table:gone/x//rows"), signal("table:bad")) == {}


def test_an_expected_signal_stops_firing_and_a_real_one_goes_on(store: Store) -> None:
    orders, visits = signal("orders"), signal("visits")
    append(store, [*points("orders"), *points("visits"), orders, visits])
    desk = Desk(store, ORDERS)
    assert desk.passes() == ["fired metric:orders", "fired metric:visits"]
    append(store, [answer(orders, Answer.EXPECTED), answer(visits, Answer.REAL)])
    assert desk.passes() == ["resolved metric:orders"]
    append(store, [answer(visits, Answer.DATA_LATE, NOW + DAY)])
    assert desk.passes() == ["resolved metric:visits"]
    append(store, [answer(visits, Answer.REAL, NOW + 2 * DAY)])
    assert desk.passes() == ["fired metric:visits"], "the newest answer counts"


TWELVE = [f"{dataset}-{n}" for dataset in ("raw", "mart", "board") for n in range(4)]
LINEAGE = estate(*(metric(name, name.split("-")[0]) for name in TWELVE), metric("visits", "other"))


def broken(names: list[str], **more: object) -> list[Signal]:
    return [signal(name, 1.0 + hash_of(name) / 100, **more) for name in names]  # type: ignore[arg-type]


def hash_of(name: str) -> int:
    """Some evidence, different for each and the same in every run."""
    return sum(map(ord, name)) * 7 % 90


def test_one_load_that_breaks_twelve_metrics_of_three_datasets_is_one_message(store: Store) -> None:
    append(store, [*(one for name in TWELVE for one in points(name)), *broken(TWELVE)])
    desk = Desk(store, LINEAGE)
    messages = [one for step in desk.steps() for one in step.messages]
    strongest = max(TWELVE[:4], key=hash_of)
    assert [one.subject for one in messages] == [f"metric:{strongest}"], "the strongest of the dataset upstream of all"
    assert len(messages[0].attached) == 11
    assert messages[0].points, "the message has its chart"
    incidents = {alert.incident_id for alert in desk.engine.alerts.values()}
    assert len(incidents) == 1
    append(store, [replace(one, state=SignalState.CLOSED, changed_at=NOW + DAY) for one in broken(TWELVE)])
    assert desk.passes() == [f"resolved metric:{strongest}"]


def test_a_late_job_explains_all_that_its_data_moved(store: Store) -> None:
    append(store, [*(one for name in TWELVE for one in points(name)), *broken([*TWELVE, "visits"])])
    late = Finding("job:load", "Load failed.")
    assert sorted(Desk(store, LINEAGE).passes(also=[late])) == ["fired job:load", "fired metric:visits"]


def test_two_causes_at_the_same_time_are_two_incidents(store: Store) -> None:
    append(store, [*points("visits"), *points("mart-1"), *points("board-2"), *broken(["visits", "mart-1", "board-2"])])
    desk = Desk(store, LINEAGE)
    assert sorted(desk.passes()) == ["fired metric:mart-1", "fired metric:visits"]
    assert len({alert.incident_id for alert in desk.engine.alerts.values()}) == 2


def test_what_began_at_another_time_has_another_cause(store: Store) -> None:
    names = ["raw-0", "raw-1", "board-0"]
    append(store, [one for name in names for one in points(name)])
    begins = {"raw-0": TODAY - 9 * DAY, "raw-1": TODAY, "board-0": TODAY - 8 * DAY}
    found = findings(store, LINEAGE, *(signal(name, 1.5, first_at=at) for name, at in begins.items()))
    assert {name: root_of(found, name) for name in names} == {"raw-0": "raw-0", "raw-1": "raw-1", "board-0": "raw-0"}


def test_data_that_goes_on_a_day_later_from_dataset_to_dataset_is_one_cause(store: Store) -> None:
    names = {"raw-0": TODAY - 2 * DAY, "mart-0": TODAY - DAY, "board-0": TODAY}
    append(store, [one for name in names for one in points(name)])
    found = findings(store, LINEAGE, *(signal(name, first_at=at) for name, at in names.items()))
    assert {root_of(found, name) for name in names} == {"raw-0"}


def test_what_is_detected_later_joins_what_was_told_and_makes_it_critical_if_it_is(store: Store) -> None:
    append(store, [*points("board-0"), *points("board-1"), signal("board-0", 1.2)])
    desk = Desk(store, LINEAGE)
    assert desk.passes() == ["fired metric:board-0"]
    append(store, [signal("board-1", 1.8, detected_at=NOW + timedelta(hours=1))])
    assert desk.passes() == [], "the same cause is told once"
    append(store, [signal("board-1", 2.6, detected_at=NOW + timedelta(hours=1), changed_at=NOW + DAY)])
    [message] = [one for step in desk.steps() for one in step.messages]
    assert (message.subject, message.severity) == ("metric:board-0", "critical")
    assert "Critical because of what it explains: board-1 was 412 (spike)." in message.evidence


COUNTRIES = ("IT", "ES", "DE")
SEGMENTS = estate(
    metric("orders", "board"),
    *(metric(f"orders-{one.lower()}", "board", {"country": one}) for one in COUNTRIES),
    metric("margin-web", "board", {"channel": "web"}, unit="EUR"),
)


def moved(name: str, before: float, after: float, score: float) -> Signal:
    return signal(name, score, center=before, value=after)


def test_the_total_is_the_root_of_its_segments_and_says_which_of_them_explains_it(store: Store) -> None:
    rows = [
        moved("orders", 1200.0, 1092.0, 1.1),
        moved("orders-it", 400.0, 306.4, 5.0),
        moved("orders-es", 300.0, 276.0, 1.3),
        moved("margin-web", 90.0, 60.0, 3.0),
    ]
    found = findings(store, SEGMENTS, *rows)
    assert {name: root_of(found, name) for name in found} == dict.fromkeys(found, "orders")
    assert "Orders -9.0 % (1,200 rows to 1,092 rows), of which IT -7.8, ES -2.0, others (no signal) +0.8." in (
        found["orders"].evidence
    )
    assert "of which" not in found["orders-it"].evidence


def test_a_segment_that_signals_alone_stands_for_itself(store: Store) -> None:
    found = findings(store, SEGMENTS, moved("orders-it", 400.0, 306.0, 1.2), moved("orders-es", 300.0, 250.0, 1.7))
    assert {name: root_of(found, name) for name in found} == dict.fromkeys(found, "orders-es")
    assert "of which" not in found["orders-es"].evidence


@pytest.mark.parametrize(
    "italy",
    [
        moved("orders-it", 1300.0, 900.0, 1.2),
        replace(moved("orders-it", 400.0, 300.0, 1.2), last_at=TODAY - DAY),
        replace(moved("orders-it", 400.0, 300.0, 1.2), center=None),
    ],
    ids=["larger than its total", "of another day", "without a center"],
)
def test_no_part_is_said_where_values_do_not_add_up(store: Store, italy: Signal) -> None:
    found = findings(store, SEGMENTS, moved("orders", 1200.0, 1092.0, 1.1), italy)
    assert root_of(found, "orders-it") == "orders"
    assert "of which" not in found["orders"].evidence


def test_shares_have_no_parts_and_two_totals_leave_it_open_whose_part_it_is(store: Store) -> None:
    share = estate(metric("rate", "board", unit="ratio"), metric("rate-it", "board", {"country": "IT"}, unit="ratio"))
    found = findings(store, share, moved("rate", 0.5, 0.3, 1.1), moved("rate-it", 0.4, 0.2, 1.2))
    assert "of which" not in found["rate"].evidence
    two = estate(metric("orders", "board"), metric("refunds", "board"), metric("italy", "board", {"country": "IT"}))
    found = findings(store, two, moved("orders", 1200.0, 1092.0, 1.1), moved("italy", 400.0, 306.0, 1.2))
    assert "of which" not in found["orders"].evidence


def test_a_segment_belongs_to_the_total_whose_name_it_carries_longest(store: Store) -> None:
    it, es, web = {"country": "IT"}, {"country": "ES"}, {"channel": "web"}
    segments = [metric(f"orders-{name}", "board", of) for name, of in (("it", it), ("es", es), ("web", web))]
    of = estate(
        metric("orders", "board"), metric("orders-lost", "board"), metric("orders-lost-it", "board", it), *segments
    )
    rows = [
        moved("orders", 100.0, 50.0, 1.1),
        moved("orders-it", 60.0, 30.0, 1.2),
        moved("orders-es", 40.0, 20.0, 1.3),
        moved("orders-web", 90.0, 45.0, 1.4),
        moved("orders-lost-it", 5.0, 50.0, 9.0),
    ]
    found = findings(store, of, *rows)["orders"]
    assert "Orders -50.0 % (100 rows to 50 rows), of which IT -30.0, ES -20.0." in found.evidence, (
        "countries divide the total most, and nothing is left for others"
    )


def test_centers_that_are_estimated_each_for_itself_may_add_up_to_a_little_more(store: Store) -> None:
    rows = [
        moved("orders", 1000.0, 500.0, 1.1),
        moved("orders-it", 600.0, 300.0, 1.2),
        moved("orders-es", 410.0, 200.0, 1),
    ]
    found = findings(store, SEGMENTS, *rows)["orders"]
    assert "of which IT -30.0, ES -21.0, others (no signal) +1.0." in found.evidence


def test_many_segments_are_folded(store: Store) -> None:
    names = [f"c{n}" for n in range(8)]
    of = estate(metric("orders", "board"), *(metric(f"orders-{one}", "board", {"country": one}) for one in names))
    rows = [moved(f"orders-{one}", 10.0, 2.0 + n, 1.2) for n, one in enumerate(names)]
    found = findings(store, of, moved("orders", 100.0, 64.0, 1.1), *rows)["orders"]
    assert (
        "of which c0 -8.0, c1 -7.0, c2 -6.0, c3 -5.0, c4 -4.0, others (3 more and those without a signal) -6.0."
        in found.evidence
    )


def profile_id(table: str, column: str, measure: str, profile: str = "wh") -> str:
    return profile_metric_id(profile, table, column, measure)


ROWS, SCHEMA = profile_id("sales.x", "", "rows"), profile_id("sales.x", "", "schema")
NULLS, MEAN = profile_id("sales.x", "a/b", "nulls"), profile_id("sales.x", "c", "mean")


def test_columns_of_a_table_merge_under_its_rows_then_under_its_schema(store: Store) -> None:
    other = profile_id("sales.y", "a/b", "nulls")
    all_of_x = [signal(ROWS, 1.1), signal(SCHEMA, 1.2), signal(NULLS, 4.0), signal(MEAN, 2.0)]
    found = findings(store, ORDERS, *all_of_x, signal(other, 3.0))
    assert {name: root_of(found, name) for name in found} == {
        **dict.fromkeys((ROWS, SCHEMA, NULLS, MEAN), ROWS),
        other: other,
    }
    append(store, [replace(all_of_x[0], state=SignalState.CLOSED, changed_at=NOW + DAY)])
    found = findings(store, ORDERS)
    assert {root_of(found, name) for name in (SCHEMA, NULLS, MEAN)} == {SCHEMA}
    append(store, [replace(all_of_x[1], state=SignalState.CLOSED, changed_at=NOW + DAY)])
    found = findings(store, ORDERS)
    assert {root_of(found, name) for name in (NULLS, MEAN)} == {NULLS}


def test_tables_of_a_dataset_merge_with_its_other_data_points(store: Store) -> None:
    rows = [profile_id(table, "", "rows", "lake") for table in ("x", "y")]
    column = profile_id("x", "a", "nulls", "lake")
    found = findings(store, ORDERS, signal("visits", 1.2), *(signal(one, 3.0) for one in (*rows, column)))
    assert {root_of(found, name) for name in found} == {"visits"}
    assert found[column].impact == 1


SILENT = "nobody knows: the collector data_points has not run for 9 min"
AWAY = "metric other: no; metric {}: Found no file x.csv, expected one or more."


@pytest.mark.parametrize("is_silent", [True, False], ids=["collector silent", "source away"])
def test_where_the_source_is_blind_nobody_knows_and_nothing_is_resolved_or_raised(
    store: Store, is_silent: bool
) -> None:
    append(store, [*points("visits"), *points("orders"), signal("visits"), ran()])
    desk = Desk(store, ORDERS)
    assert desk.passes() == ["fired metric:visits"]
    desk.now = NOW + timedelta(minutes=9)
    if not is_silent:
        append(store, [ran(at=desk.now, error=f"{AWAY.format('visits')}; {AWAY.format('orders')}")])
    append(store, [signal("orders", 3.0)])
    found = findings(store, ORDERS, now=desk.now)
    said = SILENT if is_silent else "nobody knows: metric {}: Found no file x.csv, expected one or more"
    assert {name: (one.is_known, one.evidence) for name, one in found.items()} == {
        name: (False, said.format(name)) for name in ("orders", "visits")
    }
    assert desk.passes() == [], "what fires goes on, and what is new waits"
    append(store, [ran(at=desk.now)])
    assert desk.passes() == ["fired metric:orders"]


def test_rows_that_were_left_out_and_the_trouble_of_others_make_no_doubt(store: Store) -> None:
    error = "metric visits returned 2 rows without a value; they were left out.; metric visits-of-it: no"
    assert findings(store, ORDERS, *points("visits"), signal("visits"), ran(error=error))["visits"].is_known


def test_a_metric_whose_values_no_longer_come_is_unknown(store: Store) -> None:
    old = points("visits", collected_at=NOW - 6 * DAY)
    found = findings(store, ORDERS, *old, signal("visits"), ran())["visits"]
    assert (found.is_known, found.evidence) == (
        False,
        "nobody knows: its newest value came 6 d ago, expected one every 1 d",
    )
    assert findings(store, ORDERS, *points("visits", collected_at=NOW - 4 * DAY))["visits"].is_known


def test_a_blind_metric_that_fires_explains_as_before_and_one_that_does_not_hides_nothing(store: Store) -> None:
    append(store, [*(one for name in ("raw-0", "mart-0", "board-0") for one in points(name))])
    append(store, [*broken(["raw-0", "mart-0", "board-0"]), ran(error="metric raw-0: The database is away.")])
    found = findings(store, LINEAGE)
    assert not found["raw-0"].is_known
    assert found["board-0"].causes[-2:] == ("metric:raw-0", "metric:mart-0")
    assert Desk(store, LINEAGE).passes() == ["fired metric:mart-0"]


SIMPLE = estate(*(metric(f"m{n}", ("raw", "mart", "board", "other", "")[n % 5]) for n in range(10)))
PLACES = [{}, {"country": "IT"}, {"country": "IT", "channel": "web"}, {"channel": "web"}]


@st.composite
def several(draw: st.DrawFn) -> list[Signalling]:
    """Data points of any dataset, segment, table, time, step and evidence."""
    made = []
    for n in range(draw(st.integers(0, 12))):
        if draw(st.booleans()):
            shape = metric(f"m{n}", draw(st.sampled_from(["raw", "mart", "board", "other", ""])))
            found = Metric.model_validate({**shape, "segment": draw(st.sampled_from(PLACES))})
        else:
            measure = draw(st.sampled_from(["rows", "schema", "nulls"]))
            name = profile_id(
                f"t{n % 2}", f"c{n}" if measure == "nulls" else "", measure, draw(st.sampled_from(["wh", "lake"]))
            )
            found = profiled_metric(name, SIMPLE.profiles) or Metric.model_validate(metric(f"m{n}"))
        if found.id in {one.id for one in made}:
            continue
        row = {
            "signal_id": str(n),
            "rule": "spike",
            "score": draw(st.sampled_from([1.0, 1.5, 3.0])),
            "first_at": TODAY + timedelta(hours=draw(st.integers(0, 96))),
            "detected_at": NOW + timedelta(minutes=draw(st.integers(0, 12))),
            "step_seconds": draw(st.sampled_from([None, 3600.0, 86400.0])),
        }
        made.append(Signalling(found, [row]))
    return made


@given(several(), st.randoms(use_true_random=False))
def test_no_order_changes_who_explains_whom_and_nothing_explains_itself(
    made: list[Signalling], chance: random.Random
) -> None:
    graph = Graph.of(SIMPLE.jobs, SIMPLE.datasets, SIMPLE.reports)
    ordered = in_order(made, graph)
    causes = causes_among(ordered, graph)
    shuffled = in_order(chance.sample(made, len(made)), graph)
    assert causes_among(shuffled, graph) == causes
    place = {one.id: n for n, one in enumerate(ordered)}
    assert all(place[above.id] < place[name] for name, above in causes.items()), "a strict order has no circle"
    by_id = {one.id: one for one in made}
    for name, above in causes.items():
        one = by_id[name]
        assert abs(one.first_at - above.first_at) <= 1.5 * max(one.step, above.step)
        assert one.family == above.family or above.metric.dataset in graph.datasets_behind(one.metric.dataset)
