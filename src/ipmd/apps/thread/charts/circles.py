"""Counts as circles in a grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.safestring import SafeString

from .drawing import FONT, picture

ROW = 30
COLUMN = 112
FEW = 4
"""Up to so many columns are drawn wider."""

LABEL = 330
"""Pixels for the names of rows; longer ones are cut by the picture and stand whole in its table."""

NARROW_COLUMN = 72
NARROW_LABEL = 150


def circles(
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Mapping[tuple[str, str], int],
    label: str,
    right_to_left: bool = False,
    narrow: bool = False,
) -> SafeString:
    """Counts as circles in a grid, the number beside each; the area of a circle is its count. `label` says what it is to who can't see.

    `rows` and `columns` are names as shown; `cells[row, column]` counts. `narrow` is for phones.
    """
    places = [(row, column) for row in rows for column in columns]
    shown = [{"r": row, "c": column, "n": cells[row, column]} for row, column in places if cells.get((row, column))]
    wide = NARROW_COLUMN if narrow else COLUMN if len(columns) > FEW else COLUMN * 5 // 4
    quiet = {"domain": False, "ticks": False}
    x = {
        "field": "c", "type": "nominal", "title": None,
        "scale": {"domain": list(reversed(columns)) if right_to_left else list(columns), "paddingOuter": 0.1},
        "axis": {**quiet, "orient": "top", "labelAngle": 0, "labelLimit": wide, "labelPadding": 6},
    }  # fmt: skip
    y = {
        "field": "r", "type": "nominal", "title": None, "scale": {"domain": list(rows)},
        "axis": {
            **quiet, "orient": "right" if right_to_left else "left", "labelLimit": NARROW_LABEL if narrow else LABEL,
            "labelPadding": 8, "grid": True,
        },
    }  # fmt: skip
    largest = {"domain": [0, max(cells.values(), default=1)], "range": [0, 560]}
    size = {"field": "n", "type": "quantitative", "legend": None, "scale": largest}
    beside = {"align": "right", "dx": -15} if right_to_left else {"align": "left", "dx": 15}
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": shown},
        "width": wide * len(columns),
        "height": ROW * len(rows),
        "encoding": {"x": x, "y": y},
        "layer": [
            {"mark": {"type": "circle", "color": "var(--accent)", "opacity": 0.75}, "encoding": {"size": size}},
            {
                "mark": {"type": "text", "color": "currentColor", "fontSize": 13, **beside},
                "encoding": {"text": {"field": "n", "type": "quantitative"}},
            },
        ],
        "config": {
            "background": "transparent",
            "font": FONT,
            "view": {"stroke": None},
            "axis": {"labelColor": "currentColor", "labelFontSize": 13, "gridColor": "var(--rule)", "gridOpacity": 1},
        },
    }
    return picture(spec, label)
