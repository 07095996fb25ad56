"""The tables and columns of a return file: one place for what is written, read back, and explained to people.

Names of columns are not translated and stand in a hidden row, so that a file comes back in whatever language it was made and wherever its
columns stand by then; people read the labels below them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from ipmd.apps.directory.models import Country
from ipmd.core.tables import Layout, Limits

from ..models import DISAGGREGATIONS, PARTS, ActionState, Answer, HowAnswered

FORMAT = "ipmd return 1"
LIMITS = Limits(most_bytes=40 * 2**20, most_unpacked=400 * 2**20, most_rows=50_000)

Choices = Callable[[], Mapping[str, str | Promise]]


@dataclass(frozen=True)
class Column:
    """One column. `kind`: text, long, date, number, choice; `open`: may be filled in for rows that are there; `new`: for new rows;
    `empty`: begins empty, so that anything in it is said anew."""

    name: str
    label: str | Promise
    kind: str = "text"
    open: bool = False
    new: bool = False
    empty: bool = False
    width: int = 14
    choices: Choices | None = None
    hint: str | Promise = ""


@dataclass(frozen=True)
class TableOf:
    """One table: `key`, the hidden column that says which record a row is; `spare`: empty rows for new records."""

    name: str
    title: str | Promise
    key: str
    columns: tuple[Column, ...]
    says: str | Promise
    spare: int = 0

    @property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def layout(self) -> Layout:
        return Layout(self.name, self.key, frozenset({self.key, *(column.name for column in self.columns)}), headings=2)


def _countries() -> dict[str, str]:
    return {country.alpha2: country.name for country in Country.objects.order_by("alpha2")}


_STEPS: dict[str, str | Promise] = {ActionState.UNDER_WAY: _("started"), ActionState.DONE: _("done"), ActionState.STOPPED: _("stopped")}

GROUPS: dict[str, Choices] = {
    **{key: (lambda parts=parts: parts) for key, parts in PARTS.items()},  # type: ignore[misc]
    "country": _countries,
}

OUTCOMES = TableOf(
    "outcomes", _("Outcomes"), "outcome.id",
    (
        Column("code", _("Outcome"), width=20),
        Column("text", _("Its words"), "long", width=60),
        Column("meeting", _("Meeting"), width=24),
        Column("due", _("Answer asked by"), "date", width=13),
        Column("answer", _("Your answer"), "choice", True, width=22, choices=lambda: dict(Answer.choices)),
        Column("answer_text", _("In words: why, and what will be done"), "long", True, width=46),
        Column("amount", _("Amount needed"), "number", True, width=14, hint=_("Only for the answer “depends on funding”.")),
        Column("currency", _("Currency"), "text", True, width=9, hint=_("Three letters, such as USD.")),
    ),
    _("Outcomes addressed to you. Choose your answer; an answer other than “accepted” says why."),
)  # fmt: skip
ACTIONS = TableOf(
    "actions", _("Actions"), "action.id",
    (
        Column("code", _("Action"), width=10),
        Column("title", _("Title"), "long", True, True, width=40),
        Column("about", _("What is done"), "long", True, True, width=40),
        Column("state", _("State"), width=12),
        Column("answers", _("Outcomes it answers"), "long", False, True, width=22, hint=_("Codes of outcomes; several with a semicolon.")),
        Column("how", _("How it answers them"), "choice", False, True, width=18, choices=lambda: dict(HowAnswered.choices)),
        Column("starts", _("First day"), "date", True, True, width=12),
        Column("ends", _("Last day"), "date", True, True, width=12),
        Column("budget", _("Budget wanted"), "number", True, True, width=14),
        Column("currency", _("Currency"), "text", True, True, width=9, hint=_("Three letters, such as USD.")),
        Column("next_state", _("Next step"), "choice", True, empty=True, width=14, choices=lambda: _STEPS),
        Column("step_on", _("Day of the step"), "date", True, empty=True, width=13),
        Column("step_says", _("What shows it"), "long", True, empty=True, width=40,
               hint=_("A statement or a link. For “stopped” it is the reason too.")),
    ),
    _("What you lead, and what you take part in. Add a new action in an empty row, with the codes of the outcomes it answers."),
    spare=20,
)  # fmt: skip
MILESTONES = TableOf(
    "milestones", _("Milestones"), "milestone.id",
    (
        Column("action", _("Action"), "choice", False, True, width=12),
        Column("title", _("What is to be done"), "long", True, True, width=50),
        Column("due", _("Due on"), "date", True, True, width=12),
        Column("done_on", _("Done on"), "date", True, width=12),
        Column("expected_on", _("Now expected on"), "date", True, empty=True, width=14),
        Column("note", _("Note"), "long", True, empty=True, width=40),
    ),
    _("Say which are done, or when they are expected now. Add a milestone to an action you lead in an empty row."),
    spare=30,
)  # fmt: skip
VALUES = TableOf(
    "values", _("Indicators"), "value.id",
    (
        Column("measure", _("Number of the indicator"), "choice", False, True, width=12),
        Column("indicator", _("Indicator"), "long", width=40),
        Column("unit", _("Unit"), width=12),
        Column("baseline", _("Baseline"), "number", width=12),
        Column("target", _("Target"), "number", width=12),
        Column("last", _("Last value"), width=18),
        *(
            Column(key, label, "choice", False, True, width=16, choices=GROUPS[key])
            for key, label in DISAGGREGATIONS.items()
        ),
        Column("period_start", _("Period from"), "date", True, True, width=12),
        Column("period_end", _("Period to"), "date", True, True, width=12),
        Column("value", _("Value in the period"), "number", True, True, empty=True, width=16),
    ),
    _("A value for each period; the row without parts is the total. Break it down in the rows below it, or in empty ones."),
    spare=60,
)  # fmt: skip
REPORTS = TableOf(
    "reports", _("Reports"), "report.id",
    (
        Column("action", _("Action"), "choice", False, True, width=12),
        Column("title", _("Title"), "long", width=40),
        Column("due", _("Report asked by"), "date", width=13),
        Column("last", _("Last report"), width=16),
        Column("period_start", _("Period from"), "date", True, True, width=12),
        Column("period_end", _("Period to"), "date", True, True, width=12),
        Column("text", _("What was done"), "long", True, True, empty=True, width=60),
        Column("obstacles", _("What is stuck, and why"), "long", True, True, empty=True, width=40),
    ),
    _("One row for each action you take part in. A row without words is no report, unless there are values or milestones."),
    spare=10,
)  # fmt: skip
TABLES: tuple[TableOf, ...] = (OUTCOMES, ACTIONS, MILESTONES, VALUES, REPORTS)
BY_NAME = {table.name: table for table in TABLES}

STAMP = Layout("stamp", "stamp", frozenset({"stamp", "format", "issue", "organisation", "forum", "language"}))
LAYOUTS = (STAMP, *(table.layout for table in TABLES))


def labels(column: Column, language: str) -> dict[str, str]:
    """Code → what people choose, in a language."""
    with override(language):
        return {code: str(label) for code, label in (column.choices() if column.choices else {}).items()}


def _read(table: str, name: str) -> dict[str, str]:
    column = BY_NAME[table].by_name[name]
    found: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        for code, label in labels(column, language).items():
            found.setdefault(" ".join(label.split()).casefold(), code)
            found[code.casefold()] = code
    return found


_known = lru_cache(maxsize=64)(_read)


def code_of(table: str, column: str, given: str) -> str | None:
    """The code of what was chosen, in any of the languages, or None for what is no choice."""
    words = " ".join(given.split()).casefold()
    # Countries stand in the database and are few in a file; all other choices are our own.
    return (_read if column == "country" else _known)(table, column).get(words)
