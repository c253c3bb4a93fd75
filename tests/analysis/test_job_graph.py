"""Closures of the job graph: what a report rests on, whom a late job hits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analysis.job_graph import Graph, Impact
from config.refreshes import Dataset
from config.reports import Report
from tests.analysis.refresh_frames import job


def dataset(name: str, *inputs: str) -> Dataset:
    return Dataset(id=name, subsystem="all", inputs=list(inputs))


def report(name: str, *datasets: str, audience: str = "") -> Report:
    return Report.model_validate(
        {
            "id": name,
            "title": name,
            "url": "http://localhost/",
            "subsystem": "all",
            "datasets": datasets,
            "audience": audience,
        }
    )


def portal() -> Graph:
    """extract > load > mart over jobs; the mart's dataset is also made from rates, which has a job of its own."""
    jobs = [
        job("extract", dataset="raw"),
        job("load", "extract", dataset="orders"),
        job("mart", "load", dataset="sales"),
        job("rates-load", dataset="rates"),
        job("stock-load", dataset="stock"),
    ]
    datasets = [dataset("sales", "rates"), dataset("orders"), dataset("raw"), dataset("rates"), dataset("stock")]
    reports = [
        report("overview", "sales", audience="partners"),
        report("board", "sales", "stock", audience="managers"),
        report("ledger", "rates"),
        report("empty"),
    ]
    return Graph.of(jobs, datasets, reports)


def test_closures_of_jobs_reach_near_and_far() -> None:
    graph = portal()
    assert graph.upstream_of("mart") == {"load", "extract"}
    assert graph.downstream_of("extract") == {"load", "mart"}
    assert graph.upstream_of("extract") == frozenset()
    assert graph.jobs_of("sales") == ("mart",)


def test_a_report_rests_on_inputs_and_on_what_the_jobs_upstream_refresh() -> None:
    graph = portal()
    assert graph.datasets_of("overview") == {"sales", "rates", "orders", "raw"}
    assert graph.datasets_of("board") == {"sales", "rates", "orders", "raw", "stock"}
    assert graph.jobs_behind_report("overview") == {"mart", "load", "extract", "rates-load"}
    assert graph.jobs_behind("orders") == {"load", "extract"}
    assert graph.datasets_of("empty") == frozenset()


def test_impact_names_reports_and_audiences() -> None:
    graph = portal()
    assert graph.impact_of("extract") == Impact(("board", "overview"), ("managers", "partners"))
    assert graph.impact_of("rates-load") == Impact(("board", "ledger", "overview"), ("managers", "partners"))
    assert graph.impact_of("stock-load") == Impact(("board",), ("managers",))
    assert graph.reports_of("raw") == {"board", "overview"}


def test_two_jobs_of_one_dataset_do_not_rest_on_each_other_by_way_of_it() -> None:
    graph = Graph.of([job("first", dataset="orders"), job("second", "first", dataset="orders")], [], [])
    assert graph.upstream_of("first") == frozenset()
    assert graph.jobs_of("orders") == ("first", "second")
    assert graph.jobs_behind("orders") == {"first", "second"}


def test_a_job_that_nobody_uses_hits_nobody() -> None:
    assert portal().impact_of("nowhere") == Impact((), ())


@given(
    st.lists(st.sets(st.integers(0, 11), max_size=3), min_size=2, max_size=12), st.lists(st.integers(0, 11), max_size=4)
)
def test_who_is_downstream_hits_no_more_than_who_is_upstream(arrows: list[set[int]], shown: list[int]) -> None:
    jobs = [job(f"j{n}", *(f"j{up}" for up in sorted(ups) if up < n), dataset=f"d{n}") for n, ups in enumerate(arrows)]
    graph = Graph.of(jobs, [], [report(f"r{n}", f"d{n}") for n in set(shown)])
    for one in jobs:
        for other in graph.downstream_of(one.id):
            assert set(graph.impact_of(other).reports) <= set(graph.impact_of(one.id).reports)
            assert graph.downstream_of(other) < graph.downstream_of(one.id)
            assert one.id in graph.upstream_of(other)
