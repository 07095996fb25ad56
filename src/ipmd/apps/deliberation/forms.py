"""What people fill in about groups, proposals and rounds."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.models import Forum, Organisation, User
from ipmd.apps.directory.rules import Reader, forums_where
from ipmd.apps.meetings.models import LANGUAGE_CHOICES
from ipmd.apps.meetings.queries import documents_visible_to
from ipmd.apps.outcomes.models import Outcome
from ipmd.apps.outcomes.queries.register import visible_to as outcomes_visible_to

from .actions.circulating import Until
from .actions.groups import Rules
from .actions.proposals import Draft
from .deadlines import zone_names
from .effects import EFFECTS
from .models import Among, Answer, Choice, Decision, Group, GroupMember, Majority, Proposal, Way
from .queries.seats import organisations_to_seat
from .queries.visible import decisions_visible_to

LANGUAGES = [("", _("not said")), *LANGUAGE_CHOICES]
WHY_HINT = _("Stays with the proposal, for everybody who asks later.")


class DayField(forms.DateField):
    """A day, chosen in the browser's calendar or typed as 2026-03-05."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PersonField(forms.ModelChoiceField):
    """A person, by name and address."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} ({obj.email})" if str(obj) != obj.email else str(obj)


def people_of(forum: Forum) -> QuerySet[User]:
    """People who could chair or sit in a group of a forum: whoever holds a role in it, or for an organisation."""
    roles = User.objects.filter(grants__until=None, is_active=True)
    return (roles.filter(grants__forum=forum) | roles.filter(grants__organisation__isnull=False)).distinct().order_by("name", "email")


class GroupForm(forms.Form):
    """A group and its rules."""

    forum = forms.ModelChoiceField(label=_("Forum"), queryset=Forum.objects.none())
    code = forms.CharField(
        label=_("Code"), max_length=12, help_text=_("Capital letters people say, such as SC. It begins the code of each decision.")
    )
    name = forms.CharField(label=_("Name"), max_length=200)
    chair = PersonField(label=_("Chair"), queryset=User.objects.none(), required=False)
    time_zone = forms.CharField(
        label=_("Time zone of its deadlines"), max_length=64, initial="UTC", widget=forms.TextInput(attrs={"list": "time-zones"}),
        help_text=_("Such as Europe/Brussels or Africa/Dakar."),
    )  # fmt: skip
    quorum = forms.IntegerField(
        label=_("Quorum, in per cent of the members with a vote"), min_value=0, max_value=100, initial=50,
        help_text=_("Whoever votes for, against or abstains counts for it."),
    )  # fmt: skip
    majority = forms.ChoiceField(label=_("Majority"), choices=Majority.choices)
    among = forms.ChoiceField(label=_("Counted among"), choices=Among.choices)
    shortest_hours = forms.IntegerField(
        label=_("Least time to answer, in hours"), min_value=0, max_value=2_000, initial=48,
        help_text=_("No silence procedure and no vote is shorter, and an extension gives at least as much again."),
    )  # fmt: skip
    is_public = forms.BooleanField(label=_("Its decisions are open to the public"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, user: Reader, group: Group | None = None, **kwargs: Any) -> None:
        if group is not None:
            kept = ("time_zone", "quorum", "majority", "among", "shortest_hours", "is_public", "version")
            kwargs["initial"] = {"name": group.name, "chair": group.chair_id} | {name: getattr(group, name) for name in kept}
        super().__init__(*args, **kwargs)
        chairs = self.fields["chair"]
        assert isinstance(chairs, forms.ModelChoiceField)
        chairs.empty_label = gettext("nobody yet")
        if group is not None:
            del self.fields["forum"], self.fields["code"]
            chairs.queryset = people_of(group.forum) | User.objects.filter(groups_chaired=group).distinct()
            return
        forums = self.fields["forum"]
        assert isinstance(forums, forms.ModelChoiceField)
        forums.queryset = forums_where(user, "consultations.start").order_by("code")
        forums.initial = forums.queryset.first()
        del self.fields["chair"]

    def rules(self) -> Rules:
        """The rules as the verbs take them."""
        return Rules(**{name: self.cleaned_data[name] for name in ("time_zone", "quorum", "majority", "among", "shortest_hours")})

    @staticmethod
    def zones() -> list[str]:
        """Time zones, for the browser to complete."""
        return sorted(name for name in zone_names() if "/" in name and not name.startswith(("Etc/", "posix/", "right/", "SystemV/")))


class SeatForm(forms.Form):
    """A seat for an organisation or for a person."""

    organisation = forms.ModelChoiceField(label=_("Organisation"), queryset=Organisation.objects.none(), required=False)
    person = PersonField(label=_("or person"), queryset=User.objects.none(), required=False)
    since = DayField(label=_("Since"))
    has_vote = forms.BooleanField(label=_("Has a vote"), required=False, initial=True)

    def __init__(self, *args: Any, group: Group, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisation, person = self.fields["organisation"], self.fields["person"]
        assert isinstance(organisation, forms.ModelChoiceField)
        assert isinstance(person, forms.ModelChoiceField)
        organisation.queryset, person.queryset = organisations_to_seat(group), people_of(group.forum)
        organisation.empty_label = person.empty_label = "—"


class DraftForm(forms.Form):
    """A proposal as its author writes it."""

    title = forms.CharField(label=_("Title"), max_length=300)
    text = forms.CharField(
        label=_("Text"), widget=forms.Textarea(attrs={"rows": 16, "dir": "auto"}),
        help_text=_("An empty line begins a new paragraph. Paragraphs are numbered, and each can be commented on."),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, required=False)
    outcomes = forms.CharField(
        label=_("Outcomes it is based on"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Codes such as SFMD-2024/RT1/02; one a line."),
    )  # fmt: skip
    documents = forms.MultipleChoiceField(
        label=_("Documents it is based on"), required=False, widget=forms.SelectMultiple(attrs={"size": 5})
    )
    effect = forms.ChoiceField(
        label=_("What the decision does"), required=False, help_text=_("It is done at once when the group has decided.")
    )
    supersedes = forms.CharField(
        label=_("Decision whose place it would take"), required=False, max_length=40, help_text=_("Its code, such as SC-2008-03.")
    )
    note = forms.CharField(label=_("What changed"), required=False, max_length=500, help_text=_("For those who read the version before."))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, user: Reader, group: Group, proposal: Proposal | None = None, **kwargs: Any) -> None:
        self.user, self.group = user, group
        if proposal is not None:
            kwargs["initial"] = _initial(proposal)
        super().__init__(*args, **kwargs)
        documents = documents_visible_to(user).filter(meeting__forum=group.forum_id, withdrawn_at=None).select_related("meeting")
        _choices(self, "documents", [(str(d.pk), f"{d.meeting.code} · {d.title}") for d in documents.order_by("-date", "title")[:200]])
        effects: list[tuple[str, Any]] = [("", _("nothing more; it is said"))]
        for effect in EFFECTS.values():
            subjects = [(f"{effect.name}:{subject.pk}", str(subject)) for subject in effect.subjects_for(user, group)]
            if subjects:
                effects.append((str(effect.label), subjects))
        now = self.initial.get("effect", "")
        if now and not any(now == value for _label, part in effects if isinstance(part, list) for value, _name in part):
            effects.append((now, gettext("as it is")))
        _choices(self, "effect", effects)
        if len(effects) == 1:
            del self.fields["effect"]
        if proposal is None or not proposal.versions.filter(circulated_at__isnull=False).exists():
            del self.fields["note"]
        if not documents.exists():
            del self.fields["documents"]

    def clean_outcomes(self) -> list[Outcome]:
        codes = list(dict.fromkeys(self.cleaned_data["outcomes"].replace(",", "\n").upper().split()))
        found = {outcome.code: outcome for outcome in outcomes_visible_to(self.user).defer("vector", "words").filter(code__in=codes)}
        missing = [code for code in codes if code not in found]
        if missing:
            raise forms.ValidationError(_("There is no outcome %(codes)s in the register.") % {"codes": ", ".join(missing[:5])})
        return [found[code] for code in codes]

    def clean_supersedes(self) -> Decision | None:
        code = self.cleaned_data["supersedes"].strip().upper()
        found = decisions_visible_to(self.user).filter(code=code, group=self.group).first() if code else None
        if code and found is None:
            raise forms.ValidationError(_("This group has no decision with this code."))
        return found

    def draft(self) -> Draft:
        """The values as the verbs take them."""
        data = self.cleaned_data
        effect = data.get("effect") or ""
        name, _colon, key = effect.partition(":")
        return Draft(
            title=data["title"], text=data["text"], language=data["language"], outcomes=data["outcomes"],
            documents=list(documents_visible_to(self.user).filter(pk__in=data.get("documents") or [])),
            effect=(name, UUID(key)) if effect else None, supersedes=data["supersedes"], note=data.get("note", ""),
        )  # fmt: skip


def _initial(proposal: Proposal) -> dict[str, Any]:
    last = proposal.versions.order_by("-number")[0]
    bases = list(proposal.bases.select_related("outcome"))
    return {
        "title": proposal.title,
        "text": "\n\n".join(paragraph.text for paragraph in last.paragraphs.all()),
        "language": proposal.language,
        "outcomes": "\n".join(basis.outcome.code for basis in bases if basis.outcome),
        "documents": [str(basis.document_id) for basis in bases if basis.document_id],
        "effect": f"{proposal.effect}:{proposal.effect_subject}" if proposal.effect else "",
        "supersedes": proposal.supersedes.code if proposal.supersedes else "",
        "version": proposal.version,
    }


def _choices(form: forms.Form, name: str, choices: Sequence[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


class VersionForm(forms.Form):
    """What a person saw when they decided."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(VersionForm):
    """Withdraw, or end a round: with a reason."""

    why = forms.CharField(label=_("Why"), max_length=500, help_text=WHY_HINT)


class DeadlineForm(VersionForm):
    """A deadline as wall time in the group's time zone; `understood`: the instant the chair was told it means where clocks change."""

    day = DayField(label=_("Day of the deadline"))
    time = forms.TimeField(label=_("Time"), initial=datetime.time(17), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    understood = forms.CharField(widget=forms.HiddenInput, required=False)

    def until(self) -> Until:
        return Until(self.cleaned_data["day"], self.cleaned_data["time"])


class CirculateForm(DeadlineForm):
    """How the group is asked, and until when."""

    way = forms.ChoiceField(label=_("How"), widget=forms.RadioSelect)
    field_order = ["way", "day", "time"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(
            self, "way",
            [
                (Way.COMMENTS, _("For comments and suggested wording; nothing is decided at the deadline")),
                (Way.SILENCE, _("By silence: adopted at the deadline, unless a member objects before")),
                (Way.VOTE, _("By a vote, counted at the deadline")),
            ],
        )  # fmt: skip


class ExtendForm(DeadlineForm):
    """A later deadline."""

    why = forms.CharField(label=_("Why"), max_length=500, help_text=WHY_HINT)
    field_order = ["day", "time", "why"]


class ConsensusForm(VersionForm):
    """What the chair records when the group agreed."""

    on = DayField(label=_("Day on which the group agreed"))
    present = forms.MultipleChoiceField(label=_("Who took part"), widget=forms.CheckboxSelectMultiple)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Such as where, or reservations."),
    )

    def __init__(self, *args: Any, seats: Sequence[GroupMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seats = {str(seat.pk): seat for seat in seats}
        _choices(self, "present", [(key, str(seat)) for key, seat in self.seats.items()])

    def present_seats(self) -> list[GroupMember]:
        return [self.seats[key] for key in self.cleaned_data["present"]]


class AnswerForm(forms.Form):
    """Base of what is said from a seat: whoever speaks from several says from which."""

    seat = forms.ChoiceField(label=_("For"), required=False)

    def __init__(self, *args: Any, seats: Sequence[GroupMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seats = {str(seat.pk): seat for seat in seats}
        _choices(self, "seat", [(key, str(seat)) for key, seat in self.seats.items()])
        if len(self.seats) < 2:
            del self.fields["seat"]

    def chosen(self) -> GroupMember | None:
        """The seat that was chosen, or the only one, or none."""
        key = self.cleaned_data.get("seat") or ""
        return self.seats.get(key) or next(iter(self.seats.values()), None)


class CommentForm(AnswerForm):
    """A comment or a suggested wording."""

    paragraph = forms.UUIDField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(label=_("Comment"), required=False, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}))
    wording = forms.CharField(
        label=_("Suggested wording"), required=False, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("The whole paragraph as you would write it; what differs is shown."),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, required=False)


class ObjectForm(AnswerForm):
    """An objection, with its reason."""

    text = forms.CharField(
        label=_("Why you object"), widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}), help_text=_("The whole group reads this.")
    )


class VoteForm(AnswerForm):
    """A vote, with an explanation if one likes."""

    choice = forms.ChoiceField(label=_("Your vote"), choices=Choice.choices, widget=forms.RadioSelect)
    why = forms.CharField(label=_("Explanation of vote"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class RespondForm(forms.Form):
    """What the author answers to a comment."""

    answer = forms.ChoiceField(label=_("Answer"), choices=Answer.choices)
    why = forms.CharField(label=_("Why"), required=False, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}))
