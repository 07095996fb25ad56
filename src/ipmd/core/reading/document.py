"""What reading gives: a text that never changes, and passages that say what each stretch of it is.

All spans are half-open `[start, end)` in Unicode code points of `Document.text`, so that `text[start:end]` and PostgreSQL's
`substr(text, start + 1, end - start)` find the same characters. Passages are in reading order and do not overlap.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

READER_VERSION = "1"
"""Changes whenever the same bytes would give another text or other spans; stored beside every text."""


class PassageKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE_ROW = "table_row"
    FOOTNOTE = "footnote"


@dataclass(frozen=True, slots=True)
class Passage:
    """One heading, paragraph, list item, table row or footnote.

    `level`: 1–6 for a heading, nesting depth from 1 for a list item, else 0. `number`: as printed ("23.", "(b)", "§ 4"), part of
    the text too. `heading_path`: texts of the headings above it, outermost first. `lead_in`: index (in `Document.passages`) of the
    passage that introduces the list this item belongs to. `cells`: spans of a table row's cells. `page`: 1-based, for paged formats.
    `language`: ISO 639-1, or None where it can't be said.
    """

    start: int
    end: int
    kind: PassageKind
    level: int = 0
    number: str | None = None
    heading_path: tuple[str, ...] = ()
    lead_in: int | None = None
    cells: tuple[tuple[int, int], ...] = ()
    page: int | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one printed line: its span and its box on the page, in points from the page's top left corner."""

    start: int
    end: int
    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Page:
    """Size of a page as shown (rotation applied), in points."""

    number: int
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read. `sha256` is of the bytes; `language` the main one; `notes` what the reader wants people to know."""

    text: str
    passages: tuple[Passage, ...]
    media_type: str
    sha256: str
    title: str | None = None
    language: str | None = None
    pages: tuple[Page, ...] = ()
    runs: tuple[Run, ...] = ()
    notes: tuple[str, ...] = ()
    reader_version: str = field(default=READER_VERSION)
