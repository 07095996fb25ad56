"""A trace as a picture: a column for each kind of record, a box for each record, a line for each link, in the direction of reading."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from uuid import UUID

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ..walking import Found, Level, Trace

BOX, BOX_HEIGHT = 138, 78
BETWEEN, ROW = 28, 12
HEAD = 48
SIDE = 26
"""Room for lines that go round by the side."""

MOST_BOXES = 7
"""Boxes in a column; what does not fit is counted below, and stands in the list."""

LINE = 20.0
"""Letters of ordinary width in a line of a box."""


def thread_picture(trace: Trace, *, right_to_left: bool = False) -> SafeString:
    """The picture of a trace as SVG. It repeats what the list beside it says, so it is hidden from screen readers and the Tab key."""
    columns = _columns(trace)
    width = len(columns) * (BOX + BETWEEN) - BETWEEN + 2 * SIDE
    tallest = max(len(shown) + bool(more) * 0.35 for _level, shown, more in columns)
    height = HEAD + round(tallest * (BOX_HEIGHT + ROW)) + 4
    places: dict[UUID, tuple[float, float]] = {}
    for number, (_level, shown, _more) in enumerate(columns):
        x = _x(number, width, right_to_left)
        top = HEAD + (height - HEAD - 4 - len(shown) * (BOX_HEIGHT + ROW)) / 2
        for row, found in enumerate(shown):
            places[found.record.key] = (x, top + row * (BOX_HEIGHT + ROW) + ROW / 2)
    heads = format_html_join(
        "",
        '<text class="trace-head" x="{}" y="18" text-anchor="middle">{}</text>',
        ((_x(number, width, right_to_left) + BOX / 2, level.label) for number, (level, _shown, _more) in enumerate(columns)),
    )
    lines = format_html_join(
        "",
        '<path class="trace-line" d="{}"></path>',
        ((_line(places[a], places[b], right_to_left),) for a, b in trace.links if a in places and b in places),
    )
    boxes = format_html_join(
        "", "{}", ((_box(found, *places[found.record.key], right_to_left),) for _level, shown, _more in columns for found in shown)
    )
    rests = format_html_join(
        "",
        '<text class="trace-more" x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (_x(number, width, right_to_left) + BOX / 2, height - 8, _("and %(number)s more") % {"number": f"{more:,}"})
            for number, (_level, _shown, more) in enumerate(columns)
            if more
        ),
    )
    return format_html(
        '<svg class="trace-picture" aria-hidden="true" focusable="false" width="{w}" height="{h}" viewBox="0 0 {w} {h}" direction="{d}">'
        "{lines}{heads}{boxes}{rests}</svg>",
        w=width, h=height, d="rtl" if right_to_left else "ltr", lines=lines, heads=heads, boxes=boxes, rests=rests,
    )  # fmt: skip


def _x(number: int, width: float, right_to_left: bool) -> float:
    x = SIDE + number * (BOX + BETWEEN)
    return width - x - BOX if right_to_left else x


def _columns(trace: Trace) -> list[tuple[Level, list[Found], int]]:
    """For each kind the boxes shown, each near those it is linked to, and how many more there are."""
    neighbours: dict[UUID, list[UUID]] = defaultdict(list)
    for upper, lower in trace.links:
        neighbours[lower].append(upper)
    height: dict[UUID, float] = {}
    columns = []
    for level in trace.levels:
        # The record itself is always among those shown.
        first = sorted(level.found, key=lambda found: found.way != "here")[:MOST_BOXES]
        placed = {found.record.key: [height[key] for key in neighbours[found.record.key] if key in height] for found in first}
        shown = sorted(first, key=lambda found: (_mean(placed[found.record.key]), found.record.code))
        for row, found in enumerate(shown):
            height[found.record.key] = row - len(shown) / 2
        columns.append((level, shown, level.total - len(shown)))
    return columns


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0


def _line(upper: tuple[float, float], lower: tuple[float, float], right_to_left: bool) -> str:
    """From the end of one box to the beginning of the other; between two of one column, round by the side."""
    (x1, y1), (x2, y2) = upper, lower
    y1, y2 = y1 + BOX_HEIGHT / 2, y2 + BOX_HEIGHT / 2
    forward = -1 if right_to_left else 1
    end = 0 if right_to_left else BOX
    if x1 == x2:
        x = x1 + end
        return f"M{x:.1f} {y1:.1f}C{x + forward * 24:.1f} {y1:.1f} {x + forward * 24:.1f} {y2:.1f} {x:.1f} {y2:.1f}"
    x1, x2 = x1 + end, x2 + (BOX - end)
    bend = forward * max(18.0, abs(x2 - x1) / 2)
    # A line that passes other columns goes over the boxes, so that it does not look like theirs.
    lift = 62 if abs(x2 - x1) > BETWEEN + 1 else 0
    return f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1 - lift:.1f} {x2 - bend:.1f} {y2 - lift:.1f} {x2:.1f} {y2:.1f}"


def _box(found: Found, x: float, y: float, right_to_left: bool) -> SafeString:
    record = found.record
    text_x = x + BOX - 8 if right_to_left else x + 8
    words = record.text or record.title
    head = record.code or (record.title if record.text else "")
    lines = [("trace-code" if record.code else "trace-where", _cut(head, LINE - 2))] if head else []
    lines += [("trace-quote" if record.text else "trace-title", line) for line in _wrapped(words, 3 - len(lines))]
    lines += [("trace-state", _cut(" · ".join(part for part in (record.state, record.amount) if part), LINE + 2))]
    told = format_html_join(
        "", '<text class="{}" x="{}" y="{}">{}</text>',
        # Each line keeps its own direction, whatever that of the page is.
        ((kind, round(text_x, 1), round(y + 18 + row * 17, 1), f"\u2068{line}\u2069") for row, (kind, line) in enumerate(lines) if line),
    )  # fmt: skip
    return format_html(
        '<a href="{}" tabindex="-1" class="trace-box trace-{}{}"><title>{}</title>'
        '<rect x="{}" y="{}" width="{}" height="{}" rx="4"></rect>{}</a>',
        record.address, found.way, f" trace-{record.state_kind}" if record.state else "",
        " ".join(part for part in (record.code, words) if part), round(x, 1), round(y, 1), BOX, BOX_HEIGHT, told,
    )  # fmt: skip


def _width(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 2.0
    if unicodedata.combining(letter):
        return 0.0
    return 1.3 if letter.isupper() else 1.0


def _cut(words: str, room: float) -> str:
    """As much of a text as there is room for, and a sign where something is left out."""
    used = 0.0
    for place, letter in enumerate(words):
        used += _width(letter)
        if used > room:
            return words[: max(0, place - 1)].rstrip() + "…"
    return words


def _wrapped(words: str, lines: int) -> list[str]:
    """A text in so many lines at most, broken between words, or between letters where a word is longer than a line."""
    rest = " ".join(words.split())
    told: list[str] = []
    while rest and len(told) < lines:
        if len(told) == lines - 1 or sum(map(_width, rest)) <= LINE:
            told.append(_cut(rest, LINE))
            break
        end, used = 0, 0.0
        while end < len(rest) and used + _width(rest[end]) <= LINE:
            used += _width(rest[end])
            end += 1
        space = rest.rfind(" ", 0, end + 1)
        end = space if space > 0 else end
        told.append(rest[:end])
        rest = rest[end:].lstrip()
    return told
