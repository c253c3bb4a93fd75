"""What an alert is about, in words, and the page that shows it."""

from __future__ import annotations

from app import data, words
from app.quality import series

KINDS = {"job": "jobs", "dataset": "datasets", "report": "reports"}
PAGES = (
    (("report", "tls", "certificate", "http", "checker"), "reports"),
    (("refresh", "fresh", "job", "data_stale"), "refreshes"),
    (("control", "signal", "data_point", "special_cause"), "control_charts"),
    (("cost", "plan", "charge"), "cost"),
    (("collector", "spool", "batch", "silent"), "collectors"),
)


def page_of(rule: str) -> str:
    """The page that shows what a rule watches, by the first noun in its name."""
    return next((page for nouns, page in PAGES if any(noun in rule for noun in nouns)), "infrastructure")


def place_of(rule: str, subject: str) -> tuple[str, dict[str, str]]:
    """The page of a subject and the filters that show it there."""
    kind, _, name = subject.partition(":")
    page = page_of(rule)
    if kind == "job" and name:
        return "refreshes", {"job": name}
    if kind == "metric" and name:
        return series.PAGE, {series.PARAM: name}
    if page == "reports" and subject in data.titles("reports"):
        return page, {"report": subject}
    return page, {}


def subject_text(subject: str) -> str:
    """A subject as the estate names it: `job:orders-load` as `Orders load`; what it does not know stays as it is."""
    kind, _, name = subject.partition(":")
    if kind == "metric" and name:
        metric = series.metric_of(name)
        return metric.title if metric else name
    if kind in KINDS and name:
        return data.titles(KINDS[kind]).get(name) or name
    return data.titles("reports").get(subject, subject)


def title_of(rule: str, subject: str) -> str:
    """An alert as a headline: `Refresh delayed: Orders load`."""
    return f"{words.spoken(rule)}: {subject_text(subject)}"
