"""The form by which an organisation reports on an action: on the site, by a link in mail, and to correct a report."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.formats import sanitize_separators
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.models import Organisation

from ..actions.evidence import EvidenceGiven
from ..actions.reporting import MilestoneGiven, ReportRefusal, ValueGiven
from ..models import DISAGGREGATIONS, PARTS, Action, EvidenceKind, Indicator, Milestone, ProgressReport

MOST_FILES = 10

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files up to `MOST_FILES`."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if len(files) > MOST_FILES:
            raise forms.ValidationError(_("At most %(most)d files at once."), params={"most": MOST_FILES})
        return [super(FilesField, self).clean(file, initial) for file in files]


@dataclass(frozen=True)
class MilestoneRow:
    """The fields of one milestone."""

    milestone: Milestone
    state: BoundField
    on: BoundField
    note: BoundField


@dataclass(frozen=True)
class IndicatorRow:
    """The fields of one indicator: its total, and its parts by what it is broken down by, and whether any is filled in."""

    indicator: Indicator
    total: BoundField
    parts: list[tuple[str, list[BoundField], bool]]


class ReportForm(forms.Form):
    """A report. Milestones and indicators are the action's own; what is left empty is not reported."""

    organisation = forms.ChoiceField(label=_("Who reports"))
    period_start = forms.DateField(label=_("Period from"), widget=DAY)
    period_end = forms.DateField(label=_("Period to"), widget=DAY)
    text = forms.CharField(label=_("What was done"), required=False, widget=forms.Textarea(attrs={"rows": 5}))
    obstacles = forms.CharField(
        label=_("What is stuck, and why"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What would help, and from whom."),
    )  # fmt: skip
    evidence_files = FilesField(
        label=_("Files"), required=False, help_text=_("What shows it: documents, pictures, tables. Several can be chosen.")
    )
    link = forms.CharField(label=_("Link"), required=False, max_length=1000, help_text=_("The address of a page that shows it."))
    statement = forms.CharField(
        label=_("Statement"), required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("Who confirms it, and what.")
    )
    is_public = forms.BooleanField(
        label=_("This evidence may be shown to the public"), required=False,
        help_text=_("Leave it empty if files name people."),
    )  # fmt: skip
    token = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        action: Action,
        organisations: Sequence[Organisation],
        period: tuple[datetime.date, datetime.date],
        seen: uuid.UUID,
        corrected: ProgressReport | None = None,
    ) -> None:
        self.milestones = list(action.milestones.filter(withdrawn_at=None))
        self.indicators = list(action.indicators.filter(withdrawn_at=None))
        initial: dict[str, Any] = {
            "period_start": period[0], "period_end": period[1], "seen": seen, "token": uuid.uuid4(),
            "organisation": organisations[0].code if organisations else "",
        }  # fmt: skip
        if corrected is not None:
            initial |= _said_before(corrected)
        super().__init__(data, files, initial=initial)
        self.organisations = {organisation.code: organisation for organisation in organisations}
        field = self.fields["organisation"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(organisation.code, organisation.name) for organisation in organisations]
        if len(organisations) == 1:
            field.widget = forms.HiddenInput()
        for milestone in self.milestones:
            self._add_milestone(milestone)
        for indicator in self.indicators:
            self._add_indicator(indicator)

    def _add_milestone(self, milestone: Milestone) -> None:
        name, title = _name(milestone), milestone.title
        states = [("", _("nothing new")), ("done", _("done")), ("later", _("expected on another day"))]
        self.fields[name] = forms.ChoiceField(label=title, required=False, choices=states)
        self.fields[f"{name}_on"] = forms.DateField(label=_("Done on, or expected on"), required=False, widget=DAY)
        self.fields[f"{name}_note"] = forms.CharField(label=_("Note"), required=False, max_length=500)

    def _add_indicator(self, indicator: Indicator) -> None:
        name = _name(indicator)
        self.fields[name] = _number(_("Total"))
        for key in indicator.by:
            if key == "country":
                self.fields[f"{name}_country"] = forms.CharField(
                    label=_("By country"), required=False, widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr"}),
                    help_text=_("One a line: the country's two letters and the value, such as KE 120."),
                )  # fmt: skip
                continue
            for part, label in PARTS[key].items():
                self.fields[f"{name}_{key}_{part}"] = _number(label)

    def milestone_rows(self) -> list[MilestoneRow]:
        """For the page."""
        return [MilestoneRow(one, self[_name(one)], self[f"{_name(one)}_on"], self[f"{_name(one)}_note"]) for one in self.milestones]

    def indicator_rows(self) -> list[IndicatorRow]:
        """For the page."""
        rows = []
        for indicator in self.indicators:
            name, parts = _name(indicator), []
            for key in indicator.by:
                fields = [self[f"{name}_country"]] if key == "country" else [self[f"{name}_{key}_{part}"] for part in PARTS[key]]
                is_filled = any(field.value() not in (None, "") for field in fields)
                parts.append((str(DISAGGREGATIONS[key]), fields, is_filled))
            rows.append(IndicatorRow(indicator, self[name], parts))
        return rows

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for milestone in self.milestones:
            name = _name(milestone)
            if data.get(name) and not data.get(f"{name}_on") and f"{name}_on" not in self.errors:
                self.add_error(f"{name}_on", gettext("Give the day for “%(milestone)s”.") % {"milestone": milestone.title})
        for indicator in self.indicators:
            if f"{_name(indicator)}_country" in data:
                self._clean_countries(indicator, data)
        return data

    def _clean_countries(self, indicator: Indicator, data: dict[str, Any]) -> None:
        name = f"{_name(indicator)}_country"
        found = []
        for line in data[name].splitlines():
            code, _space, written = line.strip().partition(" ")
            if not line.strip():
                continue
            try:
                found.append((code.strip(":").upper(), Decimal(str(sanitize_separators(written.strip())))))
            except InvalidOperation:
                self.add_error(name, gettext("“%(line)s” is no country and value, such as KE 120.") % {"line": line.strip()[:60]})
        data[name] = found

    def values(self) -> list[ValueGiven]:
        """The values as the verb takes them."""
        data, found = self.cleaned_data, []
        for indicator in self.indicators:
            name = _name(indicator)
            if data.get(name) is not None:
                found.append(ValueGiven(indicator, data[name]))
            for key in indicator.by:
                if key == "country":
                    found += [ValueGiven(indicator, value, {"country": code}) for code, value in data.get(f"{name}_country") or ()]
                    continue
                for part in PARTS[key]:
                    if (value := data.get(f"{name}_{key}_{part}")) is not None:
                        found.append(ValueGiven(indicator, value, {key: part}))
        return found

    def milestones_given(self) -> list[MilestoneGiven]:
        """What is said about milestones."""
        data, found = self.cleaned_data, []
        for milestone in self.milestones:
            name = _name(milestone)
            state, day, note = data.get(name), data.get(f"{name}_on"), data.get(f"{name}_note", "")
            if state or note:
                found.append(MilestoneGiven(milestone, day if state == "done" else None, day if state == "later" else None, note=note))
        return found

    def evidence(self) -> list[EvidenceGiven]:
        """The pieces of evidence given."""
        data = self.cleaned_data
        public = data["is_public"]
        found = [EvidenceGiven(EvidenceKind.FILE, file=file, file_name=file.name, is_public=public) for file in data["evidence_files"]]
        if data["link"].strip():
            found.append(EvidenceGiven(EvidenceKind.LINK, link=data["link"], is_public=public))
        if data["statement"].strip():
            found.append(EvidenceGiven(EvidenceKind.STATEMENT, statement=data["statement"], is_public=public))
        return found

    def said(self) -> dict[str, Any]:
        """All of it, as the verb takes it."""
        data = self.cleaned_data
        return {
            "organisation": self.organisations[data["organisation"]], "period_start": data["period_start"],
            "period_end": data["period_end"], "text": data["text"], "obstacles": data["obstacles"], "values": self.values(),
            "milestones": self.milestones_given(), "evidence": self.evidence(), "seen": data["seen"], "token": data["token"],
        }  # fmt: skip

    def refused(self, error: ReportRefusal, sentence: str) -> None:
        """Put the refusal where it belongs: beside the indicator or milestone it is about, else at the top."""
        names = {one.pk: _name(one) for one in self.milestones} | {one.pk: _name(one) for one in self.indicators}
        self.add_error(names.get(error.about) if error.about else None, sentence)

    def looked_at(self, newest: uuid.UUID) -> None:
        """What came meanwhile is on the page: sent again, the form goes through. All that was typed stays."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data["seen"] = str(newest)
        self.data = data


def _name(record: Milestone | Indicator) -> str:
    return f"{'m' if isinstance(record, Milestone) else 'i'}_{record.pk.hex}"


def _number(label: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, localize=True, max_digits=20, decimal_places=4)


def _said_before(report: ProgressReport) -> dict[str, Any]:
    """What a correction begins with: all that the report said."""
    found: dict[str, Any] = {
        "period_start": report.period_start, "period_end": report.period_end, "text": report.text, "obstacles": report.obstacles,
        "organisation": report.organisation.code,
    }  # fmt: skip
    countries: dict[str, list[str]] = {}
    for value in report.values.select_related("indicator"):
        name = _name(value.indicator)
        number = value.value.normalize()
        if not value.group:
            found[name] = number
        elif list(value.group) == ["country"]:
            countries.setdefault(f"{name}_country", []).append(f"{value.group['country']} {number:f}")
        elif len(value.group) == 1:
            ((key, part),) = value.group.items()
            found[f"{name}_{key}_{part}"] = number
    found |= {name: "\n".join(rows) for name, rows in countries.items()}
    for one in report.milestones.select_related("milestone"):
        name = _name(one.milestone)
        found[name] = "done" if one.done_on else "later" if one.expected_on else ""
        found[f"{name}_on"] = one.done_on or one.expected_on
        found[f"{name}_note"] = one.note
    return found
