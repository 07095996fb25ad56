"""What meets what, and how much: a grid of circles, each with its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .bars import config
from .palette import PAGE, Palette

ROW, COLUMN, NARROW_COLUMN = 26, 88, 44
LABEL, NARROW_LABEL = 240, 130
SLANTED = 5
"""With more columns than this their names stand slanted."""


def matrix(
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Mapping[tuple[str, str], int],
    right_to_left: bool = False,
    narrow: bool = False,
    palette: Palette = PAGE,
) -> dict[str, Any]:
    """The description of a grid; `cells[row, column]` counts. The area of a circle is its count."""
    column = NARROW_COLUMN if narrow else COLUMN
    values = [{"r": r, "c": c, "n": cells[r, c]} for r in rows for c in columns if cells.get((r, c))]
    quiet = {"domain": False, "ticks": False, "grid": True}
    slanted = narrow or len(columns) > SLANTED
    # A name that is slanted begins at its column and goes up, away from the grid.
    turn = {"labelAngle": -90, "labelAlign": "left", "labelBaseline": "middle"} if narrow else {"labelAngle": -35, "labelAlign": "left"}
    x = {
        "field": "c", "type": "nominal", "title": None,
        "scale": {"domain": list(reversed(columns)) if right_to_left else list(columns), "type": "point", "padding": 0.5},
        "axis": {**quiet, "orient": "top", "labelLimit": 130, "labelPadding": 6, **(turn if slanted else {"labelAngle": 0})},
    }  # fmt: skip
    y = {
        "field": "r", "type": "nominal", "title": None, "scale": {"domain": list(rows), "type": "point", "padding": 0.5},
        "axis": {
            **quiet, "orient": "right" if right_to_left else "left", "labelLimit": NARROW_LABEL if narrow else LABEL, "labelPadding": 8,
        },
    }  # fmt: skip
    largest = {"domain": [0, max(cells.values(), default=1)], "range": [0, 320]}
    beside = {"align": "right", "dx": -12} if right_to_left else {"align": "left", "dx": 12}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": values},
        "width": column * max(len(columns), 1),
        "height": ROW * max(len(rows), 1),
        "encoding": {"x": x, "y": y},
        "layer": [
            {
                "mark": {"type": "circle", "color": palette.accent, "opacity": 0.85},
                "encoding": {"size": {"field": "n", "type": "quantitative", "legend": None, "scale": largest}},
            },
            {
                "mark": {"type": "text", "color": palette.ink, "fontSize": 12, **beside},
                "encoding": {"text": {"field": "n", "type": "quantitative"}},
            },
        ],
        "config": config(palette),
    }
