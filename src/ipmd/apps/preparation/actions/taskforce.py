"""The host's task force and its members."""

from __future__ import annotations

import datetime

from django.utils import timezone

from ipmd.apps.directory.models import Country, Organisation, User
from ipmd.apps.meetings.models import Meeting

from ..errors import refusal
from ..models import TaskForce, TaskForceMember
from .common import changing, need_order


def set_task_force(
    *,
    meeting: Meeting,
    organisation: Organisation,
    since: datetime.date,
    by: User | None,
    country: Country | None = None,
    mandate: str = "",
    until: datetime.date | None = None,
) -> TaskForce:
    """Set up the task force of a meeting's host, or correct what is said about it. Raises PreparationRefusal `dates_order`."""
    need_order(since, until)
    said = {"organisation": organisation, "country": country, "mandate": mandate.strip(), "since": since, "until": until}
    with changing(by, "set_task_force"):
        task_force, _made = TaskForce.objects.update_or_create(meeting=meeting, defaults=said)
    return task_force


def add_member(
    *,
    task_force: TaskForce,
    organisation: Organisation,
    office: str,
    by: User | None,
    role: str = "",
    user: User | None = None,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
) -> TaskForceMember:
    """Add a member: an office, and who holds it where they sign in here. Raises PreparationRefusal `office_missing`, `member_there`."""
    office = " ".join(office.split())[:200]
    since = since or timezone.localdate()
    need_order(since, until)
    if not office:
        raise refusal("office_missing")
    with changing(by, "add_member"):
        TaskForce.objects.select_for_update(of=("self",)).get(pk=task_force.pk)
        if task_force.members.filter(organisation=organisation, office=office, until=None).exists():
            raise refusal("member_there", office=office, organisation=organisation.name)
        return TaskForceMember.objects.create(
            task_force=task_force, organisation=organisation, office=office, role=role.strip(), user=user, since=since, until=until
        )


def end_membership(*, member: TaskForceMember, on: datetime.date, by: User | None, why: str = "") -> TaskForceMember:
    """A member leaves; the office stays in the list with its dates. Raises PreparationRefusal `dates_order`."""
    need_order(member.since, on)
    with changing(by, "end_membership", why):
        member = TaskForceMember.objects.select_for_update(of=("self",)).get(pk=member.pk)
        member.until = on
        member.save(update_fields=["until"])
    return member
