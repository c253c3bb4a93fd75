"""The page Overview: evidence that looks like markdown is shown as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.quality import series
from app.reports.phrases import plain
from store import clock
from store.rows import Signal
from tests.fixtures import screens, watched

EVIL = "<b>Paid</b> **twice** [l](http://x)"


def test_evidence_that_looks_like_markdown_is_shown_as_it_is(tmp_path: Path) -> None:
    rows = [
        replace(row, evidence=EVIL) if isinstance(row, Signal) and row.metric_id == "orders" else row
        for row in watched.watched(clock.now())
    ]
    url = screens.make_store(tmp_path / "store.duckdb", rows)
    text = (
        (watched.ESTATE / "estate.yaml")
        .read_text()
        .replace("title: Orders\n    source", f"title: '{EVIL}'\n    source")
    )
    (tmp_path / "estate.yaml").write_text(text)
    with screens.installation(tmp_path / "home", url, tmp_path):
        metric = series.metric_of("orders")
        assert metric is not None
        assert metric.title == EVIL
        tested = screens.page("overview")
        assert not tested.exception
        said = screens.texts(tested)
        assert plain(EVIL) in [one.value for one in tested.caption]
        assert "**twice**" not in said
