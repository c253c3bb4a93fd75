"""The jobs around one job: which ones to draw in which row, and the picture with the blocked path standing out."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence

from app import words
from app.charts import Spec
from app.charts_refresh import MEANING_OF, color_of
from app.colors import Palette, palette

ROW_PIXELS = 74
MOST_IN_ROW = 3  # so many fit beside each other on a phone
NODE_PIXELS = 112
ROWS_UP, ROWS_DOWN = 4, 2
Layers = list[list[str]]


def layers_around(
    job_id: str,
    before: Mapping[str, Sequence[str]],
    after: Mapping[str, Sequence[str]],
    path: Sequence[str],
    rank: Callable[[str], int],
) -> tuple[Layers, int]:
    """Rows of jobs from the farthest upstream to the farthest downstream, and how many are left out.

    `before` and `after` are each job's direct neighbours; of a wide row those on `path` stay, then the lowest `rank`.
    """
    up, hidden_up = _steps(job_id, before, max(ROWS_UP, len(path) - 1), path, rank)
    down, hidden_down = _steps(job_id, after, ROWS_DOWN, path, rank)
    return [*reversed(up), [job_id], *down], hidden_up + hidden_down


def _steps(
    start: str, neighbours: Mapping[str, Sequence[str]], rows: int, path: Sequence[str], rank: Callable[[str], int]
) -> tuple[Layers, int]:
    seen, edge, hidden = {start}, [start], 0
    found: Layers = []
    while edge and len(found) < rows:
        reached = list(dict.fromkeys(name for one in edge for name in neighbours.get(one, ()) if name not in seen))
        seen.update(reached)
        edge = sorted(reached, key=lambda name: (name not in path, rank(name)))[:MOST_IN_ROW]
        hidden += len(reached) - len(edge)
        if edge:
            found.append(edge)
    return found, hidden


def turned(before: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """The jobs directly downstream of each job, from those directly upstream."""
    after: dict[str, list[str]] = {}
    for name, upstream in before.items():
        for one in upstream:
            after.setdefault(one, []).append(name)
    return after


def job_graph(
    layers: Sequence[Sequence[str]],
    titles: Mapping[str, str],
    states: Mapping[str, str],
    arrows: Sequence[tuple[str, str]],
    path: Sequence[str],
    chosen: str,
) -> Spec:
    """The jobs around `chosen`, a layer per row from the first upstream on top; the blocked `path` stands out."""
    colors = palette()
    widest = max((len(layer) for layer in layers), default=1)
    blocked = set(itertools.pairwise(path))
    nodes = [
        _node(name, titles.get(name, name), states.get(name), colors, name == chosen, name in path)
        | {"value": [(place + 0.5) * widest / len(layer), depth]}
        for depth, layer in enumerate(layers)
        for place, name in enumerate(layer)
    ]
    edges = [
        {
            "source": source,
            "target": target,
            "lineStyle": {
                "color": colors.bad if (source, target) in blocked else colors.quiet,
                "width": 3 if (source, target) in blocked else 1.2,
                "opacity": 1 if (source, target) in blocked else 0.6,
            },
        }
        for source, target in arrows
    ]
    return {
        "animation": False,
        "tooltip": {"trigger": "item", "formatter": "{b}"},
        "grid": {"left": 0, "right": 0, "top": 0, "bottom": 0},
        "xAxis": {"type": "value", "show": False, "min": 0, "max": widest},
        "yAxis": {"type": "value", "show": False, "min": -0.5, "max": len(layers) - 0.5, "inverse": True},
        "series": [
            {
                "type": "graph",
                "coordinateSystem": "cartesian2d",
                "edgeSymbol": ["none", "arrow"],
                "edgeSymbolSize": 8,
                "data": nodes,
                "links": edges,
            }
        ],
    }


def _node(name: str, title: str, state: str | None, colors: Palette, is_chosen: bool, is_blocked: bool) -> Spec:
    said = words.state(state)
    color = color_of(colors, MEANING_OF[said.color])
    return {
        "id": name,
        "name": f"{title}: {said.word}",
        "symbol": "rect",
        "symbolSize": [NODE_PIXELS, 32],
        "itemStyle": {"color": "transparent"},
        "label": {
            "show": True,
            "formatter": f"{said.sign} {title}",
            "fontSize": 11,
            "fontWeight": "bold" if is_chosen else "normal",
            "color": color,
            "width": NODE_PIXELS - 20,
            "overflow": "truncate",
            "align": "center",
            "padding": [8, 9],
            "borderRadius": 6,
            "backgroundColor": colors.line,
            "borderColor": colors.bad if is_blocked else color if is_chosen else colors.line,
            "borderWidth": 2 if is_blocked or is_chosen else 1,
        },
    }


def around_height(layers: Sequence[Sequence[str]]) -> int:
    """Pixels that the graph needs."""
    return ROW_PIXELS * len(layers)
