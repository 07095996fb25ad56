"""Counts by row, each split by state: stacked bars, with every number that has room in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .drawing import FONT
from .palette import PAGE, Palette

ROW = 30
WIDTH, NARROW_WIDTH = 560, 190
LABEL, NARROW_LABEL = 260, 100
BEYOND = 1.12
"""How much longer the scale is than the longest bar: its total stands beside it."""


def bars(
    *,
    rows: Sequence[str],
    series: Sequence[tuple[str, str]],
    cells: Mapping[tuple[str, str], int],
    right_to_left: bool = False,
    narrow: bool = False,
    palette: Palette = PAGE,
) -> dict[str, Any]:
    """The description of stacked bars. `series`: (state, its name), in the order of the thread; `cells[row, state]` counts."""
    width = NARROW_WIDTH if narrow else WIDTH
    totals = {row: sum(cells.get((row, state), 0) for state, _ in series) for row in rows}
    most = max(totals.values(), default=1) or 1
    values = []
    for row in rows:
        start = 0
        for state, name in series:
            count = cells.get((row, state), 0)
            if count:
                room = count / (most * BEYOND) * width >= 8 * len(str(count)) + 4
                values.append({"r": row, "s": name, "n": count if room else None, "a": start, "b": start + count, "m": start + count / 2})
                start += count
    shown = [(state, name) for state, name in series if any(cells.get((row, state)) for row in rows)]
    names = [name for _, name in shown]
    x: dict[str, Any] = {
        "field": "a", "type": "quantitative", "axis": None,
        "scale": {"domain": [0, most * BEYOND], "reverse": right_to_left, "nice": False},
    }  # fmt: skip
    y = {
        "field": "r", "type": "nominal", "title": None, "scale": {"domain": list(rows), "paddingInner": 0.28, "paddingOuter": 0.1},
        "axis": {
            "domain": False, "ticks": False, "orient": "right" if right_to_left else "left",
            "labelLimit": NARROW_LABEL if narrow else LABEL, "labelPadding": 8,
        },
    }  # fmt: skip
    ground = {
        "field": "s", "type": "nominal", "scale": {"domain": names, "range": [palette.steps[state][0] for state, _ in shown]},
        "legend": {
            "title": None, "orient": "top", "direction": "horizontal", "columns": 1 if narrow else 4, "symbolType": "square",
            "labelLimit": 0, "symbolStrokeWidth": 0,
        },
    }  # fmt: skip
    on = {
        "field": "s",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": names, "range": [palette.steps[state][1] for state, _ in shown]},
    }
    ends = [{"r": row, "t": totals[row], "e": totals[row]} for row in rows]
    beside = {"align": "right" if right_to_left else "left", "dx": -6 if right_to_left else 6}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": values},
        "width": width,
        "height": ROW * max(len(rows), 1),
        "resolve": {"scale": {"color": "independent"}},
        "layer": [
            {
                "mark": {"type": "bar", "stroke": palette.ground, "strokeWidth": 1},
                "encoding": {"x": x, "x2": {"field": "b"}, "y": y, "color": ground},
            },
            {
                "transform": [{"filter": "isValid(datum.n)"}],
                "mark": {"type": "text", "fontSize": 12},
                "encoding": {"x": {**x, "field": "m"}, "y": y, "text": {"field": "n", "type": "quantitative"}, "color": on},
            },
            {
                "data": {"values": ends},
                "mark": {"type": "text", "fontSize": 12, "fontWeight": "bold", "color": palette.ink, **beside},
                "encoding": {"x": {**x, "field": "e"}, "y": y, "text": {"field": "t", "type": "quantitative"}},
            },
        ],
        "config": config(palette),
    }


def config(palette: Palette) -> dict[str, Any]:
    """What all our pictures share."""
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {"labelColor": palette.ink, "labelFontSize": 13, "gridColor": palette.rule, "gridOpacity": 1},
        "legend": {"labelColor": palette.ink, "labelFontSize": 12.5, "symbolSize": 120, "columnPadding": 14, "rowPadding": 4},
        "text": {"font": FONT},
    }
