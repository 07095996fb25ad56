"""What people fill in about meetings and documents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.models import Forum, Organisation, User
from ipmd.apps.directory.rules import forums_where, is_administrator

from . import queries
from .models import LANGUAGE_CHOICES, Document, DocumentKind, Meeting, MeetingKind, ParticipantKind, Session, SessionKind

READABLE = ".pdf,.docx,.html,.htm,.md,.markdown,.txt"
"""What the browser offers to choose; the reader looks at the bytes."""

NEW = "new"


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files; empty ones are let through, so that each gets its own sentence."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if not files:
            raise forms.ValidationError(gettext("Choose at least one file."), code="required")
        return files


class DayField(forms.DateField):
    """A day, chosen in the browser's calendar or typed as 2026-03-05."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class UploadForm(forms.Form):
    """Files, and the meeting they belong to: one that is there, or a new one described in the same form."""

    documents = FilesField(
        label=_("Files"),
        help_text=_("PDF, Word (DOCX), web pages (HTML), Markdown or plain text; several at once if you like."),
        widget=SeveralFiles(attrs={"accept": READABLE}),
    )
    place = forms.ChoiceField(label=_("Meeting or session they belong to"))
    forum = forms.ChoiceField(label=_("Forum"), required=False)
    forum_name = forms.CharField(label=_("Name of the new forum"), required=False, max_length=200)
    forum_code = forms.CharField(
        label=_("Its short code"), required=False, max_length=20, help_text=_("Capital letters that people say, such as GFMD.")
    )
    meeting_title = forms.CharField(label=_("Title of the new meeting"), required=False, max_length=300)
    meeting_starts = DayField(label=_("First day"), required=False)
    meeting_ends = DayField(label=_("Last day"), required=False, help_text=_("Empty for a meeting of one day."))
    meeting_place = forms.CharField(label=_("Place"), required=False, max_length=200)
    kind = forms.ChoiceField(label=_("What they are"), choices=DocumentKind.choices, initial=DocumentKind.REPORT)
    title = forms.CharField(
        label=_("Title"), required=False, max_length=300, help_text=_("Empty: taken from the document. For a single file only.")
    )
    date = DayField(label=_("Date of the document"), required=False, help_text=_("“Within six months” is counted from it."))
    is_public = forms.BooleanField(
        label=_("Open to the public"), required=False, initial=True, help_text=_("Closed: only people with a role in the forum see them.")
    )

    use_required_attribute = False

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meetings = {meeting.code: meeting for meeting in queries.meetings_to_add_to(user)}
        self.forums = {forum.code: forum for forum in forums_where(user, "meetings.manage").order_by("code")}
        self.may_make_forum = is_administrator(user)
        self.may_make_meeting = bool(self.forums) or self.may_make_forum
        places: list[Any] = []
        for meeting in self.meetings.values():
            whole = (meeting.code, gettext("%(code)s: the meeting as a whole") % {"code": meeting.code})
            places.append((str(meeting), [whole, *((s.code, f"{s.code} · {s.title}") for s in meeting.sessions.all())]))
        if self.may_make_meeting:
            places.append((NEW, gettext("A new meeting …")))
        forums = [(forum.code, f"{forum.code} · {forum.name}") for forum in self.forums.values()]
        if self.may_make_forum:
            forums.append((NEW, gettext("A new forum …")))
        _set_choices(self.fields["place"], places)
        _set_choices(self.fields["forum"], forums)
        self._require()

    def _require(self) -> None:
        # Asked of a form not sent yet too, so that its labels do not call them optional.
        new_meeting = not self.is_bound or self.data.get("place") == NEW
        new_forum = not self.is_bound or (new_meeting and self.data.get("forum") == NEW)
        for name, needed, message in (
            ("forum", new_meeting, _("Choose the forum of the new meeting.")),
            ("meeting_title", new_meeting, _("Give the new meeting a title.")),
            ("meeting_starts", new_meeting, _("Say when the new meeting began.")),
            ("forum_name", new_forum, _("Give the new forum a name.")),
            ("forum_code", new_forum, _("Give the new forum a short code.")),
        ):
            self.fields[name].required = needed
            self.fields[name].error_messages["required"] = message

    def chosen_place(self) -> tuple[Meeting, Session | None] | None:
        """The meeting and session chosen, or None for a new meeting."""
        code = self.cleaned_data["place"]
        if code == NEW:
            return None
        meeting = self.meetings[code.partition("/")[0]]
        return meeting, next((session for session in meeting.sessions.all() if session.code == code), None)


def _set_choices(field: forms.Field, choices: list[Any]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class CorrectForm(forms.ModelForm):
    """What is said about a document."""

    why = forms.CharField(label=_("Why"), required=False, max_length=300, help_text=_("Kept in the history."))
    replaces = forms.ModelChoiceField(
        label=_("It replaces"),
        queryset=Document.objects.none(),
        required=False,
        help_text=_("An older version of this document; both stay, and the older one says so."),
    )

    class Meta:
        model = Document
        fields = ["title", "kind", "date", "language", "session", "is_public"]
        field_classes = {"date": DayField}
        widgets = {"date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sessions, others = self.fields["session"], self.fields["replaces"]
        assert isinstance(sessions, forms.ModelChoiceField)
        assert isinstance(others, forms.ModelChoiceField)
        sessions.queryset = self.instance.meeting.sessions.all()
        sessions.empty_label = gettext("the meeting as a whole")
        others.queryset = Document.objects.filter(meeting=self.instance.meeting).exclude(pk=self.instance.pk)
        others.initial = self.instance.supersedes_id
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"), choices=[("", _("not said")), *LANGUAGE_CHOICES], required=False, initial=self.instance.language
        )


class MeetingForm(forms.Form):
    """A new meeting."""

    forum = forms.ModelChoiceField(label=_("Forum"), queryset=Forum.objects.none())
    title = forms.CharField(label=_("Title"), max_length=300)
    starts = DayField(label=_("First day"))
    ends = DayField(label=_("Last day"), required=False, help_text=_("Empty for a meeting of one day."))
    kind = forms.ChoiceField(label=_("Kind"), choices=MeetingKind.choices, initial=MeetingKind.FORUM)
    place = forms.CharField(label=_("Place"), required=False, max_length=200)
    code = forms.CharField(
        label=_("Code"), required=False, max_length=40, help_text=_("Empty: made from the forum and the year. Codes never change.")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        forums = self.fields["forum"]
        assert isinstance(forums, forms.ModelChoiceField)
        forums.queryset = forums_where(user, "meetings.manage").order_by("code")
        forums.initial = forums.queryset.first()
        self.fields["starts"].initial = timezone.localdate
        self.fields["kind"].required = not self.is_bound

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or MeetingKind.FORUM


class OrganisationsField(forms.CharField):
    """Organisations of the directory, one a line: by code, acronym, or a name in any language. Gives the records, each once."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> list[Organisation]:
        lines = [" ".join(line.split()) for line in super().clean(value).splitlines() if line.strip()]
        if not lines:
            return []
        known: dict[str, Organisation] = {}
        # The code last, so that it wins over another organisation's acronym or name.
        for organisation in sorted(Organisation.objects.filter(merged_into=None), key=lambda o: o.code, reverse=True):
            for said in (*organisation.names.values(), organisation.acronym):
                known[said.casefold()] = organisation
        for organisation in list(known.values()):
            known[organisation.code.casefold()] = organisation
        missing = [line for line in lines if line.casefold() not in known]
        if missing:
            raise forms.ValidationError(
                gettext("Not in the directory: %(names)s. Write a code, an acronym or a whole name, one a line.")
                % {"names": "; ".join(missing)}
            )
        return list(dict.fromkeys(known[line.casefold()] for line in lines))

    @staticmethod
    def as_lines(organisations: Iterable[Organisation]) -> str:
        """What stands in the field for these organisations."""
        return "\n".join(organisation.code for organisation in organisations)


class ParticipantsForm(forms.Form):
    """Who held a meeting and who took part, by kind: numbers and organisations."""

    organisers = OrganisationsField(
        label=_("Organisers"), required=False, help_text=_("One a line: a code, an acronym or a name of the directory.")
    )
    why = forms.CharField(label=_("Why"), required=False, max_length=300, help_text=_("Kept in the history."))

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(meeting.participants.select_related("organisation"))
        named = [entry.organisation for entry in meeting.organisers.select_related("organisation")]
        self.fields["organisers"].initial = OrganisationsField.as_lines(named)
        for kind in ParticipantKind:
            number = next((row.number for row in rows if row.kind == kind and row.organisation is None), None)
            organisations = [row.organisation for row in rows if row.kind == kind and row.organisation]
            self.fields[f"number_{kind}"] = forms.IntegerField(
                label=_("People"), required=False, min_value=0, max_value=100_000, initial=number
            )
            self.fields[f"named_{kind}"] = OrganisationsField(
                label=_("Organisations"), required=False, initial=OrganisationsField.as_lines(organisations)
            )
        self.order_fields(["organisers", *(f"{part}_{kind}" for kind in ParticipantKind for part in ("number", "named")), "why"])

    def groups(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """The two fields of each kind, under its name."""
        return [(str(kind.label), self[f"number_{kind}"], self[f"named_{kind}"]) for kind in ParticipantKind]

    def as_arguments(self) -> dict[str, Any]:
        """What the verb takes."""
        data = self.cleaned_data
        return {
            "organisers": data["organisers"],
            "numbers": {kind.value: data[f"number_{kind}"] for kind in ParticipantKind if data[f"number_{kind}"] is not None},
            "organisations": {kind.value: data[f"named_{kind}"] for kind in ParticipantKind if data[f"named_{kind}"]},
            "why": data["why"],
        }


class ChangeMeetingForm(forms.ModelForm):
    """What is said about a meeting that is there; its code never changes."""

    why = forms.CharField(label=_("Why"), required=False, max_length=300, help_text=_("Kept in the history."))

    class Meta:
        model = Meeting
        fields = ["title", "kind", "starts", "ends", "place", "country", "about"]
        field_classes = {"starts": DayField, "ends": DayField}
        widgets = {
            "starts": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "ends": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "about": forms.Textarea(attrs={"rows": 4}),
        }
        help_texts = {"ends": _("Empty for a meeting of one day.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends"].required = False
        self.fields["kind"].required = not self.is_bound
        countries = self.fields["country"]
        assert isinstance(countries, forms.ModelChoiceField)
        countries.empty_label = "—"

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or self.instance.kind

    def _post_clean(self) -> None:
        """The verb checks and saves; the record itself is left as it is, so that a refused page still shows what stands."""


class ChangeSessionForm(forms.ModelForm):
    """What is said about a session that is there; its code never changes."""

    why = forms.CharField(label=_("Why"), required=False, max_length=300, help_text=_("Kept in the history."))

    class Meta:
        model = Session
        fields = ["title", "kind", "position"]

    def _post_clean(self) -> None:
        """As of a meeting: the verb checks and saves."""


class SessionForm(forms.Form):
    """A new part of a meeting."""

    number = forms.CharField(label=_("Number"), max_length=16, help_text=_("As people say it: RT3.4, WG1, PL."))
    title = forms.CharField(label=_("Title"), max_length=300)
    kind = forms.ChoiceField(label=_("Kind"), choices=SessionKind.choices, initial=SessionKind.ROUND_TABLE)
