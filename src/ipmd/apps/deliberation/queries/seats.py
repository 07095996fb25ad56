"""Who sits in a group, and for whom a person speaks there."""

from __future__ import annotations

import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from ipmd.apps.directory.models import Grant, Organisation, User
from ipmd.apps.directory.rules import Reader

from ..models import Group, GroupMember


def today_in(group: Group) -> datetime.date:
    """The day it is in the group's time zone."""
    from ..clock import in_zone, now

    return in_zone(now(), group.time_zone).date()


def standing(day: datetime.date) -> Q:
    """Seats that are held on a day."""
    return Q(since__lte=day) & (Q(until=None) | Q(until__gt=day))


def voting_seats(group: Group, day: datetime.date) -> list[GroupMember]:
    """The seats with a vote on a day, organisations by code, then people by name. One query."""
    found = GroupMember.objects.filter(standing(day), group=group, has_vote=True).select_related("organisation", "person")
    return sorted(found, key=_order)


def seats(group: Group) -> list[GroupMember]:
    """All seats there ever were, those that stand first. One query."""
    found = GroupMember.objects.filter(group=group).select_related("organisation", "person")
    return sorted(found, key=lambda seat: (seat.until is not None, *_order(seat)))


def _order(seat: GroupMember) -> tuple[bool, str, str]:
    return (seat.organisation is None, seat.organisation.code if seat.organisation else str(seat.person), str(seat.pk))


def _grants(user: Reader) -> QuerySet[Grant]:
    now = timezone.now()
    return Grant.objects.filter(user=user.pk, since__lte=now, organisation__isnull=False).filter(Q(until=None) | Q(until__gt=now))


def held_by(user: Reader) -> Q:
    """Seats a person speaks from: their own, and those of organisations they hold a role for, everywhere or in the group's forum."""
    if not user.is_authenticated or not user.is_active:
        return Q(pk__in=[])
    seat = Q(person=user.pk)
    for organisation, forum in _grants(user).values_list("organisation_id", "forum_id").distinct():
        seat |= Q(organisation=organisation, group__forum=forum) if forum else Q(organisation=organisation)
    return seat


def seats_of(user: Reader, group: Group) -> list[GroupMember]:
    """The seats from which a person speaks in this group today, their own first."""
    if not user.is_authenticated:
        return []
    found = GroupMember.objects.filter(held_by(user), standing(today_in(group)), group=group).select_related("organisation", "person")
    return sorted(found, key=lambda seat: (seat.person is None, *_order(seat)))


def people_behind(group: Group, day: datetime.date) -> list[tuple[GroupMember, User]]:
    """Each person who speaks from a seat on a day, with that seat; nobody twice. Two queries."""
    found = list(GroupMember.objects.filter(standing(day), group=group).select_related("organisation", "person"))
    by_organisation = {seat.organisation_id: seat for seat in found if seat.organisation_id}
    people: dict[User, GroupMember] = {seat.person: seat for seat in found if seat.person}
    now = timezone.now()
    grants = (
        Grant.objects.filter(organisation__in=by_organisation, since__lte=now, user__is_active=True)
        .filter(Q(until=None) | Q(until__gt=now))
        .filter(Q(forum=None) | Q(forum=group.forum_id))
        .select_related("user")
        .order_by("organisation__code", "since")
    )
    for grant in grants:
        if grant.organisation_id is not None:
            people.setdefault(grant.user, by_organisation[grant.organisation_id])
    return [(seat, person) for person, seat in people.items() if person.is_active]


def organisations_to_seat(group: Group) -> QuerySet[Organisation]:
    """Organisations that can be given a seat."""
    return Organisation.objects.filter(merged_into=None).order_by("code")
