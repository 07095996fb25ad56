"""One value over time, from where it began to where it is to go."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString

from .drawing import FONT, picture


def lines(
    *,
    points: Sequence[tuple[datetime.date, Decimal]],
    target: Decimal | None = None,
    target_label: str = "",
    label: str,
    right_to_left: bool = False,
    width: int = 320,
    height: int = 120,
) -> SafeString:
    """Values by day as a line with a dot at each, and the target as a broken line across. `label` says what it is to who can't see it."""
    values = [{"d": day.isoformat(), "v": float(value)} for day, value in points]
    x = {
        "field": "d", "type": "temporal", "title": None, "scale": {"reverse": right_to_left, "type": "utc"},
        "axis": {"format": "%Y-%m", "grid": False, "tickCount": 4, "labelOverlap": True, "labelFlush": True},
    }  # fmt: skip
    y = {
        "field": "v", "type": "quantitative", "title": None, "scale": {"zero": False, "nice": True, "padding": 8},
        "axis": {"tickCount": 3, "domain": False, "ticks": False, "orient": "right" if right_to_left else "left"},
    }  # fmt: skip
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "line", "color": "var(--accent)", "strokeWidth": 2}, "encoding": {"x": x, "y": y}},
        {"mark": {"type": "point", "filled": True, "size": 60, "color": "var(--accent)", "opacity": 1}, "encoding": {"x": x, "y": y}},
    ]
    if target is not None:
        rule = {"values": [{"t": float(target), "l": target_label}]}
        at = {"field": "t", "type": "quantitative"}
        layers.append({"data": rule, "mark": {"type": "rule", "strokeDash": [5, 4], "color": "currentColor"}, "encoding": {"y": at}})
        if target_label:
            text = {
                "type": "text",
                "align": "right" if right_to_left else "left",
                "baseline": "bottom",
                "dy": -3,
                "fontSize": 12,
                "color": "currentColor",
            }
            place = {"y": at, "x": {"value": width if right_to_left else 0}, "text": {"field": "l"}}
            layers.append({"data": rule, "mark": text, "encoding": place})
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": values},
        "width": width,
        "height": height,
        "layer": layers,
        "config": {
            "background": "transparent",
            "font": FONT,
            "view": {"stroke": None},
            "axis": {
                "labelColor": "currentColor", "labelFontSize": 12, "gridColor": "var(--rule)", "domainColor": "var(--rule-strong)",
                "tickColor": "var(--rule-strong)",
            },
        },
    }  # fmt: skip
    return picture(spec, label)
