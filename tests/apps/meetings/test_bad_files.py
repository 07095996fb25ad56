"""Bad files, through the real reading process: each fails with its own sentence, and nothing of it is half stored."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from ipmd.apps.directory.saying import say_template
from ipmd.apps.meetings import actions
from ipmd.apps.meetings.models import DocumentText, Passage, ReadingState


def pdf(words: str = "The meeting decided to meet again.") -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(72, 720, words)
    canvas.save()
    return out.getvalue()


def encrypted() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return out.getvalue()


def without_pages() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.save(out)
    return out.getvalue()


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("a.txt", "nothing to read")
    return out.getvalue()


BAD = {
    "encrypted": ("encrypted.pdf", encrypted, "Remove the password"),
    "damaged": ("cut.pdf", lambda: pdf()[:300], "damaged or cut short"),
    "no_pages": ("nothing.pdf", without_pages, "without any pages"),
    "wrong_type": ("picture.pdf", lambda: b"\x89PNG\r\n\x1a\n" + bytes(200), "not what its name says"),
    "unsupported": ("archive.zip", archive, "does not read"),
    "empty": ("blank.txt", lambda: b"  \n\t ", "is empty"),
}


@pytest.mark.parametrize("code", BAD)
def test_a_bad_file_says_what_is_wrong_with_it(places: Any, code: str) -> None:
    name, make, words = BAD[code]
    document, _ = actions.add_document(meeting=places.meeting, name=name, data=make())
    document = actions.read_document(document=document)
    document.refresh_from_db()
    assert document.state == ReadingState.FAILED
    assert document.failure is not None
    assert document.failure["code"] == code
    sentence = say_template(document.failure["template"], document.failure["params"])
    assert name in sentence
    assert words in sentence
    assert not DocumentText.objects.filter(document=document).exists()
    assert not Passage.objects.filter(document=document).exists()


def test_pages_past_the_limit_of_this_installation(places: Any, settings: Any) -> None:
    import dataclasses

    settings.CONFIG = dataclasses.replace(settings.CONFIG, max_document_pages=1)
    out = io.BytesIO()
    canvas = Canvas(out)
    for number in range(3):
        canvas.drawString(72, 720, f"Page {number} of the report.")
        canvas.showPage()
    canvas.save()
    document, _ = actions.add_document(meeting=places.meeting, name="long.pdf", data=out.getvalue())
    document = actions.read_document(document=document)
    assert document.failure is not None
    assert say_template(document.failure["template"], document.failure["params"]) == (
        "“long.pdf” has 3 pages; the limit is 1. Split it into parts."
    )
