"""Documents out: the same bytes each time, every word back, in six languages."""

from __future__ import annotations

import datetime
import hashlib
import io
import subprocess
import sys
import zipfile
from typing import Any

import docx
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ipmd.core.writing import (
    BulletList,
    Cell,
    Contents,
    Document,
    Figure,
    Heading,
    Insert,
    PageBreak,
    Paragraph,
    Quote,
    Run,
    Table,
    as_docx,
    as_html,
    as_pdf,
    block_as_html,
    clean,
    headings,
    pdf,
)

ARABIC = "أوصت المائدة المستديرة الحكومات بنشر رسومها بحلول عام 2026 (IOM)."
CHINESE = "圆桌会议建议各国政府公布费用。"
RUSSIAN = "Круглый стол рекомендовал правительствам опубликовать сборы."
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="#0a5c86"/></svg>'


def sample(language: str = "en") -> Document:
    blocks: list[Any] = [
        Heading("Summary", 1, "summary"),
        Paragraph("What it is about", "lead"),
        Paragraph(["Plain, ", Run("bold", bold=True), ", ", Run("a link", link="https://example.org/?a=1&b=2"), ", "]),
        Paragraph(Run("there", link="#two")),
        Paragraph(["never made: ", Run("a place that is not", link="#nowhere"), Run(" and a script", link="javascript:alert(1)")]),
        Quote(ARABIC, "ar", "SFMD-2024/RT1/02"),
        Quote(CHINESE, "zh"),
        Insert("A notice"),
        BulletList(["first", RUSSIAN]),
        Heading("Second <part> & more", 2, "two"),
        Table(["Outcome", "Number"], [["A", "1,234"], [Cell(ARABIC, "ar"), "5"], [Cell("both", span=2)]], ("start", "end"), (3, 1), "T"),
        Figure("A picture", "It shows a box.", "a blue box", SVG, PNG),
        PageBreak(),
        Paragraph([Run("new", mark="inserted"), Run("old", mark="deleted")], "small"),
    ]  # fmt: skip
    return Document(
        "Report “one”", language, datetime.date(2026, 1, 2), [Contents("Contents", headings(blocks)), *blocks], subtitle="To the meeting",
        lines=["As of 2 January 2026"], kicker="SFMD-2026/IR1", author="A forum", subject="Report", footer="SFMD-2026/IR1",
    )  # fmt: skip


def made(write: Any, document: Document) -> bytes:
    file = io.BytesIO()
    write(document, file)
    return file.getvalue()


def words_of_pdf(data: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))


@pytest.mark.parametrize("write", [as_docx, as_pdf, as_html])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_same_document_is_the_same_bytes_in_another_process_too(write: Any, language: str) -> None:
    first = made(write, sample(language))
    assert first == made(write, sample(language))
    program = (
        f"import sys, io, hashlib; sys.path.insert(0, {str(__file__).rsplit('/', 1)[0]!r})\n"
        f"from test_writing import made, sample\nfrom ipmd.core import writing\n"
        f"print(hashlib.sha256(made(writing.{write.__name__}, sample({language!r}))).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashlib.sha256(first).hexdigest()


def test_what_stands_in_a_docx() -> None:
    data = made(as_docx, sample())
    found = docx.Document(io.BytesIO(data))
    said = [p.text for p in found.paragraphs]
    assert [p.text for p in found.paragraphs if p.style.name.startswith("Heading")] == ["Summary", "Second <part> & more"]
    assert ARABIC in said
    assert CHINESE in said
    assert [[cell.text for cell in row.cells] for row in found.tables[0].rows] == [
        ["Outcome", "Number"], ["A", "1,234"], [ARABIC, "5"], ["both", "both"],
    ]  # fmt: skip
    body = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml").decode()
    assert 'descr="a blue box"' in body
    assert "<w:tblHeader/>" in body
    assert body.count("<w:bidi/>") == 2
    assert "javascript" not in body
    properties = found.core_properties
    assert (properties.title, properties.author, properties.language, properties.created) == (
        "Report “one”", "A forum", "en", datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
    )  # fmt: skip
    assert [link.address for p in found.paragraphs for link in p.hyperlinks if link.address] == ["https://example.org/?a=1&b=2"]
    assert {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(data)).infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_an_arabic_docx_reads_from_the_right() -> None:
    body = zipfile.ZipFile(io.BytesIO(made(as_docx, sample("ar")))).read("word/document.xml").decode()
    assert "<w:bidiVisual/>" in body
    assert "<w:rtl/>" in body


def test_what_stands_in_a_pdf() -> None:
    data = made(as_pdf, sample())
    said = words_of_pdf(data)
    for words in ("Report “one”", "Second <part> & more", "1,234", CHINESE, RUSSIAN, "never made: a place that is not and a script"):
        assert words in said.replace("\r\n", " "), words
    opened = pypdfium2.PdfDocument(data)
    assert (opened.get_metadata_value("Title"), opened.get_metadata_value("Author")) == ("Report “one”", "A forum")
    assert opened.get_metadata_value("CreationDate").startswith("D:20260102")
    assert [entry.get_title() for entry in opened.get_toc()] == ["Summary", "Second <part> & more"]
    assert opened.is_tagged()


def test_a_long_pdf_is_made_in_parts_and_is_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "LONG", 6)

    def blocks() -> Any:
        for number in range(5):
            yield Heading(f"Chapter {number}", 1, f"chapter-{number}")
            for line in range(6):
                yield Paragraph(f"Line {number}.{line}")

    def document() -> Document:
        return Document("Long", "en", datetime.date(2026, 1, 2), blocks())

    data = made(as_pdf, document())
    assert data == made(as_pdf, document())
    said = words_of_pdf(data)
    assert [f"Line {n}.{k}" in said for n in range(5) for k in range(6)] == [True] * 30
    assert "5–1" in said


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200), st.text(max_size=40), st.text(max_size=20))
def test_any_text_survives_a_docx(text: str, title: str, language: str) -> None:
    blocks = [Paragraph(text, language=language), Table([title], [[text]], title=title), Heading(text, 2, title)]
    found = docx.Document(io.BytesIO(made(as_docx, Document(title, "en", datetime.date(2026, 1, 2), blocks, footer=title))))
    assert found.tables[0].rows[1].cells[0].text == clean(text)
    assert clean(text) in [p.text for p in found.paragraphs]


@settings(max_examples=12, deadline=None)
@given(st.text(max_size=120), st.text(max_size=30), st.sampled_from(["", "ar", "zh", "x y", "en-GB", '"']))
def test_any_text_can_be_printed_as_pdf(text: str, title: str, language: str) -> None:
    blocks = [Paragraph(Run(text, link=f"#{title}", language=language)), Quote(text, language), Heading(title, 3, title)]
    data = made(as_pdf, Document(title, "en", datetime.date(2026, 1, 2), blocks, footer=text, subject=text))
    assert data.startswith(b"%PDF-")


@settings(max_examples=12, deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60))
def test_signs_of_typst_are_only_words_in_a_pdf(word: str) -> None:
    said = words_of_pdf(made(as_pdf, Document("t", "en", datetime.date(2026, 1, 2), [Paragraph(word)])))
    assert word in said.replace("\r", "").replace("\n", "").replace("\ufffe", "-").replace("\x02", "-")


@given(st.text(max_size=100))
def test_any_text_survives_in_html(text: str) -> None:
    made_of = block_as_html(Paragraph(text))
    found = etree.fromstring(made_of.replace("<br>", "\n"), parser=etree.XMLParser(huge_tree=False))
    assert "".join(found.itertext()) == clean(text)
