"""Which rules are only watched, from answers in a real store."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.quality.precision import QUERY, demotions, precision_of, watched_pairs, watched_rules
from config.quality import Quality
from store.connection import Store
from store.read import ask
from store.rows import Answer, SignalAnswer
from store.write import append

BEGIN = datetime(2026, 11, 1)


def answers(store: Store, rule: str, metric_id: str, *said: Answer) -> None:
    rows = [
        SignalAnswer(f"{rule}-{metric_id}-{n}", metric_id, rule, BEGIN + timedelta(days=n), one, "bob", "looked")
        for n, one in enumerate(said)
    ]
    append(store, rows)


def test_what_people_answered_demotes_a_rule_and_brings_it_back(store: Store) -> None:
    quality = Quality(precision_floor=0.5, least_answers=4)
    answers(store, "spike", "orders", *[Answer.EXPECTED] * 3, Answer.REAL)
    answers(store, "shift", "orders", *[Answer.REAL] * 4)
    found = ask(store, QUERY)
    assert watched_rules(found, quality) == {"spike"}
    assert watched_pairs(found, quality) == {("spike", "orders")}
    assert [(one.rule, one.metric_id) for one in demotions(found, quality)] == [("spike", ""), ("spike", "orders")]
    assert demotions(found, quality)[0].sentence == (
        "spike: 1 of 4 signals were real (25 %, floor 50 %): only watched since 4 Nov 2026; "
        "it alerts again when 3 of its newest 4 are."
    )
    # A person thinks again about two of them: the newest answer to a signal counts.
    again = [
        SignalAnswer(f"spike-orders-{n}", "orders", "spike", BEGIN + timedelta(days=9), Answer.REAL, "bob", "it was")
        for n in range(2)
    ]
    append(store, again)
    assert watched_rules(ask(store, QUERY), quality) == frozenset()


def test_nobody_has_answered_yet(store: Store) -> None:
    found = ask(store, QUERY)
    assert (precision_of(found, Quality()), watched_rules(found, Quality())) == ([], frozenset())
