"""What waits for a person in the preparation of meetings: offers, papers, secondments that end, consent that lapses."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ipmd.apps.directory.models import User
from ipmd.apps.directory.rules import Reader, organisations_of
from ipmd.apps.thread.todo import Todo

from .consent import ASK_AGAIN
from .models import BackgroundPaper, Consent, PaperState, Secondment, SecondmentState, TaskForceMember
from .rules import ACTS_FOR, forums_prepared_by

ENDS_SOON = datetime.timedelta(days=21)


def waiting(user: Reader) -> Iterator[Todo]:
    """Everything that waits for the person; eight queries, however much it is."""
    if not isinstance(user, User):
        return
    today = timezone.localdate()
    own = list(organisations_of(user, ACTS_FOR).values_list("pk", flat=True))
    member_of = TaskForceMember.objects.filter(Q(until=None) | Q(until__gte=today), user=user, since__lte=today).values("task_force")
    host = Q(task_force__in=member_of) | Q(task_force__organisation__in=own) | Q(task_force__meeting__forum__in=forums_prepared_by(user))
    yield from _secondments(host, own, today)
    yield from _papers(user, own)
    for consent in Consent.objects.filter(expert__user=user, revoked_at=None, until__lte=today + ASK_AGAIN).select_related("expert__forum"):
        address = reverse("preparation:own_entry") + f"?forum={consent.expert.forum.code}"
        about = consent.expert.forum.name
        yield Todo("consent", _("Say whether you still agree to be found as an expert"), about, address, due=consent.until)


def _secondments(host: Q, own: list, today: datetime.date) -> Iterator[Todo]:
    rows = Secondment.objects.select_related("task_force__meeting", "organisation").order_by("code").distinct()
    for offer in rows.filter(host, state=SecondmentState.OFFERED):
        due = min(offer.starts, offer.request.offers_until) if offer.request and offer.request.offers_until else offer.starts
        yield _about(offer, "offer", _("Answer the offer of an expert"), due, offer.organisation.name)
    sides = host | Q(organisation__in=own)
    for starting in rows.filter(sides, state=SecondmentState.ACCEPTED, starts__lte=today):
        yield _about(starting, "secondment", _("Say whether the expert has begun"), starting.starts, starting.organisation.name)
    running = (SecondmentState.RUNNING, SecondmentState.EXTENDED)
    for ending in rows.filter(sides, state__in=running, ends__lte=today + ENDS_SOON):
        title = _("A secondment ends: extend it, or write the note at its end")
        yield _about(ending, "secondment", title, ending.ends, ending.organisation.name)


def _about(secondment: Secondment, kind: str, title: str, due: datetime.date, organisation: str) -> Todo:
    address = reverse("preparation:secondment", args=[secondment.task_force.meeting.code, secondment.code])
    return Todo(kind, title, f"{secondment.code} {secondment.role}", address, due=due, organisation=organisation)


def _papers(user: User, own: list) -> Iterator[Todo]:
    rows = BackgroundPaper.objects.filter(item__withdrawn_at=None).select_related("item__meeting", "author").order_by("requested_on", "pk")
    for paper in rows.filter(state=PaperState.REQUESTED, author__in=own):
        address = reverse("preparation:item", args=[paper.item.meeting.code, paper.item_id]) + "#papers"
        about = f"{paper.item.meeting.code} {paper.title}"
        organisation = paper.author.name if paper.author else ""
        yield Todo("paper", _("Hand in the background paper"), about, address, paper.due, paper.requested_on, organisation)
    for paper in rows.filter(state=PaperState.RECEIVED, item__meeting__forum__in=forums_prepared_by(user)):
        address = reverse("preparation:item", args=[paper.item.meeting.code, paper.item_id]) + "#papers"
        about = f"{paper.item.meeting.code} {paper.title}"
        yield Todo("paper", _("Publish the background paper"), about, address, None, paper.received_on)
