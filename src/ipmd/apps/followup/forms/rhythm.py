"""Forms of rhythms: a preset's steps, and applying one to a meeting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from .. import rhythm as pure
from ..models import DueKind, Rhythm, RhythmUnit

ROWS = 6
"""Steps one can give on the page."""

KINDS = [("", "–"), *((kind.value, kind.label) for kind in (DueKind.RESPONSE, DueKind.PLAN, DueKind.CHECK))]


class RhythmForm(forms.Form):
    """A name and up to six steps; a new one begins with what is usual."""

    name = forms.CharField(label=_("Name"), max_length=200)
    is_usual = forms.BooleanField(label=_("Offer it first"), required=False)

    def __init__(self, data: Any = None) -> None:
        initial: dict[str, Any] = {}
        for number, step in enumerate(pure.USUAL):
            initial |= {f"kind{number}": step.kind, f"after{number}": step.after, f"unit{number}": step.unit, f"times{number}": step.times}
        super().__init__(data, initial=initial)
        for number in range(ROWS):
            self.fields[f"kind{number}"] = forms.ChoiceField(label=_("What is due"), required=False, choices=KINDS)
            self.fields[f"after{number}"] = forms.IntegerField(label=_("After"), required=False, min_value=1, max_value=1_000)
            self.fields[f"unit{number}"] = forms.ChoiceField(label=_("Unit"), required=False, choices=RhythmUnit.choices)
            self.fields[f"times{number}"] = forms.IntegerField(label=_("Times"), required=False, min_value=1, max_value=60)

    def step_rows(self) -> list[list[forms.BoundField]]:
        """For the page."""
        return [[self[f"{part}{number}"] for part in ("kind", "after", "unit", "times")] for number in range(ROWS)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for number in range(ROWS):
            if data.get(f"kind{number}") and not data.get(f"after{number}") and f"after{number}" not in self.errors:
                self.add_error(f"after{number}", _("Say after how long."))
        return data

    def steps(self) -> list[pure.Step]:
        """The steps that were filled in."""
        data = self.cleaned_data
        return [
            pure.Step(data[f"kind{n}"], data[f"after{n}"], data[f"unit{n}"], data[f"times{n}"] or 1)
            for n in range(ROWS)
            if data[f"kind{n}"]
        ]


class ApplyForm(forms.Form):
    """Which rhythm, counted from which day."""

    rhythm = forms.ChoiceField(label=_("Rhythm"), widget=forms.RadioSelect)
    starts = forms.DateField(
        label=_("Counted from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Such as the day the report of the meeting was sent out."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, rhythms: Sequence[Rhythm]) -> None:
        self.rhythms = {str(rhythm.pk): rhythm for rhythm in rhythms}
        super().__init__(data, initial={"rhythm": str(rhythms[0].pk) if rhythms else "", "starts": localdate()})
        field = self.fields["rhythm"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, str(rhythm)) for key, rhythm in self.rhythms.items()]

    def clean_starts(self) -> Any:
        day = self.cleaned_data["starts"]
        if not 1990 <= day.year <= 2200:
            raise forms.ValidationError(_("Choose a day between 1990 and 2200."))
        return day

    def chosen(self) -> Rhythm:
        """The rhythm that was chosen."""
        return self.rhythms[self.cleaned_data["rhythm"]]


class WaiveForm(forms.Form):
    """Why something is not asked any more."""

    why = forms.CharField(label=_("Why"), max_length=500, help_text=_("Stays with it, for everybody who asks later."))
