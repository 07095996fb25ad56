"""Forms of actions: proposing, changing, steps with their evidence, partners, measures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.models import Country, Forum, Organisation
from ipmd.apps.directory.rules import Reader
from ipmd.apps.meetings.models import LANGUAGE_CHOICES
from ipmd.apps.outcomes.models import Outcome
from ipmd.apps.outcomes.queries import register
from ipmd.core.similarity import theme_label, themes

from ..actions.evidence import EvidenceGiven
from ..actions.lifecycle import ActionChanges, needs_reason
from ..models import DISAGGREGATIONS, Action, Combine, EvidenceKind, HowAnswered, Indicator, Milestone, PartnerState
from ..queries.actions import visible_to

WHY = _("Why")
WHY_HINT = _("Stays in the history, for everybody who asks later.")
NOT_AN_ORGANISATION = _("Choose an organisation of the list.")


def day_field(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateField:
    """A day, chosen in the browser's own calendar."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def organisation_choices(organisations: Iterable[Organisation]) -> list[tuple[str, str]]:
    """Organisations by code, with their names in the reader's language, in order of these."""
    named = [(organisation.code, organisation.name) for organisation in organisations]
    return sorted(named, key=lambda entry: entry[1].casefold())


def all_organisations() -> list[Organisation]:
    return list(Organisation.objects.filter(merged_into=None).only("code", "names", "acronym"))


class OrganisationField(forms.ChoiceField):
    """An organisation of the directory, by its code; gives the record."""

    def __init__(self, *, empty: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.empty = empty
        self.known: dict[str, Organisation] = {}

    def offer(self, organisations: Iterable[Organisation]) -> None:
        """Choose among these; with `empty`, also none of them."""
        self.known = {organisation.code: organisation for organisation in organisations}
        first = [("", self.empty if self.empty is not None else "–")]
        self.choices = [*first, *organisation_choices(self.known.values())]

    def clean(self, value: Any) -> Any:
        code = super().clean(value)
        return Organisation.objects.get(pk=self.known[code].pk) if code in self.known else None


class Plan(forms.Form):
    """What is said about an action: the same when it is proposed and when it is changed."""

    title = forms.CharField(label=_("What is to be done"), max_length=300, help_text=_("In a few words, as it will stand in lists."))
    about = forms.CharField(label=_("How it will be done"), required=False, widget=forms.Textarea(attrs={"rows": 6}), max_length=20_000)
    language = forms.ChoiceField(label=_("Language of these words"), required=False, choices=[("", _("not said")), *LANGUAGE_CHOICES])
    starts = day_field(_("First day"))
    ends = day_field(_("Last day"))
    validator = OrganisationField(
        label=_("Who validates it"), required=False, empty=_("the steering group or the support unit"),
        help_text=_("The body that has to agree before it can start."),
    )  # fmt: skip
    budget = forms.DecimalField(label=_("Budget wanted"), required=False, max_digits=18, decimal_places=2, localize=True)
    currency = forms.CharField(label=_("Currency"), required=False, max_length=3, help_text=_("Three letters, such as USD."))
    themes = forms.MultipleChoiceField(label=_("Themes"), required=False, widget=forms.CheckboxSelectMultiple)
    countries = forms.MultipleChoiceField(
        label=_("Countries"), required=False, widget=forms.SelectMultiple(attrs={"size": 6}), help_text=_("Where it takes place.")
    )
    report_months = forms.TypedChoiceField(
        label=_("Reports are asked for"), coerce=int,
        choices=[(3, _("every three months")), (6, _("every six months")), (12, _("every year")), (0, _("never"))],
        help_text=_("From the lead, while it is under way."),
    )  # fmt: skip
    is_public = forms.BooleanField(label=_("Open to the public"), required=False)

    def __init__(self, *args: Any, organisations: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = get_language() or "en"
        fields: dict[str, Any] = self.fields
        fields["themes"].choices = [(code, theme_label(code, here)) for code in themes()]
        countries = [(country.pk, country.name) for country in Country.objects.all()]
        fields["countries"].choices = sorted(countries, key=lambda entry: entry[1].casefold())
        fields["validator"].offer(organisations)
        months = self.initial.get("report_months")
        if months is not None and months not in dict(fields["report_months"].choices):
            fields["report_months"].choices = [
                *fields["report_months"].choices,
                (months, _("every %(months)d months") % {"months": months}),
            ]

    def clean(self) -> Any:
        data = super().clean() or self.cleaned_data
        if data.get("budget") is not None and not data.get("currency"):
            self.add_error("currency", _("Say in which currency."))
        if data.get("starts") and data.get("ends") and data["ends"] < data["starts"]:
            self.add_error("ends", _("The last day is before the first."))
        return data

    def countries_chosen(self) -> list[Country]:
        return list(Country.objects.filter(pk__in=self.cleaned_data["countries"]))


class ProposeForm(Plan):
    """Propose an action: for one outcome, which may be given already."""

    forum = forms.ChoiceField(label=_("Forum"))
    outcome = forms.CharField(label=_("Code of the outcome it answers"), max_length=80, help_text=_("Such as SFMD-2024/RT1/02."))
    how = forms.ChoiceField(
        label=_("How it answers the outcome"), choices=HowAnswered.choices, widget=forms.RadioSelect, initial=HowAnswered.CONTRIBUTES
    )
    note = forms.CharField(label=_("In what way"), required=False, max_length=500)
    lead = OrganisationField(label=_("Lead organisation"), empty=_("choose"))
    as_organisation = OrganisationField(label=_("You act for"), required=False, empty=_("the forum"))
    partners = forms.MultipleChoiceField(
        label=_("Partner organisations"), required=False, widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("Each is asked, and accepts or declines for itself."),
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        user: Reader,
        forums: Sequence[Forum],
        leads: Sequence[Organisation],
        mine: Sequence[Organisation],
        outcome: Outcome | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.forums, self.given = user, {forum.code: forum for forum in forums}, outcome
        fields: dict[str, Any] = self.fields
        fields["forum"].choices = [(forum.code, forum.name) for forum in forums]
        fields["lead"].offer(leads)
        fields["as_organisation"].offer(mine)
        fields["partners"].choices = organisation_choices(fields["validator"].known.values())
        if len(leads) == 1:
            fields["lead"].initial = leads[0].code
        if len(mine) == 1:
            fields["as_organisation"].initial = mine[0].code
        if outcome is not None:
            del self.fields["forum"], self.fields["outcome"]
        if not mine:
            del self.fields["as_organisation"]
        self.order_fields(
            ["forum", "outcome", "how", "note", "title", "about", "language", "lead", "as_organisation", "partners", "starts", "ends"]
        )

    def clean_outcome(self) -> Outcome:
        found = register.visible_to(self.user).defer("vector", "words").filter(code=self.cleaned_data["outcome"].strip().upper()).first()
        if found is None:
            raise forms.ValidationError(_("There is no outcome with this code in the register."))
        return found

    def clean(self) -> Any:
        data = super().clean()
        outcome = data.get("outcome")
        if outcome is not None and data.get("forum") and outcome.forum.code != data["forum"]:
            self.add_error("outcome", _("This outcome is of another forum: %(forum)s.") % {"forum": outcome.forum.name})
        return data

    def proposal(self) -> dict[str, Any]:
        """The values as the verb takes them."""
        data = self.cleaned_data
        outcome = self.given or data["outcome"]
        lead = data["lead"]
        partners = [o for o in Organisation.objects.filter(code__in=data["partners"]) if o != lead]
        return {
            "forum": outcome.forum, "title": data["title"], "about": data["about"], "language": data["language"], "lead": lead,
            "outcomes": [(outcome, data["how"], data["note"])], "partners": partners, "validator": data["validator"],
            "countries": self.countries_chosen(), "starts": data["starts"], "ends": data["ends"],
            "themes": data["themes"] or None, "budget": data["budget"], "currency": data["currency"],
            "report_months": data["report_months"], "is_public": data["is_public"], "as_organisation": data.get("as_organisation"),
        }  # fmt: skip


class ChangeForm(Plan):
    """Change what is said about an action."""

    why = forms.CharField(label=WHY, required=False, max_length=500, help_text=WHY_HINT)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, action: Action, organisations: Sequence[Organisation]) -> None:
        initial = {
            "title": action.title, "about": action.about, "language": action.language, "starts": action.starts, "ends": action.ends,
            "validator": action.validator.code if action.validator else "", "budget": action.budget, "currency": action.currency,
            "themes": action.themes, "countries": [country.pk for country in action.countries.all()],
            "report_months": action.report_months, "is_public": action.is_public, "version": action.version,
        }  # fmt: skip
        super().__init__(data, initial=initial, organisations=organisations)

    def changes(self) -> ActionChanges:
        """The values as the verb takes them."""
        data = self.cleaned_data
        return ActionChanges(
            title=data["title"], about=data["about"], language=data["language"], validator=data["validator"] or "",
            starts=data["starts"] or "", ends=data["ends"] or "", themes=data["themes"], countries=self.countries_chosen(),
            budget="" if data["budget"] is None else data["budget"], currency=data["currency"], report_months=data["report_months"],
            is_public=data["is_public"],
        )  # fmt: skip


class EvidenceForm(forms.Form):
    """Evidence: a file, a link, a statement, or several of them."""

    statement = forms.CharField(
        label=_("Statement"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=10_000,
        help_text=_("What happened, and how one knows."),
    )  # fmt: skip
    link = forms.CharField(label=_("Link"), required=False, max_length=1000, help_text=_("Address of a page that shows it."))
    file = forms.FileField(label=_("File"), required=False, help_text=_("Minutes, a letter, a photograph."))
    is_public = forms.BooleanField(
        label=_("This evidence is open to the public"), required=False, help_text=_("Not if it names people who did not agree to it.")
    )

    def clean(self) -> Any:
        data = super().clean() or self.cleaned_data
        if not self.errors and not (data.get("statement", "").strip() or data.get("link", "").strip() or data.get("file")):
            raise forms.ValidationError(_("Add what shows that this happened: a file, a link or a statement."), code="no_evidence")
        return data

    def evidence(self) -> list[EvidenceGiven]:
        """What was given, as the verbs take it."""
        data = self.cleaned_data
        public = data["is_public"]
        found = []
        if data["statement"].strip():
            found.append(EvidenceGiven(EvidenceKind.STATEMENT, statement=data["statement"], is_public=public))
        if data["link"].strip():
            found.append(EvidenceGiven(EvidenceKind.LINK, link=data["link"], is_public=public))
        if data["file"]:
            found.append(EvidenceGiven(EvidenceKind.FILE, file=data["file"], file_name=data["file"].name, is_public=public))
        return found


class StepForm(EvidenceForm):
    """A step: when it happened, why, and what shows it."""

    on = day_field(_("When it happened"), required=True)
    reason = forms.CharField(label=WHY, required=False, max_length=500, help_text=WHY_HINT)
    as_organisation = OrganisationField(label=_("You act for"), required=False, empty=_("the forum"))

    def __init__(self, *args: Any, action: Action, to: str, mine: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **({"initial": {"on": localdate()}} | kwargs))
        fields: dict[str, Any] = self.fields
        if needs_reason(action.state, to):
            fields["reason"].required = True
        else:
            del self.fields["reason"]
        if mine:
            fields["as_organisation"].offer(mine)
            speaking = {organisation.pk for organisation in mine}
            first = next((o for o in (action.validator, action.lead) if o is not None and o.pk in speaking), mine[0])
            fields["as_organisation"].initial = first.code
        else:
            del self.fields["as_organisation"]
        self.order_fields(["on", "reason", "as_organisation", "statement", "link", "file", "is_public"])


class WhyForm(forms.Form):
    """A reason."""

    why = forms.CharField(label=WHY, max_length=500, help_text=WHY_HINT)


class PartnerForm(forms.Form):
    """Ask an organisation to take part."""

    organisation = OrganisationField(label=_("Organisation"), empty=_("choose"))
    part = forms.CharField(label=_("Its part"), required=False, max_length=300, help_text=_("What it is asked to do."))

    def __init__(self, *args: Any, organisations: Sequence[Organisation], taking_part: Collection[UUID], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["organisation"]
        field.offer([organisation for organisation in organisations if organisation.pk not in taking_part])


class LeadForm(forms.Form):
    """Name another lead."""

    organisation = OrganisationField(label=_("Who leads from now on"), empty=_("choose"))
    why = forms.CharField(label=WHY, max_length=500, help_text=WHY_HINT)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, action: Action, organisations: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **({"initial": {"version": action.version}} | kwargs))
        field: Any = self.fields["organisation"]
        field.offer([organisation for organisation in organisations if organisation.pk != action.lead_id])


class AnswerForm(forms.Form):
    """Accept or decline to take part."""

    answer = forms.ChoiceField(
        label=_("Your answer"), widget=forms.RadioSelect,
        choices=[(PartnerState.ACCEPTED, _("We take part")), (PartnerState.DECLINED, _("We decline"))],
    )  # fmt: skip
    reason = forms.CharField(label=_("If you decline: why"), required=False, max_length=500, help_text=_("So that the others know."))

    def clean(self) -> Any:
        data = super().clean() or self.cleaned_data
        if data.get("answer") == PartnerState.DECLINED and not data.get("reason", "").strip():
            self.add_error("reason", _("Say why, so that the others know."))
        return data


class MilestoneForm(forms.Form):
    """Something to be done by a day."""

    title = forms.CharField(label=_("What is to be done"), max_length=300)
    due = day_field(_("Due on"), required=True)
    organisation = OrganisationField(label=_("Who does it"), required=False, empty=_("the lead"))
    weight = forms.IntegerField(
        label=_("Weight"), min_value=1, max_value=100, initial=1, help_text=_("How much of the action it is, beside the others.")
    )
    done_on = day_field(_("Done on"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, action: Action, milestone: Milestone | None = None, **kwargs: Any) -> None:
        initial: dict[str, Any] = {}
        if milestone is not None:
            initial = {name: getattr(milestone, name) for name in ("title", "due", "weight", "done_on", "version")}
            initial["organisation"] = milestone.organisation.code if milestone.organisation else ""
        super().__init__(*args, **({"initial": initial} | kwargs))
        field: Any = self.fields["organisation"]
        field.offer([partner.organisation for partner in action.partners.all()])


def _short(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


class IndicatorForm(forms.Form):
    """Something to be measured."""

    name = forms.CharField(label=_("What is measured"), max_length=300)
    unit = forms.CharField(label=_("Unit"), required=False, max_length=60, help_text=_("Such as people, or per cent."))
    baseline = forms.DecimalField(label=_("Baseline"), max_digits=20, decimal_places=4, localize=True, help_text=_("Where it begins."))
    baseline_on = day_field(_("Date of the baseline"))
    target = forms.DecimalField(
        label=_("Target"),
        max_digits=20,
        decimal_places=4,
        localize=True,
        help_text=_("It may lie below the baseline, such as for a price."),
    )
    target_on = day_field(_("Date of the target"))
    combine = forms.ChoiceField(label=_("How values add up"), choices=Combine.choices, widget=forms.RadioSelect, initial=Combine.LATEST)
    by = forms.MultipleChoiceField(
        label=_("Broken down by"), required=False, choices=list(DISAGGREGATIONS.items()), widget=forms.CheckboxSelectMultiple
    )
    weight = forms.IntegerField(
        label=_("Weight"), min_value=1, max_value=100, initial=1, help_text=_("How much of the action it is, beside the others.")
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, indicator: Indicator | None = None, **kwargs: Any) -> None:
        names = ("name", "unit", "baseline", "baseline_on", "target", "target_on", "combine", "by", "weight", "version")
        initial = {} if indicator is None else {name: getattr(indicator, name) for name in names}
        # Stored with four places, shown with those that were given.
        initial |= {name: _short(initial[name]) for name in ("baseline", "target") if name in initial}
        super().__init__(*args, **({"initial": initial} | kwargs))

    def clean(self) -> Any:
        data = super().clean() or self.cleaned_data
        if data.get("target") is not None and data.get("target") == data.get("baseline"):
            self.add_error("target", _("The target is the same as the baseline: nothing would change."))
        return data


class NeedsForm(forms.Form):
    """Say that the action waits for another one."""

    other = forms.CharField(label=_("Code of the action it waits for"), max_length=40, help_text=_("Such as AC-014."))
    note = forms.CharField(label=_("What it needs of it"), required=False, max_length=300)

    def __init__(self, *args: Any, user: Reader, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_other(self) -> Action:
        found = visible_to(self.user).filter(code=self.cleaned_data["other"].strip().upper()).first()
        if found is None:
            raise forms.ValidationError(_("There is no action with this code."))
        return found


class LinkForm(forms.Form):
    """Say that the action answers one more outcome."""

    outcome = forms.CharField(label=_("Code of the outcome"), max_length=80, help_text=_("Such as SFMD-2024/RT1/02."))
    how = forms.ChoiceField(
        label=_("How it answers the outcome"), choices=HowAnswered.choices, widget=forms.RadioSelect, initial=HowAnswered.CONTRIBUTES
    )
    note = forms.CharField(label=_("In what way"), required=False, max_length=500)

    def __init__(self, *args: Any, user: Reader, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    clean_outcome = ProposeForm.clean_outcome
