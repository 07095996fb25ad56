"""Forms about return files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.models import Forum, Organisation, User

from ..models import ReturnForm
from ..returns.rights import forums_managed, may_act, places_of


class MakeForm(forms.Form):
    """For which organisation, in which forum and language a return file is made."""

    place = forms.ChoiceField(label=_("For"))
    language = forms.ChoiceField(label=_("Language of the instructions"), choices=settings.LANGUAGES)
    form = forms.ChoiceField(label=_("Form"), choices=ReturnForm.choices, required=False)

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data, initial={"language": get_language()})
        self.user = user
        mine = places_of(user)
        found = [(f"{o.code} {f.code}", f"{o.name} · {f.name}") for o, f in mine]
        for forum in forums_managed(user).order_by("code"):
            concerned = Organisation.objects.filter(
                Q(outcomes_as_actor__outcome__forum=forum) | Q(partnerships__action__forum=forum), merged_into=None
            ).distinct()  # fmt: skip
            found += [(f"{o.code} {forum.code}", f"{o.name} · {forum.name}") for o in concerned]
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(value, label) for label, value in sorted({label: value for value, label in found}.items())]

    @property
    def has_places(self) -> bool:
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)
        return bool(field.choices)

    def clean_place(self) -> tuple[Organisation, Forum]:
        code, _space, forum_code = self.cleaned_data["place"].partition(" ")
        organisation, forum = Organisation.objects.get(code=code), Forum.objects.get(code=forum_code)
        if not may_act(self.user, organisation, forum):
            raise forms.ValidationError(_("You do not act for this organisation."))
        return organisation, forum


class BringForm(forms.Form):
    """The file that comes back."""

    file = forms.FileField(
        label=_("Return file"),
        help_text=_("The XLSX file you filled in, or the JSON file saved by the offline pack. You see every change before it is made."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.json"}),
    )
