"""The mail about a special cause, through a real mail server: its chart, the action plan, and how much it explains."""

from __future__ import annotations

from alerts.channels import deliver
from config.alerting import Channel
from store.connection import Store
from store.write import append
from tests.alerts.posting import Post
from tests.alerts.special_causes import PLAN, Desk, estate, metric, points, signal

NAMES = [f"metric-{n}" for n in range(12)]


def test_one_mail_has_the_evidence_the_chart_the_whole_plan_and_the_count(store: Store) -> None:
    of = estate(*(metric(name, "board", watch={"action_plan": PLAN}) for name in NAMES))
    append(store, [*(one for name in NAMES for one in points(name)), *(signal(name) for name in NAMES[1:])])
    append(store, [signal(NAMES[0], 2.5)])
    [message] = [one for step in Desk(store, of).steps() for one in step.messages]
    with Post().open() as post:
        deliver(Channel(id="mail", mail=post.settings()), message, "https://ops.example.com/")
    [mail] = post.mails
    assert mail["Subject"] == "[critical] Special cause: metric:metric-0"
    text = next(one.get_content() for one in mail.walk() if one.get_content_type() == "text/plain")
    assert f"metric-0 was 412 (spike). First step: {PLAN[0]}." in text
    assert f"What to do: 1. {PLAN[0]}; 2. {PLAN[1]}; 3. {PLAN[2]}" in text
    assert "Explains as well: metric:metric-1, metric:metric-10, metric:metric-11" in text
    [picture] = [one for one in mail.walk() if one.get_content_type() == "image/png"]
    assert picture.get_content().startswith(b"\x89PNG")


def test_without_a_plan_the_mail_says_what_the_rule_says(store: Store) -> None:
    append(store, [*points("metric-0"), signal("metric-0")])
    [message] = [one for step in Desk(store, estate(metric("metric-0"))).steps() for one in step.messages]
    assert message.help.startswith("Look for the cause on the Control charts page")
