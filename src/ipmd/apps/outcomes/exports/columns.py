"""The columns of a register file: one place for what is written, read back, and explained to people.

Names of columns are not translated, so that a file made in one language comes back in another. What a spreadsheet might take for a
formula is written in CSV with an apostrophe before it and in XLSX as text, and comes back without.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ipmd.apps.meetings.models import LANGUAGE_CHOICES

from ..models import Outcome

FORMAT = "ipmd register 1"
LANGUAGES = tuple(code for code, _name in LANGUAGE_CHOICES)


@dataclass(frozen=True)
class Column:
    """One column. `editable`: whether a changed value is taken back; `width`: in characters, 0 for hidden; `many`: one value a line."""

    name: str
    says: str | Promise
    read: Callable[[Outcome], str | list[str]]
    editable: bool = False
    width: int = 14
    many: bool = False


def _translation(language: str) -> Callable[[Outcome], str]:
    return lambda outcome: next((t.text for t in outcome.translations.all() if t.language == language), "")


def one_line(text: str) -> str:
    """The text on one line: in a cell with one value a line, a value can't have several."""
    return " ".join(text.split())


COLUMNS: tuple[Column, ...] = (
    Column("code", _("The outcome's code. It never changes."), lambda o: o.code, width=22),
    Column("text", _("The words as they stand in the document. They can't be changed here."), lambda o: o.text, width=70),
    Column("kind", _("What sort of outcome it is."), lambda o: o.kind, True, 16),
    Column("status", _("How far it is, where the document says so; may be empty."), lambda o: o.status, True, 12),
    Column(
        "actors", _("Who is to act, as written; one a line."), lambda o: [one_line(a) for a in o.actors if one_line(a)], True, 34, many=True
    ),
    Column("themes", _("Codes of themes; one a line. The sheet “Themes” has their names."), lambda o: list(o.themes), True, 24, many=True),
    Column("deadline", _("The deadline as written."), lambda o: one_line(o.deadline_text), True, 18),
    Column(
        "deadline_date",
        _("The deadline as a date: 2026-12-31."),
        lambda o: o.deadline_date.isoformat() if o.deadline_date else "",
        True,
        14,
    ),
    Column("state", _("Whether it is current, withdrawn, merged or superseded."), lambda o: o.state, width=12),
    Column("forum", _("Code of the forum."), lambda o: o.forum.code, width=10),
    Column("meeting", _("Code of the meeting."), lambda o: o.meeting.code, width=14),
    Column("session", _("Code of the session; empty for the meeting as a whole."), lambda o: o.session.code if o.session else "", width=18),
    Column("year", _("Year of the meeting."), lambda o: str(o.year), width=7),
    Column("language", _("Language of the words."), lambda o: o.language, width=9),
    *(
        Column(
            f"translation_{language}",
            _("The words in this language. An empty cell leaves a translation as it is."),
            _translation(language),
            True,
            40,
        )
        for language in LANGUAGES
    ),
    Column("id", _("For the way back: which record this is. Leave it as it is."), lambda o: str(o.pk), width=0),
    Column("version", _("For the way back: which version was exported. Leave it as it is."), lambda o: str(o.version), width=0),
)
BY_NAME = {column.name: column for column in COLUMNS}
EDITABLE = tuple(column.name for column in COLUMNS if column.editable)


def cells(outcome: Outcome) -> dict[str, str | list[str]]:
    """The outcome's values by column. Needs `forum`, `meeting`, `session` and `translations` at hand."""
    return {column.name: column.read(outcome) for column in COLUMNS}


def as_text(value: str | list[str]) -> str:
    """A value as one cell."""
    return value if isinstance(value, str) else "\n".join(value)
