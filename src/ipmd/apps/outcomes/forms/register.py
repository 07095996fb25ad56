"""Forms of the register."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.rules import Reader
from ipmd.apps.meetings.models import LANGUAGE_CHOICES
from ipmd.core.similarity import theme_label, themes

from ..actions.register import Description
from ..models import Kind, Outcome, OutcomeTranslation, Status, TranslationState
from ..queries.register import visible_to

WHY = _("Why")
WHY_HINT = _("Stays in the history of the outcome, for everybody who asks later.")


class OutcomeForm(forms.Form):
    """Change what is said about an outcome; the words themselves stand in the document."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("not said")), *Status.choices])
    actors = forms.CharField(
        label=_("Who is to act"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("As written in the document; one a line."),
    )
    themes = forms.MultipleChoiceField(label=_("Themes"), required=False, widget=forms.CheckboxSelectMultiple)
    deadline_text = forms.CharField(label=_("Deadline as written"), required=False, max_length=200)
    deadline_date = forms.DateField(
        label=_("Deadline as a date"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    why = forms.CharField(label=WHY, required=False, max_length=500, help_text=WHY_HINT)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, outcome: Outcome) -> None:
        initial = {
            "kind": outcome.kind, "status": outcome.status, "actors": "\n".join(" ".join(a.split()) for a in outcome.actors),
            "themes": outcome.themes, "deadline_text": outcome.deadline_text, "deadline_date": outcome.deadline_date,
            "version": outcome.version,
        }  # fmt: skip
        super().__init__(data, initial=initial)
        here = get_language() or "en"
        field = self.fields["themes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(code, theme_label(code, here)) for code in themes()]

    def description(self) -> Description:
        """The values as the verb takes them."""
        data = self.cleaned_data
        return Description(
            kind=data["kind"], status=data["status"], themes=data["themes"], deadline_text=data["deadline_text"],
            actors=[" ".join(line.split()) for line in data["actors"].splitlines() if line.strip()],
            deadline_date=data["deadline_date"] or "",
        )  # fmt: skip


class ReasonForm(forms.Form):
    """Withdraw, or make current again: with a reason."""

    why = forms.CharField(label=WHY, max_length=500, help_text=WHY_HINT)
    version = forms.IntegerField(widget=forms.HiddenInput)


class OtherForm(ReasonForm):
    """Merge into another outcome, or have it take this one's place: named by its code."""

    other = forms.CharField(label=_("Code of the other outcome"), max_length=80, help_text=_("Such as SFMD-2024/RT1/02."))

    def __init__(self, *args: Any, user: Reader, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.order_fields(["other", "why", "version"])

    def clean_other(self) -> Outcome:
        found = visible_to(self.user).defer("vector", "words").filter(code=self.cleaned_data["other"].strip().upper()).first()
        if found is None:
            raise forms.ValidationError(_("There is no outcome with this code in the register."))
        return found


class TranslationForm(forms.Form):
    """An outcome's words in another language."""

    language = forms.ChoiceField(label=_("Language"))
    text = forms.CharField(label=_("The words in that language"), widget=forms.Textarea(attrs={"rows": 5}), max_length=12_000)
    state = forms.ChoiceField(
        label=_("Where the translation comes from"), choices=TranslationState.choices, initial=TranslationState.REVIEWED
    )

    def __init__(self, *args: Any, outcome: Outcome, existing: list[OutcomeTranslation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = outcome.language.split("-")[0]
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, name) for code, name in LANGUAGE_CHOICES if code != own]


class ImportForm(forms.Form):
    """The file to bring back in."""

    file = forms.FileField(
        label=_("Register file"),
        help_text=_("A CSV, XLSX or JSON file that was exported here and changed. You see every change before anything is done."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.json"}),
    )
