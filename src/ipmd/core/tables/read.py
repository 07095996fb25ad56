"""Reading a file by the kind its bytes tell."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .errors import refused
from .guard import unguarded
from .layout import Layout, Limits, Row, Table, columns_of
from .workbook import from_workbook


def read_rows(data: bytes, name: str, layout: Layout, limits: Limits | None = None) -> list[Row]:
    """The rows of a file with one table: CSV, XLSX or JSON, told by its bytes, not by `name`. Raises :class:`FileRefused`."""
    limits = limits or Limits()
    _check_size(data, name, limits)
    if _is_workbook(data, name):
        rows = next(iter(from_workbook(data, name, [layout], limits, any_sheet=True).values())).rows
    else:
        text = _decoded(data, name)
        if text.lstrip().startswith("{"):
            rows = list(_listed(_parsed(text, name), name, layout, limits))
        else:
            rows = list(_from_csv(text, name, layout, limits))
    if not rows:
        raise refused("no_rows", name)
    return rows


def read_book(data: bytes, name: str, layouts: Sequence[Layout], limits: Limits | None = None) -> dict[str, Table]:
    """The tables of a workbook, or of JSON with a list for each, by the name of their layout; one that is not there is left out.

    A table is found by its key column, whatever its sheet is called by now. Raises :class:`FileRefused`.
    """
    limits = limits or Limits()
    _check_size(data, name, limits)
    if _is_workbook(data, name):
        return from_workbook(data, name, layouts, limits)
    text = _decoded(data, name)
    if not text.lstrip().startswith("{"):
        raise refused("xlsx", name)
    parsed = _parsed(text, name)
    return {layout.name: Table(layout.name, list(_listed(parsed, name, layout, limits))) for layout in layouts if parsed.get(layout.name)}


def _check_size(data: bytes, name: str, limits: Limits) -> None:
    if len(data) > limits.most_bytes:
        raise refused("too_big", name, most=limits.most_bytes // 2**20)
    if not data.strip():
        raise refused("empty", name)


def _is_workbook(data: bytes, name: str) -> bool:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise refused("old_excel", name)
    return data.startswith(b"PK\x03\x04")


def _decoded(data: bytes, name: str) -> str:
    if data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        raise refused("not_text", name)
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise refused("encoding", name, line=data[: error.start].count(b"\n") + 1) from None


def _from_csv(text: str, name: str, layout: Layout, limits: Limits) -> Iterator[Row]:
    if "\x00" in text:
        raise refused("not_text", name)
    head = text[: text.find("\n") if "\n" in text else len(text)]
    # Excel writes semicolons, or tabs, where a comma is the decimal sign.
    separator = max(",;\t", key=head.count)
    csv.field_size_limit(1_000_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        columns = columns_of(next(reader, []), layout, name)
        for number, values in counted(reader, name, limits):
            row = Row(number)
            for column, value in zip(columns, values, strict=False):
                if column is not None:
                    row.put(column, unguarded(value))
            yield row
    except csv.Error as error:
        raise refused("csv", name, line=reader.line_num, why=str(error)) from None


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        parsed: dict[str, Any] = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refused("json", name, line=getattr(error, "lineno", 1)) from None
    return parsed


def _listed(parsed: dict[str, Any], name: str, layout: Layout, limits: Limits) -> Iterator[Row]:
    listed = parsed.get(layout.name)
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise refused("json_form", name) if layout.name == "outcomes" else refused("json_list", name, list=layout.name)
    columns_of(listed[0] if listed else [layout.key], layout, name)
    for number, entry in counted(listed, name, limits, first=1):
        row = Row(number)
        for key, value in entry.items():
            if key not in layout.columns:
                continue
            if isinstance(value, list) and key in layout.many and all(isinstance(part, str) for part in value):
                value = "\n".join(" ".join(part.split()) for part in value)
            if value is None or (isinstance(value, (str, int)) and not isinstance(value, bool)):
                row.put(key, "" if value is None else str(value))
            else:
                row.says("form", column=key)
        yield row


def counted(rows: Iterable[Any], name: str, limits: Limits, first: int = 2) -> Iterator[tuple[int, Any]]:
    """The rows with their numbers, and a refusal at one too many."""
    for number, row in enumerate(rows, start=first):
        if number - first >= limits.most_rows:
            raise refused("too_many", name, most=limits.most_rows)
        yield number, row
