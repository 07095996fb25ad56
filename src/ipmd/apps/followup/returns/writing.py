"""Writing a return file: a workbook with drop-downs, protected columns, and instructions in the reader's language."""

from __future__ import annotations

import tempfile
from datetime import date
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name

from ipmd.apps.directory.models import Forum, Organisation, User

from ..models import ReturnFile, ReturnForm
from .columns import FORMAT, TABLES, Column, TableOf, labels
from .gathering import Filled, Gathered, gather
from .stamps import fingerprint, stamp_of

MOST_CELL = 32_767
HEAD = 2
"""Rows above the first row of values: the columns' names, hidden, and their labels."""
INSTRUCTION_LINE, NAME_LINE = 85, 24
"""Characters that surely go on a line of the two columns of the instructions."""

SHEET_OPTIONS = {
    "format_cells": True, "format_columns": True, "format_rows": True, "sort": True, "autofilter": True,
    "select_locked_cells": True, "select_unlocked_cells": True,
}  # fmt: skip


def issue(*, organisation: Organisation, forum: Forum, language: str, to: User, form: str = ReturnForm.FILE) -> tuple[ReturnFile, Gathered]:
    """Record that a return file is issued, with what stands in it. Writing it out is another step."""
    with override(language), transaction.atomic():
        gathered = gather(organisation=organisation, forum=forum, user=to)
        rows = gathered.kept()
        issued = ReturnFile.objects.create(
            forum=forum, organisation=organisation, form=form, language=language, issued_to=to, rows=rows, count=gathered.count,
            stamp=fingerprint(rows),
        )  # fmt: skip
    return issued, gathered


def file_name(issued: ReturnFile, end: str) -> str:
    """Such as `return-MIN-X-2026-05-14.xlsx`."""
    return f"return-{issued.organisation.code}-{localtime(issued.issued_at):%Y-%m-%d}.{end}".lower()


def as_workbook(issued: ReturnFile, gathered: Gathered) -> IO[bytes]:
    """The workbook in a temporary file, ready to be read."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    with override(issued.language):
        _Writer(file, issued, gathered).write()
    file.seek(0)
    return file


def _prints_well(sheet: Any) -> None:
    """A4, landscape, all columns on one page: many print it and fill it in by hand first."""
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


class _Writer:
    """One workbook while it is written."""

    def __init__(self, file: IO[bytes], issued: ReturnFile, gathered: Gathered) -> None:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "default_date_format": "yyyy-mm-dd"}
        self.book = xlsxwriter.Workbook(file, options)
        self.issued, self.gathered = issued, gathered
        self.right_to_left: bool = get_language_info(issued.language)["bidi"]
        self.lists: Any = None
        self.ranges: dict[str, str] = {}
        self.formats: dict[str, Any] = {}

    def write(self) -> None:
        self.book.set_properties({"title": _("Return file of %(organisation)s") % {"organisation": self.issued.organisation.name},
                                  "comments": FORMAT})  # fmt: skip
        self._make_formats()
        self._instructions()
        sheets = [(table, self.book.add_worksheet(str(table.title)[:31])) for table in TABLES]
        self.lists = self.book.add_worksheet("_lists")
        for table, sheet in sheets:
            self._table(table, sheet)
        self._stamp()
        self.lists.hide()
        self.book.close()

    def _make_formats(self) -> None:
        base = {"valign": "top", "text_wrap": True, "font_size": 11}
        fixed = {**base, "font_color": "#545C64", "bg_color": "#F4F5F4", "border": 1, "border_color": "#D8DBDD"}
        free = {**base, "locked": False, "border": 1, "border_color": "#D8DBDD"}
        forms = {"text": {"num_format": "@"}, "long": {"num_format": "@"}, "choice": {"num_format": "@"},
                 "date": {"num_format": "yyyy-mm-dd"}, "number": {"num_format": "General"}}  # fmt: skip
        for kind, form in forms.items():
            self.formats[f"fixed {kind}"] = self.book.add_format({**fixed, **form})
            self.formats[f"free {kind}"] = self.book.add_format({**free, **form})
        self.formats["head"] = self.book.add_format({**base, "bold": True, "bg_color": "#E4F0F6", "bottom": 1})
        self.formats["head open"] = self.book.add_format({**base, "bold": True, "bg_color": "#FDEEB5", "bottom": 1})
        self.formats["title"] = self.book.add_format({**base, "bold": True, "font_size": 16, "text_wrap": False})
        self.formats["text"] = self.book.add_format(base)
        self.formats["bold"] = self.book.add_format({**base, "bold": True})

    def _instructions(self) -> None:
        sheet = self.book.add_worksheet(_("Read me first")[:31])
        if self.right_to_left:
            sheet.right_to_left()
        _prints_well(sheet)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 96)
        issued = self.issued
        address = settings.PUBLIC_URL.rstrip("/") + reverse("followup:returns")
        sheet.write_string(0, 0, _("Return file of %(organisation)s") % {"organisation": issued.organisation.name}, self.formats["title"])
        lines = [
            (_("Forum"), issued.forum.name),
            (_("Made on"), f"{date_format(localtime(issued.issued_at), 'DATETIME_FORMAT')} · {issued.issued_to}"),
            (_("What to do"), _("Fill in the cells without grey ground; headings of columns that can be filled in are yellow. Leave empty "
                               "what you have nothing to say about. Save the file as an Excel workbook (XLSX), and bring it back.")),
            (_("How to bring it back"), _("Upload it at %(address)s, or answer with it to the mail it came by. You see row by row what "
                                          "would change, and nothing is changed before you say so.") % {"address": address}),
            (_("What others change meanwhile"), _("Is never overwritten: where something has changed since the file was made, you see "
                                                  "both, side by side.")),
            (_("Dates and numbers"), _("Dates are written 2026-12-31, numbers 1500.25. Formulas and merged cells are not taken.")),
        ]  # fmt: skip
        lines += [(str(table.title), str(table.says)) for table in TABLES]
        for row, (name, says) in enumerate(lines, start=2):
            # Said, because LibreOffice does not find the height of wrapped lines by itself.
            sheet.set_row(row, 16 * max(len(says) // INSTRUCTION_LINE + 1, len(name) // NAME_LINE + 1))
            sheet.write_string(row, 0, name, self.formats["bold"])
            sheet.write_string(row, 1, says, self.formats["text"])
        sheet.protect("", SHEET_OPTIONS)

    def _table(self, table: TableOf, sheet: Any) -> None:
        if self.right_to_left:
            sheet.right_to_left()
        rows = self.gathered.tables.get(table.name, [])
        _prints_well(sheet)
        sheet.repeat_rows(HEAD - 1)
        sheet.freeze_panes(HEAD, 2)
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.write_string(0, 0, table.key, self.formats["head"])
        sheet.write_string(1, 0, table.key, self.formats["head"])
        sheet.set_column(0, 0, 10, None, {"hidden": True})
        for place, column in enumerate(table.columns, start=1):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, column.name, self.formats["head"])
            sheet.write_string(1, place, str(column.label), self.formats["head open" if column.open or column.new else "head"])
        known = {column.name: labels(column, self.issued.language) for column in table.columns}
        last = HEAD + len(rows) + table.spare - 1
        for number, row in enumerate(rows, start=HEAD):
            self._row(sheet, number, table, row, known)
        for number in range(HEAD + len(rows), last + 1):
            for place, column in enumerate(table.columns, start=1):
                sheet.write_blank(number, place, None, self.formats[f"{'free' if column.new else 'fixed'} {column.kind}"])
        if last >= HEAD:
            for place, column in enumerate(table.columns, start=1):
                if column.open or column.new:
                    self._validate(sheet, table, column, place, last, known[column.name])
        sheet.protect("", SHEET_OPTIONS)

    def _row(self, sheet: Any, number: int, table: TableOf, row: Filled, known: dict[str, dict[str, str]]) -> None:
        sheet.write_string(number, 0, row.key, self.formats["fixed text"])
        for place, column in enumerate(table.columns, start=1):
            look = self.formats[f"{'free' if column.name in row.open else 'fixed'} {column.kind}"]
            value = row.values.get(column.name, "")
            if not value:
                sheet.write_blank(number, place, None, look)
            elif column.kind == "date":
                sheet.write_datetime(number, place, date.fromisoformat(value), look)
            elif column.kind == "number" and len(value) < 15:
                sheet.write_number(number, place, Decimal(value), look)
            else:
                sheet.write_string(number, place, known[column.name].get(value, value)[:MOST_CELL], look)

    def _validate(self, sheet: Any, table: TableOf, column: Column, place: int, last: int, known: dict[str, str]) -> None:
        rule: dict[str, Any] = {"ignore_blank": True, "error_title": str(column.label)[:32]}
        if column.hint:
            rule |= {"input_title": str(column.label)[:32], "input_message": str(column.hint)[:255]}
        if column.kind == "choice":
            source = self._list(f"{table.name}.{column.name}", self._offered(table, column, known))
            if not source:
                return
            rule |= {"validate": "list", "source": source}
        elif column.kind == "date":
            rule |= {"validate": "date", "criteria": "between", "minimum": date(1990, 1, 1), "maximum": date(2100, 12, 31),
                     "error_message": _("Write a date, such as 2026-12-31.")[:255]}  # fmt: skip
        elif column.kind == "number":
            rule |= {"validate": "decimal", "criteria": "between", "minimum": -1e15, "maximum": 1e15,
                     "error_message": _("Write a number, such as 1500.25.")[:255]}  # fmt: skip
        elif not column.hint:
            return
        else:
            rule |= {"validate": "any"}
        sheet.data_validation(HEAD, place, last, place, rule)

    def _offered(self, table: TableOf, column: Column, known: dict[str, str]) -> list[str]:
        if (table.name, column.name) == ("milestones", "action"):
            return [code for code, key in self.gathered.codes.items() if key in self.gathered.led]
        if column.name == "action":
            return list(self.gathered.codes)
        if column.name == "measure":
            return list(self.gathered.measures)
        return list(known.values())

    def _list(self, name: str, values: list[str]) -> str:
        """Where a drop-down's choices stand; long ones and many fit into no rule of a cell."""
        if not values:
            return ""
        if name not in self.ranges:
            place = len(self.ranges)
            for row, value in enumerate(values):
                self.lists.write_string(row, place, value)
            letter = xl_col_to_name(place)
            self.ranges[name] = f"=_lists!${letter}$1:${letter}${len(values)}"
        return self.ranges[name]

    def _stamp(self) -> None:
        sheet = self.book.add_worksheet("_ipmd")
        for place, (name, value) in enumerate(stamp_of(self.issued).items()):
            sheet.write_string(0, place, name)
            sheet.write_string(1, place, value)
        sheet.protect("", SHEET_OPTIONS)
        sheet.hide()
