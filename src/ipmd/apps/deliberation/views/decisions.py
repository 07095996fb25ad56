"""Decisions: the list and a decision's page, which is cited and printed."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ipmd.apps.directory.saying import say, say_template
from ipmd.apps.meetings.queries import documents_visible_to
from ipmd.apps.outcomes.queries.register import visible_to as outcomes_visible_to
from ipmd.core.errors import SayableError

from .. import clock, rules
from ..actions.deciding import settle_due, try_again
from ..effects import subject_of
from ..models import Decision, EffectState, RoundState
from ..queries.proposal import took_part
from ..queries.visible import decisions_visible_to, groups_visible_to, visible_to
from ..telling import tally_said
from .common import signed_in

PAGE_SIZE = 50


def _decision(request: HttpRequest, code: str) -> Decision:
    found = (
        decisions_visible_to(request.user)
        .select_related("group__forum", "group__chair", "proposal", "text_version", "round", "supersedes__group", "recorded_by", "effect")
        .filter(code=code.upper())
        .first()
    )
    if found is None:
        raise Http404(_("There is no decision %(code)s that is open to you.") % {"code": code})
    return found


@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """All decisions open to the reader, the newest first; by group, year and words."""
    settle_due()
    asked = {name: request.GET.get(name, "").strip() for name in ("group", "q")}
    found = decisions_visible_to(request.user).select_related("group").prefetch_related("superseded_by")
    if asked["group"]:
        found = found.filter(group__code=asked["group"])
    if asked["q"]:
        found = found.filter(Q(title__icontains=asked["q"]) | Q(text__icontains=asked["q"]) | Q(code__istartswith=asked["q"]))
    return render(
        request,
        "deliberation/decisions.html",
        {
            "page": Paginator(found.order_by("-date", "-code"), PAGE_SIZE).get_page(request.GET.get("page")),
            "asked": asked,
            "any": any(asked.values()),
            "groups": groups_visible_to(request.user).order_by("code"),
        },
    )


def address_of(decision: Decision) -> str:
    """The decision's address as it is cited."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("deliberation:decision", args=[decision.code])


def _based_on(request: HttpRequest, decision: Decision) -> list[dict[str, str]]:
    codes = [each["outcome"] for each in decision.based_on if "outcome" in each]
    keys = [each["document"] for each in decision.based_on if "document" in each]
    outcomes = {outcome.code: outcome for outcome in outcomes_visible_to(request.user).defer("vector", "words").filter(code__in=codes)}
    documents = {str(document.pk): document for document in documents_visible_to(request.user).filter(pk__in=keys)}
    told = []
    for each in decision.based_on:
        if outcome := outcomes.get(each.get("outcome", "")):
            told.append(
                {"code": outcome.code, "text": outcome.text, "language": outcome.language,
                 "address": reverse("outcomes:outcome", args=[outcome.code])}
            )  # fmt: skip
        elif document := documents.get(each.get("document", "")):
            told.append({"code": "", "text": document.title, "address": reverse("meetings:document", args=[document.pk])})
    return told


@require_safe
def decision(request: HttpRequest, code: str) -> HttpResponse:
    """Its text, how and when it was decided, who took part, what it rests on and does, and what took its place."""
    found = _decision(request, code)
    effect = getattr(found, "effect", None)
    carried = None
    if effect is not None:
        try:
            kind, subject = subject_of(effect.name, effect.subject)
            carried = {"label": kind.label, "subject": "", "address": ""}
            if kind.seen_by(request.user, subject):
                carried |= {"subject": subject, "address": kind.address(subject)}
        except SayableError as error:
            carried = {"label": "", "subject": say(error), "address": ""}
        carried["refused"] = say_template(effect.template, effect.params) if effect.state == EffectState.REFUSED else ""
        carried["kind"] = {EffectState.APPLIED: "good", EffectState.REFUSED: "bad"}.get(EffectState(effect.state), "waiting")
    seen = decisions_visible_to(request.user)
    return render(
        request,
        "deliberation/decision.html",
        {
            "decision": found,
            "paragraphs": list(enumerate(found.text.split("\n\n"), start=1)),
            "took_part": took_part(found),
            "tally": tally_said(found.count, RoundState.ADOPTED) if found.count else "",
            "based_on": _based_on(request, found),
            "decided": clock.said(found.decided_at, found.round.time_zone if found.round else found.group.time_zone),
            "superseded_by": list(seen.filter(supersedes=found)),
            "supersedes": found.supersedes if found.supersedes and seen.filter(pk=found.supersedes.pk).exists() else None,
            "proposal": visible_to(request.user).filter(pk=found.proposal_id).first(),
            "effect": effect,
            "carried": carried,
            "may_retry": effect is not None and effect.state == EffectState.REFUSED and rules.chairs(request.user, found.group),
            "address": address_of(found),
        },
    )


@require_safe
def data(request: HttpRequest, code: str) -> JsonResponse:
    """The decision for programs."""
    found = _decision(request, code)
    return JsonResponse(
        {
            "code": found.code, "url": address_of(found), "group": found.group.code, "forum": found.group.forum.code, "title": found.title,
            "text": found.text, "language": found.language or None, "how": found.how, "date": found.date, "decided_at": found.decided_at,
            "count": found.count or None,
            "based_on": [each.get("outcome") or each.get("title") for each in found.based_on]
            if rules.chairs(request.user, found.group) else [entry["code"] or entry["text"] for entry in _based_on(request, found)],
            "took_part": [{"name": each.name, "code": each.code or None, "part": each.part} for each in took_part(found)],
            "supersedes": found.supersedes.code if found.supersedes else None,
            "superseded_by": list(found.superseded_by.values_list("code", flat=True)),
        },
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )  # fmt: skip


@login_required
@require_POST
def retry(request: HttpRequest, code: str) -> HttpResponse:
    """Have a decision carried out that could not be at first."""
    found = _decision(request, code)
    if not rules.chairs(request.user, found.group):
        raise PermissionDenied("decisions.record")
    try_again(decision=found, by=signed_in(request))
    messages.success(request, _("Carried out."))
    return redirect("deliberation:decision", found.code)
