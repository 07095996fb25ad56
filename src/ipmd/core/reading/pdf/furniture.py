"""Running heads and feet, page numbers, watermarks: what is printed on the page but is not of the text.

They are learnt from the document: the same words (figures apart) at the same height on several pages. Figures may differ from page
to page only as page numbers do, so that "Annex 1", "Annex 2" at the head of pages stay.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise

from ipmd.core.reading.pdf.segments import PageContent, Segment
from ipmd.core.reading.structure import ends_sentence

_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"(?i)^[\s\-–—|•\[(]*(?:(?:page|p\.|página|pág\.|seite|стр\.|第)\s*)?(?:\d{1,4}|[ivxl]{1,7})"
    r"(?:\s*(?:/|of|de|sur|von|из)\s*\d{1,4})?(?:\s*页)?[\s\-–—|•\])]*$"
)
_EDGE = 0.13
_ROWS = 4


def remove_furniture(pages: list[PageContent]) -> None:
    """Take running heads, feet and page numbers out of the pages' segments."""
    seen: dict[tuple[str, int], list[tuple[int, Segment]]] = defaultdict(list)
    for content in pages:
        for place, segment in _edge_segments(content):
            key = (_DIGITS.sub("#", segment.text.casefold()).replace(" ", ""), place)
            seen[key].append((content.page.number, segment))
    doomed: set[int] = set()
    offsets: Counter[int] = Counter()
    rows: Counter[int] = Counter()
    needed = 2 if len(pages) < 6 else 3
    for (_, place), found in sorted(seen.items(), key=lambda item: item[0]):
        numbers = {number for number, _ in found}
        step = _page_step(found)
        if step is None or len(numbers) < ((2 if _heads_a_chapter(found) else 3) if step.counts else needed):
            continue
        doomed.update(id(segment) for _, segment in found)
        rows[place] += len(numbers)
        if step.counts:
            offsets[step.offset] += len(numbers)
    usual = {offset for offset, count in offsets.items() if count >= 3}
    for (_, place), found in seen.items():
        # The head of a chapter of one page carries the page number where the others carry theirs.
        if rows[place] >= 3:
            doomed.update(id(s) for number, s in found if _carries(s.text, {number + offset for offset in usual}))
    for content in pages:
        _find_page_number(content, doomed)
        if doomed:
            _find_beside_number(content, doomed)
        if doomed:
            content.segments = [s for s in content.segments if id(s) not in doomed]
    _remove_turned(pages)


def _edge_segments(content: PageContent) -> list[tuple[int, Segment]]:
    """Segments near the upper and lower edge, each with its height in steps of 4 points (from the bottom for feet, negative)."""
    height = content.page.height
    heads = [s for s in content.segments if s.base < _EDGE * height]
    feet = [s for s in content.segments if s.base > (1 - _EDGE) * height]
    found = [(round(s.base / 4), s) for s in _outer(heads, 1)]
    return found + [(-round((height - s.base) / 4) - 1, s) for s in _outer(feet, -1)]


def _outer(segments: list[Segment], sign: int) -> list[Segment]:
    """Segments of the outermost rows."""
    kept: list[Segment] = []
    rows = 0
    last: float | None = None
    for segment in sorted(segments, key=lambda s: sign * s.base):
        if last is None or abs(segment.base - last) > 2.5:
            rows += 1
            last = segment.base
        if rows > _ROWS:
            break
        kept.append(segment)
    return kept


@dataclass(frozen=True, slots=True)
class _Step:
    """How the figures in a repeated line go with the page: `counts` where one is the page number, less `offset`."""

    counts: bool
    offset: int = 0


def _page_step(found: list[tuple[int, Segment]]) -> _Step | None:
    """None where figures differ from page to page in another way than page numbers do."""
    figures = [(number, [int(d) for d in _DIGITS.findall(s.text)[:8]]) for number, s in found]
    _, first = figures[0]
    changing = [i for i in range(len(first)) if any(f[i] != first[i] for _, f in figures)]
    if not changing:
        return _Step(False)
    steps = Counter(tuple(values[i] - page for i in changing) for page, values in figures)
    common, count = max(steps.items(), key=lambda item: (item[1], item[0]))
    return _Step(True, common[0]) if count >= 2 and count * 5 >= len(figures) * 4 else None


def _heads_a_chapter(found: list[tuple[int, Segment]]) -> bool:
    """A head that counts pages may belong to a chapter of two pages; a paragraph's number counts too, but its line is longer."""
    numbers = sorted({number for number, _ in found})
    near = all(b - a <= 2 for a, b in pairwise(numbers))
    return near and all(len(s.text) <= 80 and not ends_sentence(s.text) for _, s in found)


def _carries(text: str, numbers: set[int]) -> bool:
    ends = [*_DIGITS.findall(text.split(" ", 1)[0]), *_DIGITS.findall(text.rsplit(" ", 1)[-1])]
    return any(int(d) in numbers for d in ends if len(d) < 6)


def _find_page_number(content: PageContent, doomed: set[int]) -> None:
    """A figure alone in the first or last row of the page is its number, on a page of a single-page document too."""
    left = [s for s in content.segments if id(s) not in doomed]
    if len(left) < 2:
        return
    height = content.page.height
    for edge, segment in (("foot", max(left, key=lambda s: s.base)), ("head", min(left, key=lambda s: s.base))):
        near = segment.base > 0.88 * height if edge == "foot" else segment.base < 0.1 * height
        alone = not any(s is not segment and abs(s.base - segment.base) < 0.6 * segment.size for s in left)
        if near and alone and _PAGE_NUMBER.match(segment.text):
            doomed.add(id(segment))


def _find_beside_number(content: PageContent, doomed: set[int]) -> None:
    """What stands beside a page number in the outermost row is a running head too, though it changes with the chapter."""
    if len(content.segments) < 3:
        return
    height = content.page.height
    for edge in (min(content.segments, key=lambda s: s.base), max(content.segments, key=lambda s: s.base)):
        if not (edge.base < _EDGE * height or edge.base > (1 - _EDGE) * height):
            continue
        row = [s for s in content.segments if abs(s.base - edge.base) < 2.5]
        if len(row) > 1 and any(id(s) in doomed and _PAGE_NUMBER.match(s.text) for s in row) and all(len(s.text) < 100 for s in row):
            doomed.update(id(s) for s in row)


def _remove_turned(pages: list[PageContent]) -> None:
    """Watermarks ("DRAFT" across every page) and marginal stamps repeat; turned text that does not is kept."""
    count: dict[str, set[int]] = defaultdict(set)
    for content in pages:
        for segment in content.turned:
            count[segment.text.casefold()].add(content.page.number)
    for content in pages:
        content.turned = [s for s in content.turned if len(count[s.text.casefold()]) < 2]
