"""Causes: of the alerts that are active together, which one explains which, and in which incident they are."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from alerts.alert import Alert, Key, name_of

PENDING_EXPLAINS = timedelta(minutes=5)  # beyond its own patience: a cause that never fires hides nothing for long

Links = Mapping[Key, list[Key]]


def regroup(alerts: Mapping[Key, Alert], now: datetime) -> tuple[list[Alert], dict[Key, Key]]:
    """Attach every firing alert to its root; returns the firing ones whose cause or incident changed, and the roots.

    An alert whose root has ended keeps its cause for one more pass, in which it mostly ends too, and then stands alone
    in the same incident.
    """
    roots = find_roots(alerts, now)
    changed = []
    for key, root in roots.items():
        alert = alerts[key]
        if not alert.is_firing:
            continue
        before = alert.cause, alert.incident_id
        if root != key:
            alert.cause, alert.incident_id, alert.is_orphaned = name_of(root), alerts[root].incident_id, False
        elif alert.cause and not alert.is_orphaned:
            alert.is_orphaned = True
        else:
            alert.cause, alert.is_orphaned = "", False
        if (alert.cause, alert.incident_id) != before:
            changed.append(alert)
    return changed, roots


def find_roots(alerts: Mapping[Key, Alert], now: datetime) -> dict[Key, Key]:
    """The top of the causes of every active alert, itself if it has none.

    Of alerts that explain each other in a circle the one that fired first is the root, so that one of them is told.
    """
    active = {key: alert for key, alert in alerts.items() if alert.is_active}
    parents = _parents(active, now)
    children: dict[Key, list[Key]] = defaultdict(list)
    for key, above in parents.items():
        for parent in above:
            children[parent].append(key)
    roots: dict[Key, Key] = {}
    in_order = sorted(active, key=lambda key: _age(active[key], now))
    _spread([key for key in in_order if key not in parents], children, roots)
    for key in in_order:
        if key not in roots:
            circle = _circle_above(key, parents, roots)
            _spread([min(circle, key=lambda one: _age(active[one], now))], children, roots)
    return {key: roots[key] for key in in_order}


def _age(alert: Alert, now: datetime) -> tuple[bool, datetime, Key]:
    """Firing before pending, then the older, then by name: the same order whatever order the findings came in."""
    return not alert.is_firing, alert.bad_at or now, alert.key


def _parents(active: Mapping[Key, Alert], now: datetime) -> dict[Key, list[Key]]:
    """The active alerts on the subjects that each alert names as its causes; alerts without any are left out."""
    by_subject: dict[str, list[Key]] = defaultdict(list)
    for key in active:
        by_subject[key[1]].append(key)
    parents = {}
    for key, alert in active.items():
        above = [one for cause in alert.finding.causes for one in by_subject.get(cause, ()) if one != key]
        above = [one for one in above if _explains(active[one], alert, now)]
        if above:
            parents[key] = sorted(set(above))
    return parents


def _explains(cause: Alert, alert: Alert, now: datetime) -> bool:
    """A firing cause explains; one that is still pending does while its patience, and a little more, lasts."""
    if cause.is_firing or alert.since_at is None or not alert.is_firing:
        return True
    return now - alert.since_at <= timedelta(seconds=cause.pending_seconds) + PENDING_EXPLAINS


def _spread(tops: list[Key], children: Links, roots: dict[Key, Key]) -> None:
    """Give everything below the tops its nearest top as root."""
    queue = deque(tops)
    roots.update({top: top for top in tops})
    while queue:
        above = queue.popleft()
        for key in children.get(above, ()):
            if key not in roots:
                roots[key] = roots[above]
                queue.append(key)


def _circle_above(key: Key, parents: Links, roots: Mapping[Key, Key]) -> list[Key]:
    """The circle one comes to by going up from an alert that no top explains."""
    path = [key]
    while True:
        above = next(parent for parent in parents[path[-1]] if parent not in roots)
        if above in path:
            return path[path.index(above) :]
        path.append(above)
