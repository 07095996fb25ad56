"""The offline pack: one page in one file, with everything that concerns an organisation, to be filled in without a network.

What is written is kept in the browser where it allows that, and saved into a JSON file that comes back as a return file does.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _

from ..models import DISAGGREGATIONS, ReturnFile
from .columns import ACTIONS, MILESTONES, OUTCOMES, REPORTS, VALUES, Column, TableOf, labels
from .gathering import Filled, Gathered
from .stamps import stamp_of

SPARE_ACTIONS = 3
SPARE_MILESTONES = 2
SPARE_PARTS = 3


@dataclass
class Field:
    """One field of a form."""

    column: Column
    id: str
    value: str
    choices: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class RowForm:
    """One row as a form: `fixed` goes into the file with it."""

    table: str
    fixed: str
    fields: list[Field]
    values: dict[str, str]
    name: str = ""
    part: str = ""


def as_pack(issued: ReturnFile, gathered: Gathered) -> str:
    """The page. Everything in it is escaped by the template; style and script are our own files."""
    with override(issued.language):
        stamp = {**stamp_of(issued), "file": f"return-{issued.organisation.code.lower()}-{localtime(issued.issued_at):%Y-%m-%d}.json"}
        forms = _Forms(issued.language)
        context = {
            "issued": issued,
            "when": date_format(localtime(issued.issued_at), "DATETIME_FORMAT"),
            "address": settings.PUBLIC_URL.rstrip("/") + reverse("followup:returns"),
            "bidi": get_language_info(issued.language)["bidi"],
            "outcomes": [forms.row(OUTCOMES, row) for row in gathered.tables["outcomes"]],
            "actions": _actions(gathered, forms),
            "new_actions": [forms.new(ACTIONS, {}, f"n{place}", _("New action")) for place in range(SPARE_ACTIONS)],
            "style": _inside("style", _asset("pack.css")),
            "script": _inside("script", _asset("pack.js")),
            "stamp": _data("stamp", stamp),
            "says": _data("says", {"changed": _("%d fields filled in")}),
        }
        return render_to_string("followup/returns/pack.html", context)


@dataclass
class ActionForms:
    """An action with all that is said about it."""

    action: RowForm
    report: RowForm | None
    milestones: list[RowForm]
    values: list[RowForm]


def _actions(gathered: Gathered, forms: _Forms) -> list[ActionForms]:
    by_action: dict[str, dict[str, list[Filled]]] = defaultdict(lambda: defaultdict(list))
    for table, name in (("milestones", "action"), ("values", "measure"), ("reports", "action")):
        for row in gathered.tables[table]:
            by_action[row.values[name].split("/")[0]][table].append(row)
    found = []
    for row in gathered.tables["actions"]:
        code = row.values["code"]
        mine = by_action[code]
        milestones = [forms.row(MILESTONES, one) for one in mine["milestones"]]
        if row.key in gathered.led:
            milestones += [forms.new(MILESTONES, {"action": code}, f"{code}-n{n}", _("New milestone")) for n in range(SPARE_MILESTONES)]
        values = []
        for one in mine["values"]:
            form = forms.row(VALUES, one)
            form.part = " · ".join(forms.word(VALUES, name, one.values[name]) for name in DISAGGREGATIONS if one.values.get(name))
            values.append(form)
        for measure in dict.fromkeys(one.values["measure"] for one in mine["values"]):
            name = next(one.values["indicator"] for one in mine["values"] if one.values["measure"] == measure)
            values += [forms.new(VALUES, {"measure": measure}, f"{measure}-n{n}", name) for n in range(SPARE_PARTS)]
        reports = [forms.row(REPORTS, one) for one in mine["reports"]]
        found.append(ActionForms(forms.row(ACTIONS, row), reports[0] if reports else None, milestones, values))
    return found


class _Forms:
    """Makes forms of rows, each field with an id of its own."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.choices: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def row(self, table: TableOf, row: Filled) -> RowForm:
        """A row that is there: only what may be filled in is a field."""
        fields = [
            self._field(table, column, row.key, row.values.get(column.name, "")) for column in table.columns if column.name in row.open
        ]
        return RowForm(table.name, json.dumps({table.key: row.key}), fields, row.values)

    def new(self, table: TableOf, fixed: dict[str, str], place: str, name: str) -> RowForm:
        """An empty row for something new."""
        fields = [self._field(table, column, place, "") for column in table.columns if column.new and column.name not in fixed]
        return RowForm(table.name, json.dumps({table.key: "", **fixed}), fields, {}, name)

    def word(self, table: TableOf, column: str, value: str) -> str:
        """What people call a choice."""
        return dict(self._choices(table, table.by_name[column])).get(value, value)

    def _field(self, table: TableOf, column: Column, key: str, value: str) -> Field:
        return Field(column, f"{table.name}-{key}-{column.name}", value, self._choices(table, column))

    def _choices(self, table: TableOf, column: Column) -> list[tuple[str, str]]:
        if column.kind != "choice":
            return []
        if (table.name, column.name) not in self.choices:
            self.choices[table.name, column.name] = list(labels(column, self.language).items())
        return self.choices[table.name, column.name]


@cache
def _asset(name: str) -> str:
    return (files(__package__) / "assets" / name).read_text("utf-8")


def _inside(tag: str, text: str) -> SafeString:
    return mark_safe(f"<{tag}>\n{text}</{tag}>")  # noqa: S308 (our own files)


def _data(name: str, data: dict[str, Any]) -> SafeString:
    text = json.dumps(data, ensure_ascii=False)
    for character, escape in (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026")):
        text = text.replace(character, escape)
    return mark_safe(f'<script type="application/json" id="{name}">{text}</script>')  # noqa: S308 (escaped above)
