"""What members say on a proposal's page: comments beside paragraphs, and the author's answers to them. Works without JavaScript."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from .. import rules
from ..actions import answering as verbs
from ..errors import refusal
from ..forms import CommentForm, RespondForm
from ..models import Comment, Paragraph, Proposal, RoundState
from ..queries import proposal as reads
from ..queries.seats import seats_of
from ..queries.visible import comments_visible_to
from .common import proposal_for, signed_in, speaker
from .proposals import page_of


def _part(request: HttpRequest, found: Proposal, paragraph: Any) -> HttpResponse:
    """The paragraph's part of the page for htmx, or back to it."""
    key = str(paragraph.number) if paragraph else "all"
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(reverse("deliberation:proposal", args=[found.code]) + f"#p-{key}")
    number = paragraph.version.number if paragraph else None
    shown = reads.shown(found, request.user, number)
    part = next((each for each in shown.parts if each.key == key), shown.whole)
    return render(request, "deliberation/part.html", {**page_of(request, found, shown), "part": part})


@login_required
@require_POST
def comment(request: HttpRequest, code: str) -> HttpResponse:
    """Comment on a paragraph or on the whole."""
    found = proposal_for(request, code)
    if not rules.may_comment(request.user, found):
        raise PermissionDenied(_("Only members of %(group)s comment on its proposals.") % {"group": found.group})
    user = signed_in(request)
    form = CommentForm(request.POST, seats=seats_of(user, found.group))
    if not form.is_valid():
        raise refusal("comment_paragraph")
    each = found.rounds.order_by("-opened_at").first()
    if each is None or (each.state != RoundState.OPEN and not each.closed_at):
        raise refusal("not_before_group", proposal=found.code, state=str(found.get_state_display()))
    data = form.cleaned_data
    paragraph = Paragraph.objects.select_related("version").filter(pk=data["paragraph"], version__proposal=found).first()
    if data["paragraph"] and paragraph is None:
        raise refusal("comment_paragraph")
    wording = data["wording"]
    if paragraph is not None and wording.strip() == paragraph.text:
        wording = ""
    verbs.comment(
        on=each, speaker=speaker(user, found, form.chosen()), text=data["text"], wording=wording, paragraph=paragraph,
        language=data["language"],
    )  # fmt: skip
    if not getattr(request, "htmx", False):
        messages.success(request, _("Your comment stands beside the paragraph."))
    return _part(request, found, paragraph)


def _comment(request: HttpRequest, found: Proposal, key: UUID) -> Comment:
    made = (
        comments_visible_to(request.user)
        .select_related("round__proposal", "paragraph__version")
        .filter(pk=key, round__proposal=found)
        .first()
    )
    if made is None:
        raise Http404
    return made


@login_required
@require_POST
def take_back(request: HttpRequest, code: str, key: UUID) -> HttpResponse:
    """Take one's own comment back."""
    found = proposal_for(request, code)
    made = _comment(request, found, key)
    verbs.take_back(made=made, by=signed_in(request))
    return _part(request, found, made.paragraph)


@login_required
@require_POST
def respond(request: HttpRequest, code: str, key: UUID) -> HttpResponse:
    """Answer a comment."""
    found = proposal_for(request, code)
    made = _comment(request, found, key)
    if not rules.may_respond(request.user, found):
        raise PermissionDenied(_("Comments are answered by the proposal’s author and the group’s chair."))
    form = RespondForm(request.POST)
    if not form.is_valid():
        raise refusal("empty")
    verbs.respond(to=made, answer=form.cleaned_data["answer"], why=form.cleaned_data["why"], by=signed_in(request))
    return _part(request, found, made.paragraph)
