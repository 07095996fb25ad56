"""Opening a PDF, or saying why it can't be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2 as pypdfium
import pypdfium2.raw as pdfium

from ipmd.core.reading.errors import refusal

_EMPTY_PAGES = re.compile(rb"/Type\s*/Pages\b[^>]{0,200}/Count\s+0\b|/Count\s+0\b[^>]{0,200}/Type\s*/Pages\b")


@contextmanager
def opened(data: bytes, name: str) -> Iterator[Any]:
    """The raw pdfium document of `data`. Errors: `encrypted`, `no_pages`, `damaged`."""
    try:
        document = pypdfium.PdfDocument(data)
    except pypdfium.PdfiumError as problem:
        code = pdfium.FPDF_GetLastError()
        if code == pdfium.FPDF_ERR_PASSWORD or "password" in str(problem).lower():
            raise refusal("encrypted", name) from None
        if code == pdfium.FPDF_ERR_SECURITY:
            raise refusal("encrypted", name) from None
        if _EMPTY_PAGES.search(data):
            raise refusal("no_pages", name) from None
        ended = b"%%EOF" in data[-2048:]
        detail = "its structure cannot be followed" if ended else "its end is missing"
        raise refusal("damaged", name, detail=detail) from None
    try:
        yield document.raw
    finally:
        document.close()
