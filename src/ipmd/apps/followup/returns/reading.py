"""Reading what came back: the file's stamp, its tables, and each cell as what it means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from ipmd.core.tables import Row, Table, read_book

from ..models import ReturnFile, ReturnForm
from .columns import LAYOUTS, LIMITS, TABLES, Column, TableOf, code_of
from .errors import ROW_SAYS, refused
from .stamps import issued_of

_SPACES = re.compile(r"[\s   ']")


@dataclass
class Read:
    """A file that came back: what it was issued as, and its tables."""

    issued: ReturnFile
    tables: dict[str, Table]


class Misread(Exception):
    """A cell that means nothing: what is said about it."""

    def __init__(self, what: str, **params: Any) -> None:
        super().__init__(what)
        self.says = (ROW_SAYS[what], params)


def read(data: bytes, name: str) -> Read:
    """Raises FileRefused for what can't be read, ReturnRefused for what is no return file of ours or lacks a sheet."""
    tables = read_book(data, name, LAYOUTS, LIMITS)
    stamps = tables.pop("stamp", None)
    if stamps is None or not stamps.rows:
        raise refused("no_stamp", name=name)
    issued = issued_of(stamps.rows[0].cells, name)
    for table in TABLES:
        if table.name not in tables and issued.rows["tables"].get(table.name) and issued.form == ReturnForm.FILE:
            raise refused("sheet_missing", name=name, sheet=str(table.title))
    return Read(issued, tables)


def meaning(table: TableOf, column: Column, given: str) -> str:
    """A cell in the form in which it is kept: days as ISO, numbers plain, choices as codes. Raises :class:`Misread`."""
    text = given.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        return ""
    if column.kind == "date":
        return _day(text)
    if column.kind == "number":
        return _number(text)
    if column.kind == "choice" and column.choices is not None:
        code = code_of(table.name, column.name, text)
        if code is None:
            raise Misread("choice", value=text[:80], column=str(column.label))
        return code
    if column.name == "currency":
        return text.upper()
    return text


def _day(text: str) -> str:
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        raise Misread("date", value=text[:80]) from None
    if not 1900 <= found.year <= 2200 or len(text) not in (10, 19):
        raise Misread("date", value=text[:80])
    return found.isoformat()


def _number(text: str) -> str:
    plain = _SPACES.sub("", text).replace("٫", ".").replace("−", "-")
    try:
        # A comma may be the decimal sign or stand between thousands: nobody should have to guess.
        found = Decimal(plain)
    except InvalidOperation:
        raise Misread("number", value=text[:80]) from None
    if not found.is_finite() or abs(found.adjusted()) > 30:
        raise Misread("number", value=text[:80])
    told = f"{found:f}"
    return (told.rstrip("0").rstrip(".") or "0") if "." in told else told


def is_empty(table: TableOf, row: Row) -> bool:
    """Whether a row without a record says nothing at all."""
    return not any(row.cells.get(column.name, "").strip() for column in table.columns)
