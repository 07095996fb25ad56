"""Answering a round by a link in a mail, without an account: comment, object or vote for the seat the link was made for.

GET shows the proposal and what can be done; only POST acts. The link is good until the deadline, and withdrawn when the round ends early.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ipmd.apps.directory.saying import say
from ipmd.apps.notices.links import purpose, use
from ipmd.apps.notices.models import ActionLink
from ipmd.core.errors import SayableError

from .. import clock
from ..actions import answering as verbs
from ..actions.answering import Speaker
from ..errors import refusal
from ..forms import CommentForm, ObjectForm, VoteForm
from ..models import GroupMember, Paragraph, Round, Way
from ..queries import proposal as reads
from ..queries.seats import seats_of, standing, today_in
from ..telling import ANSWER
from .common import what_happens


@purpose(ANSWER, label=gettext_lazy("Answer to a consultation"), renews=False)
def answer(request: HttpRequest, link: ActionLink) -> HttpResponse:
    """The page of the link."""
    each = Round.objects.select_related("proposal__group__forum", "version").get(pk=link.subject)
    seat = _seat(link, each)
    form: Any = None
    said = ""
    if request.method == "POST":
        form = _form(request, seat)
        try:
            if not form.is_valid():
                raise refusal("empty")
            with transaction.atomic():
                used = use(link)
                said = _do(request, used, each, _seat(used, each), form)
        except SayableError as error:
            said = ""
            form.add_error(None, say(error))
    each.refresh_from_db()
    parts, _whole = reads.parts_of(each.version)
    stage = reads.stage_of(each, each.proposal)
    mine = each.votes.filter(seat=seat).first() if seat else None
    seats = [seat] if seat else []
    return render(
        request,
        "deliberation/link.html",
        {
            "link": link,
            "proposal": each.proposal,
            "round": each,
            "stage": stage,
            "parts": parts,
            "seat": seat,
            "form": form,
            "said": said,
            "happens": what_happens(each),
            "still_open": each.is_open and clock.now() < each.deadline and seat is not None,
            "comment_form": CommentForm(seats=[], auto_id="comment_%s"),
            "object_form": ObjectForm(seats=[], auto_id="object_%s") if each.way == Way.SILENCE and seat and seat.has_vote else None,
            "vote_form": VoteForm(seats=[], auto_id="vote_%s", initial={"choice": mine.choice, "why": mine.why} if mine else {})
            if each.way == Way.VOTE and seat and seat.has_vote
            else None,
            "mine": mine,
            "seats": seats,
        },
        status=400 if form is not None and form.errors else 200,
    )


def _seat(link: ActionLink, each: Round) -> GroupMember | None:
    """The seat the link was made for, while it stands and the person speaks from it: its organisation's, or the person's own."""
    group = each.proposal.group
    if link.user is not None:
        mine = seats_of(link.user, group)
        return next((seat for seat in mine if seat.organisation_id == link.organisation_id), None)
    seats = GroupMember.objects.filter(standing(today_in(group)), group=group).select_related("organisation", "person")
    return seats.filter(organisation=link.organisation_id).first() if link.organisation_id else None


def _form(request: HttpRequest, seat: GroupMember | None) -> Any:
    kinds = {"object": ObjectForm, "vote": VoteForm}
    return kinds.get(request.POST.get("do", ""), CommentForm)(request.POST, seats=[seat] if seat else [])


def _do(request: HttpRequest, link: ActionLink, each: Round, seat: GroupMember | None, form: Any) -> str:
    if seat is None:
        raise refusal("no_seat", who=link.for_whom)
    # Whoever has an account is known by it alone, so that their name goes with it when they are erased.
    who = Speaker(user=link.user, by_whom="" if link.user else link.for_whom, organisation=seat.organisation)
    data = form.cleaned_data
    if isinstance(form, ObjectForm):
        verbs.object_to(on=each, seat=seat, speaker=who, text=data["text"])
        return _("Silence is broken. The group has been told.")
    if isinstance(form, VoteForm):
        made = verbs.vote(on=each, seat=seat, speaker=who, choice=data["choice"], why=data["why"])
        return _("Your vote is counted: %(vote)s.") % {"vote": made.get_choice_display()}
    paragraph = Paragraph.objects.filter(pk=data["paragraph"], version=each.version_id).first() if data["paragraph"] else None
    verbs.comment(
        on=each, speaker=who, text=data["text"], wording=data["wording"], paragraph=paragraph, language=data["language"] or link.language
    )
    return _("Your comment is kept.")
