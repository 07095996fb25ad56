"""What a file is, told from its bytes; its name only decides between kinds of text."""

from __future__ import annotations

import re
from pathlib import PurePath

PDF, DOCX, HTML, MARKDOWN, TEXT = "pdf", "docx", "html", "markdown", "text"
READABLE = (PDF, DOCX, HTML, MARKDOWN, TEXT)
_EXTENSIONS = {".pdf": PDF, ".docx": DOCX, ".docm": DOCX, ".dotx": DOCX, ".html": HTML, ".htm": HTML, ".xhtml": HTML,
               ".md": MARKDOWN, ".markdown": MARKDOWN, ".txt": TEXT, ".text": TEXT}  # fmt: skip
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"), (b"\xff\xd8\xff", "a JPEG picture"), (b"GIF8", "a GIF picture"),
    (b"II*\0", "a TIFF picture"), (b"MM\0*", "a TIFF picture"), (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript document"), (b"7z\xbc\xaf\x27\x1c", "a 7z archive"), (b"Rar!", "a RAR archive"),
    (b"\x1f\x8b", "a gzip archive"), (b"BZh", "a bzip2 archive"), (b"\xfd7zXZ", "an xz archive"), (b"\x7fELF", "a program"),
    (b"MZ", "a Windows program"), (b"ID3", "a sound recording"), (b"OggS", "a sound recording"), (b"SQLite format 3", "a database"),
    (b"\x00\x00\x00\x18ftyp", "a video"), (b"\x00\x00\x00\x20ftyp", "a video"), (b"\x1aE\xdf\xa3", "a video"),
)  # fmt: skip
_HTML_START = re.compile(rb"(?is)\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b")


def by_name(name: str) -> str | None:
    """The kind a file's name claims, or None where the name claims nothing we know."""
    return _EXTENSIONS.get(PurePath(name).suffix.lower())


def by_content(data: bytes) -> tuple[str | None, str]:
    """(kind, None-able) told from the bytes, and what to call it; kind None: nothing we read. Text is told apart later."""
    head = data[:1024]
    if b"%PDF-" in head:
        return PDF, "a PDF"
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _archive(data)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            return "encrypted", "a Word document protected by a password"
        return None, "a document of an old Office format (.doc, .xls, .ppt)"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return None, "a WebP picture"
    for magic, called in _MAGIC:
        if head.startswith(magic) and (len(magic) > 2 or b"\0" in head):
            return None, called
    if _HTML_START.match(data[:8192]):
        return HTML, "a web page"
    return TEXT, "plain text"


def _archive(data: bytes) -> tuple[str | None, str]:
    # The directory at the end names the parts; member names stand in the bytes uncompressed, so nothing is unpacked here.
    if b"word/document" in data:
        return DOCX, "a Word document"
    if b"application/vnd.oasis.opendocument.text" in data[:200]:
        return None, "an OpenDocument text (.odt)"
    if b"application/vnd.oasis.opendocument" in data[:200]:
        return None, "an OpenDocument file"
    if b"xl/workbook" in data:
        return None, "an Excel workbook"
    if b"ppt/presentation" in data:
        return None, "a PowerPoint presentation"
    if b"application/epub+zip" in data[:200]:
        return None, "an e-book (EPUB)"
    return "zip", "a ZIP archive"
