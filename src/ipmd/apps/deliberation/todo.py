"""What waits for a person in this room: votes, silence running, consultations, comments to answer, drafts and decisions to look after."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from ipmd.apps.directory.rules import Reader, forums_where
from ipmd.apps.thread.todo import Todo, provider

from . import clock
from .models import Comment, DecisionEffect, EffectState, GroupMember, Proposal, ProposalState, Round, RoundState, Way
from .queries.seats import held_by, standing

MOST = 200


@provider
def todo(user: Reader) -> Iterable[Todo]:
    """Six queries at most."""
    now = clock.now()
    mine = list(GroupMember.objects.filter(held_by(user), standing(now.date())).select_related("organisation"))
    groups = {seat.group_id for seat in mine}
    rounds = (
        Round.objects.filter(state=RoundState.OPEN, deadline__gt=now, proposal__group__in=groups)
        .select_related("proposal")
        .prefetch_related("votes")
        .order_by("deadline")[:MOST]
    )
    for each in rounds:
        seats = [seat for seat in mine if seat.group_id == each.proposal.group_id]
        yield from _round(each, seats)
    yield from _looked_after(user)


def _round(each: Round, seats: list[GroupMember]) -> Iterable[Todo]:
    voting = [seat for seat in seats if seat.has_vote]
    when = clock.said(each.deadline, each.time_zone)
    where = reverse("deliberation:proposal", args=[each.proposal.code])
    about = str(each.proposal)
    day, since = each.deadline_day, each.opened_at.date()
    seat = (voting or seats)[0]
    organisation = str(seat.organisation) if seat.organisation else ""
    if each.way == Way.VOTE and voting:
        voted = {vote.seat_id for vote in each.votes.all()}
        if any(one.pk not in voted for one in voting):
            yield Todo("vote", _("Vote until %(when)s") % {"when": when}, about, where, day, since, organisation)
    elif each.way == Way.SILENCE and voting:
        title = _("Silence means yes: object until %(when)s, or do nothing") % {"when": when}
        yield Todo("consultation", title, about, where, day, since, organisation)
    elif each.way != Way.VOTE:
        yield Todo("consultation", _("Comment until %(when)s") % {"when": when}, about, where, day, since, organisation)


def _looked_after(user: Reader) -> Iterable[Todo]:
    chairing = Q(group__chair=user.pk)
    waiting = Comment.objects.filter(round__proposal=OuterRef("pk"), response=None, withdrawn_at=None)
    answering = (
        Proposal.objects.filter(Q(author=user.pk) | chairing, Exists(waiting), state__in=[ProposalState.CIRCULATED, ProposalState.CLOSED])
        .annotate(unanswered=Count("rounds__comments", filter=Q(rounds__comments__response=None, rounds__comments__withdrawn_at=None)))
        .order_by("code")[:MOST]
    )
    for proposal in answering:
        title = _("Answer comments: %(count)d") % {"count": proposal.unanswered}
        yield Todo("answer", title, str(proposal), reverse("deliberation:proposal", args=[proposal.code]) + "#comments")
    for draft in Proposal.objects.filter(chairing, state=ProposalState.DRAFT).exclude(author=user.pk).order_by("code")[:MOST]:
        yield Todo(
            "consultation", _("Circulate this draft, or say what is missing"), str(draft),
            reverse("deliberation:proposal", args=[draft.code]), waiting_since=draft.created_at.date(),
        )  # fmt: skip
    stuck = DecisionEffect.objects.filter(
        Q(decision__group__chair=user.pk) | Q(decision__group__forum__in=forums_where(user, "decisions.record")), state=EffectState.REFUSED
    )
    for effect in stuck.select_related("decision").order_by("at")[:MOST]:
        yield Todo(
            "decision", _("A decision stands, but could not be carried out: look at it"), str(effect.decision),
            reverse("deliberation:decision", args=[effect.decision.code]), waiting_since=effect.at.date(),
        )  # fmt: skip
