"""What can go wrong with a file, each with its own sentence: what is wrong, which file, what to do."""

from __future__ import annotations

from typing import Any

from ipmd.core.errors import SayableError

TEMPLATES: dict[str, str] = {
    "empty": "“%(name)s” is empty: it has no content at all. Save or export it again and check that its size is not zero.",
    "no_text": "“%(name)s” has no words in it. Check that it is the right file.",
    "encrypted": "“%(name)s” is protected by a password. Remove the password (in most programs: save or print to a new PDF) and try again.",
    "damaged": "“%(name)s” is damaged or cut short (%(detail)s). Download or export it again; an interrupted transfer is the usual cause.",
    "no_pages": "“%(name)s” is a PDF without any pages. Export it again from the program it was written in.",
    "scanned": "“%(name)s” is a scan: its pages are pictures without text. Install text recognition "
    "(`pip install 'ipmd[ocr]'` and the program tesseract, on Debian and Ubuntu: `apt install tesseract-ocr`) and try again, "
    "or ask for the original document.",
    "wrong_type": "“%(name)s” is not what its name says: its content is %(found)s. "
    "ipmd reads PDF, DOCX, HTML, Markdown and plain text; open it and export it as one of these.",
    "unsupported": "“%(name)s” is %(found)s, which ipmd does not read. "
    "It reads PDF, DOCX, HTML, Markdown and plain text; export it as one of these.",
    "archive_bomb": "“%(name)s” would unpack to %(unpacked_mb)s MB, far more than a document holds, and was not opened. "
    "If it is a real document, export it as PDF.",
    "too_large": "“%(name)s” has %(size_mb)s MB; the limit is %(limit_mb)s MB. Split it, or compress the pictures in it.",
    "too_many_pages": "“%(name)s” has %(pages)s pages; the limit is %(limit)s. Split it into parts.",
    "wrong_encoding": "“%(name)s” is not readable as text: its characters are in no encoding ipmd can recognise. Save it again as UTF-8.",
    "timeout": "Reading “%(name)s” took longer than %(seconds)s seconds and was stopped. Split it, or export it again more simply.",
    "memory": "Reading “%(name)s” needed more than %(limit_mb)s MB of memory and was stopped. "
    "Split it, or export it again without large pictures.",
    "crashed": "“%(name)s” could not be read: the reader stopped unexpectedly on it. It is probably damaged; "
    "export it again, and if it still fails, report it.",
    "not_found": "There is no file “%(name)s”. Check the path.",
    "not_readable": "“%(name)s” could not be opened (%(detail)s).",
}
"""Stable code → sentence; also the msgids for translation."""


class ReadingError(SayableError):
    """A file that could not be read. `code` is a key of `TEMPLATES`, `params["name"]` the file as its owner calls it."""


def refusal(code: str, name: str, **params: Any) -> ReadingError:
    """The error for `code`, told about the file called `name`."""
    return ReadingError(code, TEMPLATES[code], name=name, **params)
