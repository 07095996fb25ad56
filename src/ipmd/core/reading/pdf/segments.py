"""What stands on a PDF page: stretches of printed lines with their place, size and weight.

pypdfium2's text page is asked line by line instead of character by character: its text in one call, then for each line the
rectangles of its text objects, the size and font of its first and last letter, and the baseline. That keeps the cost of a page
near that of its bare text. All places are in points from the top left corner of the page as shown (its rotation applied).
"""

from __future__ import annotations

import ctypes
import math
import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

from ipmd.core.reading.document import Page
from ipmd.core.reading.structure import BULLETS

WIDE_GAP = 1.25
"""A gap inside a line wider than this many font sizes parts columns or cells."""

_BREAK = re.compile("\r\n|\r|\n|\ufffe|\u0002")
_UNPRINTED = re.compile("[\u0000-\u0008\u000b-\u001f\u007f\u00ad\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060\ufeff\ufffc-\uffff]")
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\xa0": " ", "\t": " "})
_BOLD = re.compile(r"(?i)bold|black|heavy|demi|(?<![a-z])bd(?![a-z])|CMBX")
_ITALIC = re.compile(r"(?i)italic|oblique|CMTI|CMSL|(?<![a-z])it(?![a-z])")
_MARK = re.compile(r"^(?:\d{1,3}|[*†‡§]{1,3}|[a-z])$")
_BULLETS = frozenset(BULLETS)
_BOLD_FLAG, _ITALIC_FLAG = 1 << 18, 1 << 6


@dataclass(slots=True)
class Table:
    """Rows of cells, each cell its lines."""

    rows: list[list[list[Segment]]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Segment:
    """A stretch of a printed line. `hyphen`: it ended in a hyphen at a line end, which `text` no longer has; `mark`: it opens with
    a raised footnote mark; `table`: it stands for a whole ruled table at its place."""

    text: str
    page: int
    x0: float
    x1: float
    base: float
    size: float
    bold: bool = False
    italic: bool = False
    hyphen: bool = False
    mark: bool = False
    parallel: bool = False
    table: Table | None = None

    @property
    def top(self) -> float:
        return self.base - 0.76 * self.size

    @property
    def bottom(self) -> float:
        return self.base + 0.24 * self.size


@dataclass(slots=True)
class PageContent:
    """A page: its segments in the order of the file, turned text apart, horizontal rules (y, left, right), vertical (x, top, bottom)."""

    page: Page
    segments: list[Segment] = field(default_factory=list)
    turned: list[Segment] = field(default_factory=list)
    rules: list[tuple[float, float, float]] = field(default_factory=list)
    uprights: list[tuple[float, float, float]] = field(default_factory=list)
    picture: bool = False


@dataclass(slots=True)
class _Shown:
    """From the page's own coordinates to the page as shown."""

    turn: int
    left: float
    bottom: float
    right: float
    top: float

    def point(self, x: float, y: float) -> tuple[float, float]:
        if self.turn == 0:
            return x - self.left, self.top - y
        if self.turn == 1:
            return y - self.bottom, x - self.left
        if self.turn == 2:
            return self.right - x, y - self.bottom
        return self.top - y, self.right - x

    def direction(self, a: float, b: float) -> tuple[float, float]:
        return ((a, b), (b, -a), (-a, -b), (-b, a))[self.turn]


class PageReader:
    """Reads the pages of one open PDF. Keeps its buffers between pages; not for use from several threads."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._d = [ctypes.c_double() for _ in range(4)]
        self._p = [ctypes.byref(d) for d in self._d]
        self._matrix = pdfium.FS_MATRIX()
        self._matrix_p = ctypes.byref(self._matrix)
        self._buffer = (ctypes.c_ushort * 8192)()
        self._name = ctypes.create_string_buffer(256)
        self._flags = ctypes.c_int()
        self._gridded = (0.0, 0.0)

    def read(self, index: int) -> PageContent | None:
        """Content of the page at `index` from 0, or None where the page can't be loaded."""
        page = pdfium.FPDF_LoadPage(self._document, index)
        if not page:
            return None
        try:
            text_page = pdfium.FPDFText_LoadPage(page)
            box = pdfium.FS_RECTF()
            pdfium.FPDF_GetPageBoundingBox(page, ctypes.byref(box))
            turn = max(0, pdfium.FPDFPage_GetRotation(page)) % 4
            shown = _Shown(turn, box.left, box.bottom, box.right, box.top)
            width, height = box.right - box.left, box.top - box.bottom
            if turn % 2:
                width, height = height, width
            content = PageContent(Page(index + 1, round(width, 2), round(height, 2)))
            _find_rules(page, shown, content)
            if content.uprights:
                self._gridded = (min(u[1] for u in content.uprights) - 2, max(u[2] for u in content.uprights) + 2)
            if text_page:
                try:
                    self._lines(text_page, shown, content)
                finally:
                    pdfium.FPDFText_ClosePage(text_page)
            if sum(len(s.text) for s in content.segments) < 40:
                content.picture = _has_picture(page)
            return content
        finally:
            pdfium.FPDF_ClosePage(page)

    def _lines(self, text_page: Any, shown: _Shown, content: PageContent) -> None:
        count = pdfium.FPDFText_CountChars(text_page)
        if count <= 0:
            return
        if count + 1 > len(self._buffer):
            self._buffer = (ctypes.c_ushort * (2 * count + 2))()
        written = pdfium.FPDFText_GetText(text_page, 0, count, self._buffer)
        text = bytes(memoryview(self._buffer).cast("B")[: 2 * max(0, written - 1)]).decode("utf-16-le", "replace")
        same = len(text) == count
        fonts: dict[int, tuple[bool, bool]] = {}
        at = 0
        for stop in _BREAK.finditer(text + "\n"):
            start, at = at, stop.end()
            line = text[start : stop.start()]
            stripped = line.strip(" \t\xa0\u00ad")
            if not stripped:
                continue
            start += line.index(stripped)
            end = start + len(stripped)
            broken = stop.group() in "\ufffe\u0002" or line.rstrip(" ").endswith("\u00ad")
            first, last = start, end - 1
            if not same:
                first = max(0, pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, first))
                last = max(first, pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, last))
            self._line(text_page, stripped, first, last, broken, shown, content, fonts)

    def _style(self, text_page: Any, index: int, fonts: dict[int, tuple[bool, bool]]) -> tuple[bool, bool]:
        item = pdfium.FPDFText_GetTextObject(text_page, index)
        font = pdfium.FPDFTextObj_GetFont(item) if item else None
        key = ctypes.addressof(font.contents) if font else 0
        if key not in fonts:
            length = pdfium.FPDFText_GetFontInfo(text_page, index, self._name, 256, ctypes.byref(self._flags))
            name = self._name.raw[: max(0, min(length, 256) - 1)].decode("latin-1")
            bits = self._flags.value
            fonts[key] = (
                _BOLD.search(name) is not None or bool(bits & _BOLD_FLAG),
                _ITALIC.search(name) is not None or bool(bits & _ITALIC_FLAG),
            )
        return fonts[key]

    def _line(
        self,
        text_page: Any,
        text: str,
        first: int,
        last: int,
        broken: bool,
        shown: _Shown,
        content: PageContent,
        fonts: dict[int, tuple[bool, bool]],
    ) -> None:
        x, y, z, w = self._d
        px, py, pz, pw = self._p
        boxes: list[tuple[float, float, float, float]] = []
        for number in range(pdfium.FPDFText_CountRects(text_page, first, last - first + 1)):
            pdfium.FPDFText_GetRect(text_page, number, px, py, pz, pw)
            boxes.append((x.value, y.value, z.value, w.value))
        # A bullet or symbol at the head is often of another font and size than its line.
        bullet = text[0] in _BULLETS
        size, upright = self._size(text_page, last if bullet else first, shown)
        pdfium.FPDFText_GetCharOrigin(text_page, first, px, py)
        _, base = shown.point(x.value, y.value)
        page = content.page.number
        if not boxes:
            return
        places = [_place(box, shown) for box in boxes]
        if not upright:
            left, top = min(p[0] for p in places), min(p[1] for p in places)
            right, bottom = max(p[2] for p in places), max(p[3] for p in places)
            height = max(1.0, bottom - top)
            content.turned.append(Segment(_clean(text), page, left, right, top + 0.76 * height, height))
            return
        left, right = (places[0][0], places[0][2]) if len(places) == 1 else (min(p[0] for p in places), max(p[2] for p in places))
        crossed = (
            [u[0] for u in content.uprights if u[1] - 2 < base < u[2] + 2 and left + 1 < u[0] < right - 1]
            if content.uprights and self._gridded[0] < base < self._gridded[1]
            else []
        )
        bold, italic = self._style(text_page, last if bullet else first, fonts)
        if len(places) == 1 and not crossed:
            # One text object: one font, one size, no gap.
            words = _clean(text)
            if words:
                content.segments.append(Segment(words, page, left, right, base, size, bold, italic, broken))
            return
        mark = False
        if places[0][2] - places[0][0] < 2.2 * size:
            # The line may open with a raised mark; its size is not the line's.
            other, _ = self._size(text_page, last, shown)
            if abs(other - size) > 0.12 * other and _MARK.match(text.split()[0][:3].rstrip(".")):
                mark, size = True, other
                pdfium.FPDFText_GetCharOrigin(text_page, last, px, py)
                base = shown.point(x.value, y.value)[1]
        pieces, raised = self._parts(text_page, text, first, last, places, size, base, shown, crossed)
        mark = mark or raised
        if not bullet:
            bold_last, italic_last = self._style(text_page, last, fonts)
            bold, italic = (bold_last, italic_last) if mark else (bold and bold_last, italic and italic_last)
        final = len(pieces) - 1
        for number, (words, left, right, _, _) in enumerate(pieces):
            words = _clean(words)
            if words:
                content.segments.append(
                    Segment(words, page, left, right, base, size, bold, italic, broken and number == final, mark and number == 0)
                )

    def _size(self, text_page: Any, index: int, shown: _Shown) -> tuple[float, bool]:
        """Font size in points as shown, and whether the letter stands upright and runs to the right."""
        size = pdfium.FPDFText_GetFontSize(text_page, index)
        matrix = self._matrix
        if not pdfium.FPDFText_GetMatrix(text_page, index, self._matrix_p):
            return size or 1.0, True
        a, b = shown.direction(matrix.a, matrix.b)
        scale = math.hypot(matrix.c, matrix.d)
        return abs(size * scale) or 1.0, a > 0 and abs(b) < 0.1 * a

    def _parts(
        self,
        text_page: Any,
        text: str,
        first: int,
        last: int,
        places: list[tuple[float, float, float, float]],
        size: float,
        base: float,
        shown: _Shown,
        crossed: list[float],
    ) -> tuple[list[tuple[str, float, float, int, bool]], bool]:
        """Cut a line at wide gaps, and set off raised marks by a space. Gives the pieces and whether the line opens with a mark."""
        cuts: list[float] = []
        marks: list[tuple[float, float]] = []
        for before, after in pairwise(places):
            if after[0] - before[2] > WIDE_GAP * size:
                cuts.append((before[2] + after[0]) / 2)
        cuts = sorted([*cuts, *(x for x in crossed if all(abs(x - cut) > 2 and not _parted(x, cut, places) for cut in cuts))])
        for place in places:
            raised = place[3] < base - 0.22 * size and place[3] - place[1] < 0.75 * size and place[2] - place[0] < 2.2 * size
            if raised:
                marks.append((place[0], place[2]))
        spaced = text
        offset = 0
        opens = False
        if marks and len(text) == last - first + 1:
            for left, right in marks:
                at = self._index_at(text_page, text, first, left - 0.05, shown)
                until = self._index_at(text_page, text, first, right - 0.01, shown)
                words = text[at:until].strip()
                if not _MARK.match(words):
                    continue
                if at == 0:
                    opens = True
                    if until < len(text) and text[until : until + 1] != " ":
                        spaced = spaced[: until + offset] + " " + spaced[until + offset :]
                        offset += 1
                    continue
                if text[at - 1] != " ":
                    spaced = spaced[: at + offset] + " " + spaced[at + offset :]
                    offset += 1
                if until < len(text) and text[until].isalnum():
                    spaced = spaced[: until + offset] + " " + spaced[until + offset :]
                    offset += 1
        left, right = min(p[0] for p in places), max(p[2] for p in places)
        if not cuts or len(text) != last - first + 1:
            return [(spaced, left, right, first, False)], opens
        pieces: list[tuple[str, float, float, int, bool]] = []
        begin = 0
        for number, cut in enumerate([*cuts, math.inf]):
            end = len(text) if cut == math.inf else self._index_at(text_page, text, first, cut, shown)
            lower = -math.inf if number == 0 else cuts[number - 1]
            inside = [p for p in places if p[0] < cut and p[2] > lower]
            if end > begin and inside:
                left, right = max(lower, min(p[0] for p in inside)), min(cut, max(p[2] for p in inside))
                pieces.append((text[begin:end], left, right, begin, False))
                begin = end
        if not pieces or begin < len(text):
            return [(spaced, left, right, first, False)], opens
        return pieces, opens

    def _index_at(self, text_page: Any, text: str, first: int, x: float, shown: _Shown) -> int:
        """Index in `text` of the first letter whose left edge is at or right of `x` (by halving; letters of a line run rightwards)."""
        low, high = 0, len(text)
        while low < high:
            middle = (low + high) // 2
            probe = middle
            while probe < high and text[probe] in " \xa0":
                probe += 1
            if probe == high:
                high = middle
                continue
            pdfium.FPDFText_GetCharBox(text_page, first + probe, *self._p)
            left, right, bottom, top = (d.value for d in self._d)
            if min(shown.point(left, bottom)[0], shown.point(right, top)[0]) >= x:
                high = middle
            else:
                low = probe + 1
        while low < len(text) and text[low] in " \xa0":
            low += 1
        return low


def _parted(x: float, cut: float, places: list[tuple[float, float, float, float]]) -> bool:
    """True where no text stands between `x` and `cut`: both part the same cells."""
    low, high = min(x, cut), max(x, cut)
    return not any(p[0] < high and p[2] > low for p in places)


def _place(box: tuple[float, float, float, float], shown: _Shown) -> tuple[float, float, float, float]:
    (ax, ay), (bx, by) = shown.point(box[0], box[1]), shown.point(box[2], box[3])
    return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def _clean(text: str) -> str:
    if not text.isascii():
        text = text.translate(_LIGATURES)
    return _UNPRINTED.sub("", text).strip()


def _has_picture(page: Any) -> bool:
    """True where the page is mostly drawn: a picture, or outlines standing in for letters."""
    shapes = 0
    for number in range(min(pdfium.FPDFPage_CountObjects(page), 2000)):
        kind = pdfium.FPDFPageObj_GetType(pdfium.FPDFPage_GetObject(page, number))
        if kind in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM):
            return True
        shapes += kind == pdfium.FPDF_PAGEOBJ_PATH
    return shapes > 100


def _find_rules(page: Any, shown: _Shown, content: PageContent) -> None:
    """Rules and the edges of boxes, joined where they touch."""
    level: list[tuple[float, float, float]] = []
    upright: list[tuple[float, float, float]] = []
    bounds = [ctypes.c_float() for _ in range(4)]
    left, bottom, right, top = bounds
    pointers = [ctypes.byref(b) for b in bounds]
    get, kind_of, bounds_of = pdfium.FPDFPage_GetObject, pdfium.FPDFPageObj_GetType, pdfium.FPDFPageObj_GetBounds
    for number in range(min(pdfium.FPDFPage_CountObjects(page), 6000)):
        item = get(page, number)
        if kind_of(item) != pdfium.FPDF_PAGEOBJ_PATH or not bounds_of(item, *pointers):
            continue
        x0, y0, x1, y1 = _place((left.value, top.value, right.value, bottom.value), shown)
        if x1 - x0 >= 12:
            level.append((y0, x0, x1))
            if y1 - y0 > 3:
                level.append((y1, x0, x1))
        if y1 - y0 >= 8:
            upright.append((x0, y0, y1))
            if x1 - x0 > 3:
                upright.append((x1, y0, y1))
    content.rules, content.uprights = _joined(level), _joined(upright)


def _joined(edges: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    if len(edges) < 2:
        return edges
    edges.sort()
    joined: list[tuple[float, float, float]] = []
    for at, start, end in edges:
        for index in range(len(joined) - 1, max(-1, len(joined) - 40), -1):
            other, begins, ends = joined[index]
            if at - other <= 2.5 and start <= ends + 4 and begins <= end + 4:
                joined[index] = (other, min(begins, start), max(ends, end))
                break
        else:
            joined.append((at, start, end))
    return joined
