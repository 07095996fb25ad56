"""Pictures of figures: SVG made on the server, in the colours and the writing of the page around it, dark or light.

Altair describes the picture and vl-convert draws it. Colours are the stylesheet's own properties, which SVG in a page can use, and no
inline style is needed, so that the content security policy holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

ROW = 30
COLUMN = 112
FEW = 4
"""Up to so many columns are drawn wider."""

LABEL = 330
"""Pixels for the names of rows; longer ones are cut by the picture and stand whole in its table."""

NARROW_COLUMN = 72
NARROW_LABEL = 150

FONT = "Noto Sans, Arial, sans-serif"


def circles(
    *, rows: Sequence[str], columns: Sequence[str], cells: Mapping[tuple[str, str], int], label: str, right_to_left: bool = False, narrow: bool = False
) -> SafeString:
    """Counts as circles in a grid, the number beside each; the area of a circle is its count. `label` says what it is to who can't see.

    `rows` and `columns` are names as shown; `cells[row, column]` counts. `narrow` is for phones.
    """
    import altair as alt

    shown = [
        {"r": row, "c": column, "n": number} for (row, column), number in cells.items() if number and row in rows and column in columns
    ]
    order = list(reversed(columns)) if right_to_left else list(columns)
    data = alt.Data(values=shown)
    x = alt.X("c:N").sort(order).scale(domain=order, paddingOuter=0.1).title(None)
    column = NARROW_COLUMN if narrow else COLUMN if len(columns) > FEW else COLUMN * 5 // 4
    x = x.axis(orient="top", labelAngle=0, labelLimit=column, domain=False, ticks=False, labelPadding=6)
    y = alt.Y("r:N").sort(list(rows)).scale(domain=list(rows)).title(None)
    y = y.axis(orient="right" if right_to_left else "left", labelLimit=NARROW_LABEL if narrow else LABEL, domain=False, ticks=False, labelPadding=8, grid=True)
    most = max(cells.values(), default=1)
    size = alt.Size("n:Q").scale(type="linear", domain=[0, most], range=[0, 560]).legend(None)
    base = alt.Chart(data).encode(x=x, y=y)
    dots = base.mark_circle(color="var(--accent)", opacity=0.75, clip=False).encode(size=size)
    numbers = base.mark_text(align="right" if right_to_left else "left", dx=-15 if right_to_left else 15, color="currentColor", fontSize=13).encode(text="n:Q")
    chart = (dots + numbers).properties(width=column * len(columns), height=ROW * len(rows))
    return _inline(_draw(_finished(chart)), label)


def _finished(chart: Any) -> str:
    done = chart.configure(background="transparent", font=FONT).configure_view(stroke=None)
    done = done.configure_axis(labelColor="currentColor", labelFontSize=13, gridColor="var(--rule)", gridOpacity=1)
    text: str = done.to_json(indent=None)
    return text


@lru_cache(maxsize=256)
def _draw(spec: str) -> str:
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(spec)
    return drawn


_ROOT = re.compile(r"<svg [^>]*?width=\"([\d.]+)\" height=\"([\d.]+)\"[^>]*>")


def _inline(svg: str, label: str) -> SafeString:
    # What Vega says to screen readers is about marks and axes; the page has a sentence and a table instead.
    quiet = re.sub(r' (?:role|aria-roledescription|aria-label|aria-hidden|class|pointer-events)="[^"]*"', "", svg)
    quiet = re.sub(r' (?:font-family)="[^"]*"', "", quiet)
    found = _ROOT.search(svg)
    width, height = (found[1], found[2]) if found else ("400", "200")
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    head = f'<svg class="chart" role="img" aria-label="{escape(label)}" {size} direction="ltr">'
    # All words in the picture went through Vega, which escapes them.
    return mark_safe(head + quiet[quiet.index(">") + 1 :])  # noqa: S308
