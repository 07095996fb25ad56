"""Forms of this room."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ipmd.apps.meetings.models import LANGUAGE_CHOICES, Meeting
from ipmd.core.similarity import theme_label, themes

from .queries.reports import earlier_meetings


class ReportForm(forms.Form):
    """What the report covers, as of when, in which language."""

    meetings = forms.MultipleChoiceField(
        label=_("Meetings whose outcomes are reported"), widget=forms.CheckboxSelectMultiple, help_text=_("Usually all earlier ones.")
    )
    as_of = forms.DateField(
        label=_("As of"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The report tells what was known at the end of that day."),
    )
    language = forms.ChoiceField(label=_("Language of the report"), choices=LANGUAGE_CHOICES)
    themes = forms.MultipleChoiceField(
        label=_("Themes"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None chosen: all of them.")
    )
    edition = forms.ChoiceField(
        label=_("Edition"),
        choices=[
            ("public", _("public: without what is not open to the public")),
            ("internal", _("internal: with it; never open to visitors")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any = None, *, meeting: Meeting) -> None:
        earlier = earlier_meetings(meeting)
        self.known = {other.code: other for other in [*earlier, meeting]}
        here = (get_language() or "en").split("-")[0]
        initial = {
            "meetings": [other.code for other in earlier] or [meeting.code], "as_of": timezone.now().date(), "language": here,
            "edition": "public" if meeting.forum.is_public else "internal",
        }  # fmt: skip
        super().__init__(data, initial=initial)
        self._choices("meetings", [(code, f"{code} {other.title}") for code, other in self.known.items()])
        self._choices("themes", [(code, theme_label(code, here)) for code in themes()])
        if not meeting.forum.is_public:
            self._choices("edition", [("internal", _("internal: the forum is closed to the public"))])

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_as_of(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["as_of"]
        if day > timezone.now().date():
            raise ValidationError(_("This day is still to come."))
        return day

    def chosen_meetings(self) -> list[Meeting]:
        return [self.known[code] for code in self.cleaned_data["meetings"]]


class WithdrawForm(forms.Form):
    """Why a report does not hold any more."""

    why = forms.CharField(label=_("Why"), max_length=500, help_text=_("Stands on the report’s page from now on."))
