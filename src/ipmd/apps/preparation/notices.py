"""What people are told about the preparation of a meeting. No expert is named in mail: an office says enough."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop, override
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.models import Forum, Organisation, Role, User
from ipmd.apps.notices.actions import notify
from ipmd.apps.notices.kinds import NoticeKind, register_kind

from .models import BackgroundPaper, Secondment, SecondmentRequest, SecondmentState, TaskForce

SECONDMENTS = "preparation.secondments"
PAPERS = "preparation.papers"

SAYS = {
    "paper": (
        gettext_noop("A background paper is asked of %(organisation)s: %(title)s"),
        gettext_noop("For “%(item)s” at %(meeting)s. You can hand it in at the address below."),
    ),
    "asked": (
        gettext_noop("An expert is asked for: %(role)s (%(code)s)"),
        gettext_noop("%(host)s, host of %(meeting)s, asks for an expert from %(starts)s to %(ends)s. Your organisation can offer one."),
    ),
    "offered": (
        gettext_noop("%(organisation)s offers an expert: %(role)s (%(code)s)"),
        gettext_noop("Offered for %(meeting)s: %(office)s, from %(starts)s to %(ends)s. Please accept or decline."),
    ),
    "accepted": (
        gettext_noop("Your offer was accepted: %(role)s (%(code)s)"),
        gettext_noop("%(host)s accepted %(office)s for %(meeting)s, from %(starts)s to %(ends)s."),
    ),
    "declined": (
        gettext_noop("Your offer was declined: %(role)s (%(code)s)"),
        gettext_noop("%(host)s declined the offer for %(meeting)s. The reason is on its page."),
    ),
    "extended": (
        gettext_noop("A secondment was extended: %(role)s (%(code)s)"),
        gettext_noop("%(office)s stays for %(meeting)s until %(ends)s. The reason is on its page."),
    ),
}
"""Subject and body of each notice."""


def register_kinds() -> None:
    """What people choose by, on the page of their mail."""
    register_kind(
        NoticeKind(SECONDMENTS, _("Secondments of experts"), about=_("When experts are asked for, offered, accepted or extended."))
    )
    register_kind(NoticeKind(PAPERS, _("Background papers"), about=_("When a paper for a meeting is asked of your organisation.")))


def paper_requested(paper: BackgroundPaper) -> None:
    """Tell the focal points of the organisation that is asked for a paper."""
    if paper.author is None:
        return
    meeting = paper.item.meeting
    said = {"organisation": paper.author, "title": paper.title, "item": str(paper.item), "meeting": str(meeting)}
    address = reverse("preparation:item", args=[meeting.code, paper.item_id])
    _tell(focal_points([paper.author], meeting.forum), PAPERS, "paper", said, address, str(paper.pk))


def expert_asked_for(request: SecondmentRequest) -> None:
    """Tell the focal points of the forum's members."""
    meeting = request.task_force.meeting
    said = {"role": request.role, "code": request.code, "host": request.task_force.organisation, "meeting": str(meeting)}
    said |= {"starts": request.starts, "ends": request.ends}
    address = reverse("preparation:request", args=[meeting.code, request.code])
    _tell(focal_points(meeting.forum.members.all(), meeting.forum), SECONDMENTS, "asked", said, address, str(request.pk))


def expert_offered(secondment: Secondment) -> None:
    """Tell those who answer for the host."""
    _about(secondment, "offered", people_of_host(secondment.task_force))


def offer_answered(secondment: Secondment) -> None:
    """Tell the sending organisation."""
    what = "accepted" if secondment.state == SecondmentState.ACCEPTED else "declined"
    _about(secondment, what, focal_points([secondment.organisation], secondment.task_force.meeting.forum))


def secondment_extended(secondment: Secondment, by: Organisation | None) -> None:
    """Tell the other side: the host when the sender extended it, else the sender."""
    if by is not None and by.pk == secondment.organisation_id:
        people: Iterable[User] = people_of_host(secondment.task_force)
    else:
        people = focal_points([secondment.organisation], secondment.task_force.meeting.forum)
    _about(secondment, "extended", people, f" {secondment.ends.isoformat()}")


def focal_points(organisations: Iterable[Organisation], forum: Forum) -> QuerySet[User]:
    """People who are focal points of these organisations, in the forum or without one."""
    now = timezone.now()
    holds = Q(grants__until=None) | Q(grants__until__gt=now)
    here = Q(grants__forum=None) | Q(grants__forum=forum)
    return User.objects.filter(
        holds, here, grants__role=Role.FOCAL_POINT, grants__organisation__in=organisations, grants__since__lte=now, is_active=True
    ).distinct()


def people_of_host(task_force: TaskForce) -> list[User]:
    """Standing members of the task force who sign in here, and the host's focal points."""
    today = timezone.localdate()
    members = task_force.members.filter(Q(until=None) | Q(until__gte=today), user__is_active=True, since__lte=today)
    people = [member.user for member in members.select_related("user") if member.user is not None]
    return list(dict.fromkeys([*people, *focal_points([task_force.organisation], task_force.meeting.forum)]))


def _about(secondment: Secondment, what: str, people: Iterable[User], more: str = "") -> None:
    meeting, host = secondment.task_force.meeting, secondment.task_force.organisation
    said = {
        "role": secondment.role, "code": secondment.code, "organisation": secondment.organisation, "host": host,
        "meeting": str(meeting), "office": secondment.office, "starts": secondment.starts, "ends": secondment.ends,
    }  # fmt: skip
    address = reverse("preparation:secondment", args=[meeting.code, secondment.code])
    _tell(people, SECONDMENTS, what, said, address, f"{secondment.pk}{more}")


def _tell(people: Iterable[User], kind: str, what: str, said: dict, address: str, key: str) -> None:
    subject, body = SAYS[what]
    for person in people:
        with override(person.language or settings.LANGUAGE_CODE):
            params = {name: date_format(value) if hasattr(value, "isoformat") else str(value) for name, value in said.items()}
            notify(
                kind=kind, to=person, subject=gettext(subject) % params, body=gettext(body) % params,
                address=settings.PUBLIC_URL.rstrip("/") + address, key=f"preparation {what} {key} {person.pk}",
            )  # fmt: skip
