"""Documents as bytes, and pages as pictures."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from ipmd.core.reading import from_bytes, read, render_page, to_bytes


def test_stored_and_fetched(sheet):
    s = sheet()
    for number in range(1, 40):
        s.block(
            72,
            130,
            450,
            f"{number}. In year {number * number} the meeting recommended that Governments of countries of origin appoint focal points.",
        )
        s.page()
    document = read(s.pdf(), "a.pdf")
    stored = to_bytes(document)
    assert from_bytes(stored) == document
    assert to_bytes(from_bytes(stored)) == stored
    assert len(stored) < len(document.text) / 2


def test_other_bytes_are_not_taken_for_a_document():
    with pytest.raises(ValueError, match="not a stored document"):
        from_bytes(b"%PDF-1.4")


@pytest.mark.parametrize(("image_format", "called"), [("webp", "WEBP"), ("png", "PNG")])
def test_page_picture(sheet, image_format, called):
    s = sheet()
    s.canvas.setFillColorRGB(1, 0, 0)
    s.canvas.rect(0, 842 / 2, 595, 842 / 2, stroke=0, fill=1)
    s.page()
    s.page()
    data = s.pdf()
    image = Image.open(io.BytesIO(render_page(data, 1, width_px=400, image_format=image_format)))
    assert (image.format, image.size) == (called, (400, 566))
    upper, lower = (image.convert("RGB").crop((200, y, 201, y + 1)).tobytes() for y in (100, 500))
    assert upper[0] > 240
    assert max(upper[1:]) < 20
    assert min(lower) > 250
    with pytest.raises(IndexError):
        render_page(data, 3, width_px=400)
