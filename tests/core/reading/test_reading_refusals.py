"""What can't be read says so: what is wrong, which file, what to do."""

from __future__ import annotations

import io
import zipfile

import pikepdf
import pytest
from PIL import Image

from ipmd.core.reading import Limits, ReadingError, read
from ipmd.core.reading.errors import TEMPLATES


def refused(data: bytes, name: str, **limits) -> ReadingError:
    with pytest.raises(ReadingError) as problem:
        read(data, name, limits=Limits(**limits))
    assert name in str(problem.value)
    assert problem.value.template == TEMPLATES[problem.value.code]
    return problem.value


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return out.getvalue()


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.txt", "a.html", "a.md", "a"])
@pytest.mark.parametrize("data", [b"", b" \n\n ", b"\xef\xbb\xbf"])
def test_empty(name, data):
    assert refused(data, name).code == "empty"


def test_picture_named_as_pdf():
    problem = refused(png(), "scan.pdf")
    assert problem.code == "wrong_type"
    assert str(problem) == (
        "“scan.pdf” is not what its name says: its content is a PNG picture. "
        "ipmd reads PDF, DOCX, HTML, Markdown and plain text; open it and export it as one of these."
    )


def test_picture_named_as_picture():
    assert refused(png(), "scan.png").code == "unsupported"


@pytest.mark.parametrize(
    ("data", "called"),
    [
        (archive(**{"xl/workbook.xml": b"<x/>"}), "an Excel workbook"),
        (archive(**{"ppt/presentation.xml": b"<x/>"}), "a PowerPoint presentation"),
        (archive(**{"mimetype": b"application/vnd.oasis.opendocument.text"}), "an OpenDocument text (.odt)"),
        (archive(**{"a.txt": b"hello"}), "a ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a document of an old Office format (.doc, .xls, .ppt)"),
        (b"{\\rtf1 hello}", "an RTF document"),
    ],
)
def test_kinds_not_read_are_named(data, called):
    problem = refused(data, "file.pdf")
    assert (problem.code, problem.params["found"]) == ("wrong_type", called)


def test_word_document_with_a_password():
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    assert refused(data, "file.docx").code == "encrypted"


def test_text_named_as_pdf():
    assert refused(b"Dear all, here is the report.", "report.pdf").code == "wrong_type"


def test_readable_files_under_another_name_are_read_with_a_note(sheet):
    s = sheet()
    s.line(100, 300, "Governments should act.")
    document = read(s.pdf(), "report.docx")
    assert document.text == "Governments should act."
    assert document.media_type == "application/pdf"
    assert document.notes == ("Named as another kind of file, but it is a PDF, and was read as that.",)
    page = read(b"<!DOCTYPE html><p>Governments should act.</p>", "report.pdf")
    assert (page.media_type, len(page.notes)) == ("text/html", 1)


def test_truncated_pdf(sheet):
    s = sheet()
    for _ in range(30):
        s.line(100, 300, "Governments should act.")
        s.page()
    data = s.pdf()
    assert refused(data[:200], "cut.pdf").code == "damaged"
    assert "its end is missing" in str(refused(data[:200], "cut.pdf"))


def test_pdf_without_pages():
    out = io.BytesIO()
    pikepdf.new().save(out)
    assert refused(out.getvalue(), "none.pdf").code == "no_pages"


def test_pdf_with_blank_pages(sheet):
    s = sheet()
    s.page()
    assert refused(s.pdf(), "blank.pdf").code == "no_text"


def test_too_many_pages(sheet):
    s = sheet()
    for number in range(5):
        s.line(100, 300, f"Page with number {number}")
        s.page()
    problem = refused(s.pdf(), "long.pdf", max_pages=4)
    assert problem.code == "too_many_pages"
    assert str(problem) == "“long.pdf” has 5 pages; the limit is 4. Split it into parts."


def test_too_large():
    problem = refused(b"a" * 3_000_000, "large.txt", max_bytes=2 * 1024 * 1024)
    assert str(problem) == "“large.txt” has 3 MB; the limit is 2 MB. Split it, or compress the pictures in it."


def test_default_limits():
    assert (Limits().max_bytes, Limits().max_pages) == (100 * 1024 * 1024, 3000)


def test_each_refusal_has_a_sentence_of_its_own():
    assert len(set(TEMPLATES.values())) == len(TEMPLATES)
    assert all("%(name)s" in template for template in TEMPLATES.values())
