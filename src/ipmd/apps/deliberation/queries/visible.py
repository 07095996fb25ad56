"""What a person may see of this room. Pages get records only through these."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from ipmd.apps.directory.models import Forum
from ipmd.apps.directory.rules import Reader, forums_where, is_administrator

from ..models import Comment, Decision, Group, GroupMember, Proposal, ProposalState
from .seats import held_by


def _inside(user: Reader) -> Q:
    """Groups whose papers a person sees: they sit in it (today or once), chair it, or start consultations in its forum."""
    if not user.is_authenticated or not user.is_active:
        return Q(pk__in=[])
    mine = GroupMember.objects.filter(held_by(user)).values("group")
    return Q(pk__in=mine) | Q(chair=user.pk) | Q(forum__in=forums_where(user, "consultations.start"))


def groups_visible_to(user: Reader) -> QuerySet[Group]:
    """Groups a person may know of: public ones of open forums; in their own forums public ones too; those they sit in or look after."""
    if is_administrator(user):
        return Group.objects.all()
    forums = Forum.objects.filter(Q(is_public=True) | Q(pk__in=forums_where(user, "meetings.see")))
    return Group.objects.filter(Q(is_public=True, forum__in=forums) | _inside(user))


def groups_inside(user: Reader) -> QuerySet[Group]:
    """Groups whose proposals a person sees."""
    return Group.objects.all() if is_administrator(user) else Group.objects.filter(_inside(user))


def visible_to(user: Reader) -> QuerySet[Proposal]:
    """Proposals a person may see: those of their groups once circulated, and drafts of their own, of groups they chair or look after."""
    if is_administrator(user):
        return Proposal.objects.all()
    if not user.is_authenticated or not user.is_active:
        return Proposal.objects.none()
    circulated = ~Q(state=ProposalState.DRAFT) & Q(versions__circulated_at__isnull=False)
    looks_after = Q(group__chair=user.pk) | Q(group__forum__in=forums_where(user, "consultations.start"))
    seen = Q(author=user.pk) | looks_after | (circulated & Q(group__in=groups_inside(user)))
    return Proposal.objects.filter(pk__in=Proposal.objects.filter(seen).values("pk"))


def comments_visible_to(user: Reader) -> QuerySet[Comment]:
    """Comments on proposals a person may see."""
    return Comment.objects.filter(round__proposal__in=visible_to(user))


def decisions_visible_to(user: Reader) -> QuerySet[Decision]:
    """Decisions a person may see: those of groups they may know of, if the group is public; else those of their own groups."""
    return Decision.objects.filter(group__in=groups_visible_to(user))
