"""The list of consultations, a proposal's page, writing one, and what changed between its versions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ipmd.apps.directory.saying import say
from ipmd.core.errors import SayableError

from .. import rules
from ..actions import deciding
from ..actions import proposals as verbs
from ..differences import match
from ..effects import subject_of
from ..forms import CommentForm, DraftForm, RespondForm
from ..models import Proposal, ProposalState, Round, RoundState
from ..queries import proposal as reads
from ..queries.seats import seats_of
from ..queries.visible import groups_inside, visible_to
from ..thread import STATES
from .common import deadline_facts, may_do, proposal_for, signed_in, what_happens

PAGE_SIZE = 30


@require_safe
def consultations(request: HttpRequest) -> HttpResponse:
    """What is before the groups of the reader, first what ends soonest; filtered by group, state and words."""
    deciding.settle_due()
    asked = {name: request.GET.get(name, "").strip() for name in ("group", "state", "q")}
    found = visible_to(request.user).select_related("group", "author", "author_organisation", "decision")
    if asked["group"]:
        found = found.filter(group__code=asked["group"])
    if asked["state"] in ProposalState.values:
        found = found.filter(state=asked["state"])
    if asked["q"]:
        found = found.filter(Q(title__icontains=asked["q"]) | Q(code__istartswith=asked["q"]))
    open_ones = Round.objects.filter(state=RoundState.OPEN).prefetch_related("votes")
    ordered = (
        found.prefetch_related(Prefetch("rounds", open_ones, to_attr="running"))
        .annotate(until=F("rounds__deadline"))
        .filter(Q(rounds=None) | ~Q(state=ProposalState.CIRCULATED) | Q(rounds__state=RoundState.OPEN))
    )
    page = Paginator(_once(ordered), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = []
    seats: reads.SeatsByDay = {}
    for proposal in page.object_list:
        running = _running(proposal)
        stage = reads.stage_of(running, proposal, seats) if running else None
        rows.append({"proposal": proposal, "kind": STATES[ProposalState(proposal.state)], "stage": stage})
    groups = groups_inside(request.user).order_by("code")
    return render(
        request,
        "deliberation/list.html",
        {
            "rows": rows,
            "page": page,
            "asked": asked,
            "any": any(asked.values()),
            "groups": groups,
            "states": ProposalState.choices,
            "writable": [group for group in groups if rules.may_draft(request.user, group)],
            "may_manage": any(rules.may_manage(request.user, group) for group in groups),
        },
    )


def _running(proposal: Any) -> Round | None:
    return proposal.running[0] if proposal.running else None


def _once(found: Any) -> list[Proposal]:
    # A person sees tens of proposals, a busy group hundreds; each once, with what ends soonest first.
    once = {proposal.pk: proposal for proposal in found}
    rank = {ProposalState.CIRCULATED: 0, ProposalState.CLOSED: 1, ProposalState.DRAFT: 2, ProposalState.DECIDED: 3}

    def order(proposal: Proposal) -> tuple[int, float]:
        running = _running(proposal)
        when = running.deadline.timestamp() if running else -proposal.created_at.timestamp()
        return rank.get(ProposalState(proposal.state), 4), when

    return sorted(once.values(), key=order)


@require_safe
def proposal(request: HttpRequest, code: str) -> HttpResponse:
    """Its text with what members say beside each paragraph, how it stands, what the reader can do, and where it came from."""
    found = proposal_for(request, code)
    number = request.GET.get("version", "")
    if number and not number.isdecimal():
        raise Http404
    shown = reads.shown(found, request.user, int(number[:4]) if number else None)
    return render(request, "deliberation/proposal.html", page_of(request, found, shown))


def page_of(request: HttpRequest, found: Proposal, shown: reads.Shown) -> dict[str, Any]:
    """What the page and its parts are drawn from."""
    rights = may_do(request.user, found)
    open_here = shown.open is not None and shown.open.record.version_id == shown.version.pk
    seats = seats_of(request.user, found.group)
    mine = [(seat, shown.open.votes.get(seat.pk)) for seat in rights["voting"]] if shown.open else []
    return {
        "proposal": found,
        "shown": shown,
        "stage": shown.open,
        "state_kind": STATES[ProposalState(found.state)],
        "can_comment": open_here and rights["may_comment"],
        "comment_form": CommentForm(seats=seats, auto_id=False) if open_here and rights["may_comment"] else None,
        "respond_form": RespondForm(auto_id=False),
        "can_respond": rights["may_respond"] and found.state not in (ProposalState.DECIDED, ProposalState.WITHDRAWN),
        "can_edit": rights["may_edit"] and found.state in (ProposalState.DRAFT, ProposalState.CLOSED),
        "deadline": deadline_facts(shown.open.record, request.user) if shown.open else None,
        "happens": what_happens(shown.open.record) if shown.open else "",
        "mine": mine,
        "effect": _effect(found),
        "bases": list(found.bases.select_related("outcome", "document__meeting")),
        "last": shown.versions[0],
        **rights,
    }


def _effect(found: Proposal) -> dict[str, Any] | None:
    if not found.effect or found.effect_subject is None:
        return None
    try:
        effect, subject = subject_of(found.effect, found.effect_subject)
        effect.check(subject)
    except SayableError as error:
        return {"label": "", "subject": "", "trouble": "" if found.state == ProposalState.DECIDED else say(error)}
    return {"label": effect.label, "subject": subject, "address": effect.address(subject), "trouble": ""}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, code: str) -> HttpResponse:
    """Write a proposal for a group."""
    group = groups_inside(request.user).select_related("forum").filter(code=code).first()
    if group is None:
        raise Http404
    if not rules.may_draft(request.user, group):
        raise PermissionDenied("consultations.start")
    user = signed_in(request)
    initial = {name: request.GET.get(name, "") for name in ("title", "effect", "outcomes", "supersedes")}
    given = request.POST if request.method == "POST" else None
    form = DraftForm(given, user=user, group=group, initial=initial)
    if given is not None and form.is_valid():
        seat = next(iter(seats_of(user, group)), None)
        try:
            made = verbs.draft_proposal(group=group, draft=form.draft(), by=user, organisation=seat.organisation if seat else None)
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            messages.success(request, _("%(code)s is written. Nobody is told before it is circulated.") % {"code": made.code})
            return redirect("deliberation:proposal", made.code)
    return render(request, "deliberation/draft.html", {"form": form, "group": group}, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Rewrite a proposal that is not before the group; a circulated version stays, a new one is begun."""
    found = proposal_for(request, code)
    if not rules.may_edit(request.user, found):
        raise PermissionDenied("consultations.start")
    user = signed_in(request)
    given = request.POST if request.method == "POST" else None
    form = DraftForm(given, user=user, group=found.group, proposal=found)
    if given is not None and form.is_valid():
        try:
            verbs.edit_proposal(proposal=found, version=form.cleaned_data["version"] or 0, draft=form.draft(), by=user)
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            messages.success(request, _("Kept."))
            return redirect("deliberation:proposal", found.code)
    context = {"form": form, "group": found.group, "proposal": found, "last": found.versions.order_by("-number")[0]}
    return render(request, "deliberation/draft.html", context, status=400 if form.errors else 200)


@require_safe
def differences(request: HttpRequest, code: str) -> HttpResponse:
    """What changed between two versions: paragraph matched to paragraph, word by word."""
    found = proposal_for(request, code)
    versions = list(reads.versions_for(request.user, found).order_by("number"))
    by_number = {str(each.number): each for each in versions}
    later = by_number.get(request.GET.get("to", ""), versions[-1])
    earlier = by_number.get(request.GET.get("from", ""), versions[max(0, versions.index(later) - 1)])
    texts = [[p.text for p in each.paragraphs.order_by("number")] for each in (earlier, later)]
    return render(
        request,
        "deliberation/differences.html",
        {"proposal": found, "versions": versions, "earlier": earlier, "later": later, "pairs": match(*texts)},
    )
