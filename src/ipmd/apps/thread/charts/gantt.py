"""When things are done: a bar from first to last day for each row, a mark for each milestone, and a line for today."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .bars import config
from .palette import PAGE, Palette

ROW = 30
WIDTH, NARROW_WIDTH = 640, 230
LABEL, NARROW_LABEL = 300, 90


@dataclass(frozen=True)
class Bar:
    """One row. `label` is unique and names its state too; `marks`: day of a milestone and whether it is done."""

    label: str
    state: str
    start: datetime.date
    end: datetime.date
    marks: Sequence[tuple[datetime.date, bool]] = ()


def gantt(
    *,
    rows: Sequence[Bar],
    ticks: Sequence[tuple[datetime.date, str]],
    today: datetime.date,
    today_says: str,
    right_to_left: bool = False,
    narrow: bool = False,
    palette: Palette = PAGE,
) -> dict[str, Any]:
    """The description of the picture. `ticks`: days with their names, such as first days of quarters; days are counted, so that no time
    zone moves them."""
    width = NARROW_WIDTH if narrow else WIDTH
    days = [day for row in rows for day in (row.start, row.end, *(mark for mark, _done in row.marks))]
    first, last = min(days, default=today).toordinal(), max(days, default=today).toordinal()
    room = max((last - first) // 40, 3)
    domain = [first - room, last + room]
    x: dict[str, Any] = {
        "field": "a", "type": "quantitative", "axis": None,
        "scale": {"domain": domain, "nice": False, "zero": False, "reverse": right_to_left},
    }  # fmt: skip
    y = {
        "field": "r", "type": "nominal", "title": None, "scale": {"domain": [row.label for row in rows], "padding": 0.1},
        "axis": {
            "domain": False, "ticks": False, "orient": "right" if right_to_left else "left", "grid": True,
            "labelLimit": NARROW_LABEL if narrow else LABEL, "labelPadding": 8,
        },
    }  # fmt: skip
    inside = [(day.toordinal(), name) for day, name in ticks if domain[0] <= day.toordinal() <= domain[1]]
    step = max(1, -(-len(inside) * 62 // width))
    names = [{"a": day, "t": name} for day, name in inside[::step]]
    bars = [
        {"r": row.label, "a": row.start.toordinal(), "b": row.end.toordinal() + 1, "c": palette.steps[row.state][0]}
        for row in rows
    ]  # fmt: skip
    marks = [{"r": row.label, "a": day.toordinal(), "done": done} for row in rows for day, done in row.marks]
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": [{"a": day} for day, _name in inside]},
            "mark": {"type": "rule", "color": palette.rule},
            "encoding": {"x": x},
        },
        {
            "data": {"values": names},
            "mark": {"type": "text", "fontSize": 11.5, "color": palette.ink, "align": "right" if right_to_left else "left", "y": -8},
            "encoding": {"x": x, "text": {"field": "t", "type": "nominal"}},
        },
        {
            "data": {"values": bars},
            "mark": {"type": "bar", "height": 14, "stroke": palette.ink, "strokeWidth": 0.5},
            "encoding": {"x": x, "x2": {"field": "b"}, "y": y, "color": {"field": "c", "type": "nominal", "scale": None, "legend": None}},
        },
    ]
    for done in (False, True):
        mark = {"type": "point", "shape": "diamond", "size": 110, "opacity": 1, "stroke": palette.ink, "strokeWidth": 1.5}
        layers.append(
            {
                "data": {"values": [one for one in marks if one["done"] is done]},
                "mark": {**mark, "filled": True, "fill": palette.ink if done else palette.ground},
                "encoding": {"x": x, "y": y},
            }
        )
    if domain[0] <= today.toordinal() <= domain[1]:
        now = {"data": {"values": [{"a": today.toordinal(), "t": today_says}]}}
        layers += [
            {**now, "mark": {"type": "rule", "color": palette.accent, "strokeWidth": 2, "strokeDash": [4, 3]}, "encoding": {"x": x}},
            {
                **now,
                "mark": {"type": "text", "fontSize": 11.5, "fontWeight": "bold", "color": palette.accent, "y": -24},
                "encoding": {"x": x, "text": {"field": "t", "type": "nominal"}},
            },
        ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": width,
        "height": ROW * max(len(rows), 1),
        "padding": {"top": 12, "left": 5, "right": 30, "bottom": 5},
        "layer": layers,
        "config": config(palette),
    }
