"""Documents out: one small model of a document, written as DOCX, PDF or HTML, the same bytes from the same model, whenever it is made.

    document = Document(title="…", language="fr", date=date(2026, 5, 14), blocks=[Heading("…"), Paragraph("…")])
    as_docx(document, file)
    as_pdf(document, file)

`file` is any writable binary file. Pure: no clock, no network, no system fonts; whoever calls says the date and the language.
"""

from .docx import as_docx
from .html import as_html, block_as_html, blocks_as_html
from .model import (
    Block,
    BulletList,
    Cell,
    Contents,
    Document,
    Entry,
    Figure,
    Heading,
    Inline,
    Insert,
    PageBreak,
    Paragraph,
    Quote,
    Run,
    Table,
    clean,
    headings,
    is_right_to_left,
)
from .pdf import as_pdf

__all__ = [
    "Block",
    "BulletList",
    "Cell",
    "Contents",
    "Document",
    "Entry",
    "Figure",
    "Heading",
    "Inline",
    "Insert",
    "PageBreak",
    "Paragraph",
    "Quote",
    "Run",
    "Table",
    "as_docx",
    "as_html",
    "as_pdf",
    "block_as_html",
    "blocks_as_html",
    "clean",
    "headings",
    "is_right_to_left",
]
