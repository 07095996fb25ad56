"""PDF: pages to blocks by their layout, with the place of each line on its page."""

from __future__ import annotations

import ctypes
import re

import pypdfium2.raw as pdfium

from ipmd.core.reading import ocr
from ipmd.core.reading.document import Document
from ipmd.core.reading.errors import refusal
from ipmd.core.reading.limits import Limits
from ipmd.core.reading.pdf.furniture import remove_furniture
from ipmd.core.reading.pdf.hyphens import Hyphens
from ipmd.core.reading.pdf.layout import regions
from ipmd.core.reading.pdf.opened import opened
from ipmd.core.reading.pdf.paragraphs import Builder, body_of
from ipmd.core.reading.pdf.segments import PageContent, PageReader
from ipmd.core.reading.structure import assemble

__all__ = ["read_pdf"]

_FEW_LETTERS = 20


def read_pdf(data: bytes, name: str, limits: Limits) -> Document:
    """Read a PDF. Errors: `encrypted`, `damaged`, `no_pages`, `too_many_pages`, `scanned`, `no_text`."""
    notes: list[str] = []
    with opened(data, name) as document:
        count = pdfium.FPDF_GetPageCount(document)
        if count <= 0:
            raise refusal("no_pages", name)
        if count > limits.max_pages:
            raise refusal("too_many_pages", name, pages=f"{count:,}", limit=f"{limits.max_pages:,}")
        reader = PageReader(document)
        pages: list[PageContent] = []
        for index in range(count):
            content = reader.read(index)
            if content is None:
                notes.append(f"Page {index + 1} is damaged and was left out.")
            else:
                pages.append(content)
        if not pages:
            raise refusal("damaged", name, detail="none of its pages can be opened")
        notes += _recognise(document, pages, name, limits)
        title = _title(document)
    remove_furniture(pages)
    builder = Builder(body_of(pages), Hyphens(pages))
    for content in pages:
        builder.add_page(regions(content), content.turned)
    blocks = builder.finish()
    if not any(c.isalnum() for block in blocks for c in block.text):
        raise refusal("no_text", name)
    return assemble(blocks, data=data, media_type="application/pdf", title=title, pages=[content.page for content in pages], notes=notes)


def _recognise(document: object, pages: list[PageContent], name: str, limits: Limits) -> list[str]:
    """Read pages that are pictures by text recognition where it is installed; notes say what was done."""
    blank = [content for content in pages if _letters(content) < _FEW_LETTERS]
    scans = [content for content in blank if content.picture]
    if not scans:
        return []
    numbers = ", ".join(str(content.page.number) for content in scans[:20]) + (" …" if len(scans) > 20 else "")
    if limits.ocr and ocr.available():
        for content in scans:
            ocr.recognise(document, content)
        return [f"Text recognised from pictures on page(s) {numbers}; check figures and names against the page."]
    if len(blank) == len(pages):
        raise refusal("scanned", name)
    return [f"Page(s) {numbers} are pictures without text and were not read; install ipmd[ocr] and tesseract to read them."]


def _letters(content: PageContent) -> int:
    return sum(len(s.text) for s in content.segments) + sum(len(s.text) for s in content.turned)


def _title(document: object) -> str | None:
    size = pdfium.FPDF_GetMetaText(document, b"Title", None, 0)
    if size <= 2:
        return None
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDF_GetMetaText(document, b"Title", buffer, size)
    title = re.sub(r"[\s\x00-\x1f]+", " ", buffer.raw[: size - 2].decode("utf-16-le", "replace")).strip()
    # Programs put file names and "untitled" there.
    useless = not title or re.search(r"(?i)^untitled|^microsoft word|^\(?anonymous|\.(?:docx?|pdf|indd|odt|rtf|tex)$", title)
    return None if useless else title
