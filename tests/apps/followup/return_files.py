"""What tests of return files begin from: an organisation with outcomes, actions and measures, and hands that fill in files."""

from __future__ import annotations

import io
from typing import Any

import openpyxl

from ipmd.apps.followup.models import ReturnFile
from ipmd.apps.followup.returns.writing import as_workbook, issue

from .factories import Thread, indicator, milestone


def make_place(thread: Thread) -> dict[str, Any]:
    """An action under way that the Ministry of Labour leads, with a milestone and an indicator broken down by sex, and one it proposes."""
    lead = thread.people["labour_focal"]
    action = thread.under_way("Publish a list of fees")
    return {
        "action": action,
        "milestone": milestone(action, lead, "Draft list"),
        "indicator": indicator(action, lead, "0", "100", name="Fees published", breakdown=["sex"], combine="sum", unit="fees"),
        "proposed": thread.propose("Train recruiters"),
    }


def issued_to(thread: Thread, short: str = "labour", language: str = "en", form: str = "file") -> tuple[ReturnFile, bytes]:
    """A file issued to the focal point of the organisation."""
    issued, gathered = issue(
        organisation=thread.organisations[short], forum=thread.forum, language=language, to=thread.people[f"{short}_focal"], form=form
    )
    with as_workbook(issued, gathered) as file:
        return issued, file.read()


class Hands:
    """A workbook while a person fills it in. `which` row: a text in it, its number, or None for the next empty one."""

    def __init__(self, data: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(data))

    def names(self, sheet: str) -> list[Any]:
        return [cell.value for cell in self.book[sheet][1]]

    def row_of(self, sheet: str, which: str | None) -> int:
        for number, row in enumerate(self.book[sheet].iter_rows(min_row=3, values_only=True), start=3):
            if (which is None and not any(row)) or (which is not None and which in row):
                return number
        raise AssertionError(f"no row {which} in {sheet}")

    def fill(self, sheet: str, which: str | int | None, **cells: Any) -> int:
        number = which if isinstance(which, int) else self.row_of(sheet, which)
        names = self.names(sheet)
        for name, value in cells.items():
            self.book[sheet].cell(number, names.index(name) + 1).value = value
        return number

    def data(self) -> bytes:
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()
