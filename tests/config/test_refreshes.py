"""What the estate may say about refreshes: refused with the place when it cannot be meant so."""

from __future__ import annotations

import pytest

from config.alerting import Alerting
from config.load import EstateError, parse, parse_as
from config.refreshes import Expectation

HEAD = """name: Test
subsystems: [{id: sales, title: Sales}]
calendars: [{id: bavaria, country: DE, subdivision: BY}]
datasets:
  - {id: orders, subsystem: sales}
  - {id: revenue, subsystem: sales, inputs: [orders]}
jobs:
  - {id: extract, title: E, subsystem: sales, dataset: orders, expect: [{cron: 0 5 * * *, timezone: Europe/Berlin}]}
"""


def refused(line: str) -> str:
    with pytest.raises(EstateError) as error:
        parse(HEAD + line)
    return str(error.value)


def test_a_graph_of_jobs_and_datasets_is_understood() -> None:
    job = "{id: load, title: Load, subsystem: sales, upstream: [extract], expect: [{after_upstream: true}]}"
    estate = parse(HEAD + f"  - {job}\n")
    assert [job.expectations[0].id for job in estate.jobs] == ["cron 0 5 * * * Europe/Berlin", "after upstream"]


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ('{cron: "0 25 * * *"}', "estate.yaml:9: jobs.1.expect.0.cron: '0 25 * * *' is no cron schedule"),
        ('{cron: "0 5 * * *", timezone: Europe/Berlim}', "'Europe/Berlim' is no time zone; expected one such as"),
        ("{every_seconds: 60, after_upstream: true}", "found every_seconds and after_upstream"),
        ("{timezone: UTC}", "found none of cron, every_seconds, workday, after_upstream; expected exactly one"),
        ("{workday: 3}", "`workday` and `at` belong together"),
        ("{after_upstream: true}", "is expected after its upstream jobs but has none"),
        ("{every_seconds: 60, calendar: mars}", "names calendar 'mars', which does not exist; known are bavaria"),
        ('{workday: 3, at: "6 o\'clock"}', "is no time of day; expected HH:MM"),
        ('{cron: "0 5 * * *", deadline: "07:00", deadline_seconds: 5}', "found `deadline` and `deadline_seconds`"),
    ],
)
def test_an_expectation_that_cannot_be_meant_is_refused_with_its_place(expect: str, said: str) -> None:
    assert said in refused(f"  - {{id: load, title: Load, subsystem: sales, expect: [{expect}]}}\n")


def test_a_cycle_of_jobs_is_named() -> None:
    jobs = [
        "  - {id: a, title: A, subsystem: sales, upstream: [c]}",
        "  - {id: b, title: B, subsystem: sales, upstream: [a]}",
        "  - {id: c, title: C, subsystem: sales, upstream: [b]}",
    ]
    said = refused("\n".join(jobs) + "\n")
    assert " waits for itself: " in said
    assert said.split(":")[1] in {"9", "10", "11"}, "the line of a job in the cycle"


def test_an_upstream_job_and_a_dataset_that_do_not_exist_are_named() -> None:
    assert (
        "estate.yaml:9: estate: job 'b' has upstream 'nobody', which does not exist; known are b, extract"
        in refused("  - {id: b, title: B, subsystem: sales, upstream: [nobody]}\n")
    )
    report = 'reports: [{id: r, title: R, url: "http://localhost:1", subsystem: sales, datasets: [stock]}]\n'
    assert "report 'r' names dataset 'stock', which does not exist; known are orders, revenue" in refused(report)


def test_two_expectations_of_one_job_have_names_that_last() -> None:
    ids = {
        Expectation(every_seconds=60).id,
        Expectation(workday=-1, at="06:00", timezone="Asia/Tokyo", calendar="jp").id,
    }
    assert ids == {"every 60 s", "workday -1 06:00 Asia/Tokyo on jp"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("routes: [{channels: [pager]}]", "a route names channel 'pager'; known are none"),
        ("channels: [{id: a}]", "a channel has either `apprise` or `mail`"),
        ("routes: [{hours: night}]", "a route names hours 'night'; known are none"),
        ("rules: {report_down: {raise_looks: 3, window_looks: 2}}", "`raise_looks` is more than `window_looks`"),
        ("channels: [{id: a, aprise: x}]", "found an unknown field, expected `apprise`"),
    ],
)
def test_alerts_that_cannot_be_meant_are_refused_with_their_place(text: str, said: str) -> None:
    with pytest.raises(EstateError) as error:
        parse_as(Alerting, text, "alerts.yaml")
    assert str(error.value).startswith("alerts.yaml:1: ")
    assert said in str(error.value)
