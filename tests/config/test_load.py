"""An error in the estate names file, line, field, what was found and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.load import EstateError, in_force, parse, read
from store.settings import ROOT

GOOD = """\
name: Test
subsystems:
  - {id: sales, title: Sales}
reports:
  - id: revenue
    title: Revenue
    url: http://localhost:1/
    subsystem: sales
"""


def problem(text: str) -> str:
    with pytest.raises(EstateError) as caught:
        parse(text, "estate.yaml")
    return str(caught.value)


def test_the_shipped_estate_is_good() -> None:
    assert read(ROOT / "config").reports[0].id == "control-room"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            ("title: Revenue", "titel: Revenue"),
            "estate.yaml:6: reports.0.titel: found an unknown field, expected `title`",
        ),
        (
            ("http://localhost:1/", "nowhere"),
            "estate.yaml:7: reports.0.url: found 'nowhere', expected: Input should be a valid URL",
        ),
        (("subsystem: sales", "subsystem: sails"), "report 'revenue' names subsystem 'sails'; known are sales"),
        (
            ("    title: Revenue\n", ""),
            "estate.yaml:5: reports.0.title: found nothing, expected a value for this field",
        ),
        (("name: Test", "name: [1, 2"), "estate.yaml:2: not YAML"),
        (
            ("reports:", "reports: 7\nignored:"),
            "estate.yaml:4: reports: found 7, expected: Input should be a valid list",
        ),
    ],
)
def test_an_error_says_where_what_and_what_instead(change: tuple[str, str], sentence: str) -> None:
    assert sentence in problem(GOOD.replace(*change))


def test_an_empty_file_says_what_to_write() -> None:
    assert "expected fields such as `name:`" in problem("")


def test_a_variable_without_a_default_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESTATE_TITLE", "Revenue by day")
    assert parse(GOOD.replace("title: Revenue", "title: ${ESTATE_TITLE}")).reports[0].title == "Revenue by day"


def test_environment_variables_stand_in_and_a_missing_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORT_PORT", "8080")
    text = GOOD.replace("localhost:1", "localhost:${REPORT_PORT:-1}").replace(
        "name: Test", "name: ${TEST_NAME:-Some name}"
    )
    assert (parse(text).name, str(parse(text).reports[0].url)) == ("Some name", "http://localhost:8080/")
    assert "estate.yaml:7: ${NO_SUCH_PORT}: found no such environment variable" in problem(
        GOOD.replace("localhost:1", "localhost:${NO_SUCH_PORT}")
    )
    assert parse("# ${NO_SUCH_PORT} in a remark\n" + GOOD).name == "Test"


def test_an_id_that_stands_twice_is_refused() -> None:
    twice = GOOD + GOOD.split("reports:\n")[1]
    assert "report id 'revenue' stands twice" in problem(twice)


def test_the_last_good_estate_stays_in_force_across_restarts(tmp_path: Path) -> None:
    kept = tmp_path / "state" / "estate.yaml"
    (tmp_path / "estate.yaml").write_text(GOOD)
    assert in_force(tmp_path, kept).problem is None
    (tmp_path / "estate.yaml").write_text(GOOD.replace("title: Revenue", "titel: Revenue"))
    loaded = in_force(tmp_path, kept)
    assert loaded.estate.reports[0].title == "Revenue"
    assert loaded.problem is not None
    assert "`title`" in loaded.problem
    (tmp_path / "estate.yaml").unlink()
    assert "python -m app init" in str(in_force(tmp_path, kept).problem)


def test_without_any_good_estate_the_error_is_raised(tmp_path: Path) -> None:
    with pytest.raises(EstateError, match="cannot be read"):
        in_force(tmp_path, tmp_path / "kept.yaml")


def test_a_wrong_key_is_not_printed() -> None:
    said = problem(GOOD + "jobs:\n  - {id: j, title: J, subsystem: sales, ping_key: 'hunter2 !'}\n")
    assert "jobs.0.ping_key: found a value that is not shown" in said
    assert "hunter2" not in said


def test_a_field_that_stands_twice_is_refused_with_its_line() -> None:
    assert "estate.yaml:2: name: found this field twice" in problem("name: Other\n" + GOOD)
