"""What a file is to hold, and the rows that come out of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .errors import refused

MOST_CELL = 40_000
"""Characters; Excel itself holds 32,767 in a cell."""

ROW_SAYS = {
    "formula": "“%(column)s” holds a formula; put in its value instead",
    "error": "“%(column)s” holds an error of the spreadsheet",
    "merged": "the cells %(cells)s are merged; take the merging away and fill in each of them",
    "long": "“%(column)s” is longer than %(most)d characters",
    "characters": "“%(column)s” holds characters that are none",
    "form": "“%(column)s” holds neither text nor a list of texts",
}


@dataclass(frozen=True)
class Limits:
    """How much a file may be: bytes as it comes, bytes unpacked, rows of one table."""

    most_bytes: int = 100 * 2**20
    most_unpacked: int = 600 * 2**20
    most_rows: int = 250_000


@dataclass(frozen=True)
class Layout:
    """One table of a file.

    `name`: of the list in JSON, and of the sheet in a workbook where there is one of that name; `key`: the column without which it is not
    this table; `columns`: those that are taken, others are left; `many`: those that hold one value a line; `headings`: rows of a workbook
    above the first row of values, of which the first has the columns' names.
    """

    name: str
    key: str
    columns: frozenset[str]
    many: frozenset[str] = frozenset()
    headings: int = 1
    sheet: str = ""


@dataclass
class Row:
    """One row: its number in the file as people see it, its cells by column name, and what is wrong with it, as (template, params)."""

    number: int
    cells: dict[str, str] = field(default_factory=dict)
    wrong: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def says(self, what: str, **params: Any) -> None:
        """Say what is wrong with it."""
        self.wrong.append((ROW_SAYS[what], params))

    def put(self, column: str, value: str) -> None:
        """Fill a cell, or say why its value can't be one."""
        if len(value) > MOST_CELL:
            self.says("long", column=column, most=MOST_CELL)
        elif "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            self.says("characters", column=column)
        else:
            self.cells[column] = value


@dataclass
class Table:
    """The rows of one layout, and what people call the sheet they stand in."""

    title: str
    rows: list[Row]


def columns_of(names: Iterable[str], layout: Layout, name: str) -> list[str | None]:
    """Which column each place holds, None for one that is left. Raises :class:`FileRefused` without the key, or with a column twice."""
    found = [each.strip().lower() for each in names]
    if layout.key not in found:
        raise refused("no_code", name) if layout.key == "code" else refused("no_column", name, column=layout.key)
    twice = sorted({each for each in found if each in layout.columns and found.count(each) > 1})
    if twice:
        raise refused("column_twice", name, column=twice[0])
    return [each if each in layout.columns else None for each in found]
