"""Who may have return files made and bring them back."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from ipmd.apps.directory.models import Forum, Organisation
from ipmd.apps.directory.rules import RIGHTS, Reader, forums_where, is_administrator, may, may_for, standing_grants, visible_forums

from ..models import ReturnFile


def may_act(user: Reader, organisation: Organisation, forum: Forum) -> bool:
    """Whether `user` answers and reports for the organisation in the forum: its focal point, or the support unit."""
    if not visible_forums(user).filter(pk=forum.pk).exists() and not _holds_for(user, organisation):
        return False
    return may_for(user, "actions.report", forum=forum, organisation=organisation) or may(user, "actions.manage", forum=forum)


def may_bring(user: Reader, issued: ReturnFile) -> bool:
    """Whether `user` may bring this file back."""
    return may_act(user, issued.organisation, issued.forum)


def _holds_for(user: Reader, organisation: Organisation) -> bool:
    return standing_grants(user).filter(organisation=organisation).exists()


def places_of(user: Reader) -> list[tuple[Organisation, Forum]]:
    """(organisation, forum) for which a person may have a file made because they act for that organisation.

    In a forum a role is held in, or, for a role that names no forum, in those the organisation is a member of or has actions in.
    """
    found: dict[tuple[str, str], tuple[Organisation, Forum]] = {}
    roles = RIGHTS["actions.report"].roles
    grants = standing_grants(user).filter(role__in=roles, organisation__isnull=False).select_related("organisation", "forum")
    for grant in grants:
        organisation = grant.organisation
        assert organisation is not None
        forums = [grant.forum] if grant.forum else Forum.objects.filter(
            Q(memberships__organisation=organisation) | Q(actions__partners__organisation=organisation)
            | Q(outcomes__actor_set__organisation=organisation)
        ).distinct()  # fmt: skip
        for forum in forums:
            found[organisation.code, forum.code] = (organisation, forum)
    return [found[key] for key in sorted(found)]


def forums_managed(user: Reader) -> QuerySet[Forum]:
    """Forums in which a person may have a file made for any organisation."""
    return Forum.objects.all() if is_administrator(user) else forums_where(user, "actions.manage")
