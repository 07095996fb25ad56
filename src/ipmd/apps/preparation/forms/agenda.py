"""Forms of the agenda, its papers, its open outcomes, and findings."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.rules import Reader
from ipmd.apps.directory.saying import say
from ipmd.apps.meetings.models import Document, Meeting
from ipmd.apps.meetings.queries import documents_visible_to
from ipmd.apps.outcomes.models import Outcome
from ipmd.apps.outcomes.queries.register import visible_to as outcomes_visible_to
from ipmd.core.errors import SayableError

from ..actions.agenda import Office, agenda_of
from ..models import Agenda, AgendaItem, ItemKind, OfficeRole, Verdict
from ..times import moment
from .fields import LANGUAGE, ONE_OF_THE_DIRECTORY, DayField, OrganisationField, organisation_said, themes_field

OFFICES = 5
"""Rows for chairs and rapporteurs."""


class AgendaForm(forms.Form):
    """What holds for the whole agenda."""

    time_zone = forms.CharField(
        label=_("Time zone of the meeting"), max_length=60, help_text=_("Such as Europe/Brussels; all times are read in it."),
        widget=forms.TextInput(attrs={"list": "time-zones"}),
    )  # fmt: skip
    about = forms.CharField(label=_("Overall theme"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None, *, agenda: Agenda, **kwargs: Any) -> None:
        super().__init__(data, initial={"time_zone": agenda.time_zone, "about": agenda.about}, **kwargs)

    def clean_time_zone(self) -> str:
        name = self.cleaned_data["time_zone"].strip()
        if name not in zoneinfo.available_timezones():
            raise forms.ValidationError(gettext("There is no time zone of this name; choose one from the list."))
        return name


class TimeField(forms.TimeField):
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class ItemForm(forms.Form):
    """An item of the agenda; times in the time zone of the meeting."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ItemKind.choices, initial=ItemKind.ROUND_TABLE)
    number = forms.CharField(
        label=_("Number"),
        required=False,
        max_length=16,
        help_text=_("As people say it: RT3.4. It becomes the code of the session, for ever."),
    )
    title = forms.CharField(label=_("Title"), max_length=300)
    about = forms.CharField(label=_("What it is about"), required=False, widget=forms.Textarea(attrs={"rows": 4}))
    language = forms.ChoiceField(label=_("Language of the text"), required=False, choices=LANGUAGE)
    parent = forms.ModelChoiceField(label=_("Part of"), queryset=AgendaItem.objects.none(), required=False)
    position = forms.IntegerField(
        label=_("Order"), required=False, min_value=0, max_value=9_999, help_text=_("Empty: at the end. Items with times stand in time.")
    )
    day = DayField(label=_("Day"), required=False)
    begins = TimeField(label=_("Begins"), required=False)
    ends = TimeField(label=_("Ends"), required=False)
    themes = themes_field()
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, meeting: Meeting, item: AgendaItem | None = None, **kwargs: Any) -> None:
        self.meeting, self.item, self.zone = meeting, item, agenda_of(meeting).time_zone
        super().__init__(data, initial=self._initial(), **kwargs)
        main = AgendaItem.objects.filter(meeting=meeting, parent=None, withdrawn_at=None).order_by("position", "pk")
        parents = self.fields["parent"]
        assert isinstance(parents, forms.ModelChoiceField)
        parents.queryset = main.exclude(pk=item.pk) if item else main
        parents.empty_label = gettext("the agenda itself")
        offices = list(item.offices.select_related("organisation")) if item else []
        for place in range(max(OFFICES, len(offices) + 1)):
            office = offices[place] if place < len(offices) else None
            roles = [("", "—"), *OfficeRole.choices]
            self.fields[f"role_{place}"] = forms.ChoiceField(
                label=_("Role"), required=False, choices=roles, initial=office.role if office else ""
            )
            self.fields[f"organisation_{place}"] = OrganisationField(
                label=_("Organisation"), required=False, initial=organisation_said(office.organisation if office else None)
            )
            self.fields[f"office_{place}"] = forms.CharField(
                label=_("Office"), required=False, max_length=200, initial=office.office if office else ""
            )
        self.places = max(OFFICES, len(offices) + 1)

    def _initial(self) -> dict[str, Any]:
        item = self.item
        if item is None:
            return {"day": self.meeting.starts}
        zone = zoneinfo.ZoneInfo(self.zone)
        said = {
            name: getattr(item, name)
            for name in ("kind", "number", "title", "about", "language", "parent", "position", "themes", "version")
        }
        if item.starts and item.ends:
            begins, ends = item.starts.astimezone(zone), item.ends.astimezone(zone)
            said |= {"day": begins.date(), "begins": begins.time(), "ends": ends.time()}
        return said

    def plain(self) -> list[forms.BoundField]:
        """The fields before the offices."""
        names = ("kind", "number", "title", "about", "language", "parent", "position", "day", "begins", "ends")
        return [self[name] for name in names]

    def offices(self) -> list[tuple[forms.BoundField, ...]]:
        """The three fields of each office."""
        return [tuple(self[f"{part}_{place}"] for part in ("role", "organisation", "office")) for place in range(self.places)]

    def clean(self) -> None:
        data = self.cleaned_data
        begins, ends, day = data.get("begins"), data.get("ends"), data.get("day")
        if (begins is None) != (ends is None) or (begins is not None and day is None):
            self.add_error("begins", gettext("Give a day, a beginning and an end, or no times."))
        for place in range(self.places):
            if data.get(f"role_{place}") and not (data.get(f"organisation_{place}") or data.get(f"office_{place}")):
                self.add_error(f"organisation_{place}", gettext("Say which organisation or office it is."))
            elif not data.get(f"role_{place}") and (data.get(f"organisation_{place}") or data.get(f"office_{place}")):
                self.add_error(f"role_{place}", gettext("Say in what role."))
        data["starts_at"] = data["ends_at"] = None
        if day and begins and ends:
            try:
                data["starts_at"], data["ends_at"] = moment(day, begins, self.zone), moment(day, ends, self.zone)
            except SayableError as error:
                self.add_error("begins", say(error))

    def as_arguments(self) -> dict[str, Any]:
        """What the verbs take."""
        data = self.cleaned_data
        offices = [
            Office(data[f"role_{place}"], data[f"organisation_{place}"], data[f"office_{place}"])
            for place in range(self.places)
            if data[f"role_{place}"]
        ]
        said = {name: data[name] for name in ("kind", "number", "title", "about", "language", "parent", "themes")}
        position = data["position"] if data["position"] is not None or self.item is None else self.item.position
        return said | {"position": position, "starts": data["starts_at"], "ends": data["ends_at"], "offices": offices}


class PaperForm(forms.Form):
    """Ask for a background paper."""

    title = forms.CharField(label=_("Title"), max_length=300)
    author = OrganisationField(label=_("Asked of"), required=False, help_text=ONE_OF_THE_DIRECTORY)
    language = forms.ChoiceField(label=_("Language"), required=False, choices=LANGUAGE)
    due = DayField(label=_("Due on"), required=False)


class OutcomeField(forms.CharField):
    """An outcome of the register that the person may see, by its code."""

    def __init__(self, *, user: Reader, **kwargs: Any) -> None:
        self.user = user
        super().__init__(max_length=80, **kwargs)

    def clean(self, value: Any) -> Any:
        code = super().clean(value).strip().upper()
        if not code:
            return None
        outcome = outcomes_visible_to(self.user).defer("vector", "words").select_related("meeting").filter(code=code).first()
        if outcome is None:
            raise forms.ValidationError(gettext("There is no outcome with this code in the register."))
        return outcome


class AddOutcomeForm(forms.Form):
    """Add an outcome of an earlier meeting to an item by its code."""

    def __init__(self, *args: Any, user: Reader, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"] = OutcomeField(user=user, label=_("Code of the outcome"), help_text=_("Such as SFMD-2024/RT1/02."))
        self.fields["note"] = forms.CharField(label=_("Note"), required=False, max_length=500)


class FindingForm(forms.Form):
    """What a meeting found about an outcome of an earlier one."""

    verdict = forms.ChoiceField(label=_("Finding"), choices=[("", _("choose one")), *Verdict.choices])
    text = forms.CharField(label=_("In words"), required=False, widget=forms.Textarea(attrs={"rows": 5}))
    language = forms.ChoiceField(label=_("Language of the text"), required=False, choices=LANGUAGE)
    organisation = OrganisationField(label=_("Found by"), required=False, help_text=_("An organisation of the directory."))
    by_whom = forms.CharField(label=_("or in words"), required=False, max_length=200, help_text=_("Such as “working group 2”."))
    document = forms.ModelChoiceField(label=_("Source"), queryset=Document.objects.none(), required=False)
    place = forms.CharField(label=_("Place in the source"), required=False, max_length=100, help_text=_("Such as “page 12, paragraph 34”."))
    on = DayField(label=_("Found on"), required=False)

    def __init__(self, data: Any = None, *, meeting: Meeting, user: Reader, outcome: Outcome | None = None, **kwargs: Any) -> None:
        initial = {"on": min(meeting.ends, timezone.localdate()), "outcome": outcome.code if outcome else ""}
        super().__init__(data, initial=initial, **kwargs)
        documents = self.fields["document"]
        assert isinstance(documents, forms.ModelChoiceField)
        documents.queryset = documents_visible_to(user).filter(meeting=meeting, withdrawn_at=None).order_by("title")
        documents.empty_label = gettext("none")
        self.fields["outcome"] = OutcomeField(
            user=user, label=_("Code of the outcome reviewed"), help_text=_("An outcome of another meeting, such as SFMD-2024/RT1/02.")
        )
        self.fields["own_outcome"] = OutcomeField(
            user=user,
            required=False,
            label=_("Code of the outcome that says it"),
            help_text=_("An outcome of this meeting, where one says it."),
        )
        self.order_fields(["outcome", "verdict", "text", "language", "own_outcome"])


class ReceiveForm(forms.Form):
    """Hand in a paper."""

    file = forms.FileField(label=_("File"), widget=forms.ClearableFileInput())


class PublishForm(forms.Form):
    """Publish a paper as a document of the meeting."""

    is_public = forms.BooleanField(label=_("Open to the public"), required=False, initial=True)
