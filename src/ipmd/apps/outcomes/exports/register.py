"""The register as a file: CSV for programs and Excel, XLSX for people, JSON for whoever builds on it. Written piece by piece."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO

import xlsxwriter
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ipmd.core.similarity import theme_label, themes
from ipmd.core.tables import guarded

from ..models import Kind, Outcome, Status
from .columns import COLUMNS, FORMAT, as_text, cells

Batches = Iterable[list[Outcome]]

MOST_ROWS_XLSX = 1_048_575
"""Rows an Excel sheet has below its headings."""


class _Line:
    """Where the CSV writer writes: gives the line back."""

    def write(self, line: str) -> str:
        return line


def as_csv(batches: Batches) -> Iterator[bytes]:
    """CSV in UTF-8 with a byte order mark, without which Excel reads it in another encoding; lines end as RFC 4180 says."""
    writer = csv.writer(_Line())
    yield b"\xef\xbb\xbf" + writer.writerow([column.name for column in COLUMNS]).encode()
    for batch in batches:
        lines = (writer.writerow([guarded(as_text(value)) for value in cells(outcome).values()]) for outcome in batch)
        yield "".join(lines).encode()


def as_json(batches: Batches, *, question: str, at: datetime) -> Iterator[bytes]:
    """JSON: `format`, `question` (the address asked), `exported`, `outcomes`, one a line."""
    head = json.dumps({"format": FORMAT, "question": question, "exported": at.isoformat()}, ensure_ascii=False)
    yield (head[:-1] + ', "outcomes": [').encode()
    first = True
    for batch in batches:
        parts = []
        for outcome in batch:
            parts.append(("\n" if first else ",\n") + json.dumps(cells(outcome), ensure_ascii=False))
            first = False
        yield "".join(parts).encode()
    yield b"\n]}\n"


def as_xlsx(batches: Batches) -> IO[bytes]:
    """An Excel workbook in a temporary file, ready to be read; rows go to disk as they come, so memory does not grow with them."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    # Everything is written with write_string; the options say the same once more for whoever adds a column.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, options)
    book.set_properties({"title": _("Register of outcomes"), "comments": FORMAT})
    heading = book.add_format({"bold": True, "bg_color": "#E4F0F6", "bottom": 1, "valign": "top"})
    fixed = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#545C64"})
    free = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    sheet = book.add_worksheet("Outcomes")
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, column.width or 10, free if column.editable else fixed, {"hidden": not column.width})
        sheet.write_string(0, place, column.name, heading)
    row = 0
    for batch in batches:
        for outcome in batch:
            row += 1
            for place, (column, value) in enumerate(zip(COLUMNS, cells(outcome).values(), strict=True)):
                if text := as_text(value):
                    sheet.write_string(row, place, text[:32_767], free if column.editable else fixed)
    for place, column in enumerate(COLUMNS):
        choices = {"kind": Kind.values, "status": Status.values}.get(column.name)
        if choices and row:
            sheet.data_validation(1, place, row, place, {"validate": "list", "source": choices, "ignore_blank": column.name == "status"})
    if row:
        sheet.autofilter(0, 0, row, len(COLUMNS) - 1)
    _explain(book, heading)
    book.close()
    file.seek(0)
    return file


def _explain(book: xlsxwriter.Workbook, heading: object) -> None:
    here = get_language() or "en"
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    about = book.add_worksheet("About")
    about.set_column(0, 0, 18)
    about.set_column(1, 1, 14)
    about.set_column(2, 2, 80, wrap)
    about.write_string(0, 0, FORMAT)
    about.write_string(1, 0, _("Change what may be changed, save, and bring the file back in; you will see each change before it is made."))
    for place, name in enumerate((_("Column"), _("May be changed"), _("What it says"))):
        about.write_string(3, place, name, heading)
    for place, column in enumerate(COLUMNS):
        about.write_string(4 + place, 0, column.name)
        about.write_string(4 + place, 1, _("yes") if column.editable else _("no"))
        about.write_string(4 + place, 2, str(column.says), wrap)
    known = book.add_worksheet("Themes")
    known.set_column(0, 0, 24)
    known.set_column(1, 1, 70)
    known.write_string(0, 0, "theme", heading)
    known.write_string(0, 1, _("Name"), heading)
    for place, code in enumerate(themes(), start=1):
        known.write_string(place, 0, code)
        known.write_string(place, 1, theme_label(code, here))


def pieces(file: IO[bytes], size: int = 1 << 16) -> Iterator[bytes]:
    """A file in pieces, closed at its end."""
    with file:
        while piece := file.read(size):
            yield piece


__all__ = ["MOST_ROWS_XLSX", "as_csv", "as_json", "as_xlsx", "pieces"]
