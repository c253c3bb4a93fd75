"""The verb `chart`: its machine format, every kind, one chart per group, and files that are not as they should be."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from app.cli import main
from app.cli_chart import kind_of, rules_of

NIST = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]


@dataclass(frozen=True)
class Ended:
    """How the verb ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


Verb = Callable[..., Ended]


@pytest.fixture
def chart(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Verb:
    """`python -m app chart ...` in this process, as `main` runs it."""

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["app", "chart", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Ended(int(ended.value.code or 0), said.out, said.err)

    return run


def written(folder: Path, *lines: str, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def series(tmp_path: Path) -> Path:
    rows = [
        f"2026-11-{day:02d},{value},{note}" for day, value, note in zip(range(1, 11), NIST, "abcdefghij", strict=True)
    ]
    return written(tmp_path, "day,value,note", *rows, name="series.csv")


def test_the_machine_format_of_a_chart(chart: Verb, series: Path) -> None:
    ended = chart(series, "--value", "value", "--time", "day", "--json")
    found = ended.json
    assert ended.status == 0
    assert (found["kind"], found["n"], found["signals"], found["notes"]) == ("individuals", 10, [], [])
    assert found["statistic"] == NIST
    assert found["center"] == pytest.approx(50.81)
    assert found["sigma"] == pytest.approx(1.8777778 / 1.128)
    assert found["ucl"] == pytest.approx([55.8041] * 10, abs=5e-5)
    assert found["lcl"] == pytest.approx([45.8159] * 10, abs=5e-5)


def test_signals_end_with_1_and_name_rule_and_points(chart: Verb, series: Path) -> None:
    ended = chart(series, "--value", "value", "--center", "50", "--sigma", "1", "--json")
    assert ended.status == 1
    assert {"rule": "nelson_1", "index": 9, "members": [9]} in ended.json["signals"]
    told = chart(series, "--value", "value", "--center", "50", "--sigma", "1")
    assert "nelson_1 at point 9" in told.out


KINDS: dict[str, dict[str, Any]] = {
    "xbar": {"maker": "groups"},
    "R": {"maker": "groups"},
    "S": {"maker": "groups"},
    "xbar.one": {"maker": "plain"},
    "c": {"maker": "plain"},
    "p": {"maker": "sized"},
    "np": {"maker": "sized"},
    "u": {"maker": "sized"},
}


def test_all_practice_cases_come_out_of_the_verb_as_published(chart: Verb, practice: Path, tmp_path: Path) -> None:
    for case in json.loads((practice / "spc" / "shewhart_cases.json").read_text()):
        maker = KINDS[case["chart"]]["maker"]
        if maker == "groups":
            rows = [(str(number), value, 1) for number, row in enumerate(case["data"]) for value in row]
        else:
            pairs = zip(case["data"], case["sizes"], strict=True)
            rows = [(str(number), value, size) for number, (value, size) in enumerate(pairs)]
        path = tmp_path / f"{case['id']}.parquet"
        pl.DataFrame(rows, schema=["group", "value", "size"], orient="row").write_parquet(path)
        extra = {"groups": ["--subgroup", "group"], "sized": ["--size", "size"], "plain": []}[maker]
        rules = "nelson,western_electric,beyond_limits"
        arguments = ["--kind", case["chart"], "--baseline", case["n_calibration"], "--rules", rules, "--json", *extra]
        found = chart(path, "--value", "value", *arguments).json
        assert found["center"] == pytest.approx(case["center"], rel=1e-6), case["id"]
        assert found["sigma"] == pytest.approx(case["std_dev"], rel=1e-6), case["id"]
        assert found["ucl"] == pytest.approx(case["ucl"], rel=1e-5), case["id"]
        assert found["lcl"] == pytest.approx(case["lcl"], rel=1e-5, abs=1e-12), case["id"]
        for short, expected in case["rules_idx"].items():
            rule = f"western_electric_{short[2:]}" if short.startswith("WE") else f"nelson_{short[1:]}"
            assert [signal["index"] for signal in found["signals"] if signal["rule"] == rule] == expected, case["id"]


def test_a_share_in_samples_of_one_size_given_as_a_number(chart: Verb, tmp_path: Path) -> None:
    found = chart(written(tmp_path, "d", "5", "0", "1"), "--value", "d", "--kind", "p", "--size", "50", "--json").json
    assert found["statistic"] == [0.1, 0.0, 0.02]
    assert found["lcl"] == [0, 0, 0]


def test_cusum_gives_both_sums_and_the_target(chart: Verb, practice: Path, tmp_path: Path) -> None:
    case = json.loads((practice / "spc" / "nist_published.json").read_text())["cases"]["pmc323_cusum"]
    path = written(tmp_path, "x", *map(str, case["data"]))
    plan = ["--kind", "cusum", "--center", 325, "--sigma", 1, "--k", case["k"], "--h", case["h"], "--json"]
    ended = chart(path, "--value", "x", *plan)
    assert ended.status == 1
    assert ended.json["center"] == 325
    assert ended.json["upper"] == pytest.approx(case["S_hi"], abs=5.01e-3)
    assert [signal["index"] for signal in ended.json["signals"]] == case["violations_1based"]


def test_ewma_takes_lambda_width_and_the_kind_of_limits(chart: Verb, practice: Path, tmp_path: Path) -> None:
    case = json.loads((practice / "spc" / "nist_published.json").read_text())["cases"]["pmc324_ewma"]
    path = written(tmp_path, "x", *map(str, case["data"]))
    plan = ["--kind", "EWMA", "--center", 50, "--sigma", case["s"], "--lambda", 0.3, "--limits", "asymptotic", "--json"]
    found = chart(path, "--value", "x", *plan).json
    assert found["ucl"][-1] == pytest.approx(case["ucl"], abs=1e-4)
    narrower = chart(path, "--value", "x", *plan, "--width", 1).json
    assert narrower["ucl"][-1] - 50 == pytest.approx((case["ucl"] - 50) / 3, abs=1e-4)


def test_subgroups_stand_in_order_of_time(chart: Verb, tmp_path: Path) -> None:
    rows = ["b,2026-01-02,5", "b,2026-01-02,7", "a,2026-01-01,1", "a,2026-01-01,3"]
    path = written(tmp_path, "lot,day,x", *rows)
    unordered = chart(path, "--value", "x", "--subgroup", "lot", "--kind", "xbar", "--json").json
    ordered = chart(path, "--value", "x", "--subgroup", "lot", "--time", "day", "--kind", "x-bar", "--json").json
    assert (unordered["statistic"], ordered["statistic"]) == ([6, 2], [2, 6])
    summed = chart(path, "--value", "x", "--subgroup", "lot", "--kind", "ewma", "--json").json
    assert summed["sigma"] == pytest.approx(2 / 1.128), "the sigma within subgroups"


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_one_chart_per_group_and_a_table_of_all_points(chart: Verb, tmp_path: Path, suffix: str) -> None:
    rows = ["2026-01-01,it,1", "2026-01-01,de,10", "2026-01-02,it,2", "2026-01-02,de,11", "2026-01-03,it,9"]
    out = tmp_path / f"points{suffix}"
    given = ["--by", "land", "--time", "day", "--baseline", "2", "--rules", "beyond_limits", "--out", out, "--json"]
    ended = chart(written(tmp_path, "day,land,x", *rows), "--value", "x", *given)
    assert ended.status == 1
    assert list(ended.json["series"]) == ["it", "de"]
    assert ended.json["series"]["de"]["center"] == 10.5
    table = pl.read_csv(out, try_parse_dates=True) if suffix == ".csv" else pl.read_parquet(out)
    assert table.columns == ["group", "index", "row", "time", "statistic", "center", "lcl", "ucl", "rules"]
    last = table.filter(group="it").row(2, named=True)
    assert (last["index"], last["row"], last["statistic"], last["rules"]) == (3, 5, 9.0, "beyond_limits")
    assert last["time"] == datetime(2026, 1, 3)
    assert table["group"].to_list() == ["it", "it", "it", "de", "de"]


def test_a_bad_group_stops_no_other_and_is_never_shown_as_fine(chart: Verb, tmp_path: Path) -> None:
    path = written(tmp_path, "g,x", "a,1", "a,2", "b,5", "c,x", "a,3")
    ended = chart(path, "--value", "x", "--by", "g", "--json")
    assert ended.status == 2
    assert ended.json["series"]["a"]["n"] == 3
    assert "at least 2 values" in ended.json["series"]["b"]["error"]
    assert ended.json["series"]["c"]["error"] == "Column 'x' has 'x' in row 4, expected a number."
    assert (
        "series 'b' cannot be charted: There is 1 value; expected at least 2 values. 1 more series cannot be charted.\n"
        in ended.err
    )


def test_the_rows_without_a_group_are_a_series_that_is_called_so(chart: Verb, tmp_path: Path) -> None:
    path = written(tmp_path, "g,x", "a,1", "a,2", ",5", ",6")
    assert "(no name): 2 points, center 5.5" in chart(path, "--value", "x", "--by", "g").out
    assert "(no name)" not in chart(path, "--value", "x").out


NOTED = {
    "gaps": (["x", "1", '""', "2", "NA", "3", "nan"], ["3 of 6 rows have no value (rows 2, 4, 6); left out."], []),
    "one gap": (["x", "1", '""', "3"], ["1 of 3 rows has no value (row 2); left out."], []),
    "unsorted": (
        ["t,x", "2026-01-02,2", "2026-01-01,1"],
        ["The rows were not in order of time (row 2 is earlier than row 1); sorted."],
        ["--time", "t"],
    ),
    "duplicates": (
        ["t,x", "1,1", "1,2", "2,3"],
        ["Times that stood in a row before come again in row 2; kept in the order of the file."],
        ["--time", "t"],
    ),
    "zones": (
        ["t,x", "2026-01-01T01:00:00+02:00,1", "2025-12-31T23:30:00Z,2", "2026-01-01 00:00,3"],
        ["Times come with +02:00, Z; they were converted to UTC, those without one being taken as UTC."],
        ["--time", "t"],
    ),
    "constant": (
        ["x", "0.1", "0.1", "0.1"],
        ["The baseline does not vary: sigma is 0, and any other value is beyond the limits."],
        [],
    ),
    "unused": (["x", "1", "2"], ["--lambda is not used by a chart of kind individuals."], ["--lambda", "0.2"]),
    "sums": (
        ["x", "1", "2"],
        ["Only the limits judge: points of kind ewma share their past, run rules do not hold."],
        ["--kind", "ewma", "--rules", "nelson"],
    ),
}


@pytest.mark.parametrize("name", NOTED)
def test_what_was_done_to_the_rows_is_said(chart: Verb, tmp_path: Path, name: str) -> None:
    lines, notes, extra = NOTED[name]
    ended = chart(written(tmp_path, *lines), "--value", "x", *extra, "--json")
    assert ended.status == 0
    assert ended.json["notes"] == notes
    told = chart(written(tmp_path, *lines), "--value", "x", *extra)
    assert all(f"Note: {note}" in told.out for note in notes)


def test_rows_in_many_zones_are_ordered_by_the_instant(chart: Verb, tmp_path: Path) -> None:
    lines, _, extra = NOTED["zones"]
    assert chart(written(tmp_path, *lines), "--value", "x", *extra, "--json").json["statistic"] == [1, 2, 3]
    path = tmp_path / "zoned.parquet"
    times = pl.Series([datetime(2026, 1, 2), datetime(2026, 1, 1)]).dt.replace_time_zone("Europe/Rome")
    pl.DataFrame({"t": times, "x": [2, 1]}).write_parquet(path)
    found = chart(path, "--value", "x", "--time", "t", "--json").json
    assert found["statistic"] == [1, 2]
    assert found["notes"][0] == "Times are in Europe/Rome and were converted to UTC."


REFUSED = {
    "no column": (["x,y", "1,2"], ["--value", "z"], "has no column 'z'; it has x, y"),
    "header only": (["x"], [], "Column 'x' has no values: 0 rows, none with a number"),
    "one point": (["x", "5"], [], "There is 1 value; expected at least 2 values."),
    "all null": (["x,y", ",1", "NA,2"], [], "Column 'x' has no values: 2 rows, none with a number"),
    "text": (["x", "1", "2", "1.5 ms"], [], "Column 'x' has '1.5 ms' in row 3, expected a number"),
    "infinity": (["x", "1", "inf"], [], "Column 'x' has 'inf' in row 2, expected a finite number"),
    "no time": (["x,t", "1,2026-01-01", "2,soon"], ["--time", "t"], "Column 't' has 'soon' in row 2, expected a time"),
    "size 0": (["x,n", "1,5", "1,0"], ["--kind", "p", "--size", "n"], "Column 'n' has '0' in row 2, expected a size"),
    "no size": (
        ["x,n", "1,5", "1,"],
        ["--kind", "p", "--size", "n"],
        "has nothing in row 2, expected a number above 0",
    ),
    "too many": (
        ["x,n", ",3", "1,5", "9,5"],
        ["--kind", "p", "--size", "n"],
        "The value in row 3 is 9 defectives of 5",
    ),
    "negative": (["x", "1", "-2"], ["--kind", "c"], "The value in row 2 is -2; expected 0 or more"),
    "sizes vary": (["x,n", "1,5", "1,6"], ["--kind", "np", "--size", "n"], "The size in row 2 is 6, the first 5"),
    "needs size": (["x", "1", "2"], ["--kind", "u"], "needs --size"),
    "needs subgroup": (["x", "1", "2"], ["--kind", "xbar"], "need --subgroup"),
    "no subgroup": (
        ["x,g", "1,a", "2,"],
        ["--kind", "xbar", "--subgroup", "g"],
        "'g' has nothing in row 2, expected the name",
    ),
    "alone": (["x,g", "1,a", "2,a", "3,b"], ["--kind", "r", "--subgroup", "g"], "Subgroup 'b' has one value"),
    "baseline": (["x", "1", "2"], ["--baseline", "9"], "The baseline is 9 points; expected from 2 to 2"),
    "sigma": (["x", "1", "2"], ["--sigma", "-1"], "The sigma is -1; expected 0 or more"),
    "kind": (["x", "1", "2"], ["--kind", "pie"], "'pie' is no kind of chart; expected one of individuals, mr"),
    "rule": (["x", "1", "2"], ["--rules", "nelson_9"], "'nelson_9' is no rule; expected nelson, western_electric"),
    "limits": (["x", "1", "2"], ["--kind", "g", "--limits", "exact"], "The limits of kind g are sigmas or probability"),
    "out": (["x", "1", "2"], ["--out", "a.xlsx"], "a.xlsx ends in .xlsx; --out writes .csv or .parquet"),
    "ragged": (["x", "1,2", "3"], [], "cannot be read"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_charted_is_one_sentence_and_status_2(chart: Verb, tmp_path: Path, name: str) -> None:
    lines, extra, sentence = REFUSED[name]
    value = [] if "--value" in extra else ["--value", "x"]
    ended = chart(written(tmp_path, *lines), *value, *extra, "--json")
    assert ended.status == 2
    assert sentence in ended.err
    assert ended.err.startswith("shewhart: ")
    assert ended.err.count("\n") == 1
    assert ended.out == ""


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.csv", b"", "cannot be read (empty CSV); expected a CSV with a header"),
        ("junk.parquet", b"junk" * 100, "cannot be read (parquet"),
        ("junk.csv.gz", b"junk" * 100, "cannot be read"),
        ("cut.csv.gz", gzip.compress(b"x\n1\n2\n" * 5000)[:60], "cannot be read"),
    ],
    ids=["empty", "junk", "junk packed", "cut packed"],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    chart: Verb, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    ended = chart(tmp_path / name, "--value", "x")
    assert (ended.status, ended.out) == (2, "")
    assert sentence in ended.err
    assert f"There is no file {tmp_path / 'none.csv'}" in chart(tmp_path / "none.csv", "--value", "x").err


def test_packed_files_and_other_separators_are_read(chart: Verb, tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"x,y\n1,2\n3,4\n"))
    pl.DataFrame({"y": [2, 4]}).write_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.parquet.gz").write_bytes(gzip.compress((tmp_path / "a.parquet").read_bytes()))
    written(tmp_path, "\ufeffx;y", "1;2", "3;4", name="semicolons.csv")
    for name in ("a.csv.gz", "a.parquet", "b.parquet.gz", "semicolons.csv"):
        assert chart(tmp_path / name, "--value", "y", "--json").json["statistic"] == [2, 4], name


WRITTEN = (
    "2026-01-01 02:00:00+02",
    "2026-01-01T00:00:01Z",
    "2026-01-01 00:00:02.5 UTC",
    "2025-12-31T19:00:03-0500",
    "2026/01/01 00:01",
    "2026-01-02",
)


def test_times_are_read_as_databases_and_people_write_them(chart: Verb, tmp_path: Path) -> None:
    rows = [f"{time},{place}" for place, time in reversed(list(enumerate(WRITTEN)))]
    found = chart(written(tmp_path, "t,x", *rows), "--value", "x", "--time", "t", "--json").json
    assert found["statistic"] == [0, 1, 2, 3, 4, 5]
    assert "+02, -0500, UTC, Z; they were converted to UTC, those without one" in found["notes"][0]


def test_a_moving_range_stands_at_the_later_of_its_two_rows(chart: Verb, tmp_path: Path) -> None:
    out = tmp_path / "ranges.csv"
    chart(written(tmp_path, "x", "1", "2", "9"), "--value", "x", "--kind", "mr", "--out", out)
    assert pl.read_csv(out).select("index", "row", "statistic").rows() == [(1, 2, 1.0), (2, 3, 7.0)]


def test_a_point_that_is_given_its_lines_is_judged_alone(chart: Verb, tmp_path: Path) -> None:
    ended = chart(written(tmp_path, "x", "9"), "--value", "x", "--center", "5", "--sigma", "1", "--json")
    assert (ended.status, ended.json["n"]) == (1, 1)


def test_a_great_many_signals_are_counted_not_listed(chart: Verb, tmp_path: Path) -> None:
    path = written(tmp_path, "x", *map(str, np.arange(500)))
    told = chart(path, "--value", "x", "--center", "0", "--sigma", "1", "--rules", "nelson_1")
    assert told.out.count("nelson_1 at point") == 40
    assert "and nelson_1 at 456 more" in told.out


def test_kinds_and_rules_have_the_names_people_use() -> None:
    assert [kind_of(name) for name in ("XmR", "I", "X-bar", "R", "S", "P'", "laney-u")] == [
        "individuals", "individuals", "xbar", "r", "s", "laney_p", "laney_u",
    ]  # fmt: skip
    assert rules_of("nelson_2, Western-Electric,nelson_2")[:2] == ("nelson_2", "western_electric_1")


def test_rules_come_from_families_and_words(chart: Verb, tmp_path: Path) -> None:
    assert rules_of("westgard")[0] == "westgard_1_3s"
    assert rules_of("nhs, 4 of 5 beyond 1 sigma, Run of 7")[-3:] == ("nhs_4", "4_of_5_beyond_1_sigma", "run_of_7")
    path = written(tmp_path, "x", "0", "2.5", "1", "2.6")
    given = ["--value", "x", "--center", "0", "--sigma", "1", "--json"]
    found = chart(path, *given, "--rules", "beyond_limits,2 of 3 above 2 sigma,1 beyond 2.55 sigma").json
    assert found["signals"] == [
        {"rule": "2_of_3_above_2_sigma", "index": 4, "members": [2, 4]},
        {"rule": "1_beyond_2.55_sigma", "index": 4, "members": [4]},
    ]
    told = chart(path, *given, "--rules", "6 of 5 beyond 1 sigma")
    assert (told.status, told.err.count("\n")) == (2, 1)
    assert "expected at most as many as it looks at" in told.err
