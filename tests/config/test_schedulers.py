"""Schedulers in the estate: what is refused, where, and that no secret is ever shown."""

from __future__ import annotations

import pytest

from config.load import EstateError, parse

START = "name: test\nsubsystems: []\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("airflow: [{id: a, url: airflow.example.com}]", "airflow.0.url: found no web address"),
        ("airflow: [{id: a, url: 'http://ops:p4ss@h'}]", "airflow.0.url: found a user or a query in the address"),
        ("airflow: [{id: a, url: 'http://p4ss@h'}]", "airflow.0.url: found a user or a query in the address"),
        ("airflow: [{id: a, url: 'http://h?token=p4ss'}]", "airflow.0.url: found a user or a query in the address"),
        ("airflow: [{id: a, url: 'http://h', username: p4ss}]", "`username` and `password` belong together"),
        ("airflow: [{id: a, url: 'http://h', username: u, password: p4ss, token: p4ss}]", "expected one way to be let"),
        ("airflow: [{id: a, url: 'http://h', token: [p4ss]}]", "airflow.0.token: found no text, expected a secret"),
        ("airflow: [{id: a, url: 'http://h', version: 1}]", "airflow.0.version"),
        ("airflow: [{id: a, url: 'http://h'}, {id: a, url: 'http://i'}]", "id 'a' stands twice"),
        ("dagster: [{id: a, url: 'http://h', tokn: p4ss}]", "found an unknown field, expected `token`"),
        ("power_bi: [{id: a, group: g}]", "expected either `token`, or `tenant`, `client_id` and `client_secret`"),
        ("power_bi: [{id: a, group: g, token: p4ss, tenant: t}]", "expected either `token`"),
        ("power_bi: [{id: a, group: ../g, token: p4ss}]", "power_bi.0.group"),
        ("sql_runs: [{id: a, source: x.csv, sql: select 1, statuses: {F: bad}}]", "sql_runs.0.statuses.F"),
        ("file_arrivals: [{id: a, path: in}]", "file_arrivals.0.job: found nothing"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_without_a_secret(text: str, sentence: str) -> None:
    with pytest.raises(EstateError) as raised:
        parse(START + text)
    assert sentence in str(raised.value)
    assert str(raised.value).startswith("estate.yaml:3: ")
    assert "p4ss" not in str(raised.value)


def test_secrets_come_from_the_environment_and_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_TOKEN", "p4ss")
    estate = parse(START + "airflow: [{id: a, url: 'http://h/airflow/', token: '${AIRFLOW_TOKEN}'}]")
    (server,) = estate.airflow
    assert server.token is not None
    assert (server.url, server.token.get_secret_value()) == ("http://h/airflow", "p4ss")
    assert "p4ss" not in repr(estate)
    assert "p4ss" not in estate.model_dump_json()
