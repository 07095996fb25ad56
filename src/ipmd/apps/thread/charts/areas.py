"""Counts over time, split by state: stacked areas, each named where it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .bars import config
from .palette import PAGE, Palette

WIDTH, HEIGHT = 620, 250
NARROW_WIDTH, NARROW_HEIGHT = 200, 210


def areas(
    *,
    times: Sequence[str],
    series: Sequence[tuple[str, str]],
    cells: Mapping[tuple[str, str], int],
    right_to_left: bool = False,
    narrow: bool = False,
    palette: Palette = PAGE,
) -> dict[str, Any]:
    """The description of stacked areas. `times`: names of moments, oldest first; `cells[time, state]` counts at that moment."""
    width, height = (NARROW_WIDTH, NARROW_HEIGHT) if narrow else (WIDTH, HEIGHT)
    most = max((sum(cells.get((time, state), 0) for state, _ in series) for time in times), default=1) or 1
    shown = [(state, name) for state, name in series if any(cells.get((time, state)) for time in times)]
    values, ends, last_label = [], [], -1e9
    for time in times:
        start = 0
        for place, (state, name) in enumerate(shown):
            count = cells.get((time, state), 0)
            values.append({"t": time, "s": name, "a": start, "b": start + count, "o": place})
            if time == times[-1] and count:
                middle = start + count / 2
                # Names that would stand on each other are moved up by a line.
                middle = max(middle, last_label + 16 * most / height)
                last_label = middle
                ends.append({"t": time, "m": middle, "w": f"{name} {count}"})
            start += count
    every = max(1, -(-len(times) // (3 if narrow else 8)))
    ticks = [time for place, time in enumerate(times) if (len(times) - 1 - place) % every == 0]
    x: dict[str, Any] = {
        "field": "t", "type": "ordinal", "title": None,
        "scale": {"domain": list(times), "type": "point", "reverse": right_to_left},
        "axis": {"values": ticks, "labelAngle": 0, "domain": False, "tickColor": palette.rule, "labelOverlap": False},
    }  # fmt: skip
    y: dict[str, Any] = {
        "field": "a", "type": "quantitative", "title": None, "scale": {"domain": [0, max(most, last_label)], "nice": True},
        "axis": {
            "orient": "right" if right_to_left else "left", "domain": False, "ticks": False, "tickCount": 4, "format": "d", "grid": True,
        },
    }  # fmt: skip
    ground = {
        "field": "s", "type": "nominal", "legend": None,
        "scale": {"domain": [name for _, name in shown], "range": [palette.steps[state][0] for state, _ in shown]},
    }  # fmt: skip
    beside = {"align": "right" if right_to_left else "left", "dx": -6 if right_to_left else 6}
    mark: dict[str, Any] = {"type": "area", "stroke": palette.ground, "strokeWidth": 1.5}
    if len(times) == 1:
        mark = {"type": "bar", "stroke": palette.ground, "width": 40}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": values},
        "width": width,
        "height": height,
        "layer": [
            {"mark": mark, "encoding": {"x": x, "y": y, "y2": {"field": "b"}, "color": ground, "order": {"field": "o"}}},
            {
                "data": {"values": ends},
                "mark": {"type": "text", "fontSize": 12.5, "baseline": "middle", "color": palette.ink, **beside},
                "encoding": {"x": x, "y": {**y, "field": "m"}, "text": {"field": "w", "type": "nominal"}},
            },
        ],
        "config": config(palette),
    }
