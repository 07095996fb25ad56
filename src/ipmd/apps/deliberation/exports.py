"""The compiled table of comments: each paragraph of a version, what was said about it, by whom, and what was answered. DOCX and XLSX."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import xlsxwriter
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ipmd.core.similarity.differences import Op
from ipmd.core.tables.guard import guarded
from ipmd.core.writing import Cell, Document, Heading, Inline, Paragraph, Run, Table, as_docx

from . import clock
from .models import Proposal, ProposalVersion
from .queries.proposal import Part, Said, parts_of


@dataclass(frozen=True)
class Line:
    """One row: a paragraph and one comment on it, or none. `number` is empty for the text as a whole."""

    number: str
    paragraph: str
    comment: Said | None
    is_first: bool

    @property
    def answer(self) -> str:
        if self.comment is None or self.comment.response is None:
            return ""
        response = self.comment.response
        return ": ".join(part for part in (str(response.get_answer_display()), response.why) if part)


def lines(version: ProposalVersion) -> Iterator[Line]:
    """Every paragraph in its order, with its comments; the whole last, if anything was said about it."""
    parts, whole = parts_of(version)
    for part in (*parts, *([whole] if whole.comments else [])):
        yield from _lines(part)


def _lines(part: Part) -> Iterator[Line]:
    number = str(part.paragraph.number) if part.paragraph else ""
    text = part.paragraph.text if part.paragraph else _("The text as a whole")
    for place, said in enumerate(part.comments or [None]):
        yield Line(number, text, said, place == 0)


def headings() -> list[str]:
    """The table's columns."""
    return [_("No."), _("Paragraph"), _("Who"), _("Comment"), _("Suggested wording"), _("Answer")]


def as_table_docx(proposal: Proposal, version: ProposalVersion) -> IO[bytes]:
    """The table in a Word document, open for reading. Suggested wording shows what it would change."""
    language = get_language() or "en"
    deadline = proposal.rounds.filter(version=version).order_by("-opened_at").first()
    about: list[Inline] = [
        _("Proposal %(code)s to %(group)s, version %(number)d") % {"code": proposal.code, "group": proposal.group, "number": version.number}
    ]
    if deadline is not None:
        about.append(_("Deadline: %(when)s") % {"when": clock.said(deadline.deadline, deadline.time_zone)})
    rows = list(lines(version))
    said = sum(1 for line in rows if line.comment)
    document = Document(
        title=_("Comments: %(title)s") % {"title": proposal.title},
        language=language,
        date=version.at.date(),
        kicker=proposal.code,
        lines=about,
        footer=proposal.code,
        blocks=[
            Heading(_("Paragraph by paragraph"), 1),
            Paragraph(
                _("Words a suggestion adds are underlined, words it leaves out are struck through.") if said else _("Nobody has commented.")
            ),
            Table(
                header=headings(),
                rows=[_row(line, proposal.language) for line in rows],
                widths=(0.55, 2.1, 1.1, 1.8, 2.2, 1.5),
                row_headings=False,
            ),
        ],
    )
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    as_docx(document, file)
    file.seek(0)
    return file


def _row(line: Line, language: str) -> list[Inline | Cell]:
    said = line.comment
    first: list[Inline | Cell] = [line.number if line.is_first else "", Cell(line.paragraph if line.is_first else "", language)]
    if said is None:
        return [*first, "", "", "", ""]
    spoken = said.record.language or language
    return [*first, said.who, Cell(said.record.text, spoken), Cell(_wording(said), spoken), line.answer]


def _wording(said: Said) -> Inline:
    marks = {Op.INSERT: "inserted", Op.DELETE: "deleted"}
    if not said.record.paragraph_id:
        return said.record.wording
    return [Run(segment.text, mark=marks.get(segment.op, "")) for segment in said.segments]


def as_table_xlsx(proposal: Proposal, version: ProposalVersion) -> IO[bytes]:
    """The same as a workbook, one comment a row with its paragraph repeated, so that it can be sorted and filtered."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    book = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    book.set_properties({"title": _("Comments: %(title)s") % {"title": proposal.title}})
    heading = book.add_format({"bold": True, "bg_color": "#E4F0F6", "bottom": 1, "valign": "top"})
    wrap = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    sheet = book.add_worksheet(proposal.code[:31])
    if (get_language() or "").startswith("ar"):
        sheet.right_to_left()
    for place, (name, width) in enumerate(zip(headings(), (6, 50, 24, 45, 45, 40), strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, name, heading)
    count = 0
    for count, line in enumerate(lines(version), start=1):
        said = line.comment
        cells = [line.number, line.paragraph, said.who if said else "", said.record.text if said else ""]
        cells += [said.record.wording if said else "", line.answer]
        for place, text in enumerate(cells):
            sheet.write_string(count, place, guarded(text)[:32_767], wrap)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, count, 5)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    book.close()
    file.seek(0)
    return file
