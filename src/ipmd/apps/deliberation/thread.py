"""What this room holds on the thread: proposals and decisions, the outcomes they rest on, and whose history may be read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from uuid import UUID

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.rules import Reader
from ipmd.apps.thread.records import Part, keep
from ipmd.apps.thread.tracing import Described, Kind, Pairs, link, register

from .models import Comment, CommentResponse, Decision, Group, Proposal, ProposalBasis, ProposalState, ProposalVersion, Vote
from .queries.visible import comments_visible_to, decisions_visible_to, groups_inside, groups_visible_to, visible_to

STATES = {
    ProposalState.DRAFT: "quiet", ProposalState.CIRCULATED: "waiting", ProposalState.CLOSED: "waiting", ProposalState.DECIDED: "good",
    ProposalState.WITHDRAWN: "quiet",
}  # fmt: skip


def describe_proposals(proposals: Sequence[Proposal]) -> list[Described]:
    """One line each; no query."""
    return [
        Described(
            key=proposal.pk,
            code=proposal.code,
            title=proposal.title,
            address=reverse("deliberation:proposal", args=[proposal.code]),
            state=str(proposal.get_state_display()),
            state_kind=STATES[ProposalState(proposal.state)],
            date=proposal.created_at.date(),
            language=proposal.language,
        )
        for proposal in proposals
    ]


def describe_decisions(decisions: Sequence[Decision]) -> list[Described]:
    """One line each; no query."""
    return [
        Described(
            key=decision.pk,
            code=decision.code,
            title=decision.title,
            address=reverse("deliberation:decision", args=[decision.code]),
            state=capfirst(str(decision.get_how_display())),
            state_kind="good",
            date=decision.date,
            text=decision.text,
            language=decision.language,
        )
        for decision in decisions
    ]


def _proposals_on(what: str, keys: Collection[UUID]) -> Pairs:
    return ProposalBasis.objects.filter(**{f"{what}__in": keys}).values_list(f"{what}_id", "proposal_id")


def _bases_of(what: str, keys: Collection[UUID]) -> Pairs:
    return ProposalBasis.objects.filter(proposal__in=keys, **{f"{what}__isnull": False}).values_list(f"{what}_id", "proposal_id")


def _decided(keys: Collection[UUID], column: str) -> Pairs:
    return Decision.objects.filter(**{f"{column}__in": keys}).values_list("proposal_id", "pk")


def _superseded(keys: Collection[UUID], column: str) -> Pairs:
    return Decision.objects.filter(**{f"{column}__in": keys}, supersedes__isnull=False).values_list("supersedes_id", "pk")


def register_all() -> None:
    """Called once, when all rooms are loaded."""
    register(Kind("proposal", _("proposal"), 35, Proposal, visible_to, describe_proposals, code="code"))
    register(Kind("decision", _("decision"), 40, Decision, decisions_visible_to, describe_decisions, code="code"))
    for upper in ("outcome", "document"):
        link(upper, "proposal", down=partial(_proposals_on, upper), up=partial(_bases_of, upper))
    link("proposal", "decision", down=lambda keys: _decided(keys, "proposal"), up=lambda keys: _decided(keys, "pk"))
    link("decision", "decision", down=lambda keys: _superseded(keys, "supersedes"), up=lambda keys: _superseded(keys, "pk"))

    keep(
        Group,
        visible_to=groups_visible_to,
        address=lambda group: reverse("deliberation:group", args=[group.code]),
        parts=(Part("deliberation.groupmember", "group_id", _("member")),),
    )
    keep(
        Proposal,
        visible_to=visible_to,
        address=lambda proposal: reverse("deliberation:proposal", args=[proposal.code]),
        parts=(Part("deliberation.round", "proposal_id", _("round")),),
        history=_sees_history,
    )
    keep(
        Decision,
        visible_to=decisions_visible_to,
        address=lambda decision: reverse("deliberation:decision", args=[decision.code]),
        parts=(Part("deliberation.decisioneffect", "decision_id", _("what it does")),),
    )
    keep(Comment, visible_to=comments_visible_to)
    keep(ProposalVersion, visible_to=lambda user: ProposalVersion.objects.filter(proposal__in=visible_to(user)))
    keep(
        CommentResponse,
        visible_to=lambda user: CommentResponse.objects.filter(comment__in=comments_visible_to(user)),
        forum=lambda response: response.comment.round.proposal.group.forum,
    )
    # How somebody voted before they changed their vote is nobody's to read.
    keep(Vote, visible_to=lambda user: Vote.objects.none(), history=lambda reader, vote: False)


def _sees_history(reader: Reader, proposal: Proposal) -> bool:
    return groups_inside(reader).filter(pk=proposal.group_id).exists()
