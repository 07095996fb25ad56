"""Forms of the review desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ipmd.core.similarity import theme_label, themes

from ..models import Candidate, Kind, Status


def _theme_choices() -> list[tuple[str, str]]:
    language = get_language() or "en"
    return [(code, theme_label(code, language)) for code in themes()]


class EditForm(forms.Form):
    """What is said about a candidate, except its words: these are selected in the document."""

    prefix = "edit"
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    status = forms.ChoiceField(label=_("Status"), choices=[("", _("none")), *Status.choices], required=False)
    actors = forms.CharField(
        label=_("Who is to act"),
        help_text=_("One a line, as written in the document."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    deadline_text = forms.CharField(label=_("Deadline as written"), required=False, max_length=200)
    deadline_date = forms.DateField(
        label=_("Last day it allows"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    themes = forms.MultipleChoiceField(label=_("Themes"), choices=_theme_choices, required=False, widget=forms.CheckboxSelectMultiple)

    @classmethod
    def of(cls, candidate: Candidate) -> EditForm:
        """Filled with what is known."""
        return cls(
            initial={
                "kind": candidate.kind,
                "status": candidate.status,
                "actors": "\n".join(candidate.actors),
                "deadline_text": candidate.deadline_text,
                "deadline_date": candidate.deadline_date,
                "themes": candidate.themes,
            }
        )

    def clean_actors(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["actors"].splitlines() if line.strip()]

    def changes(self) -> dict[str, Any]:
        """Arguments of the verb `edit`."""
        return dict(self.cleaned_data)
