"""Pictures of PDF pages for people to look at."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pypdfium2 as pypdfium
import pypdfium2.raw as pdfium

from ipmd.core.reading.errors import refusal
from ipmd.core.reading.pdf.opened import opened

if TYPE_CHECKING:
    from PIL import Image

_MAX_PIXELS = 40_000_000


def render_page(data: bytes, page: int, *, width_px: int, image_format: str = "webp", name: str = "document.pdf") -> bytes:
    """Picture of page `page` (from 1) of the PDF `data`, `width_px` wide, as WebP or PNG bytes.

    Errors: those of opening the file; `IndexError` where there is no such page.
    """
    with opened(data, name) as document:
        if not 1 <= page <= pdfium.FPDF_GetPageCount(document):
            raise IndexError(page)
        handle = pdfium.FPDF_LoadPage(document, page - 1)
        if not handle:
            raise refusal("damaged", name, detail=f"page {page} cannot be opened")
        width = pdfium.FPDF_GetPageWidthF(handle)
        pdfium.FPDF_ClosePage(handle)
        image = page_image(document, page - 1, width_px / max(1.0, width))
    out = io.BytesIO()
    if image_format == "webp":
        image.save(out, "WEBP", quality=82, method=2)
    else:
        image.save(out, "PNG", optimize=False, compress_level=6)
    return out.getvalue()


def page_image(document: Any, index: int, scale: float) -> Image.Image:
    """The page at `index` from 0 as shown, `scale` pixels to the point, on white, with notes and form fields printed."""
    page = pdfium.FPDF_LoadPage(document, index)
    try:
        width_pt, height_pt = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
        scale = min(scale, (_MAX_PIXELS / max(1.0, width_pt * height_pt)) ** 0.5)
        width, height = max(1, round(width_pt * scale)), max(1, round(height_pt * scale))
        bitmap = pypdfium.PdfBitmap.new_native(width, height, pdfium.FPDFBitmap_BGRx)
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
        pdfium.FPDF_RenderPageBitmap(bitmap.raw, page, 0, 0, width, height, 0, pdfium.FPDF_ANNOT | pdfium.FPDF_LCD_TEXT)
        image: Image.Image = bitmap.to_pil().convert("RGB")
        bitmap.close()
        return image
    finally:
        pdfium.FPDF_ClosePage(page)
