"""Forms of the house itself."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.models import Forum, Organisation, Role, User
from ipmd.apps.directory.rules import forums_where, is_administrator


class StyleGuideForm(forms.Form):
    """One field of each sort, for the style guide."""

    title = forms.CharField(label="Title", help_text="As printed on the first page.")
    about = forms.CharField(label="About", widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("report", "report"), ("minutes", "minutes")])
    date = forms.DateField(label="Date", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    shape = forms.ChoiceField(label="Shape", choices=[("a", "one"), ("b", "two")], widget=forms.RadioSelect)
    public = forms.BooleanField(label="Open to the public", required=False, help_text="Everybody may read it.")


class SignInForm(LoginForm):
    """allauth's own, without placeholders that only repeat the labels."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for shown in self.fields.values():
            shown.widget.attrs.pop("placeholder", None)


class InviteForm(forms.Form):
    """Give somebody a role; whoever has no account yet is invited."""

    email = forms.EmailField(label=_("E-mail address"), help_text=_("Somebody without an account gets one, and a sign-in link by mail."))
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    role = forms.ChoiceField(label=_("Role"))
    forum = forms.ModelChoiceField(label=_("Forum"), queryset=Forum.objects.none(), required=False)
    organisation = forms.ModelChoiceField(label=_("Organisation they act for"), queryset=Organisation.objects.none(), required=False)
    office = forms.CharField(
        label=_("Office"),
        max_length=200,
        required=False,
        help_text=_("What they are there, such as “Focal point, Ministry of Labour”. The office outlives the person."),
    )
    language = forms.ChoiceField(label=_("Language of their mail"), choices=[("", "—"), *settings.LANGUAGES], required=False)
    why = forms.CharField(label=_("Why"), max_length=300, required=False, help_text=_("Kept in the history."))

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everywhere = is_administrator(by)
        forums = forums_where(by, "grants.give")
        self._field("forum").queryset = forums
        self._field("organisation").queryset = Organisation.objects.filter(merged_into=None).order_by("code")
        self._field("role").choices = [("", "—"), *((r.value, r.label) for r in Role if everywhere or r != Role.ADMINISTRATOR)]
        self._field("forum").empty_label = self._field("organisation").empty_label = "—"
        if not everywhere:
            self.fields["forum"].required = True
            self._field("forum").empty_label = None

    def _field(self, name: str) -> Any:
        return self.fields[name]


class EndRoleForm(forms.Form):
    """Why a role ends."""

    why = forms.CharField(label=_("Why"), max_length=300, required=False, help_text=_("Kept in the history."))


class EraseForm(forms.Form):
    """Be sure, and say why."""

    why = forms.CharField(label=_("Why"), max_length=300, required=False, help_text=_("Kept in the history. Name nobody here."))
    sure = forms.BooleanField(
        label=_("Erase this account for ever"),
        error_messages={"required": _("Tick the box to say that you are sure; it can't be undone.")},
    )
