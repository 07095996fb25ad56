"""`read`: bytes and a name to a Document, in this process."""

from __future__ import annotations

from dataclasses import replace

from ipmd.core.reading import kinds
from ipmd.core.reading.document import Document
from ipmd.core.reading.docx import read_docx
from ipmd.core.reading.encoding import decode
from ipmd.core.reading.errors import refusal
from ipmd.core.reading.html import read_html
from ipmd.core.reading.limits import DEFAULT_LIMITS, MB, Limits
from ipmd.core.reading.markdown import read_markdown
from ipmd.core.reading.pdf import read_pdf
from ipmd.core.reading.plain import read_plain


def read(data: bytes, name: str, *, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read a document. What it is is told from its bytes; `name` is what people call the file and decides between kinds of text.

    A file of a kind we read under the name of another (a Word document called `.pdf`) is read as what it is, and a note says so.
    A file of a kind we don't read gives `wrong_type` where its name promised one we do, else `unsupported`.
    The same bytes give the same text, passages and runs for ever within one `READER_VERSION`; the name never changes them except
    `.md`, `.html` and `.txt`, which say how to take the same characters.
    """
    if len(data) > limits.max_bytes:
        raise refusal("too_large", name, size_mb=f"{len(data) / MB:,.0f}", limit_mb=f"{limits.max_bytes / MB:,.0f}")
    if not data.strip(b" \t\r\n\f\xef\xbb\xbf"):
        raise refusal("empty", name)
    claimed = kinds.by_name(name)
    kind, called = kinds.by_content(data)
    if kind == "encrypted":
        raise refusal("encrypted", name)
    if kind is None or kind == "zip":
        if claimed == kinds.DOCX and kind == "zip":
            raise refusal("damaged", name, detail="its archive holds no Word text")
        if claimed is not None:
            raise refusal("wrong_type", name, found=called)
        raise refusal("unsupported", name, found=called)
    if kind in (kinds.TEXT, kinds.HTML):
        return _read_text(data, name, claimed, kind)
    document = read_pdf(data, name, limits) if kind == kinds.PDF else read_docx(data, name, limits)
    return _noted(document, claimed, kind, called)


def _read_text(data: bytes, name: str, claimed: str | None, kind: str) -> Document:
    if claimed in (kinds.PDF, kinds.DOCX):
        if kind == kinds.TEXT:
            found = _found_text(data)
            raise refusal("damaged" if found is None else "wrong_type", name, **_details(found))
        return _noted(read_html(data, name), claimed, kinds.HTML, "a web page")
    if claimed == kinds.HTML:
        return read_html(data, name)
    if claimed == kinds.MARKDOWN:
        return read_markdown(data, name)
    if claimed == kinds.TEXT or kind == kinds.TEXT:
        return read_plain(data, name)
    return read_html(data, name)


def _found_text(data: bytes) -> str | None:
    try:
        decode(data, "")
    except Exception as problem:
        if getattr(problem, "code", None) == "wrong_encoding":
            return None
        raise
    return "plain text"


def _details(found: str | None) -> dict[str, str]:
    return {"detail": "its beginning is not that of such a file"} if found is None else {"found": found}


def _noted(document: Document, claimed: str | None, kind: str, called: str) -> Document:
    if claimed in (None, kind):
        return document
    return replace(document, notes=(f"Named as another kind of file, but it is {called}, and was read as that.", *document.notes))
