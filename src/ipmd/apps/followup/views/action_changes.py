"""What can be done with an action: a page for each, all alike. Each says what it does, who may, and which verb does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ipmd.apps.directory.models import Organisation
from ipmd.apps.directory.rules import Reader, organisations_of
from ipmd.apps.directory.saying import say
from ipmd.apps.meetings.views import as_download
from ipmd.core.errors import SayableError

from .. import rules
from ..actions import evidence as evidence_verbs
from ..actions import lifecycle, links, measures, partners
from ..forms import actions as forms
from ..models import Action, ActionDependency, ActionOutcome, ActionPartner, ActionState, Evidence, Indicator, Milestone, PartnerState
from .actions import get_action, step_name


@dataclass(frozen=True)
class Change:
    """One thing that can be done. `part`: the kind of record of the action it is done to; None for the action itself.

    `form(request, action, part)` makes the form, `do(request, action, part, form)` calls the verb. `back`: where on the action's page.
    """

    title: str | Promise
    says: str | Promise
    button: str | Promise
    form: Callable[[HttpRequest, Action, Any], Any]
    do: Callable[[Any, Action, Any, Any], object]
    may: Callable[[Reader, Action, Any], bool] = lambda user, action, part: rules.may_change(user, action)
    part: Callable[[Action, UUID], Any] | None = None
    danger: bool = False
    back: str = ""


def _given(request: HttpRequest) -> dict[str, Any]:
    return {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}


def _mine(user: Reader) -> list[Organisation]:
    return list(organisations_of(user, "actions.propose").filter(merged_into=None))


def _change_form(request: HttpRequest, action: Action, part: Any) -> Any:
    data = request.POST if request.method == "POST" else None
    return forms.ChangeForm(data, action=action, organisations=forms.all_organisations())


def _lead_form(request: HttpRequest, action: Action, part: Any) -> Any:
    return forms.LeadForm(**_given(request), action=action, organisations=forms.all_organisations())


def _change_lead(user: Any, action: Action, part: Any, form: Any) -> object:
    data = form.cleaned_data
    mine = next((organisation for organisation in _mine(user) if organisation == data["organisation"]), None)
    return partners.change_lead(
        action=action, version=data["version"], lead=data["organisation"], by=user, why=data["why"], as_organisation=mine
    )


def _partner_form(request: HttpRequest, action: Action, part: Any) -> Any:
    there = {partner.organisation_id for partner in action.partners.all() if partner.state != PartnerState.DECLINED}
    return forms.PartnerForm(**_given(request), organisations=forms.all_organisations(), taking_part=there)


def _milestone_values(form: Any) -> dict[str, Any]:
    data = form.cleaned_data
    return {name: data[name] for name in ("title", "due", "weight", "organisation", "done_on")}


def _indicator_values(form: Any) -> dict[str, Any]:
    data = form.cleaned_data
    names = ("name", "unit", "baseline", "target", "combine", "baseline_on", "target_on", "weight")
    return {name: data[name] for name in names} | {"breakdown": data["by"]}


def _own(related: str) -> Callable[[Action, UUID], Any]:
    """The part of this action with this key, as long as it counts."""

    def find(action: Action, key: UUID) -> Any:
        return getattr(action, related).filter(pk=key, withdrawn_at=None).first()

    return find


def _partner(action: Action, key: UUID) -> ActionPartner | None:
    found: ActionPartner | None = action.partners.select_related("organisation").filter(pk=key).first()
    if found is not None:
        found.action = action
    return found


def _why(request: HttpRequest, action: Action, part: Any) -> Any:
    return forms.WhyForm(**_given(request))


CHANGES: dict[str, Change] = {
    "change_action": Change(
        gettext_lazy("Change what is said about it"),
        gettext_lazy("Its code and its steps stay; all else can be corrected, and the history says by whom."),
        gettext_lazy("Save"),
        _change_form,
        lambda user, action, part, form: lifecycle.change_action(
            action=action, version=form.cleaned_data["version"], by=user, changes=form.changes(), why=form.cleaned_data["why"]
        ),
    ),
    "change_lead": Change(
        gettext_lazy("Name another lead"),
        gettext_lazy("The organisation that led so far stays a partner. The new one is asked, unless it takes part already."),
        gettext_lazy("Name it"),
        _lead_form,
        _change_lead,
        back="partners",
    ),
    "ask_partner": Change(
        gettext_lazy("Ask an organisation to take part"),
        gettext_lazy("It accepts or declines for itself; who acts for it finds the question among what waits for them."),
        gettext_lazy("Ask it"),
        _partner_form,
        lambda user, action, part, form: partners.ask_partner(
            action=action, organisation=form.cleaned_data["organisation"], by=user, part=form.cleaned_data["part"]
        ),
        back="partners",
    ),
    "answer_partnership": Change(
        gettext_lazy("Accept or decline to take part"),
        gettext_lazy("You can change your answer later; both stay in the history."),
        gettext_lazy("Answer"),
        lambda request, action, part: forms.AnswerForm(**_given(request)),
        lambda user, action, part, form: partners.answer_partnership(
            partner=part, answer=form.cleaned_data["answer"], by=user, reason=form.cleaned_data["reason"]
        ),
        may=lambda user, action, part: rules.may_answer_for(user, part),
        part=_partner,
        back="partners",
    ),
    "add_milestone": Change(
        gettext_lazy("Add a milestone"),
        gettext_lazy("Something that is done by a day, or not. Progress counts those that are done."),
        gettext_lazy("Add it"),
        lambda request, action, part: forms.MilestoneForm(**_given(request), action=action),
        lambda user, action, part, form: measures.add_milestone(action=action, by=user, **_milestone_values(form)),
        back="plan",
    ),
    "change_milestone": Change(
        gettext_lazy("Change the milestone"),
        gettext_lazy("Fill in the day on which it was done to have it counted."),
        gettext_lazy("Save"),
        lambda request, action, part: forms.MilestoneForm(**_given(request), action=action, milestone=part),
        lambda user, action, part, form: measures.change_milestone(
            milestone=part, by=user, version=form.cleaned_data["version"], **_milestone_values(form)
        ),
        part=_own("milestones"),
        back="plan",
    ),
    "withdraw_milestone": Change(
        gettext_lazy("Withdraw the milestone"),
        gettext_lazy("It stays in the history and counts no more."),
        gettext_lazy("Withdraw"),
        _why,
        lambda user, action, part, form: measures.withdraw_milestone(milestone=part, by=user, why=form.cleaned_data["why"]),
        part=_own("milestones"),
        danger=True,
        back="plan",
    ),
    "add_indicator": Change(
        gettext_lazy("Add an indicator"),
        gettext_lazy("Something that is measured, from a baseline to a target. Reports give its values."),
        gettext_lazy("Add it"),
        lambda request, action, part: forms.IndicatorForm(**_given(request)),
        lambda user, action, part, form: measures.add_indicator(action=action, by=user, **_indicator_values(form)),
        back="plan",
    ),
    "change_indicator": Change(
        gettext_lazy("Change the indicator"),
        gettext_lazy("What was reported stays, and is measured anew."),
        gettext_lazy("Save"),
        lambda request, action, part: forms.IndicatorForm(**_given(request), indicator=part),
        lambda user, action, part, form: measures.change_indicator(
            indicator=part, by=user, version=form.cleaned_data["version"], **_indicator_values(form)
        ),
        part=_own("indicators"),
        back="plan",
    ),
    "withdraw_indicator": Change(
        gettext_lazy("Withdraw the indicator"),
        gettext_lazy("It stays in the history with what was reported, and counts no more."),
        gettext_lazy("Withdraw"),
        _why,
        lambda user, action, part, form: measures.withdraw_indicator(indicator=part, by=user, why=form.cleaned_data["why"]),
        part=_own("indicators"),
        danger=True,
        back="plan",
    ),
    "add_dependency": Change(
        gettext_lazy("Say what it waits for"),
        gettext_lazy("It counts as blocked until the other action is done."),
        gettext_lazy("Add it"),
        lambda request, action, part: forms.NeedsForm(**_given(request), user=request.user),
        lambda user, action, part, form: links.add_dependency(
            action=action, needs=form.cleaned_data["other"], by=user, note=form.cleaned_data["note"]
        ),
        back="needs",
    ),
    "withdraw_dependency": Change(
        gettext_lazy("It does not wait for the other action any more"),
        gettext_lazy("It stays in the history."),
        gettext_lazy("Withdraw"),
        _why,
        lambda user, action, part, form: links.withdraw_dependency(dependency=part, by=user, why=form.cleaned_data["why"]),
        part=_own("waits_for"),
        danger=True,
        back="needs",
    ),
    "link_outcome": Change(
        gettext_lazy("Link one more outcome"),
        gettext_lazy("An action may answer several outcomes, of one meeting or of many."),
        gettext_lazy("Link it"),
        lambda request, action, part: forms.LinkForm(**_given(request), user=request.user),
        lambda user, action, part, form: links.link_outcome(
            action=action, outcome=form.cleaned_data["outcome"], by=user, how=form.cleaned_data["how"], note=form.cleaned_data["note"]
        ),
        back="from",
    ),
    "unlink_outcome": Change(
        gettext_lazy("It does not answer this outcome"),
        gettext_lazy("The link stays in the history."),
        gettext_lazy("Withdraw"),
        _why,
        lambda user, action, part, form: links.unlink_outcome(
            action=action, outcome=part.outcome, by=user, why=form.cleaned_data["why"]
        ),
        part=_own("answers"),
        danger=True,
        back="from",
    ),
    "add_evidence": Change(
        gettext_lazy("Add evidence"),
        gettext_lazy("What shows what was done: a file, a link or a statement."),
        gettext_lazy("Add it"),
        lambda request, action, part: forms.EvidenceForm(**_given(request)),
        lambda user, action, part, form: evidence_verbs.add_evidence(action=action, given=form.evidence(), by=user),
        back="evidence",
    ),
    "withdraw_evidence": Change(
        gettext_lazy("Withdraw the evidence"),
        gettext_lazy("It is kept, but shown and counted no more."),
        gettext_lazy("Withdraw"),
        _why,
        lambda user, action, part, form: evidence_verbs.withdraw_evidence(evidence=part, by=user, why=form.cleaned_data["why"]),
        part=_own("evidence"),
        danger=True,
        back="evidence",
    ),
}  # fmt: skip
"""By the name of the address."""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, code: str, what: str, key: UUID | None = None) -> HttpResponse:
    """The page of one of `CHANGES`."""
    action = get_action(request, code)
    asked = CHANGES[what]
    part = None
    if asked.part is not None and key is not None:
        part = asked.part(action, key)
        if part is None:
            raise Http404
    if not asked.may(request.user, action, part):
        raise PermissionDenied(_says_who_may(action))
    form = asked.form(request, action, part)
    if request.method == "POST" and form.is_valid():
        try:
            asked.do(request.user, action, part, form)
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            messages.success(request, _("Done. The history of %(code)s says what was changed.") % {"code": action.code})
            return _back(action, asked.back)
    return render(
        request,
        "followup/actions/change.html",
        {"action": action, "part": _named(part), "form": form, "title": asked.title, "says": asked.says, "button": asked.button,
         "danger": asked.danger, "back": asked.back, "has_files": form.is_multipart()},
        status=400 if form.errors else 200,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, code: str, to: str) -> HttpResponse:
    """Take the action to its next state, with evidence."""
    action = get_action(request, code)
    if to not in ActionState.values:
        raise Http404
    if not rules.may_step(request.user, action, to):
        raise PermissionDenied(_says_who_steps(action, to))
    mine = _mine(request.user)
    form = forms.StepForm(**_given(request), action=action, to=to, mine=mine)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        by: Any = request.user
        try:
            lifecycle.take_step(
                action=action, to=to, by=by, on=data["on"], evidence=form.evidence(), reason=data.get("reason", ""),
                as_organisation=data.get("as_organisation"),
            )  # fmt: skip
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            state = ActionState(to).label
            messages.success(request, _("%(code)s is now %(state)s.") % {"code": action.code, "state": state})
            return redirect("followup:action", action.code)
    return render(
        request,
        "followup/actions/change.html",
        {"action": action, "form": form, "title": step_name(action, to), "says": _says_step(action, to), "button": step_name(action, to),
         "danger": to == ActionState.STOPPED, "has_files": True},
        status=400 if form.errors else 200,
    )  # fmt: skip


@require_safe
def evidence_file(request: HttpRequest, code: str, key: UUID) -> HttpResponseBase:
    """A file of evidence, for whoever may see it."""
    action = get_action(request, code)
    found = action.evidence.select_related("file").filter(pk=key).exclude(file=None).first()
    if found is None or found.file is None:
        raise Http404
    found.action = action
    if not rules.may_see_evidence(request.user, found):
        raise PermissionDenied(_("This evidence is open to who takes part in the action and to people with a role in its forum."))
    return as_download(found.file, found.file.name)


def _back(action: Action, place: str) -> HttpResponse:
    response = redirect("followup:action", action.code)
    if place:
        response["Location"] += f"#{place}"
    return response


def _named(part: Any) -> str:
    if isinstance(part, ActionOutcome):
        return part.outcome.code
    if isinstance(part, ActionDependency):
        return part.needs.code
    if isinstance(part, ActionPartner | Evidence | Milestone | Indicator):
        return str(part)
    return ""


def _says_who_may(action: Action) -> str:
    return _("This is for who acts for %(lead)s, and for the support unit of %(forum)s.") % {
        "lead": action.lead.name, "forum": action.forum.name,
    }  # fmt: skip


def _says_who_steps(action: Action, to: str) -> str:
    from ..models.actions import ALLOWED

    if to in ALLOWED[action.state]:
        return _("This step is for %(body)s.") % {"body": rules.body_for(action, to)}
    return _("%(code)s is %(state)s; this step does not follow from that.") % {"code": action.code, "state": action.get_state_display()}


def _says_step(action: Action, to: str) -> str:
    return {
        ActionState.PROPOSED: _("It is proposed again, and has to be validated anew."),
        ActionState.VALIDATED: _("You say that the action is right for the outcomes it answers. The lead can then start it."),
        ActionState.UNDER_WAY: _("From now on reports about it are asked for at the rhythm it was given."),
        ActionState.DONE: _("You say that what was to be done is done. Actions that wait for it can go on."),
        ActionState.STOPPED: _("It is not done, or not done further. What was done stays, with the reason."),
    }[ActionState(to)]
