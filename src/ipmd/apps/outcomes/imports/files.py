"""Reading a register file safely: CSV, XLSX or JSON to rows of text, or a refusal that says what is wrong and where.

Nothing in the file is run: a formula is reported, a packed file that would unpack beyond measure is refused before it is unpacked.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import openpyxl
from django.utils.translation import gettext_noop
from openpyxl.utils.exceptions import InvalidFileException

from ipmd.core.errors import SayableError

from ..exports.columns import BY_NAME, unguarded

MOST_BYTES = 100 * 2**20
MOST_UNPACKED = 600 * 2**20
MOST_ROWS = 250_000
MOST_CELL = 40_000
"""Characters; Excel itself holds 32,767 in a cell."""

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class FileRefused(SayableError):
    """The file can't be read as a register file."""


@dataclass
class Row:
    """One row: its number in the file as people see it, its cells by column name, and what is wrong with it, as (template, params)."""

    number: int
    cells: dict[str, str] = field(default_factory=dict)
    wrong: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def read_rows(data: bytes, name: str) -> list[Row]:
    """The rows of a register file; its kind is told by its bytes, not by `name`. Raises :class:`FileRefused`."""
    if len(data) > MOST_BYTES:
        raise FileRefused(
            "import.too_big",
            gettext_noop("“%(name)s” is larger than %(most)d MB; export a part of the register and bring that back."),
            name=name, most=MOST_BYTES // 2**20,
        )  # fmt: skip
    if not data.strip():
        raise FileRefused("import.empty", gettext_noop("“%(name)s” is empty."), name=name)
    if data.startswith(b"PK\x03\x04"):
        rows = _from_xlsx(data, name)
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused(
            "import.old_excel",
            gettext_noop("“%(name)s” is in the old Excel format or protected by a password; save it as an XLSX workbook without one."),
            name=name,
        )
    else:
        text = _decoded(data, name)
        rows = _from_json(text, name) if text.lstrip().startswith("{") else _from_csv(text, name)
    found = list(rows)
    if not found:
        raise FileRefused("import.no_rows", gettext_noop("“%(name)s” has no rows below its headings."), name=name)
    return found


def _not_ours(name: str) -> FileRefused:
    return FileRefused("import.not_text", gettext_noop("“%(name)s” is neither CSV, XLSX nor JSON."), name=name)


def _decoded(data: bytes, name: str) -> str:
    if data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        raise _not_ours(name)
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FileRefused(
            "import.encoding",
            gettext_noop("“%(name)s” is not in UTF-8 (line %(line)d); save it as “CSV UTF-8”, or as XLSX."),
            name=name, line=line,
        ) from None  # fmt: skip


def _from_csv(text: str, name: str) -> Iterator[Row]:
    if "\x00" in text:
        raise _not_ours(name)
    head = text[: text.find("\n") if "\n" in text else len(text)]
    # Excel writes semicolons, or tabs, where a comma is the decimal sign.
    separator = max(",;\t", key=head.count)
    csv.field_size_limit(1_000_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        columns = _columns(next(reader, []), name)
        for number, values in _counted(reader, name):
            yield _row(number, columns, [unguarded(value) for value in values])
    except csv.Error as error:
        raise FileRefused(
            "import.csv",
            gettext_noop("“%(name)s” is broken at line %(line)d: %(why)s."),
            name=name, line=reader.line_num, why=str(error),
        ) from None  # fmt: skip


def _from_json(text: str, name: str) -> Iterator[Row]:
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise FileRefused("import.json", gettext_noop("“%(name)s” is no valid JSON (line %(line)d)."), name=name, line=line) from None
    listed = data.get("outcomes")
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise FileRefused("import.json_form", gettext_noop("“%(name)s” has no list “outcomes”; export a file to see its form."), name=name)
    _columns(listed[0] if listed else ["code"], name)
    for number, entry in _counted(listed, name, first=1):
        row = Row(number)
        for key, value in entry.items():
            if key not in BY_NAME:
                continue
            if isinstance(value, list) and BY_NAME[key].many and all(isinstance(part, str) for part in value):
                value = "\n".join(" ".join(part.split()) for part in value)
            if value is None or (isinstance(value, (str, int)) and not isinstance(value, bool)):
                _put(row, key, "" if value is None else str(value))
            else:
                row.wrong.append((gettext_noop("“%(column)s” holds neither text nor a list of texts"), {"column": key}))
        yield row


def _from_xlsx(data: bytes, name: str) -> Iterator[Row]:
    _check_archive(data, name)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet = book["Outcomes"] if "Outcomes" in book.sheetnames else book.worksheets[0]
        rows = sheet.iter_rows()
        columns = _columns([str(cell.value or "") for cell in next(rows, ())], name)
        for number, values in _counted(rows, name):
            if all(cell.value is None for cell in values):
                continue
            row = Row(number)
            for column, cell in zip(columns, values, strict=False):
                if column is None:
                    continue
                if cell.data_type == "f":
                    row.wrong.append((gettext_noop("“%(column)s” holds a formula; put in its value instead"), {"column": column}))
                elif cell.data_type == "e":
                    row.wrong.append((gettext_noop("“%(column)s” holds an error of the spreadsheet"), {"column": column}))
                else:
                    _put(row, column, _cell(cell.value))
            yield row
    except FileRefused:
        raise
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError, AttributeError, SyntaxError, OSError):
        # openpyxl answers broken workbooks with whatever its parts raise; SyntaxError is XML that is none.
        raise FileRefused(
            "import.xlsx", gettext_noop("“%(name)s” is not a readable XLSX workbook; save it again and retry."), name=name
        ) from None


def _check_archive(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if parts and "[Content_Types].xml" not in archive.namelist():
                # Another format that is a ZIP archive, such as OpenDocument.
                raise _not_ours(name)
            too_much = sum(part.file_size for part in parts) > MOST_UNPACKED or len(parts) > 2_000
            if too_much or any(part.file_size > 2**20 and part.file_size > 400 * max(part.compress_size, 1) for part in parts):
                raise FileRefused(
                    "import.bomb", gettext_noop("“%(name)s” would unpack to an unreasonable size and was not opened."), name=name
                )
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as opened:
                        if b"<!" in opened.read(2_000).replace(b"<!--", b""):
                            raise FileRefused(
                                "import.doctype", gettext_noop("“%(name)s” defines XML entities, which no spreadsheet does."), name=name
                            )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        raise FileRefused(
            "import.xlsx", gettext_noop("“%(name)s” is not a readable XLSX workbook; save it again and retry."), name=name
        ) from None


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str):
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
    return str(value)


def _columns(names: Iterable[str], name: str) -> list[str | None]:
    columns = [each.strip().lower() for each in names]
    if "code" not in columns:
        raise FileRefused(
            "import.no_code",
            gettext_noop("“%(name)s” has no column “code” in its first row; export a file to see which columns there are."),
            name=name,
        )
    twice = sorted({each for each in columns if each in BY_NAME and columns.count(each) > 1})
    if twice:
        raise FileRefused("import.column_twice", gettext_noop("“%(name)s” has the column “%(column)s” twice."), name=name, column=twice[0])
    return [each if each in BY_NAME else None for each in columns]


def _counted(rows: Iterable[Any], name: str, first: int = 2) -> Iterator[tuple[int, Any]]:
    for number, row in enumerate(rows, start=first):
        if number - first >= MOST_ROWS:
            raise FileRefused("import.too_many", gettext_noop("“%(name)s” has more than %(most)d rows."), name=name, most=MOST_ROWS)
        yield number, row


def _row(number: int, columns: list[str | None], values: list[str]) -> Row:
    row = Row(number)
    for column, value in zip(columns, values, strict=False):
        if column is not None:
            _put(row, column, value)
    return row


def _put(row: Row, column: str, value: str) -> None:
    if len(value) > MOST_CELL:
        row.wrong.append((gettext_noop("“%(column)s” is longer than %(most)d characters"), {"column": column, "most": MOST_CELL}))
    elif "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        row.wrong.append((gettext_noop("“%(column)s” holds characters that are none"), {"column": column}))
    else:
        row.cells[column] = value
