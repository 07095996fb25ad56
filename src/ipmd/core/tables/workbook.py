"""Reading XLSX workbooks, whoever made them."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

import openpyxl
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from .errors import FileRefused, refused
from .layout import Layout, Limits, Row, Table, columns_of

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")
_CHUNK = 1 << 18
_OVERLAP = 200

Merged = dict[int, list[tuple[int, int, str]]]
"""Row → (first column, last column, the range as people write it)."""


def from_workbook(data: bytes, name: str, layouts: Sequence[Layout], limits: Limits, *, any_sheet: bool = False) -> dict[str, Table]:
    """The tables of a workbook by layout; with `any_sheet` the first sheet counts for a layout whose sheet is not there."""
    merged = _check_archive(data, name, limits)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        found: dict[str, Table] = {}
        for layout, sheet in _placed(book, layouts, name, any_sheet):
            # openpyxl does not tell merged cells when it reads row by row; the path says which part they were found in.
            part = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
            found[layout.name] = Table(sheet.title, list(_rows(sheet, layout, name, limits, _by_row(merged.get(part, [])))))
        return found
    except FileRefused:
        raise
    except (
        InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError, AttributeError, SyntaxError, OSError,
        OverflowError,
    ):  # fmt: skip
        # openpyxl answers broken workbooks with whatever its parts raise; SyntaxError is XML that is none.
        raise refused("xlsx", name) from None


def _placed(book: Any, layouts: Sequence[Layout], name: str, any_sheet: bool) -> Iterator[tuple[Layout, Any]]:
    if any_sheet:
        layout = layouts[0]
        yield layout, book[layout.sheet] if layout.sheet in book.sheetnames else book.worksheets[0]
        return
    heads = [(sheet, {str(value or "").strip().lower() for value in next(sheet.values, ())}) for sheet in book.worksheets]
    for layout in layouts:
        with_key = [sheet for sheet, head in heads if layout.key in head]
        if len(with_key) > 1:
            raise refused("sheet_twice", name, column=layout.key, sheet=with_key[0].title, other=with_key[1].title)
        if with_key:
            yield layout, with_key[0]


def _rows(sheet: Any, layout: Layout, name: str, limits: Limits, merged: Merged) -> Iterator[Row]:
    # What a sheet says about its own size is wrong often enough, and padding to it costs more than reading.
    sheet.reset_dimensions()
    rows = sheet.iter_rows()
    columns = columns_of([str(cell.value or "") for cell in next(rows, ())], layout, name)
    first = layout.headings + 1
    for number, values in enumerate(islice(rows, layout.headings - 1, None), start=first):
        if number - first >= limits.most_rows:
            raise refused("too_many", name, most=limits.most_rows)
        in_ranges = merged.get(number, ()) if merged else ()
        if not in_ranges and all(cell.value is None for cell in values):
            continue
        row = Row(number)
        for place, (column, cell) in enumerate(zip(columns, values, strict=False), start=1):
            if column is None:
                continue
            if cell.data_type == "f":
                row.says("formula", column=column)
            elif cell.data_type == "e":
                row.says("error", column=column)
            else:
                row.put(column, _text(cell.value))
            for left, right, cells in in_ranges:
                if left <= place <= right and (params := {"cells": cells}) not in [said for _what, said in row.wrong]:
                    row.says("merged", **params)
        if row.wrong or any(row.cells.values()):
            yield row


def _by_row(ranges: list[str]) -> Merged:
    by_row: Merged = {}
    told = 0
    for cells in ranges:
        left, top, right, bottom = range_boundaries(cells)
        for number in range(top, min(bottom, top + 10_000) + 1):
            by_row.setdefault(number, []).append((left, right, cells))
            told += 1
        if told > 100_000:
            break
    return by_row


def _check_archive(data: bytes, name: str, limits: Limits) -> dict[str, list[str]]:
    """Refuse an archive that is none, would unpack beyond measure, or holds XML with definitions. Gives merged cells by part."""
    merged: dict[str, list[str]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if parts and "[Content_Types].xml" not in archive.namelist():
                # Another format that is a ZIP archive, such as OpenDocument.
                raise refused("not_text", name)
            too_much = sum(part.file_size for part in parts) > limits.most_unpacked or len(parts) > 2_000
            if too_much or any(part.file_size > 2**20 and part.file_size > 400 * max(part.compress_size, 1) for part in parts):
                raise refused("bomb", name)
            for part in parts:
                # Every part, whatever its name ends in: the workbook itself says which of them are sheets.
                with archive.open(part) as opened:
                    ranges = _scanned(opened, name)
                if ranges:
                    merged[part.filename] = ranges
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error):
        raise refused("xlsx", name) from None
    return merged


def _scanned(part: Any, name: str) -> list[str]:
    """Merged ranges of one part, read piece by piece; raises for one that defines a document type or entities anywhere in it."""
    ranges: dict[str, None] = {}
    tail = b""
    first = True
    while chunk := part.read(_CHUNK):
        # UTF-16 has a NUL beside each of these characters.
        window = tail + (chunk.replace(b"\x00", b"") if b"\x00" in chunk else chunk)
        if any(word in window for word in _FORBIDDEN):
            raise refused("doctype", name)
        if first:
            encoding = _ENCODING.search(window[:400])
            if encoding and encoding[1].upper() not in (b"UTF-8", b"UTF-16", b"US-ASCII", b"ISO-8859-1", b"WINDOWS-1252"):
                # Another encoding could write the same words in other bytes.
                raise refused("xlsx", name)
            first = False
        if b"mergeCell" in window:
            ranges |= {found[1].decode(): None for found in _MERGED.finditer(window)}
        tail = window[-_OVERLAP:]
    return list(ranges)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, str):
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value) if "_x" in value else value
    return str(value)
