"""The host's task force, requests for experts, offers and secondments."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from ipmd.apps.meetings.models import LANGUAGE_CHOICES
from ipmd.apps.meetings.views import as_download
from ipmd.core.similarity import theme_label

from .. import rules
from ..actions import secondments as verbs
from ..actions import taskforce
from ..forms.fields import ReasonForm
from ..forms.team import BeginForm, EndForm, EndNoteForm, ExtendForm, MemberForm, OfferForm, RequestForm, TaskForceForm
from ..models import RequestState, Secondment, SecondmentRequest, SecondmentState, TaskForceMember
from ..models.secondments import BINDING
from ..queries import team as reads
from ..queries.experts import Wanted, search
from .common import acted, form_page, given, meeting_of, person, reason, standing_team, team_of

KINDS = {
    SecondmentState.OFFERED: "waiting", SecondmentState.ACCEPTED: "waiting", SecondmentState.RUNNING: "good",
    SecondmentState.EXTENDED: "good", SecondmentState.ENDED: "quiet", SecondmentState.DECLINED: "bad", SecondmentState.WITHDRAWN: "quiet",
}  # fmt: skip
"""State → kind of `<c-state>`."""

PAYS = ("pays_salary", "pays_travel", "pays_stay", "pays_insurance")


@login_required
@require_safe
def task_force(request: HttpRequest, code: str) -> HttpResponse:
    """The host's task force and its members."""
    meeting, found = team_of(request, code)
    standing, former = reads.members(found) if found else ([], [])
    context = {
        "meeting": meeting, "task_force": found, "members": standing, "former": former,
        "prepares": rules.may_prepare(request.user, meeting), "end_form": EndForm(auto_id=False),
    }  # fmt: skip
    return render(request, "preparation/task_force.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_task_force(request: HttpRequest, code: str) -> HttpResponse:
    """Set up the task force, or correct what is said about it."""
    meeting = meeting_of(request, code, prepare=True)
    found = getattr(meeting, "task_force", None)
    form = TaskForceForm(given(request), meeting=meeting, task_force=found)
    return form_page(
        request, form, lambda: taskforce.set_task_force(meeting=meeting, by=person(request), **form.cleaned_data), meeting=meeting,
        title=_("The host’s task force"), back=reverse("preparation:task_force", args=[code]), done=_("Saved."),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_member(request: HttpRequest, code: str) -> HttpResponse:
    """Add a member of the task force."""
    meeting = meeting_of(request, code, prepare=True)
    found = getattr(meeting, "task_force", None)
    if found is None:
        raise Http404
    form = MemberForm(given(request))

    def act() -> TaskForceMember:
        data = dict(form.cleaned_data)
        return taskforce.add_member(task_force=found, user=data.pop("email"), by=person(request), **data)

    return form_page(
        request, form, act, meeting=meeting, title=_("Add a member of the task force"), button=_("Add"),
        back=reverse("preparation:task_force", args=[code]), done=_("Added."),
    )  # fmt: skip


@login_required
@require_POST
def end_member(request: HttpRequest, code: str, key: uuid.UUID) -> HttpResponse:
    """A member leaves the task force."""
    meeting = meeting_of(request, code, prepare=True)
    member = get_object_or_404(TaskForceMember, pk=key, task_force__meeting=meeting)
    form = EndForm(request.POST)
    back = reverse("preparation:task_force", args=[code])
    if not form.is_valid():
        messages.error(request, _("Say on which day."))
        return redirect(back)
    act = lambda: taskforce.end_membership(member=member, on=form.cleaned_data["on"], by=person(request))  # noqa: E731
    return acted(request, act, _("Saved."), back)


@login_required
@require_safe
def secondments(request: HttpRequest, code: str) -> HttpResponse:
    """Experts asked for, offered and seconded."""
    meeting, found = team_of(request, code)
    requests, rows = reads.of_meeting(meeting, request.user)
    names = reads.named(rows, request.user)
    is_host = found is not None and rules.is_host(request.user, found)
    context = {
        "meeting": meeting, "task_force": found, "is_host": is_host,
        "requests": [(one, sum(1 for s in rows if s.request_id == one.pk and s.state in BINDING)) for one in requests],
        "rows": [_row(one, names) for one in rows],
        "may_offer": found is not None and rules.offers_for(request.user, meeting).exists(),
        "may_manage": rules.may_prepare(request.user, meeting),
    }  # fmt: skip
    return render(request, "preparation/secondments.html", context)


def _row(secondment: Secondment, names: dict[Any, str]) -> dict[str, Any]:
    return {
        "secondment": secondment, "kind": KINDS[SecondmentState(secondment.state)], "name": names.get(secondment.expert_id, ""),
        "waiting": rules.waiting_for(secondment),
    }  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """The host asks for an expert."""
    meeting, found = standing_team(request, code)
    if not rules.is_host(request.user, found):
        raise PermissionDenied("meetings.prepare")
    form = RequestForm(given(request), task_force=found)

    def act() -> SecondmentRequest:
        return verbs.ask_for_expert(task_force=found, terms=form.terms(), by=person(request), **form.more())

    return form_page(
        request, form, act, meeting=meeting, title=_("Ask for an expert"), button=_("Ask"), done=_("Asked. Organisations can offer now."),
        says=_("Focal points of the forum’s members are told, and can offer somebody."),
        back=reverse("preparation:secondments", args=[code]), to=lambda made: reverse("preparation:request", args=[code, made.code]),
    )  # fmt: skip


def _request(request: HttpRequest, code: str, number: str) -> SecondmentRequest:
    meeting, _found = standing_team(request, code)
    seen = reads.requests_visible_to(request.user).filter(task_force__meeting=meeting)
    found: SecondmentRequest = get_object_or_404(
        seen.select_related("task_force__meeting__forum", "task_force__organisation", "country"), code=number
    )
    return found


@login_required
@require_safe
def request_page(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """A request: what is asked, what was offered, and for those who see the roster, who of it could come."""
    found = _request(request, code, number)
    offers = list(
        found.secondments.select_related("organisation", "task_force__organisation", "task_force__meeting__forum").order_by("code")
    )
    names = reads.named(offers, request.user)
    meeting = found.task_force.meeting
    is_host = rules.is_host(request.user, found.task_force)
    experts = []
    if found.state == RequestState.OPEN and rules.may_see_roster(request.user):
        experts = _who_could_come(request, found)
    languages = dict(LANGUAGE_CHOICES)
    context = {
        "meeting": meeting, "request_": found, "rows": [_row(one, names) for one in offers], "is_host": is_host, "pays": pays(found),
        "languages": [languages.get(code, code) for code in found.languages],
        "themes": [theme_label(theme, get_language() or "en") for theme in found.themes],
        "may_offer": found.state == RequestState.OPEN and rules.offers_for(request.user, meeting).exists(), "experts": experts,
        "close_form": ReasonForm(auto_id="close_%s"),
    }  # fmt: skip
    return render(request, "preparation/request.html", context)


def _who_could_come(request: HttpRequest, found: SecondmentRequest) -> list[Any]:
    """Experts of the roster free on these days, those with more of what is asked first."""
    forum = found.task_force.meeting.forum
    free: Iterable[Any] = search(request.user, Wanted(starts=found.starts, ends=found.ends)).filter(forum=forum)[:500]
    wanted = {word.casefold() for words in found.competences for word in words.split() if len(word) > 3}

    def fits(expert: Any) -> int:
        said = " ".join([*expert.competences, expert.about]).casefold()
        return (
            sum(2 for word in wanted if word in said)
            + sum(2 for theme in found.themes if theme in expert.themes)
            + sum(1 for language in found.languages if language in expert.languages)
        )

    scored = [(fits(expert), expert) for expert in free if not expert.busy]
    return [expert for score, expert in sorted(scored, key=lambda pair: (-pair[0], pair[1].name.casefold())) if score][:10]


def pays(terms: Any) -> list[tuple[str, str]]:
    """Who pays for what, in words."""
    return [(str(terms._meta.get_field(name).verbose_name), getattr(terms, f"get_{name}_display")()) for name in PAYS]


@login_required
@require_POST
def close_request(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """The host needs nobody any more."""
    found = _request(request, code, number)
    if not rules.is_host(request.user, found.task_force):
        raise PermissionDenied("meetings.prepare")
    back = reverse("preparation:request", args=[code, number])
    act = lambda: verbs.close_request(request=found, why=reason(request), by=person(request))  # noqa: E731
    return acted(request, act, _("Closed; no more offers can be made."), back)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, code: str) -> HttpResponse:
    """An organisation offers an expert: in answer to a request, or of its own."""
    meeting, found = standing_team(request, code)
    if not rules.offers_for(request.user, meeting).exists():
        raise PermissionDenied("actions.report")
    wanted = _request(request, code, request.GET["request"]) if request.GET.get("request") else None
    form = OfferForm(given(request), user=request.user, task_force=found, request=wanted)

    def act() -> Secondment:
        data = form.cleaned_data
        return verbs.offer_expert(
            task_force=found, request=wanted, organisation=data["organisation"], expert=data["expert"], office=data["office"],
            note=data["note"], terms=form.terms(), by=person(request),
        )  # fmt: skip

    return form_page(
        request, form, act, meeting=meeting, title=_("Offer an expert"), says=str(wanted or ""), button=_("Offer"),
        done=_("Offered. The host has been told."), back=reverse("preparation:secondments", args=[code]),
        to=lambda made: reverse("preparation:secondment", args=[code, made.code]),
    )  # fmt: skip


def _secondment(request: HttpRequest, code: str, number: str) -> Secondment:
    meeting, _found = standing_team(request, code)
    seen = reads.secondments_visible_to(request.user).filter(task_force__meeting=meeting)
    found: Secondment = get_object_or_404(
        seen.select_related(
            "task_force__meeting__forum", "task_force__organisation", "organisation", "request", "expert", "end_file"
        ),
        code=number,
    )  # fmt: skip
    return found


@login_required
@require_safe
def secondment(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """A secondment: its terms, its steps, and what can be done with it now."""
    found = _secondment(request, code, number)
    today = timezone.localdate()
    may = {after: rules.may_step(request.user, found, after) for after in SecondmentState.values}
    begins = {"on": max(found.starts, today)}
    ends = {"on": min(found.ends, max(found.starts, today))}
    context = {
        "meeting": found.task_force.meeting, **_row(found, reads.named([found], request.user)), "pays": pays(found), "may": may,
        "steps": list(found.steps.select_related("by", "as_organisation").order_by("at", "pk")),
        "begin_form": BeginForm(initial=begins, auto_id="begin_%s"), "extend_form": ExtendForm(auto_id="extend_%s"),
        "end_form": EndNoteForm(initial=ends, auto_id="end_%s"), "is_sender": rules.acts_for(
            request.user, found.task_force.meeting, found.organisation
        ), "sees_end_note": rules.may_see_end_note(request.user, found),
        "runs": found.state in (SecondmentState.RUNNING, SecondmentState.EXTENDED),
    }  # fmt: skip
    return render(request, "preparation/secondment.html", context)


STEPS = {
    "accept": SecondmentState.ACCEPTED, "decline": SecondmentState.DECLINED, "withdraw": SecondmentState.WITHDRAWN,
    "begin": SecondmentState.RUNNING, "extend": SecondmentState.EXTENDED, "end": SecondmentState.ENDED,
}  # fmt: skip
"""Word in the address → the state it leads to."""


@login_required
@require_POST
def step(request: HttpRequest, code: str, number: str, verb: str) -> HttpResponse:
    """Accept, decline, withdraw, begin, extend or end."""
    found = _secondment(request, code, number)
    if not rules.may_step(request.user, found, STEPS[verb]):
        raise PermissionDenied("meetings.prepare" if STEPS[verb] in rules.HOSTS else "actions.report")
    by, side = person(request), rules.side_of(request.user, found)
    back = reverse("preparation:secondment", args=[code, number])
    form: Any = None
    if verb in ("begin", "extend", "end"):
        form = {"begin": BeginForm, "extend": ExtendForm, "end": EndNoteForm}[verb](request.POST, request.FILES)
        if not form.is_valid():
            messages.error(request, " ".join(f"{form[name].label}: {' '.join(errors)}" for name, errors in form.errors.items()))
            return redirect(back)
    data = form.cleaned_data if form else {}
    if verb == "accept":
        return acted(request, lambda: verbs.accept_offer(secondment=found, by=by), _("Accepted. The sending organisation is told."), back)
    if verb == "decline":
        return acted(request, lambda: verbs.decline_offer(secondment=found, why=reason(request), by=by), _("Declined."), back)
    if verb == "withdraw":
        return acted(request, lambda: verbs.withdraw_offer(secondment=found, why=reason(request), by=by), _("Withdrawn."), back)
    if verb == "begin":
        return acted(request, lambda: verbs.begin_secondment(secondment=found, by=by, as_organisation=side, **data), _("Begun."), back)
    if verb == "extend":
        return acted(request, lambda: verbs.extend_secondment(secondment=found, by=by, as_organisation=side, **data), _("Extended."), back)
    file = data.pop("file")
    return acted(
        request, lambda: verbs.end_secondment(
            secondment=found, by=by, as_organisation=side, file=file, file_name=file.name if file else "", **data
        ), _("Ended. The note is kept."), back,
    )  # fmt: skip


@login_required
@require_GET
def end_file(request: HttpRequest, code: str, number: str) -> HttpResponseBase:
    """The file of the note at the end of an assignment."""
    found = _secondment(request, code, number)
    if found.end_file is None:
        raise Http404
    if not rules.may_see_end_note(request.user, found):
        raise PermissionDenied("meetings.see")
    return as_download(found.end_file, found.end_file.name)
