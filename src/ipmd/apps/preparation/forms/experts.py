"""Forms of the roster: finding experts, and a person's own entry."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.models import Forum, User
from ipmd.apps.directory.rules import organisations_of, visible_forums
from ipmd.apps.meetings.models import LANGUAGE_CHOICES

from .. import consent
from ..actions.experts import About
from ..models import Expert
from ..queries.experts import Wanted
from .fields import (
    ONE_OF_THE_DIRECTORY,
    DayField,
    LinesField,
    OrganisationField,
    languages_field,
    organisation_said,
    theme_choices,
    themes_field,
)


class FindForm(forms.Form):
    """What is looked for on the roster; all of it from the address bar."""

    competence = forms.CharField(label=_("Competence"), required=False, max_length=100)
    theme = forms.ChoiceField(label=_("Theme"), required=False, choices=lambda: [("", _("any")), *theme_choices()])
    language = forms.ChoiceField(label=_("Language"), required=False, choices=[("", _("any")), *LANGUAGE_CHOICES])
    starts = DayField(label=_("Available from"), required=False)
    ends = DayField(label=_("Available until"), required=False)

    def wanted(self) -> Wanted:
        """As the query takes it; what can't be meant is left out."""
        self.is_valid()
        data = self.cleaned_data
        return Wanted(**{name: data[name] for name in ("competence", "theme", "language", "starts", "ends") if data.get(name)})


class EntryForm(forms.Form):
    """A person's own entry on the roster of a forum."""

    forum = forms.ModelChoiceField(label=_("Forum"), queryset=Forum.objects.none())
    name = forms.CharField(label=_("Name"), max_length=200)
    office = forms.CharField(label=_("Office"), max_length=200)
    organisation = OrganisationField(label=_("Organisation"), required=False, help_text=ONE_OF_THE_DIRECTORY)
    email = forms.EmailField(label=_("E-mail address"), required=False)
    phone = forms.CharField(label=_("Telephone"), required=False, max_length=60)
    competences = LinesField(label=_("Competences"), help_text=_("One a line, such as “remittance statistics” or “chairing negotiations”."))
    themes = themes_field()
    languages = languages_field()
    available_from = DayField(label=_("Available from"), required=False)
    available_until = DayField(label=_("Available until"), required=False)
    about = forms.CharField(label=_("Experience"), required=False, widget=forms.Textarea(attrs={"rows": 4}))
    agrees = forms.BooleanField(
        label=_("I agree to the text above"), error_messages={"required": _("Without your consent nothing is kept.")}
    )
    text_version = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, user: User, entry: Expert | None, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"name": user.name, "email": user.email, "text_version": consent.CURRENT}
        grant = user.grants.exclude(office="").order_by("-since").first()
        own = organisations_of(user).first()
        initial |= {"office": grant.office if grant else "", "organisation": organisation_said(own)}
        if entry is not None:
            names = ("name", "office", "email", "phone", "themes", "languages", "available_from", "available_until", "about")
            initial |= {name: getattr(entry, name) for name in names}
            initial |= {
                "organisation": organisation_said(entry.organisation),
                "competences": "\n".join(entry.competences),
                "forum": entry.forum,
            }
        super().__init__(data, initial=initial, **kwargs)
        forums = self.fields["forum"]
        assert isinstance(forums, forms.ModelChoiceField)
        forums.queryset = visible_forums(user).order_by("code")
        if entry is not None:
            forums.queryset = Forum.objects.filter(pk=entry.forum_id)
            del self.fields["agrees"], self.fields["text_version"]

    def clean(self) -> None:
        since, until = self.cleaned_data.get("available_from"), self.cleaned_data.get("available_until")
        if since and until and until < since:
            self.add_error("available_until", gettext("The last day is before the first."))

    def entry(self) -> About:
        """As the verbs take it."""
        names = (
            "name",
            "office",
            "organisation",
            "email",
            "phone",
            "competences",
            "themes",
            "languages",
            "available_from",
            "available_until",
            "about",
        )
        return About(**{name: self.cleaned_data[name] for name in names})
