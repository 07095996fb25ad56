"""What holds for every document whatever it says."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from ipmd.core.reading import Document, ReadingError, from_bytes, read, to_bytes

SHARED = Path(os.environ.get("IPMD_SHARED", "../shared"))

SHAPES = [
    "", "", "- item one;", "  * nested", "\u2022 bullet", "23. The meeting agreed.", "(b) to report", "Heading here",
    "lower case goes on", "The meeting recommended that:", "———", "A | B", "§ 4 Text", "\tTabbed", "1. One", "IV. Part", "x-",
    "(1) a", "o  item",
]  # fmt: skip
LINES = st.lists(st.one_of(st.sampled_from(SHAPES), st.text(max_size=40)), max_size=25)


def holds(document: Document) -> None:
    text = document.text
    assert "\0" not in text
    reached = 0
    outside = []
    for index, passage in enumerate(document.passages):
        assert reached <= passage.start < passage.end <= len(text)
        words = text[passage.start : passage.end]
        assert words == words.strip()
        assert any(c.isalnum() for c in words)
        outside.append(text[reached : passage.start])
        reached = passage.end
        assert passage.number is None or words.startswith(passage.number)
        assert passage.lead_in is None or 0 <= passage.lead_in < index
        assert all(passage.start <= a < b <= passage.end for a, b in passage.cells)
        assert (passage.kind.value == "heading") == (1 <= passage.level <= 6 and passage.kind.value != "list_item")
    outside.append(text[reached:])
    # Only bullets ("o" is one where it stands apart) and separators are outside passages.
    for between in outside:
        for word in between.split():
            assert word == "o" or not any(c.isalnum() for c in word)
    for run in document.runs:
        assert 0 <= run.start < run.end <= len(text)
        assert run.left <= run.right
        assert run.top < run.bottom
    assert from_bytes(to_bytes(document)) == document


TOLD = frozenset(["empty", "no_text", "wrong_encoding", "wrong_type", "damaged", "unsupported", "archive_bomb", "no_pages", "encrypted"])


def read_or_refused(data: bytes, name: str) -> Document | None:
    refused: ReadingError | None = None
    try:
        return read(data, name)
    except ReadingError as problem:
        refused = problem
    assert refused.code in TOLD
    return None


@given(LINES, st.sampled_from(["a.txt", "a.md", "a.html"]))
@settings(max_examples=300, deadline=None)
def test_text_in_any_shape(lines, name):
    data = "\n".join(lines).encode("utf-8", "replace")
    document = read_or_refused(data, name)
    if document is not None:
        holds(document)
        assert read(data, name) == document
        if name == "a.txt":
            # What a passage says stands in the file, white space folded: quotes are checked that way.
            flat = " ".join("\n".join(lines).replace("\0", "").split())
            for p in document.passages:
                assert " ".join(document.text[p.start : p.end].split()) in flat


@given(
    st.lists(
        st.tuples(
            st.integers(20, 500), st.integers(20, 820), st.sampled_from([7, 10, 11, 14]), st.text("abc deé-.1()•", min_size=1, max_size=50)
        ),
        min_size=1,
        max_size=40,
    )
)
@settings(max_examples=150, deadline=None)
def test_pages_with_text_strewn_anywhere(strewn):
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842), invariant=1)
    for number, (x, y, size, text) in enumerate(strewn):
        canvas.setFont("Times-Roman", size)
        canvas.drawString(x, y, text)
        if number % 15 == 14:
            canvas.showPage()
    canvas.save()
    document = read_or_refused(out.getvalue(), "a.pdf")
    if document is not None:
        holds(document)
        assert read(out.getvalue(), "a.pdf") == document


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"%PDF-1.7\n", b"PK\x03\x04", b"<html>", b"\xff\xfe"]),
    st.sampled_from(["a.pdf", "a.docx", "a.html", "a.md", "a.txt", "a"]),
)
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(data, start, name):
    document = read_or_refused(start + data, name)
    if document is not None:
        holds(document)


@pytest.mark.parametrize("path", sorted((SHARED / "data/documents").glob("*.txt")), ids=lambda path: path.stem)
def test_real_documents(path):
    data = path.read_bytes()
    document = read(data, path.name)
    holds(document)
    assert document.text == data.decode()


def test_the_real_documents_are_there():
    assert len(list((SHARED / "data/documents").glob("*.txt"))) >= 18
