"""From points to a message: what the real judge says of them is what the rule tells, until the data is well again."""

from __future__ import annotations

import random
from pathlib import Path

from app.quality.judge import Judge
from config.estate import Estate
from store.connection import Store
from store.rows import DataPoint
from store.shipper import ship
from store.spool import Spool
from store.write import append
from tests.alerts.special_causes import DAY, TODAY, Desk, estate, metric

DAYS = 200
SHARES = {"orders": 1.0, "orders-it": 0.4, "orders-es": 0.3, "visits": 2.0}
WATCH = {"false_alarms_per_year": 0.2}
JUDGED = estate(
    metric("orders", "board", watch=WATCH),
    metric("orders-it", "board", {"country": "IT"}, watch=WATCH),
    metric("orders-es", "board", {"country": "ES"}, watch=WATCH),
    metric("visits", "other", watch=WATCH),
)


def day(n: int, share_of_day: float = 1.0) -> list[DataPoint]:
    """The values of a day, n days from today; of a broken one only a share is there."""
    at = TODAY + n * DAY
    draw = random.Random(n)
    return [
        DataPoint(
            name,
            at,
            at + DAY / 4,
            round(10_000 * share * (1 if name == "visits" else share_of_day) * draw.gauss(1, 0.03)),
        )
        for name, share in SHARES.items()
    ]


def judged(store: Store, judge: Judge, of: Estate, desk: Desk, folder: Path) -> list[str]:
    """What is told after the judge has made a pass."""
    for number, piece in enumerate(judge.look(store, of, desk.now)):
        verdicts = {"point_verdicts": piece.verdicts} if piece.verdicts.height else None
        Spool(folder / f"{desk.now:%d%H%M%S}{number}", "judge").put(piece.rows, verdicts)
        ship(store, folder / f"{desk.now:%d%H%M%S}{number}")
    return desk.passes()


def test_an_outage_is_one_message_that_ends_when_the_data_is_back(store: Store, tmp_path: Path) -> None:
    append(store, [point for n in range(-DAYS, 0) for point in day(n)])
    desk, judge = Desk(store, JUDGED), Judge()
    assert judged(store, judge, JUDGED, desk, tmp_path) == []
    append(store, day(0, share_of_day=0.4))
    assert judged(store, judge, JUDGED, desk, tmp_path) == ["fired metric:orders"]
    [told] = [alert for alert in desk.engine.alerts.values() if alert.subject == "metric:orders"]
    assert told.severity == "critical"
    assert "of which IT -" in told.finding.evidence
    assert {alert.incident_id for alert in desk.engine.alerts.values()} == {told.incident_id}
    heard = []
    for n in range(1, 15):
        append(store, day(n))
        desk.now = TODAY + n * DAY + DAY / 3
        heard += judged(store, judge, JUDGED, desk, tmp_path)
    assert set(heard) == {"reminder metric:orders", "resolved metric:orders"}
    assert not desk.engine.firing, "and the segments are over with it"
