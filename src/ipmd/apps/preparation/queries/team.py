"""Task forces, requests for experts and secondments, as far as somebody may see them."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from ipmd.apps.directory.rules import Reader, forums_where, is_administrator, organisations_of, visible_forums
from ipmd.apps.meetings.models import Meeting

from ..models import Secondment, SecondmentRequest, TaskForce, TaskForceMember
from ..rules import ACTS_FOR
from .experts import visible_to as experts_visible_to


def task_forces_visible_to(user: Reader) -> QuerySet[TaskForce]:
    """Task forces of meetings a person may see, where they have a role in the forum or act for an organisation."""
    if is_administrator(user):
        return TaskForce.objects.all()
    if not user.is_authenticated:
        return TaskForce.objects.none()
    inside = Q(meeting__forum__in=forums_where(user, "meetings.see"))
    if organisations_of(user, ACTS_FOR).exists():
        inside |= Q(meeting__forum__in=visible_forums(user))
    return TaskForce.objects.filter(inside)


def requests_visible_to(user: Reader) -> QuerySet[SecondmentRequest]:
    """Requests of those task forces."""
    return SecondmentRequest.objects.filter(task_force__in=task_forces_visible_to(user))


def secondments_visible_to(user: Reader) -> QuerySet[Secondment]:
    """Secondments to those task forces. Whether the expert is named is asked of the roster (`named`)."""
    return Secondment.objects.filter(task_force__in=task_forces_visible_to(user))


def members(task_force: TaskForce) -> tuple[list[TaskForceMember], list[TaskForceMember]]:
    """Members who stand today or later, and former ones. One query."""
    today = timezone.localdate()
    rows = list(task_force.members.select_related("organisation", "user").order_by("since", "pk"))
    return [m for m in rows if m.until is None or m.until >= today], [m for m in rows if m.until is not None and m.until < today]


def of_meeting(meeting: Meeting, user: Reader) -> tuple[list[SecondmentRequest], list[Secondment]]:
    """Requests and secondments of a meeting, the newest first. Two queries and those of `visible_to`."""
    requests = requests_visible_to(user).filter(task_force__meeting=meeting).select_related("task_force__organisation")
    secondments = secondments_visible_to(user).filter(task_force__meeting=meeting)
    secondments = secondments.select_related("organisation", "request", "task_force__organisation", "task_force__meeting__forum")
    return list(requests.order_by("-code")), list(secondments.order_by("-code"))


def named(secondments: list[Secondment], user: Reader) -> dict[object, str]:
    """Names of the experts among these whom the person may see now: consent taken back hides a name at once. Two queries."""
    keys = {s.expert_id for s in secondments if s.expert_id}
    return dict(experts_visible_to(user).filter(pk__in=keys).values_list("pk", "name")) if keys else {}
