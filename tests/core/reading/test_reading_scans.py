"""Scans: recognised as such, and read where tesseract is installed."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader

from ipmd.core.reading import Limits, ReadingError, boxes, read

SENTENCE = "The meeting recommended that Governments share data."


def scan(sheet, *, with_text_page: bool = False) -> bytes:
    """A page that is a picture of a heading and a sentence."""
    image = Image.new("L", (1654, 2339), 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(40)
    draw.text((200, 300), SENTENCE, fill=0, font=font)
    draw.text((200, 360), "They agreed to meet again.", fill=0, font=font)
    out = io.BytesIO()
    image.save(out, "PNG")
    out.seek(0)
    s = sheet()
    if with_text_page:
        s.block(72, 100, 450, "This page is of letters and was typed by a person in an office in Athens.")
        s.page()
    s.canvas.drawImage(ImageReader(out), 0, 0, 595, 842)
    return s.pdf()


@pytest.fixture
def no_tesseract(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("no_tesseract")
def test_without_tesseract_the_message_says_what_to_do(sheet):
    with pytest.raises(ReadingError) as refused:
        read(scan(sheet), "scan.pdf")
    assert refused.value.code == "scanned"
    assert str(refused.value) == (
        "“scan.pdf” is a scan: its pages are pictures without text. Install text recognition (`pip install 'ipmd[ocr]'` and the "
        "program tesseract, on Debian and Ubuntu: `apt install tesseract-ocr`) and try again, or ask for the original document."
    )


def test_recognition_can_be_switched_off(sheet):
    with pytest.raises(ReadingError) as refused:
        read(scan(sheet), "scan.pdf", limits=Limits(ocr=False))
    assert refused.value.code == "scanned"


@pytest.mark.usefixtures("no_tesseract")
def test_pages_with_text_are_read_and_the_scanned_ones_named(sheet, shown):
    document = read(scan(sheet, with_text_page=True), "mixed.pdf")
    assert [text for _, text in shown(document)] == ["This page is of letters and was typed by a person in an office in Athens."]
    assert document.notes == ("Page(s) 2 are pictures without text and were not read; install ipmd[ocr] and tesseract to read them.",)


def test_with_tesseract_the_scan_is_read_with_its_boxes(sheet):
    document = read(scan(sheet), "scan.pdf")
    assert " ".join(document.text.split()) == f"{SENTENCE} They agreed to meet again."
    assert document.notes == ("Text recognised from pictures on page(s) 1; check figures and names against the page.",)
    (box,) = boxes(document, 0, len(SENTENCE))
    # The sentence was drawn from x = 200 of 1,654 points and y = 300 of 2,339, on a page of 595 × 842.
    assert box.left == pytest.approx(72, abs=4)
    assert box.top == pytest.approx(110, abs=6)
    assert box.bottom == pytest.approx(123, abs=6)
