"""What a document is made of, whatever it is written as.

Text is given as a string, as one `Run`, or as a sequence of both. A link is an address (`https://…`) or a place in the document (`#anchor`,
the anchor of a heading). Blocks may come from a generator: writers take them one by one and keep none.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "dv"})
"""Languages written from right to left."""


def is_right_to_left(language: str) -> bool:
    """Whether a language is written from right to left."""
    return language.split("-")[0].lower() in RIGHT_TO_LEFT


@dataclass(frozen=True)
class Run:
    """Words with one look. `mark`: "inserted" or "deleted" words of a comparison (never shown by colour alone)."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    quiet: bool = False
    link: str = ""
    language: str = ""
    mark: str = ""


Inline = str | Run | Sequence["str | Run"]


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 to 4. `anchor`: the name of the place, for links to it."""

    text: Inline
    level: int = 1
    anchor: str = ""
    language: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph. `look`: "" for text, "lead" for what stands large at the top, "small" for notes, "label" for a line above something."""

    text: Inline
    look: str = ""
    language: str = ""
    indent: int = 0


@dataclass(frozen=True)
class Quote:
    """Words as they stand elsewhere, with where they stand."""

    text: Inline
    language: str = ""
    cite: Inline = ""


@dataclass(frozen=True)
class Insert:
    """A short line set apart by a rule at its side: a notice in a document. `look` as of a paragraph."""

    text: Inline
    language: str = ""


@dataclass(frozen=True)
class BulletList:
    """A list of points."""

    items: Sequence[Inline]
    language: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell with a language of its own, or over several columns."""

    text: Inline
    language: str = ""
    span: int = 1


@dataclass(frozen=True)
class Table:
    """A table with one row of headings, repeated on each page.

    `align`: for each column "start" or "end" (numbers); `widths`: shares of the width; `title` says what it shows, above it.
    `row_headings`: whether the first column names the row.
    """

    header: Sequence[Inline]
    rows: Iterable[Sequence[Inline | Cell]]
    align: Sequence[str] = ()
    widths: Sequence[float] = ()
    title: str = ""
    row_headings: bool = True


@dataclass(frozen=True)
class Figure:
    """A picture with its title and a sentence that says what it shows. Give both forms: SVG is used for PDF, PNG for DOCX.

    `alt`: what it is, for who can't see it; `width`: of the text, as a share.
    """

    title: str
    says: str
    alt: str
    svg: str = ""
    png: bytes = b""
    width: float = 1.0


@dataclass(frozen=True)
class PageBreak:
    """What follows begins on a new page."""


@dataclass(frozen=True)
class Entry:
    """A line of the table of contents."""

    text: str
    anchor: str
    level: int = 1


@dataclass(frozen=True)
class Contents:
    """The table of contents: the entries given, in their order (`headings` makes them from a list of blocks)."""

    title: str
    entries: Sequence[Entry] = ()


Block = Heading | Paragraph | Quote | Insert | BulletList | Table | Figure | PageBreak | Contents


@dataclass(frozen=True)
class Document:
    """A document: `subtitle` and `lines` stand below the title; `footer` at the foot of each page beside the page's number.

    `date` is the one moment the files know; `language` that of the document, which also says from which side it is written.
    """

    title: str
    language: str
    date: datetime.date
    blocks: Iterable[Block] = field(default_factory=list)
    subtitle: str = ""
    lines: Sequence[Inline] = ()
    kicker: str = ""
    author: str = "ipmd"
    subject: str = ""
    footer: str = ""


_NOT_IN_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u007f-\u0084\u0086-\u009f\ufdd0-\ufdef]")


def clean(text: str) -> str:
    """The text without what no document can hold: control characters and halves of characters are shown as U+FFFD.

    Line ends of every kind become one `\\n`.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n").replace("\x85", "\n")
    return _NOT_IN_XML.sub("\ufffd", text.replace("\u2028", "\n").replace("\u2029", "\n"))


def runs(text: Inline) -> Iterator[Run]:
    """The runs of a text, cleaned; empty ones left out."""
    for part in (text,) if isinstance(text, (str, Run)) else text:
        run = part if isinstance(part, Run) else Run(part)
        if run.text:
            yield Run(clean(run.text), run.bold, run.italic, run.code, run.quiet, run.link, run.language, run.mark)


def plain(text: Inline) -> str:
    """The words alone."""
    return "".join(run.text for run in runs(text))


def headings(blocks: Iterable[Block], depth: int = 2) -> list[Entry]:
    """Entries for a table of contents: the headings up to `depth` that have an anchor."""
    return [
        Entry(plain(block.text), block.anchor, block.level)
        for block in blocks
        if isinstance(block, Heading) and block.anchor and block.level <= depth
    ]
