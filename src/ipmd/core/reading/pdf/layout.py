"""The reading order of a page: its columns, its tables, and what spans them.

A page is cut from top to bottom into bands. In a band of one column lines follow each other; in a band of several, segments stand
beside each other with a gutter between them, and it is either columns of text (read one after the other) or a table (read by rows).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ipmd.core.reading.pdf.segments import PageContent, Segment, Table
from ipmd.core.reading.structure import BULLETS

_GUTTER = 7.0
_MARKER = re.compile(rf"^(?:[{re.escape(BULLETS)}o]|[(（]?(?:\d{{1,3}}(?:\.\d{{1,3}}){{0,3}}|[a-zA-Z]|[ivxlcIVXLC]{{1,6}})[.)）]?\.?)$")


_LEADING = re.compile(r"(?:\.\s?){4,}$|…$|_{4,}$")


@dataclass(slots=True)
class Flow:
    """Lines of one column, from `x0` to `x1`."""

    lines: list[Segment]
    x0: float
    x1: float


def regions(content: PageContent) -> list[Flow | Table]:
    """Flows and tables of the page in reading order."""
    if not content.segments:
        return []
    segments = _gather_grids(content) if len(content.uprights) > 2 and len(content.rules) > 1 else content.segments
    rows = _rows(segments)
    if all(len(row) == 1 for row in rows) and not _unaligned(rows):
        lines = [row[0] for row in rows]
        return _parted_flow(Flow(lines, min(s.x0 for s in lines), max(s.x1 for s in lines)))
    segments = [s for row in rows for s in row]
    _find_parallel(segments)
    result: list[Flow | Table] = []
    for band, gutters in _bands(segments):
        if not gutters:
            result.append(Flow(band, min(s.x0 for s in band), max(s.x1 for s in band)))
        else:
            result.extend(_read_band(band, gutters, content.rules))
    return [part for region in _merge_flows(result) for part in (_parted_flow(region) if isinstance(region, Flow) else [region])]


def _parted_flow(flow: Flow) -> list[Flow | Table]:
    """A flow with the ruled tables standing in it taken out as regions of their own."""
    if all(s.table is None for s in flow.lines):
        return [flow]
    parts: list[Flow | Table] = []
    lines: list[Segment] = []
    for segment in flow.lines:
        if segment.table is None:
            lines.append(segment)
            continue
        if lines:
            parts.append(Flow(lines, flow.x0, flow.x1))
            lines = []
        parts.append(segment.table)
    if lines:
        parts.append(Flow(lines, flow.x0, flow.x1))
    return parts


def _gather_grids(content: PageContent) -> list[Segment]:
    """Put the segments inside each ruled grid into a table, which a single segment then stands for."""
    boxes: list[list[float]] = [[x0, y, x1, y] for y, x0, x1 in content.rules]
    boxes += [[x, y0, x, y1] for x, y0, y1 in content.uprights]
    grids: list[list[float]] = []
    for box in sorted(boxes, key=lambda b: (b[1], b[0])):
        touching = [g for g in grids if box[0] <= g[2] + 4 and g[0] <= box[2] + 4 and box[1] <= g[3] + 4 and g[1] <= box[3] + 4]
        for grid in touching:
            grids.remove(grid)
            box = [min(box[0], grid[0]), min(box[1], grid[1]), max(box[2], grid[2]), max(box[3], grid[3])]
        grids.append(box)
    segments = content.segments
    for left, top, right, bottom in sorted(grids, key=lambda g: (g[1], g[0])):
        xs = _edges([x for x, y0, y1 in content.uprights if left - 4 <= x <= right + 4 and y0 < bottom and y1 > top])
        ys = _edges([y for y, x0, x1 in content.rules if top - 4 <= y <= bottom + 4 and x0 < right and x1 > left])
        if len(xs) < 3 or len(ys) < 2:
            continue
        inside = [
            s for s in segments
            if s.table is None and left - 2 < (s.x0 + s.x1) / 2 < right + 2 and top - 2 < s.base - 0.3 * s.size < bottom + 2
        ]  # fmt: skip
        bins: dict[int, dict[int, list[Segment]]] = {}
        for s in inside:
            row = sum(y < s.base - 0.3 * s.size for y in ys)
            column = min(max(1, sum(x < s.x0 + min(2.0, (s.x1 - s.x0) / 2) for x in xs)), len(xs) - 1)
            bins.setdefault(row, {}).setdefault(column, []).append(s)
        if not bins:
            continue
        table = Table()
        for row in sorted(bins):
            cells = [bins[row].get(column, []) for column in range(1, len(xs))]
            table.rows.append([[s for line in _rows(cell) for s in line] for cell in cells])
        taken = {id(s) for s in inside}
        size = median(s.size for s in inside)
        stand = Segment("", content.page.number, left, right, top + 0.76 * size, size, table=table)
        segments = [s for s in segments if id(s) not in taken]
        segments.append(stand)
    return segments


def _edges(values: list[float]) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > 3:
            edges.append(value)
    return edges


def _rows(segments: list[Segment]) -> list[list[Segment]]:
    """Segments on a common baseline, from left to right, with markers, raised marks and near neighbours joined to their line."""
    ordered = sorted(segments, key=lambda s: (s.base, s.x0))
    rows: list[list[Segment]] = []
    for segment in ordered:
        if rows:
            last = rows[-1][-1]
            raised = len(rows[-1]) == 1 and len(last.text) < 4 and last.size < 0.9 * segment.size
            if segment.base - last.base < (0.62 * segment.size if raised else 0.5 * min(segment.size, last.size)):
                rows[-1].append(segment)
                continue
        rows.append([segment])
    return [_join_row(row) if len(row) > 1 else row for row in rows]


def _join_row(row: list[Segment]) -> list[Segment]:
    row = sorted(row, key=lambda s: s.x0)
    joined = [row[0]]
    for segment in row[1:]:
        last = joined[-1]
        size = max(last.size, segment.size)
        if last.table is not None or segment.table is not None:
            joined.append(segment)
            continue
        gap = segment.x0 - last.x1
        marker = (
            gap < 6 * size
            and len(segment.text) > 2
            and _MARKER.match(last.text) is not None
            # A bare figure ("7.9") is a cell unless it opens the line, as the number of a heading does.
            and (not last.text[-1].isdigit() or (len(joined) == 1 and segment.text[0].isalpha()))
        )
        leads = _LEADING.search(last.text) is not None and len(segment.text) <= 6
        if gap < 0.95 * size or marker or leads:
            big = last if len(last.text) >= len(segment.text) else segment
            mark = last.mark or (last.size < 0.9 * segment.size and len(last.text) < 4 and last.base < segment.base - 0.15 * size)
            glued = gap < 0.08 * size and not mark and abs(segment.base - last.base) < 0.15 * size
            joined[-1] = Segment(
                last.text + ("" if glued else " ") + segment.text,
                last.page, last.x0, max(last.x1, segment.x1), big.base, big.size,
                big.bold if marker else last.bold and segment.bold,
                big.italic if marker else last.italic and segment.italic,
                segment.hyphen, mark,
            )  # fmt: skip
        else:
            joined.append(segment)
    return joined


def _unaligned(rows: list[list[Segment]]) -> bool:
    """True where columns with baselines of their own stand beside each other."""
    return any(_beside(a[0], b[0]) for a, b in pairwise(rows))


def _beside(a: Segment, b: Segment) -> bool:
    overlap = min(a.bottom, b.bottom) - max(a.top, b.top)
    return overlap > 0.3 * min(a.size, b.size) and (a.x1 < b.x0 or b.x1 < a.x0)


def _find_parallel(segments: list[Segment]) -> None:
    ordered = sorted(segments, key=lambda s: s.top)
    for index, a in enumerate(ordered):
        for b in ordered[index + 1 :]:
            if b.top > a.bottom:
                break
            if _beside(a, b):
                a.parallel = b.parallel = True


Spans = list[tuple[float, float]]


def _occupied(band: list[Segment]) -> Spans:
    """The stretches of the page's width that segments of the band touch; between them are its gutters."""
    spans: Spans = []
    for segment in band:
        spans = _with(spans, segment)
    return spans


def _with(spans: Spans, segment: Segment) -> Spans:
    x0, x1 = segment.x0, segment.x1
    for a, b in spans:
        if a <= x0 and x1 <= b:
            return spans
    kept: Spans = []
    for a, b in spans:
        if b + _GUTTER <= x0 or x1 + _GUTTER <= a:
            kept.append((a, b))
        else:
            x0, x1 = min(a, x0), max(b, x1)
    kept.append((x0, x1))
    kept.sort()
    return kept


def _gutters(spans: Spans) -> Spans:
    return [(a[1], b[0]) for a, b in pairwise(spans)]


def _bands(segments: list[Segment]) -> list[tuple[list[Segment], Spans]]:
    """Bands from top to bottom, each with its gutters (none for a band of one column)."""
    bands: list[tuple[list[Segment], Spans]] = []
    current: list[Segment] = []
    spans: Spans = []
    many = False

    def close() -> None:
        nonlocal current, spans, many
        if current:
            bands.append((current, _gutters(spans) if many else []))
        current, spans, many = [], [], False

    for segment in sorted(segments, key=lambda s: (round(s.base), s.x0)):
        if not many:
            if segment.parallel:
                close()
                many, spans = True, [(segment.x0, segment.x1)]
            current.append(segment)
            continue
        wider = _with(spans, segment)
        parted = len(spans) > 1
        if segment.parallel:
            if parted and len(wider) < 2:
                close()
                many, wider = True, [(segment.x0, segment.x1)]
            current.append(segment)
            spans = wider
            continue
        far = segment.base - max(s.base for s in current[-6:]) > 4 * segment.size
        if len(wider) > 1 and not far:
            current.append(segment)
            spans = wider
            continue
        tail = _tail(current, segment)
        if tail:
            current = current[: len(current) - len(tail)]
            spans = _occupied(current)
        close()
        current = [*tail, segment]
    close()
    return bands


def _tail(current: list[Segment], crossing: Segment) -> list[Segment]:
    """Lines at the end of a band of columns that belong to what follows it: a heading above a line that spans the columns."""
    tail: list[Segment] = []
    below = crossing
    for index in range(len(current) - 1, 0, -1):
        segment, above = current[index], current[index - 1]
        if segment.parallel or below.base - segment.base > 2.2 * max(below.size, segment.size):
            break
        if (
            segment.base - above.base > 1.25 * (below.base - segment.base)
            or segment.size > 1.08 * above.size
            or (segment.bold and not above.bold)
        ):
            tail = current[index:]
            break
        below = segment
    return tail


def _read_band(band: list[Segment], gutters: Spans, rules: list[tuple[float, float, float]]) -> list[Flow | Table]:
    columns = _in_columns(band, gutters)
    top, bottom = min(s.top for s in band), max(s.bottom for s in band)
    size = median(s.size for s in band)
    across = [
        y for y, x0, x1 in rules
        if top - 1.5 * size < y < bottom + 1.5 * size and any(x0 < a + 2 and x1 > b - 2 for a, b in gutters)
    ]  # fmt: skip
    ruled = len(across) >= 2
    if not ruled and _are_columns(columns):
        return [Flow(sorted(c, key=lambda s: s.base), min(s.x0 for s in c), max(s.x1 for s in c)) for c in columns]
    clusters = _rows_again(band)
    if len(clusters) == 1 and not ruled and len(columns) == 2:
        return [Flow([s], s.x0, s.x1) for s in clusters[0]]
    if len(clusters) > 2:
        # A head that is wider than its column hides the gutter that the rows below it show.
        below = _gutters(_occupied([s for cluster in clusters[1:] for s in cluster]))
        if len(below) > len(gutters):
            columns = _in_columns(band, below)
    return [_table(columns, clusters, sorted(across) if ruled else [])]


def _in_columns(band: list[Segment], gutters: Spans) -> list[list[Segment]]:
    edges = [(a + b) / 2 for a, b in gutters]
    columns: list[list[Segment]] = [[] for _ in range(len(edges) + 1)]
    for segment in band:
        middle = (segment.x0 + segment.x1) / 2
        columns[sum(middle > edge for edge in edges)].append(segment)
    return [column for column in columns if column]


def _are_columns(columns: list[list[Segment]]) -> bool:
    """Columns of running text: few, of like width, their lines filled with words; cells of a table are short or ragged."""
    if not 2 <= len(columns) <= 4:
        return False
    widths = [max(s.x1 for s in c) - min(s.x0 for s in c) for c in columns]
    if min(widths) < 0.45 * max(widths) or min(widths) < 70:
        return False
    lines = [len(c) for c in columns]
    if max(lines) < 3:
        return False
    filled = 0
    for column, width in zip(columns, widths, strict=True):
        wide = sum(s.x1 - s.x0 > 0.72 * width for s in column)
        words = sum(len(s.text.split()) for s in column) / len(column)
        filled += wide * 2 >= len(column) and words >= 2.5
    return filled * 3 >= len(columns) * 2 or (filled >= 1 and min(lines) <= 2)


def _rows_again(band: list[Segment]) -> list[list[Segment]]:
    rows: list[list[Segment]] = []
    for segment in sorted(band, key=lambda s: (s.base, s.x0)):
        if rows and segment.base - rows[-1][0].base < 0.5 * segment.size:
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return [sorted(row, key=lambda s: s.x0) for row in rows]


def _table(columns: list[list[Segment]], clusters: list[list[Segment]], across: list[float]) -> Table:
    column_of = {id(s): number for number, column in enumerate(columns) for s in column}
    groups: list[list[Segment]] = []
    if across:
        bins: dict[int, list[Segment]] = {}
        for cluster in clusters:
            for segment in cluster:
                middle = segment.base - 0.3 * segment.size
                bins.setdefault(sum(y < middle for y in across), []).append(segment)
        groups = [bins[key] for key in sorted(bins)]
    else:
        pitches = [b[0].base - a[0].base for a, b in pairwise(clusters)]
        tight = min((p for p in pitches if p > 0), default=0.0)
        spaced = any(p > 1.25 * tight for p in pitches)
        for number, cluster in enumerate(clusters):
            present = {column_of[id(s)] for s in cluster}
            new = number == 0 or (pitches[number - 1] > 1.25 * tight if spaced else 0 in present and len(present) >= 2)
            if spaced and not new and 0 in present and len(present) == len(columns):
                new = True
            if new:
                groups.append(list(cluster))
            else:
                groups[-1].extend(cluster)
    table = Table()
    for group in groups:
        cells: list[list[Segment]] = [[] for _ in columns]
        for segment in sorted(group, key=lambda s: (s.base, s.x0)):
            cells[column_of[id(segment)]].append(segment)
        table.rows.append(cells)
    return table


def _merge_flows(found: list[Flow | Table]) -> list[Flow | Table]:
    """Bands of one column that follow each other are one flow."""
    merged: list[Flow | Table] = []
    for region in found:
        last = merged[-1] if merged else None
        if (
            isinstance(region, Flow) and isinstance(last, Flow)
            and region.lines[0].base > last.lines[-1].base
            and abs(region.x0 - last.x0) < 0.25 * (last.x1 - last.x0) and region.x1 - region.x0 > 0.6 * (last.x1 - last.x0)
            and last.x1 - last.x0 > 0.6 * (region.x1 - region.x0)
        ):  # fmt: skip
            last.lines.extend(region.lines)
            last.x0, last.x1 = min(last.x0, region.x0), max(last.x1, region.x1)
        else:
            merged.append(region)
    return merged
