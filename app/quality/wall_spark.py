"""A data point as a small picture: its newest points between their limits, the signals marked."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from app.colors import Palette, palette

Down = Callable[[float], float]  # from a value to a place on the picture
WIDTH, HEIGHT, EDGE = 320, 72, 6
POINTS = 60
ROOM = 1.6  # how far a point may lie outside of the limits, in widths of them, before the picture is cut there


def spark(points: pl.DataFrame) -> str:
    """SVG of the newest points of one metric: columns observed_at, value, state, center, lower, upper, oldest first.

    Points stand by their order, not their time. A point far outside of the limits is drawn at the edge.
    """
    colors = palette()
    rows = points.filter(pl.col("value").is_finite()).tail(POINTS)
    if rows.is_empty():
        return _svg("", "")
    low, high = _reach(rows)
    step = (WIDTH - 2 * EDGE) / max(rows.height - 1, 1)
    across = [EDGE + step * place for place in range(rows.height)]

    def down(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return round(HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE), 1)

    band = _band(rows, across, down, colors)
    line = " ".join(f"{x:.1f},{down(value)}" for x, value in zip(across, rows["value"], strict=True))
    path = f'<polyline points="{line}" fill="none" stroke="{colors.accent}" stroke-width="1.6"/>'
    return _svg(band + path + _marks(rows, across, down, colors), _said(rows))


def _reach(rows: pl.DataFrame) -> tuple[float, float]:
    """The lowest and highest value that the picture shows."""
    values = [float(value) for value in rows["value"]]
    low, high = min(values), max(values)
    lower, upper = rows["lower"].drop_nulls(), rows["upper"].drop_nulls()
    if lower.len() and upper.len():
        bottom, top = float(lower.min()), float(upper.max())  # type: ignore[arg-type]
        room = ROOM * max(top - bottom, 1e-12)
        low, high = min(max(low, bottom - room), bottom), max(min(high, top + room), top)
    return (low, high) if high > low else (low - 1, high + 1)


def _band(rows: pl.DataFrame, across: list[float], down: Down, colors: Palette) -> str:
    """The limits as a band and the center line, only where there are any."""
    held = [
        (x, down(lower), down(upper), down(center))
        for x, lower, upper, center in zip(across, rows["lower"], rows["upper"], rows["center"], strict=True)
        if lower is not None and upper is not None and center is not None
    ]
    if not held:
        return ""
    edge = [f"{x:.1f},{upper}" for x, _, upper, _ in held] + [f"{x:.1f},{lower}" for x, lower, _, _ in held[::-1]]
    center = " ".join(f"{x:.1f},{middle}" for x, _, _, middle in held)
    return (
        f'<polygon points="{" ".join(edge)}" fill="{colors.accent}" fill-opacity="0.13"/>'
        f'<polyline points="{center}" fill="none" stroke="{colors.quiet}" stroke-width="1" stroke-dasharray="3 3"/>'
    )


def _marks(rows: pl.DataFrame, across: list[float], down: Down, colors: Palette) -> str:
    """Signals as filled diamonds, points left out as crosses, the newest point as a dot."""
    drawn = []
    for x, value, state in zip(across, rows["value"], rows["state"], strict=True):
        y = down(value)
        if state == "signal":
            drawn.append(f'<path d="M{x:.1f} {y - 4.5}l4.5 4.5l-4.5 4.5l-4.5 -4.5z" fill="{colors.bad}"/>')
        elif state == "left_out":
            drawn.append(f'<path d="M{x - 3:.1f} {y - 3}l6 6m0 -6l-6 6" stroke="{colors.quiet}" stroke-width="1.4"/>')
    if rows["state"][-1] != "signal":
        drawn.append(f'<circle cx="{across[-1]:.1f}" cy="{down(rows["value"][-1])}" r="2.8" fill="{colors.accent}"/>')
    return "".join(drawn)


def _said(rows: pl.DataFrame) -> str:
    signals = int((rows["state"] == "signal").sum())
    return f"{rows.height} points, {signals} of them signals"


def _svg(drawn: str, said: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'preserveAspectRatio="none"><title>{said}</title>{drawn}</svg>'
    )


def spark_said(points: pl.DataFrame) -> str:
    """The picture in words."""
    return _said(points.tail(POINTS))
