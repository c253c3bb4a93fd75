"""The runs that are still to come at a time, with those upstream that each of them waits for."""

from __future__ import annotations

from dataclasses import dataclass, field

from analysis.run_book import NEVER, Book, Phase


@dataclass(slots=True)
class Node:
    """A run that has not finished at `now`; times are seconds since 1970.

    `due` is when it may start as far as the clock goes, `cycle` the due time up to which runs upstream belong to it,
    `ready` when nothing held it up any more, which holds if it has no `parents`. `size` is the sum of what upstream
    brought, NaN while that is not known.
    """

    job: int
    now: float
    phase: Phase
    due: float
    cycle: float
    started: float = NEVER
    deadline: float = NEVER
    row: int = -1  # the slot's place in its frame; -1 for a run that no slot expects
    parents: list[int] = field(default_factory=list)
    ready: float = NEVER
    size: float = float("nan")


@dataclass(slots=True)
class Nodes:
    """Collects nodes; the parents of each are added with it."""

    book: Book
    nodes: list[Node] = field(default_factory=list)
    _known: dict[tuple[int, float, int, float], int] = field(default_factory=dict)
    _waiting: list[int] = field(default_factory=list)

    def add(self, job: int, place: int, now: float) -> int | None:
        """The node of a slot that is still to be filled at `now`, and all nodes that it waits for."""
        node = self._slot(job, place, now)
        while self._waiting:
            self._link(self._waiting.pop())
        return node

    def _slot(self, job: int, place: int, now: float) -> int | None:
        slots = self.book.slots[job]
        phase = slots.phase(place, now)
        if phase == Phase.DONE:
            return None
        started = slots.started[place] if phase == Phase.RUNNING else NEVER
        due = max(slots.due[place], now) if phase == Phase.RERUN else slots.due[place]
        key = (job, now, place, 0.0)
        return self._make(key, Node(job, now, phase, due, due, started, slots.deadline[place], slots.row[place]))

    def _make(self, key: tuple[int, float, int, float], node: Node) -> int:
        if key not in self._known:
            self._known[key] = len(self.nodes)
            self._waiting.append(len(self.nodes))
            self.nodes.append(node)
        return self._known[key]

    def _link(self, index: int) -> None:
        """Finds what a node waits for; a run that has started waits for nothing."""
        node = self.nodes[index]
        if node.phase == Phase.RUNNING:
            return
        last = self.book.started_last(node.job, node.now)
        for job in self.book.upstream[node.job]:
            parent = self._before(job, node.cycle, last, node.now)
            if parent is not None:
                node.parents.append(parent)

    def _before(self, job: int, cycle: float, child_started: float, now: float) -> int | None:
        """The run of an upstream job that belongs to the cycle of its child, if it is still to come.

        A child that has started since that run was due did not wait for it, and will not.
        """
        place = self.book.slot_before(job, cycle)
        if place is not None:
            is_waited_for = self.book.slots[job].due[place] > child_started
            return self._slot(job, place, now) if is_waited_for else None
        if self.book.slots[job].due:
            return None
        since = self.book.running_since(job, now)
        if since is not None:
            is_waited_for = since > child_started
            found = Node(job, now, Phase.RUNNING, since, since, since)
            return self._make((job, now, -1, 0.0), found) if is_waited_for else None
        if not self.book.upstream[job]:
            return None
        return self._make((job, now, -1, cycle), Node(job, now, Phase.WAITING, now, cycle))

    def settle(self) -> None:
        """Drops what waits for nothing though no slot expects it, and sets `ready` and `size` of the others."""
        alive = [False] * len(self.nodes)
        for index in sorted(range(len(self.nodes)), key=lambda one: self.book.depth[self.nodes[one].job]):
            node = self.nodes[index]
            node.parents = [parent for parent in node.parents if alive[parent]]
            alive[index] = bool(node.row >= 0 or node.phase == Phase.RUNNING or node.parents)
            if not node.parents:
                self._ready(node)

    def _ready(self, node: Node) -> None:
        at = node.started if node.phase == Phase.RUNNING else node.now
        ends = [self.book.finished_last(job, at) for job in self.book.upstream[node.job]]
        node.ready = max([node.due, *(finished for finished, _ in ends)])
        sizes = [brought for _, brought in ends if brought == brought]
        if sizes and node.due <= node.now:
            node.size = sum(sizes)
