"""From lines in reading order to blocks: paragraphs, headings, items, footnotes, table rows; across columns and pages."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from ipmd.core.reading.document import PassageKind
from ipmd.core.reading.pdf.hyphens import Hyphens
from ipmd.core.reading.pdf.layout import Flow
from ipmd.core.reading.pdf.segments import PageContent, Segment, Table
from ipmd.core.reading.structure import BULLETS, Block, Line, ends_sentence, is_lettered, printed_number

_BULLET = re.compile(rf"^(?:[{re.escape(BULLETS)}]|o(?=\s))\s*(?=\S)")
_DASHES = "–—-‐‑−"
_LEADERS = re.compile(r"(?:\.\s?){5,}|…{2,}|_{6,}")
_FOOTNOTE_START = re.compile(r"^(?:\d{1,3}|[*†‡§]{1,3}|[a-z])[.)]?\s+\S")
_FOOTNOTE_NUMBER = re.compile(r"^(?:\d{1,3}|[*†‡§]{1,3}|[a-z])(?=[.)]?\s)")
_SMALL = 0.94
_HEADING_LENGTH = 220


@dataclass(slots=True)
class Part:
    """Lines that form one block, before it is known whether the next column or page goes on with it."""

    lines: list[Segment]
    x0: float
    x1: float
    bullet: bool = False
    number: str | None = None
    heading: bool = False


@dataclass(slots=True)
class Body:
    """What is of the whole document: the size and weight of body text, and its usual line pitch (in font sizes)."""

    size: float
    bold: bool = False
    pitch: float = 1.2


@dataclass(slots=True)
class Builder:
    """Collects blocks in reading order."""

    body: Body
    hyphens: Hyphens
    blocks: list[Block] = field(default_factory=list)
    notes: list[Block] = field(default_factory=list)
    styles: list[tuple[Block, tuple[float, int, int, int]]] = field(default_factory=list)
    open: Part | None = None
    open_note: bool = False
    bullets: list[float] = field(default_factory=list)
    table_row: list[list[Segment]] | None = None
    table_head: list[str] = field(default_factory=list)
    table_followed: bool = True

    def add_page(self, regions: list[Flow | Table], turned: list[Segment]) -> None:
        """Take in one page's regions."""
        for region in regions:
            if isinstance(region, Table):
                cut = self.table_row if self.open is None and not self.table_followed else None
                self._close()
                rows = region.rows
                if cut is not None and len(rows) > 1 and _words(rows[0]) == self.table_head:
                    # The head of a table is printed again on the next page.
                    rows = rows[1:]
                else:
                    self.table_head = _words(rows[0]) if rows else []
                for index, row in enumerate(rows):
                    if index == 0 and cut is not None and _row_goes_on(cut, row):
                        del self.blocks[max(i for i, b in enumerate(self.blocks) if b.kind is PassageKind.TABLE_ROW)]
                        row = [a + b for a, b in zip(cut, row, strict=True)]
                    self._row(row)
                    self.table_row = row
                self.table_followed = False
                continue
            lines, small = _split_footnotes(region.lines, self.body, self.open_note)
            if lines:
                self.table_followed = True
                self._flow(Flow(lines, region.x0, region.x1))
            if small:
                self._footnotes(small)
        for segment in turned:
            self.notes.append(Block(segment.text, page=segment.page, lines=[_line(segment, 0, len(segment.text))]))

    def finish(self) -> list[Block]:
        """All blocks, with heading levels by the look of the headings."""
        self._close()
        self._levels()
        return self.blocks

    def _flow(self, flow: Flow) -> None:
        parts = _parts(flow, self.body)
        for index, part in enumerate(parts):
            if index == 0 and self.open is not None and self._goes_on(self.open, part):
                self.open.lines.extend(part.lines)
                self.open.x0, self.open.x1 = part.x0, part.x1
                continue
            self._close()
            self.open = part

    def _goes_on(self, before: Part, after: Part) -> bool:
        """True where a paragraph cut by the end of a column or page goes on."""
        last, first = before.lines[-1], after.lines[0]
        if after.bullet or before.heading != after.heading or abs(last.size - first.size) > 0.06 * last.size + 0.05:
            return False
        if before.heading:
            return False
        if last.hyphen:
            return True
        text = last.text
        if after.number is not None and not (first.text[:1].islower() and not is_lettered(after.number)):
            return False
        full = last.x1 > before.x1 - 2.5 * last.size
        if first.text[:1].islower():
            return not text.endswith((":", ";")) and not (ends_sentence(text) and not full)
        return full and not text.endswith((".", "!", "?", ":", ";", "…", "。")) and not ends_sentence(text) and len(before.lines) > 1

    def _close(self) -> None:
        part, self.open = self.open, None
        if part is not None:
            self._emit(part)
        self.blocks.extend(self.notes)
        self.notes.clear()

    def _emit(self, part: Part) -> None:
        lines = part.lines
        level = 0
        if part.bullet:
            first = lines[0]
            marker = _BULLET.match(first.text)
            while self.bullets and self.bullets[-1] > first.x0 + 4:
                self.bullets.pop()
            if not self.bullets or first.x0 > self.bullets[-1] + 4:
                self.bullets.append(first.x0)
            level = min(len(self.bullets), 9)
            text, spans = self.hyphens.join(lines, len(marker.group(0)) if marker else 0)
            self.blocks.append(Block(text, PassageKind.LIST_ITEM, level, page=first.page, lines=spans, marked=True))
            return
        self.bullets.clear()
        text, spans = self.hyphens.join(lines)
        block = Block(text, page=lines[0].page, lines=spans, number=part.number)
        if part.heading:
            block.kind = PassageKind.HEADING
            caps = text.isupper()
            size = max(round(max(s.size for s in lines) * 2) / 2, self.body.size)
            look = (-size, -int(lines[0].bold), -int(caps), int(lines[0].italic))
            self.styles.append((block, look))
        self.blocks.append(block)

    def _row(self, cells: list[list[Segment]]) -> None:
        parts: list[str] = []
        spans: list[tuple[int, int]] = []
        runs: list[Line] = []
        at = 0
        for cell in cells:
            text, lines = self.hyphens.join(cell)
            if not text:
                continue
            if parts:
                at += 1
            spans.append((at, at + len(text)))
            for line in lines:
                line.start += at
                line.end += at
            runs.extend(lines)
            parts.append(text)
            at += len(text)
        if parts:
            page = next(cell[0].page for cell in cells if cell)
            self.blocks.append(Block("\t".join(parts), PassageKind.TABLE_ROW, cells=tuple(spans), page=page, lines=runs))

    def _footnotes(self, lines: list[Segment]) -> None:
        group: list[Segment] = []
        groups: list[list[Segment]] = []
        for line in lines:
            if line.mark or (_FOOTNOTE_START.match(line.text) and (not group or _starts_note(group, line))):
                group = [line]
                groups.append(group)
            elif groups:
                group.append(line)
            else:
                group = [line]
                groups.append(group)
        for index, found in enumerate(groups):
            text, spans = self.hyphens.join(found)
            number = _FOOTNOTE_NUMBER.match(text)
            earlier = next((b for b in reversed([*self.blocks, *self.notes]) if b.kind is PassageKind.FOOTNOTE), None)
            if index == 0 and self.open_note and not (found[0].mark or number) and earlier is not None:
                shift = len(earlier.text) + 1
                earlier.text += " " + text
                for span in spans:
                    span.start += shift
                    span.end += shift
                earlier.lines.extend(spans)
                continue
            self.notes.append(
                Block(text, PassageKind.FOOTNOTE, number=number.group(0) if number else None, page=found[0].page, lines=spans)
            )
        self.open_note = bool(groups) and not ends_sentence(groups[-1][-1].text)

    def _levels(self) -> None:
        depths = [_depth(block.number) for block, _ in self.styles]
        shallowest: dict[tuple[float, int, int, int], int] = {}
        for (_, look), depth in zip(self.styles, depths, strict=True):
            shallowest[look] = min(depth, shallowest.get(look, depth))
        keys = [(look, depth - shallowest[look]) for (_, look), depth in zip(self.styles, depths, strict=True)]
        order = {key: rank for rank, key in enumerate(sorted(set(keys)), 1)}
        for (block, _), key in zip(self.styles, keys, strict=True):
            block.level = min(6, order[key])


def _depth(number: str | None) -> int:
    """How deep a heading's number goes: 1 for "4.", 2 for "4.2"; 1 where it has none."""
    return number.strip(".").count(".") + 1 if number and re.fullmatch(r"\d+(?:\.\d+)*\.?", number) else 1


def body_of(pages: list[PageContent]) -> Body:
    """The body text's look: the size and weight that carry most letters, and the commonest line pitch at that size."""
    sizes: Counter[tuple[float, bool]] = Counter()
    for content in pages:
        for segment in content.segments:
            sizes[(round(segment.size * 2) / 2, segment.bold)] += len(segment.text)
    if not sizes:
        return Body(10.0)
    (size, bold), _ = max(sizes.items(), key=lambda item: (item[1], item[0]))
    pitches: Counter[float] = Counter()
    for content in pages[:200]:
        for a, b in zip(content.segments, content.segments[1:], strict=False):
            if 0.9 < (b.base - a.base) / size < 2.6 and abs(a.size - size) < 0.5 and abs(b.size - size) < 0.5:
                pitches[round((b.base - a.base) / size * 20) / 20] += 1
    pitch = max(pitches.items(), key=lambda item: (item[1], -item[0]))[0] if pitches else 1.2
    return Body(size, bold, pitch)


def _split_footnotes(lines: list[Segment], body: Body, open_note: bool) -> tuple[list[Segment], list[Segment]]:
    start = len(lines)
    while start > 0 and lines[start - 1].size < _SMALL * body.size:
        start -= 1
    if start == len(lines):
        return lines, []
    for index in range(start, len(lines)):
        if lines[index].mark or _FOOTNOTE_START.match(lines[index].text):
            if index == start or open_note:
                return lines[:start], lines[start:]
            return lines[:index], lines[index:]
    if open_note and start > 0:
        return lines[:start], lines[start:]
    return lines, []


def _starts_note(group: list[Segment], line: Segment) -> bool:
    """A line of a footnote that happens to begin with a figure does not start another note."""
    number, first = _FOOTNOTE_NUMBER.match(line.text), _FOOTNOTE_NUMBER.match(group[0].text)
    if number and first and number.group(0).isdigit() and first.group(0).isdigit():
        return int(number.group(0)) == int(first.group(0)) + 1
    return ends_sentence(group[-1].text)


def _line(segment: Segment, start: int, end: int) -> Line:
    return Line(start, end, segment.page, segment.x0, segment.top, segment.x1, segment.bottom)


def _parts(flow: Flow, body: Body) -> list[Part]:
    lines = flow.lines
    right = _right_edge(lines, flow.x1)
    pitch = _pitch(lines, body)
    parts: list[Part] = []
    for index, line in enumerate(lines):
        current = parts[-1] if parts else None
        if current is None or _breaks(current, line, lines[index + 1] if index + 1 < len(lines) else None, right, pitch):
            bullet = _is_bullet(line, lines, index)
            number = None if bullet else printed_number(line.text)
            parts.append(Part([line], flow.x0, right, bullet, number))
        else:
            current.lines.append(line)
    for index, part in enumerate(parts):
        before = parts[index - 1] if index else None
        part.heading = _is_heading(part, parts[index + 1] if index + 1 < len(parts) else None, body, flow) and not (
            before is not None and not before.heading and _sibling(before.number or "", part.number)
        )
    return _join_headings(parts, pitch)


def _right_edge(lines: list[Segment], x1: float) -> float:
    """Where full lines end; one line that sticks out does not move it."""
    ends = sorted((s.x1 for s in lines), reverse=True)
    return ends[1] if len(ends) > 4 and ends[0] - ends[1] > 12 else x1


def _pitch(lines: list[Segment], body: Body) -> float:
    gaps = [(b.base - a.base) / b.size for a, b in pairwise(lines) if abs(a.size - b.size) < 0.5 and 0.9 < (b.base - a.base) / b.size < 2.6]
    if len(gaps) < 4:
        return body.pitch
    # Gaps between paragraphs are wider than those inside them, so the usual pitch lies in the lower half.
    return min(median(gaps), max(body.pitch, sorted(gaps)[len(gaps) // 4]))


def _is_bullet(line: Segment, lines: list[Segment], index: int) -> bool:
    marker = _BULLET.match(line.text)
    if marker is None:
        return False
    sign = line.text[0]
    if sign == "*" and line.mark:
        return False
    if sign in _DASHES or sign == "*" or sign == "o":
        # A dash may be punctuation: a list's dash is followed by a space.
        return marker.group(0)[1:2] in (" ", "\t") and len(marker.group(0)) > 1
    return True


def _breaks(part: Part, line: Segment, after: Segment | None, right: float, pitch: float) -> bool:
    """True where `line` begins another block."""
    last = part.lines[-1]
    size = last.size
    if (last.hyphen or _cut_word(last.text)) and 0 < line.base - last.base < 1.3 * pitch * size and abs(line.size - size) < 0.1 * size:
        return False
    if abs(line.size - size) > 0.06 * size + 0.05 and not (line.text[:1].islower() and line.base - last.base < 1.1 * pitch * size):
        return True
    step = (line.base - last.base) / size
    if step > 1.22 * pitch or step < 0:
        return True
    if _has_leaders(last.text) or _has_leaders(line.text):
        return True
    unfinished = not ends_sentence(last.text) and not last.text.endswith((":", ";"))
    # A footnote mark that fell to the next line says nothing about whether the sentence goes on there.
    words = line.text.partition(" ")[2] if line.mark else line.text
    running = unfinished and words[:1].islower()
    if line.bold != last.bold and not running and (last.bold or _short(last, right)):
        return True
    if _is_bullet(line, [], 0):
        return not (running or (unfinished and line.text[0] in "–—" and abs(line.x0 - last.x0) < 1))
    number = printed_number(line.text)
    if number is not None and _starts_number(part, line, last, number, unfinished, right):
        return True
    first_word = line.text.split(" ", 1)[0]
    width = (line.x1 - line.x0) / max(1, len(line.text)) * (len(first_word) + 1)
    room = right - last.x1 - width
    if room > 1.5 * size and not running:
        return True
    if room > 0.3 * size and not unfinished:
        return True
    if len(part.lines) >= 2 and not part.bullet and part.number is None and line.x0 > last.x0 + 0.8 * size and not running:
        left = min(s.x0 for s in part.lines[1:])
        if line.x0 > left + 0.8 * size and (after is None or after.x0 < line.x0 - 0.8 * size or ends_sentence(last.text)):
            return True
    if len(part.lines) == 1 and not part.bullet and part.number is None and line.x0 > last.x0 + 0.8 * size:
        # An indented line after a line at the margin that ended a sentence opens a paragraph.
        return not unfinished and (after is None or after.x0 < line.x0 - 0.8 * size)
    outdented = len(part.lines) >= 2 and line.x0 < last.x0 - 0.8 * size and line.x0 < min(s.x0 for s in part.lines[1:]) - 0.8 * size
    return outdented and not running


def _has_leaders(text: str) -> bool:
    """True for a line of a table of contents: "Opening . . . . . . 3"."""
    return (".." in text or ". ." in text or "…" in text or "__" in text) and _LEADERS.search(text) is not None


def _words(row: list[list[Segment]]) -> list[str]:
    return [" ".join(segment.text for segment in cell) for cell in row]


def _row_goes_on(above: list[list[Segment]], below: list[list[Segment]]) -> bool:
    """True where the end of a column or page cut a table's row: its cells go on in the middle of a sentence."""
    if len(above) != len(below) or any(b and not a for a, b in zip(above, below, strict=True)):
        return False
    pairs = [(a[-1], b[0]) for a, b in zip(above, below, strict=True) if b]
    return all(a.hyphen or _cut_word(a.text) or (b.text[:1].islower() and not ends_sentence(a.text)) for a, b in pairs)


def _cut_word(text: str) -> bool:
    """True for "… of 2008-": the hyphen binds what comes on the next line."""
    return text.endswith(("-", "‐", "/")) and text[-2:-1] not in ("", " ", "-", "‐", "/")


def _short(line: Segment, right: float) -> bool:
    return line.x1 < right - 3 * line.size


def _starts_number(part: Part, line: Segment, last: Segment, number: str, unfinished: bool, right: float) -> bool:
    if not unfinished or _short(last, right):
        return True
    if is_lettered(number) or number.startswith("§"):
        # "… as set out in\n(b) of the annex" goes on; after a semicolon, comma or "and" an item starts.
        return last.text.rstrip().endswith((",", " and", " or", " et", " ou", " y", " o")) or line.x0 < last.x0 - 2 or line.x0 > last.x0 + 2
    previous = part.number
    if previous and re.fullmatch(r"\d+[.)]", previous) and re.fullmatch(r"\d+[.)]", number):
        return int(number[:-1]) == int(previous[:-1]) + 1
    return abs(line.x0 - last.x0) > 0.8 * line.size


def _is_heading(part: Part, after: Part | None, body: Body, flow: Flow) -> bool:
    lines = part.lines
    if part.bullet or len(lines) > 5:
        return False
    text = " ".join(s.text for s in lines)
    if len(text) > _HEADING_LENGTH or not any(c.isalpha() for c in text) or _has_leaders(text):
        return False
    if text.endswith((";", ",")) or lines[-1].hyphen:
        return False
    large = min(s.size for s in lines) >= 1.1 * body.size
    number = part.number
    if large:
        # Text may be larger than a document's commonest size and still be text: it has sentences, which headings have not.
        sentences = (ends_sentence(text) or text.endswith(":")) and len(text.split()) > 7
        return not sentences or (min(s.size for s in lines) >= 1.6 * body.size and len(lines) <= 2)
    if min(s.size for s in lines) < 0.97 * body.size:
        return False
    stops = ends_sentence(text) or text.endswith(":")
    bold = all(s.bold for s in lines) and not body.bold
    if bold and not stops and text[0] not in "[(":
        return True
    letters = [c for c in text if c.isalpha()]
    caps = len(letters) >= 4 and text.isupper()
    if caps and not stops and len(lines) <= 3 and after is not None:
        return True
    if after is None or len(lines) > 2 or stops or (not after.lines[0].text[:1].isupper() and after.number is None):
        return False
    first = text[len(number) :].strip() if number else text
    if not first[:1].isupper():
        return False
    short = lines[-1].x1 < flow.x0 + 0.85 * (flow.x1 - flow.x0)
    if number and re.fullmatch(r"(?:[IVXLC]+|[A-Z])\.|\d+(?:\.\d+)+\.?|\d{1,2}\.", number) and short and len(first.split()) <= 14:
        return not after.bullet and after.number != number and not _sibling(number, after.number)
    return all(s.italic for s in lines) and short and len(first.split()) <= 14


def _sibling(number: str, other: str | None) -> bool:
    """True for numbers of one list ("1." and "2."): short numbered lines in a row are a list, not headings."""
    if other is None:
        return False
    a, b = number.strip("."), other.strip(".")
    return a.isdigit() and b.isdigit() and int(b) == int(a) + 1


def _join_headings(parts: list[Part], pitch: float) -> list[Part]:
    """A heading broken over lines of unlike length (centred, or cut by hand) is one heading."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if last is not None and last.heading and part.heading and part.number is None:
            a, b = last.lines[-1], part.lines[0]
            near = (b.base - a.base) / a.size < 1.35 * max(pitch, 1.1)
            alike = a.bold == b.bold and abs(a.size - b.size) < 0.3 and a.text.isupper() == b.text.isupper()
            if near and alike and len(last.lines) < 4:
                last.lines.extend(part.lines)
                continue
        joined.append(part)
    return joined
