"""Fields several forms of this room share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.models import Organisation
from ipmd.apps.meetings.forms import DayField, OrganisationsField
from ipmd.apps.meetings.models import LANGUAGE_CHOICES
from ipmd.core.similarity import theme_label, themes

LANGUAGE = [("", _("not said")), *LANGUAGE_CHOICES]
ONE_OF_THE_DIRECTORY = _("A code, an acronym or a name of the directory.")


class OrganisationField(OrganisationsField):
    """One organisation of the directory: by code, acronym, or a name in any language. Gives the record, or None for an empty field."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"autocomplete": "off"}), **kwargs)

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        return found[0] if found else None


class LinesField(forms.CharField):
    """Short texts, one a line. Gives a list."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> Any:
        return [" ".join(line.split()) for line in super().clean(value).splitlines() if line.strip()]


def themes_field() -> forms.MultipleChoiceField:
    """Themes of the thesaurus to tick, in the reader's language."""
    return forms.MultipleChoiceField(label=_("Themes"), required=False, widget=forms.CheckboxSelectMultiple, choices=theme_choices)


def theme_choices() -> list[tuple[str, str]]:
    """Themes by name; those of the Global Compact's objectives last, in their order."""
    here = get_language() or "en"
    own = sorted(((code, theme_label(code, here)) for code in themes() if not code.startswith("GCM-")), key=lambda pair: pair[1].casefold())
    return own + [(code, theme_label(code, here)) for code in themes() if code.startswith("GCM-")]


def languages_field() -> forms.MultipleChoiceField:
    """Languages to tick."""
    return forms.MultipleChoiceField(label=_("Languages"), required=False, widget=forms.CheckboxSelectMultiple, choices=LANGUAGE_CHOICES)


def why_field(*, required: bool = False) -> forms.CharField:
    """A reason, kept in the history."""
    return forms.CharField(label=_("Why"), required=required, max_length=500, help_text=_("Kept in the history."))


def organisation_said(organisation: Organisation | None) -> str:
    """What stands in an `OrganisationField` for this organisation."""
    return organisation.code if organisation else ""


class ReasonForm(forms.Form):
    """A step that needs a reason."""

    why = why_field(required=True)


__all__ = [
    "LANGUAGE",
    "ONE_OF_THE_DIRECTORY",
    "DayField",
    "LinesField",
    "OrganisationField",
    "ReasonForm",
    "languages_field",
    "organisation_said",
    "theme_choices",
    "themes_field",
    "why_field",
]
