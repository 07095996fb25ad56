"""Who may do what: one table, read by pages, commands and `docs/rights.md` (`ipmd rights` prints it).

A right is asked for as `user.has_perm("outcomes.review", document)`, with any record that knows its forum, the forum itself, or an
organisation. `may` is the same for code without a record. Everybody may see what is open to the public; rights here are beyond that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import rules
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Forum, Grant, Organisation, Role, User

Reader = User | AnonymousUser
"""Whoever looks: a person signed in, or a visitor."""


@dataclass(frozen=True)
class Right:
    """One right: its stable name, what it allows in words, and the roles that have it. Administrators have every right."""

    name: str
    allows: str | Promise
    roles: frozenset[Role]


EVERY_ROLE = frozenset(Role) - {Role.ADMINISTRATOR}
DESK = frozenset({Role.RAPPORTEUR, Role.SUPPORT_UNIT})
UNIT = frozenset({Role.SUPPORT_UNIT})
STEERING = frozenset({Role.STEERING_MEMBER, Role.SUPPORT_UNIT})
FOCAL = frozenset({Role.FOCAL_POINT, Role.SUPPORT_UNIT})
ONLY_FOR_THEIR_ORGANISATION = frozenset({Role.FOCAL_POINT, Role.DONOR})
"""Roles that speak for one organisation: without one, they speak for none."""

RIGHTS: dict[str, Right] = {
    right.name: right
    for right in (
        Right("meetings.see", _("see meetings, documents and outcomes that are not open to the public"), EVERY_ROLE),
        Right("meetings.manage", _("add and change meetings and their sessions"), UNIT),
        Right("documents.add", _("add documents, correct what is said about them, have them read again"), DESK),
        Right("outcomes.review", _("work at the review desk: accept, reject, edit, split, merge and mark candidates"), DESK),
        Right("outcomes.edit", _("change, withdraw, merge and supersede outcomes; confirm likenesses; add translations"), DESK),
        Right("outcomes.import", _("bring a changed register file back in"), UNIT),
        Right("outcomes.learn", _("have the extraction learn from decisions"), UNIT),
        Right(
            "actions.propose",
            _("propose actions, take up outcomes and answer them, for the organisation one acts for"),
            FOCAL | STEERING | DESK,
        ),
        Right("actions.validate", _("validate proposed actions where no other body is named for it"), STEERING),
        Right("actions.report", _("start, report on, finish and stop actions, for the organisation one acts for"), FOCAL),
        Right(
            "actions.manage",
            _("reopen actions, set the rhythm of follow-up, waive what is due, bring in any organisation's return file"),
            UNIT,
        ),
        Right("consultations.start", _("make groups, circulate proposals to them, and set how they are decided"), STEERING),
        Right("decisions.record", _("record decisions and close consultations (a group's chair may do so too)"), UNIT),
        Right("meetings.prepare", _("prepare meetings: agenda, task force, secondments, findings of reviewing meetings"), UNIT),
        Right("experts.see", _("see the roster of experts who agreed to be found"), UNIT),
        Right("reports.make", _("make, freeze and publish reports on implementation"), DESK),
        Right("history.see", _("see who changed what, when and why"), EVERY_ROLE),
        Right("directory.manage", _("add, change and merge organisations"), UNIT),
        Right("grants.give", _("give and end roles in the forum (the administrator's role excepted)"), UNIT),
    )
}


def standing_grants(user: Reader) -> QuerySet[Grant]:
    """The person's grants that hold now; none for a visitor."""
    if not user.is_authenticated:
        return Grant.objects.none()
    now = timezone.now()
    return Grant.objects.filter(user=user, since__lte=now).filter(Q(until=None) | Q(until__gt=now))


def _grants(user: Reader) -> list[Grant]:
    # One query a request: the user object lives as long as the request does.
    kept: list[Grant] | None = user.__dict__.get("_standing_grants")
    if kept is None:
        kept = user.__dict__["_standing_grants"] = list(standing_grants(user))
    return kept


def is_administrator(user: Reader) -> bool:
    """Whether the person has every right everywhere."""
    return bool(user.is_authenticated and user.is_active) and (
        user.is_superuser or any(g.role == Role.ADMINISTRATOR and g.forum_id is None and g.organisation_id is None for g in _grants(user))
    )


def may(user: Reader, right: str, *, forum: Forum | None = None, organisation: Organisation | None = None) -> bool:
    """Whether `user` has `right` in the forum or for the organisation; with neither, whether they have it anywhere.

    Raises KeyError for a right that is not in the table, so that a misspelt one is found by the first test.
    """
    roles = RIGHTS[right].roles | {Role.ADMINISTRATOR}
    if not user.is_authenticated or not user.is_active:
        return False
    if is_administrator(user):
        return True
    return any(
        grant.role in roles
        and (forum is None or grant.forum_id == forum.pk)
        and (organisation is None or grant.organisation_id == organisation.pk)
        for grant in _grants(user)
    )


def may_for(user: Reader, right: str, *, forum: Forum, organisation: Organisation) -> bool:
    """Whether `user` may use `right` in the forum on behalf of the organisation.

    A role held for that organisation counts, in this forum or without one; so does a role of the forum that speaks for no organisation of
    its own, such as the support unit's. A focal point without an organisation acts for none.
    """
    if is_administrator(user):
        return True
    if not user.is_authenticated or not user.is_active:
        return False
    roles = RIGHTS[right].roles | {Role.ADMINISTRATOR}
    for grant in _grants(user):
        if grant.role not in roles:
            continue
        if grant.organisation_id == organisation.pk and grant.forum_id in (None, forum.pk):
            return True
        if grant.organisation_id is None and grant.forum_id == forum.pk and grant.role not in ONLY_FOR_THEIR_ORGANISATION:
            return True
    return False


def organisations_of(user: Reader, right: str | None = None) -> QuerySet[Organisation]:
    """Organisations a person holds a role for, with `right` if one is named. None for administrators, who act for nobody of their own."""
    if not user.is_authenticated or not user.is_active:
        return Organisation.objects.none()
    roles = RIGHTS[right].roles if right else frozenset(Role)
    return Organisation.objects.filter(pk__in=[g.organisation_id for g in _grants(user) if g.organisation_id and g.role in roles])


def forums_where(user: Reader, right: str) -> QuerySet[Forum]:
    """Forums in which `user` has `right`."""
    if is_administrator(user):
        return Forum.objects.all()
    roles = RIGHTS[right].roles | {Role.ADMINISTRATOR}
    return Forum.objects.filter(pk__in=[g.forum_id for g in _grants(user) if g.forum_id and g.role in roles])


def forum_of(record: Any) -> Forum | None:
    """The forum a record belongs to: itself, or through its meeting, document, outcome or candidate."""
    seen = 0
    while record is not None and not isinstance(record, Forum) and seen < 5:
        for step in ("forum", "meeting", "document", "outcome", "candidate", "action", "group", "proposal"):
            if hasattr(record, step):
                record = getattr(record, step)
                break
        else:
            return None
        seen += 1
    return record


def _predicate(name: str) -> rules.Predicate:
    def holds(user: Reader, record: Any = None) -> bool:
        if isinstance(record, Organisation):
            return may(user, name, organisation=record)
        forum = forum_of(record)
        if record is not None and forum is None:
            return False
        return may(user, name, forum=forum)

    return rules.predicate(holds, name=name)


for _name in RIGHTS:
    rules.add_perm(_name, _predicate(_name))


def visible_forums(user: Reader) -> QuerySet[Forum]:
    """Forums open to the public, and those the person has a role in."""
    if is_administrator(user):
        return Forum.objects.all()
    return Forum.objects.filter(Q(is_public=True) | Q(pk__in=forums_where(user, "meetings.see")))


def visible(queryset: QuerySet, user: Reader, *, forum: str, public: str) -> QuerySet:
    """The rows of `queryset` a person may see: `public` names the flag of the row, `forum` the path to its forum.

    A row of a forum that is closed to the public needs a role there, whatever its own flag says.
    """
    if is_administrator(user):
        return queryset
    inside = Q(**{f"{forum}__in": forums_where(user, "meetings.see")})
    return queryset.filter(Q(**{public: True, f"{forum}__is_public": True}) | inside)
