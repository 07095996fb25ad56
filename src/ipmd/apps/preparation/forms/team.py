"""Forms of the task force, of requests for experts, of offers and secondments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.models import Country, Organisation, User
from ipmd.apps.directory.rules import Reader
from ipmd.apps.meetings.models import Meeting

from ..actions.secondments import Conditions
from ..models import Expert, Payer, SecondmentRequest, TaskForce
from ..queries.experts import visible_to as experts_visible_to
from ..rules import offers_for
from .fields import ONE_OF_THE_DIRECTORY, DayField, LinesField, OrganisationField, languages_field, organisation_said, themes_field


def _countries() -> forms.ModelChoiceField:
    # By the reader's own name of the country, in a select that is read once a form.
    field = forms.ModelChoiceField(label=_("Country"), queryset=Country.objects.order_by("alpha2"), required=False)
    field.empty_label = "—"
    return field


class TaskForceForm(forms.Form):
    """The host and its task force."""

    organisation = OrganisationField(label=_("Host"), help_text=ONE_OF_THE_DIRECTORY)
    country = _countries()
    mandate = forms.CharField(label=_("Mandate"), required=False, widget=forms.Textarea(attrs={"rows": 4}))
    since = DayField(label=_("Since"))
    until = DayField(label=_("Until"), required=False)

    def __init__(self, data: Any = None, *, meeting: Meeting, task_force: TaskForce | None, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"since": timezone.localdate(), "country": meeting.country_id}
        if task_force is not None:
            initial = {name: getattr(task_force, name) for name in ("mandate", "since", "until")}
            initial |= {"organisation": organisation_said(task_force.organisation), "country": task_force.country_id}
        super().__init__(data, initial=initial, **kwargs)


class MemberForm(forms.Form):
    """A member of the task force."""

    organisation = OrganisationField(label=_("Organisation"), help_text=ONE_OF_THE_DIRECTORY)
    office = forms.CharField(label=_("Office"), max_length=200, help_text=_("Such as “Director of Migration Policy”; not a name."))
    role = forms.CharField(label=_("Role in the task force"), required=False, max_length=200)
    email = forms.EmailField(
        label=_("Address of the account"),
        required=False,
        help_text=_("Of who holds the office, where they sign in here: they can then ask for experts."),
    )
    since = DayField(label=_("Since"))
    until = DayField(label=_("Until"), required=False)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, initial={"since": timezone.localdate()}, **kwargs)

    def clean_email(self) -> User | None:
        email = self.cleaned_data["email"].strip().lower()
        if not email:
            return None
        found = User.objects.filter(email=email, is_active=True).first()
        if found is None:
            raise forms.ValidationError(gettext("Nobody with this address signs in here."))
        return found


class EndForm(forms.Form):
    """A member leaves."""

    on = DayField(label=_("Last day"))

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, initial={"on": timezone.localdate()}, **kwargs)


class TermsForm(forms.Form):
    """Terms that are asked for or offered."""

    role = forms.CharField(label=_("Role"), max_length=300, help_text=_("Such as “Adviser on the round table on remittances”."))
    starts = DayField(label=_("First day"))
    ends = DayField(label=_("Last day"))
    place = forms.CharField(label=_("Place"), required=False, max_length=200)
    pays_salary = forms.ChoiceField(label=_("Who pays the salary"), choices=Payer.choices, initial=Payer.SENDER)
    pays_travel = forms.ChoiceField(label=_("Who pays travel"), choices=Payer.choices, initial=Payer.SENDER)
    pays_stay = forms.ChoiceField(label=_("Who pays accommodation and daily allowance"), choices=Payer.choices, initial=Payer.HOST)
    pays_insurance = forms.ChoiceField(label=_("Who pays insurance"), choices=Payer.choices, initial=Payer.SENDER)
    pays_note = forms.CharField(label=_("More about who pays"), required=False, max_length=500)

    TERMS = ("role", "starts", "ends", "place", "pays_salary", "pays_travel", "pays_stay", "pays_insurance", "pays_note")

    def clean(self) -> None:
        starts, ends = self.cleaned_data.get("starts"), self.cleaned_data.get("ends")
        if starts and ends and ends < starts:
            self.add_error("ends", gettext("The last day is before the first."))

    def terms(self) -> Conditions:
        """As the verbs take them."""
        return Conditions(**{name: self.cleaned_data[name] for name in self.TERMS})


class RequestForm(TermsForm):
    """A host's request."""

    tasks = forms.CharField(label=_("Tasks"), required=False, widget=forms.Textarea(attrs={"rows": 4}))
    competences = LinesField(label=_("Competences"), required=False, help_text=_("One a line, such as “remittance statistics”."))
    themes = themes_field()
    languages = languages_field()
    country = _countries()
    places = forms.IntegerField(label=_("How many experts"), initial=1, min_value=1, max_value=100)
    offers_until = DayField(label=_("Offers until"), required=False)

    def __init__(self, data: Any = None, *, task_force: TaskForce, **kwargs: Any) -> None:
        initial = {"ends": task_force.meeting.ends, "place": task_force.meeting.place, "country": task_force.country_id}
        super().__init__(data, initial=initial, **kwargs)
        self.order_fields(["role", "tasks", "competences", "languages", "places", "starts", "ends", "place", "country", "offers_until"])

    def more(self) -> dict[str, Any]:
        """What the verb takes beside the terms."""
        return {
            name: self.cleaned_data[name] for name in ("tasks", "competences", "themes", "languages", "country", "places", "offers_until")
        }


class OfferForm(TermsForm):
    """An organisation's offer: an expert of the roster who agreed to be found, or an office."""

    organisation = forms.ModelChoiceField(label=_("Offered by"), queryset=Organisation.objects.none())
    expert = forms.ModelChoiceField(
        label=_("Expert of the roster"),
        queryset=Expert.objects.none(),
        required=False,
        help_text=_("People of your organisation who agreed to be found."),
    )
    office = forms.CharField(
        label=_("or an office"),
        required=False,
        max_length=200,
        help_text=_("Such as “Senior statistician”; not a name. It stays when people go."),
    )
    note = forms.CharField(label=_("Note to the host"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None, *, user: Reader, task_force: TaskForce, request: SecondmentRequest | None, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"ends": task_force.meeting.ends}
        if request is not None:
            initial = {name: getattr(request, name) for name in self.TERMS}
        own = offers_for(user, task_force.meeting).order_by("code")
        first = own.first() if own.count() == 1 else None
        super().__init__(data, initial=initial | {"organisation": first}, **kwargs)
        organisations, experts = self.fields["organisation"], self.fields["expert"]
        assert isinstance(organisations, forms.ModelChoiceField)
        assert isinstance(experts, forms.ModelChoiceField)
        organisations.queryset = own
        experts.queryset = (
            experts_visible_to(user)
            .filter(forum=task_force.meeting.forum_id, organisation__in=own)
            .select_related("organisation")
            .order_by("name")
        )
        experts.empty_label = gettext("none")
        self.order_fields(["organisation", "expert", "office", *self.TERMS, "note"])

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        expert, organisation = data.get("expert"), data.get("organisation")
        if expert is None and not data.get("office") and "office" in data:
            self.add_error("office", gettext("Name an expert of the roster or an office."))
        if expert is not None and organisation is not None and expert.organisation_id != organisation.pk:
            self.add_error("expert", gettext("This expert is not of the organisation that offers."))


class ExtendForm(forms.Form):
    """A longer secondment, as host and sender agreed."""

    until = DayField(label=_("New last day"))
    why = forms.CharField(label=_("Why"), max_length=500)


class EndNoteForm(forms.Form):
    """The end of an assignment, with a note."""

    on = DayField(label=_("Last day"))
    note = forms.CharField(
        label=_("Note on the assignment"),
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What was done, and what the next one should know."),
    )
    file = forms.FileField(label=_("File"), required=False, widget=forms.ClearableFileInput())


class BeginForm(forms.Form):
    """The expert has begun."""

    on = DayField(label=_("Begun on"))
