"""Who may do what when a meeting is prepared, and for whom a secondment waits, in words. Rests on the one table of rights."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ipmd.apps.directory.models import Organisation, User
from ipmd.apps.directory.rules import Reader, forums_where, is_administrator, may, may_for, organisations_of
from ipmd.apps.meetings.models import Meeting

from .models import BackgroundPaper, Secondment, SecondmentState, TaskForce

ACTS_FOR = "actions.report"
"""The right by which somebody acts here for an organisation."""


def may_prepare(user: Reader, meeting: Meeting) -> bool:
    """Agenda, papers, task force and findings: the support unit."""
    return may(user, "meetings.prepare", forum=meeting.forum)


def is_host(user: Reader, task_force: TaskForce) -> bool:
    """Whether somebody asks for experts and answers offers for the host: a standing member of the task force, a focal point of the host,
    the support unit. One query."""
    if may_prepare(user, task_force.meeting) or acts_for(user, task_force.meeting, task_force.organisation):
        return True
    if not isinstance(user, User) or not user.is_active:
        return False
    today = timezone.localdate()
    return task_force.members.filter(Q(until=None) | Q(until__gte=today), user=user, since__lte=today).exists()


def acts_for(user: Reader, meeting: Meeting, organisation: Organisation) -> bool:
    """Whether somebody offers experts and hands in papers for the organisation."""
    return may_for(user, ACTS_FOR, forum=meeting.forum, organisation=organisation)


def may_see_team(user: Reader, meeting: Meeting) -> bool:
    """Task force and secondments: whoever has a role in the forum, or acts for an organisation. One query at most."""
    return may(user, "meetings.see", forum=meeting.forum) or organisations_of(user, ACTS_FOR).exists()


def offers_for(user: Reader, meeting: Meeting) -> QuerySet[Organisation]:
    """Organisations for which somebody may offer experts: their own; the support unit, in whose hands it is put by mail, any."""
    if is_administrator(user) or may_prepare(user, meeting):
        return Organisation.objects.filter(merged_into=None)
    return organisations_of(user, ACTS_FOR).filter(merged_into=None)


def may_see_roster(user: Reader) -> bool:
    """Whether the roster's page is there for somebody: by right, as a host's requester, or as a focal point of their own organisation."""
    if not isinstance(user, User) or not user.is_active:
        return False
    if may(user, "experts.see") or organisations_of(user, ACTS_FOR).exists():
        return True
    today = timezone.localdate()
    return user.task_forces.filter(Q(until=None) | Q(until__gte=today), since__lte=today).exists()


def may_hand_in(user: Reader, paper: BackgroundPaper) -> bool:
    """Hand in a paper: the support unit, and the author organisation."""
    meeting = paper.item.meeting
    return may_prepare(user, meeting) or (paper.author is not None and acts_for(user, meeting, paper.author))


HOSTS = frozenset({SecondmentState.ACCEPTED, SecondmentState.DECLINED})
SENDERS = frozenset({SecondmentState.WITHDRAWN})


def may_step(user: Reader, secondment: Secondment, after: str) -> bool:
    """Whether somebody may take this step: the host accepts and declines, the sender withdraws, either begins, extends and ends."""
    host = after not in SENDERS and is_host(user, secondment.task_force)
    return host or (after not in HOSTS and acts_for(user, secondment.task_force.meeting, secondment.organisation))


def may_see_end_note(user: Reader, secondment: Secondment) -> bool:
    """Whether somebody reads the note at the end of an assignment, which speaks of a person: roles in the forum, the host, the sender;
    not whoever acts for any other organisation."""
    meeting = secondment.task_force.meeting
    inside = may(user, "meetings.see", forum=meeting.forum) or acts_for(user, meeting, secondment.organisation)
    return inside or is_host(user, secondment.task_force)


def side_of(user: Reader, secondment: Secondment) -> Organisation:
    """For whom somebody acts at a secondment: the sender if they act for it and not for the host, else the host."""
    meeting = secondment.task_force.meeting
    sends = organisations_of(user, ACTS_FOR).filter(pk=secondment.organisation_id).exists()
    return secondment.organisation if sends and not may_prepare(user, meeting) else secondment.task_force.organisation


def waiting_for(secondment: Secondment) -> str:
    """For whom a secondment waits; empty when it waits for nobody."""
    host, sender = secondment.task_force.organisation.name, secondment.organisation.name
    if secondment.state == SecondmentState.OFFERED:
        return _("waiting for an answer by %(host)s") % {"host": host}
    if secondment.state == SecondmentState.ACCEPTED:
        return _("waiting for the expert of %(sender)s to begin") % {"sender": sender}
    if secondment.state in (SecondmentState.RUNNING, SecondmentState.EXTENDED) and secondment.ends < timezone.localdate():
        return _("past its last day; waiting for an extension or the note at its end")
    return ""


def forums_prepared_by(user: Reader) -> QuerySet:
    """Forums whose meetings somebody prepares."""
    return forums_where(user, "meetings.prepare")
