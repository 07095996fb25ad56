"""PDF (thin path)."""

from __future__ import annotations

import pypdfium2 as pdfium

from ipmd.core.reading.document import Document
from ipmd.core.reading.errors import refusal
from ipmd.core.reading.limits import Limits
from ipmd.core.reading.structure import Block, assemble


def read_pdf(data: bytes, name: str, limits: Limits) -> Document:
    pdf = pdfium.PdfDocument(data)
    blocks = []
    for i in range(len(pdf)):
        text = pdf[i].get_textpage().get_text_bounded().replace("\0", "")
        blocks += [Block(line.strip(), page=i + 1) for line in text.replace("\r", "").split("\n") if line.strip()]
    if not blocks:
        raise refusal("scanned", name)
    return assemble(blocks, data=data, media_type="application/pdf")
