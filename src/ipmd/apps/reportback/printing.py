"""From data to files: one report, in each form it is given out in, the same bytes from the same data."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

from django.utils.translation import override

from ipmd.core.writing import as_docx, as_html, as_pdf

from .collect import Snapshot
from .compose import document
from .errors import refusal
from .sheets import as_json, as_xlsx

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MEDIA = {
    "docx": DOCX, "pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json", "html": "text/html; charset=utf-8",
}  # fmt: skip

_WRITERS: dict[str, Callable[[Snapshot, IO[bytes]], None]] = {
    "docx": lambda snapshot, file: as_docx(document(snapshot), file),
    "pdf": lambda snapshot, file: as_pdf(document(snapshot), file),
    "xlsx": as_xlsx,
    "json": as_json,
    "html": lambda snapshot, file: as_html(document(snapshot), file),
}
FORMS = ("docx", "pdf", "xlsx", "json")
"""Forms that are kept with a frozen report; `html` is a file of its own, besides the pages of this site."""


def write(snapshot: Snapshot, form: str, file: IO[bytes], *, language: str = "") -> None:
    """Write the report into `file`, in its own language unless another is asked for. Raises ReportError `form`."""
    if form not in _WRITERS:
        raise refusal("form", form=form)
    with override(language or snapshot.head["language"]):
        _WRITERS[form](snapshot, file)


def file_name(code: str, form: str) -> str:
    """What the file is called: `SFMD-2026-IR1.docx`."""
    return f"{(code or 'report').replace('/', '-')}.{form}"
